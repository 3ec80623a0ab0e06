import type { Feature, Geometry } from 'geojson';
import type { SourceRow } from '../row.ts';
import { type Encoding, type RowFault, UNDECODABLE, undecodable } from './fault.ts';

const GEOMETRIES = new Set([
  'Point',
  'MultiPoint',
  'LineString',
  'MultiLineString',
  'Polygon',
  'MultiPolygon',
  'GeometryCollection',
]);

/**
 * One JSON text as a row: a GeoJSON Feature, a bare geometry, or a flat object of fields. A feature's `id` is the
 * property `id` unless it has one.
 */
export function parseJsonRow(line: number, text: string, encoding: Encoding): SourceRow | RowFault {
  const fault = (reason: string): RowFault => ({ line, reason, raw: text });
  if (text.includes(UNDECODABLE)) return fault(undecodable(encoding));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return fault(`not valid JSON: ${(error as Error).message}`);
  }
  if (!isObject(value)) return fault('not a JSON object; a row is a GeoJSON feature or an object of fields');
  if (value.type === 'FeatureCollection' && Array.isArray(value.features)) {
    return fault('a whole FeatureCollection in one line; read the file with --format geojson');
  }
  if (value.type === 'Feature') return fromFeature(line, value as unknown as Feature) ?? fault(NOT_A_FEATURE);
  if (
    typeof value.type === 'string' &&
    GEOMETRIES.has(value.type) &&
    ('coordinates' in value || 'geometries' in value)
  ) {
    return { line, properties: {}, geometry: value as unknown as Geometry };
  }
  return { line, properties: value, geometry: null };
}

const NOT_A_FEATURE = 'a feature needs "properties" (an object or null) and "geometry" (an object or null)';

function fromFeature(line: number, feature: Feature): SourceRow | null {
  const properties = feature.properties ?? {};
  const geometry = feature.geometry ?? null;
  if (!isObject(properties) || (geometry !== null && !isObject(geometry))) return null;
  return {
    line,
    properties: feature.id === undefined || 'id' in properties ? properties : { id: feature.id, ...properties },
    geometry,
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
