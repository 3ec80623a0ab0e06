import type { Geometry } from 'geojson';

/**
 * One record of an import source, before any meaning is given to it.
 * `line` counts from 1 in the source; `properties` carry the import field names; `geometry` is lon, lat in WGS 84.
 */
export interface SourceRow {
  line: number;
  properties: Record<string, unknown>;
  geometry: Geometry | null;
}
