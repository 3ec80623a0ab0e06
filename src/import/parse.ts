import type { Geometry } from 'geojson';
import { type Crs, toWgs84 } from '../geo/crs.ts';
import { findFault } from '../geo/polygon.ts';
import { createZone, type Zone } from '../workers/zone.ts';
import { type LayerName, type LayerSpec, layers, namesOf, type RecordOf, schemaOf } from './fields.ts';
import { faultBeyondRepair, placeOf, withoutHeights } from './place.ts';
import type { SourceRow } from './row.ts';
import { withOffset } from './time.ts';

export interface ParseOptions {
  /** Of the coordinates in the source. */
  crs: Crs;
  /** IANA name of the zone of times without offset. */
  timeZone: string;
  /** Let rings pass that are not closed or too short, for the caller to repair. Whether rings cross is never asked here. */
  repair?: boolean;
  /** Let rows pass that have an address in place of a point, where the layer allows it. */
  placeByAddress?: boolean;
}

/** A row of a layer, its coordinates in WGS 84. */
export type LayerRecord<L extends LayerName> = RecordOf<L> & { geometry: Geometry | null };

export type ParsedRow<L extends LayerName> =
  | {
      ok: true;
      record: LayerRecord<L>;
      /** The address whose point the row gets; null when it has its own or needs none. */
      placeBy: string | null;
    }
  /** Each reason begins with the field to blame. */
  | { ok: false; reasons: string[] };

export type RowParser<L extends LayerName> = (row: SourceRow) => ParsedRow<L>;

/**
 * A parser of a layer's rows. Text is trimmed, empty text is absent, columns that the layer does not have are ignored
 * (`unknownColumns` lists them).
 *
 * @throws RangeError when the time zone is unknown
 */
export function createRowParser<L extends LayerName>(layer: L, options: ParseOptions): RowParser<L> {
  const spec: LayerSpec = layers[layer];
  const schema = schemaOf(layer);
  const zone = createZone(options.timeZone);
  const fields = Object.entries(spec.fields).map(([name, { type }]) => ({ name, isTime: type === 'time' }));
  return (row) => {
    const parsed = schema.safeParse(clean(row.properties, fields, zone));
    const reasons = parsed.success ? [] : parsed.error.issues.map(toReason);
    const place = findPlace(row, spec, options);
    if ('reason' in place) reasons.push(place.reason);
    if (!parsed.success || 'reason' in place || reasons.length > 0) return { ok: false, reasons };
    return { ok: true, record: { ...parsed.data, geometry: place.geometry }, placeBy: place.placeBy };
  };
}

/** Columns of a row that its layer does not know and the parser ignores. */
export function unknownColumns(layer: LayerName, row: SourceRow): string[] {
  const known = new Set(namesOf(layer));
  return Object.keys(row.properties).filter((name) => !known.has(name));
}

function toReason(issue: { path: PropertyKey[]; message: string }): string {
  return issue.path.length === 0 ? issue.message : `${issue.path.map(String).join('.')}: ${issue.message}`;
}

function clean(
  properties: Record<string, unknown>,
  fields: { name: string; isTime: boolean }[],
  zone: Zone,
): Record<string, unknown> {
  const cleaned: Record<string, unknown> = {};
  for (const { name, isTime } of fields) {
    const value = trimmed(properties[name]);
    if (value === undefined) continue;
    cleaned[name] = isTime && typeof value === 'string' ? withOffset(value, zone) : value;
  }
  return cleaned;
}

function trimmed(value: unknown): unknown {
  if (typeof value !== 'string') return value ?? undefined;
  const text = value.trim();
  return text === '' ? undefined : text;
}

type FoundPlace = { geometry: Geometry | null; placeBy: string | null } | { reason: string };

function findPlace(row: SourceRow, spec: LayerSpec, options: ParseOptions): FoundPlace {
  if (spec.geometry === null) return { geometry: null, placeBy: null };
  const place = placeOf(row, spec.geometry);
  if ('reason' in place) return place;
  if (place.geometry === null) return withoutGeometry(row, spec, options);
  return toWgs84Place(place.geometry, options);
}

function withoutGeometry(row: SourceRow, spec: LayerSpec, options: ParseOptions): FoundPlace {
  const { kinds, byAddress } = spec.geometry!;
  if (!kinds.includes('Point')) return { reason: `geometry: needs ${kinds.join(' or ')} but there is none` };
  const address = trimmed(row.properties.address);
  if (!byAddress || typeof address !== 'string')
    return { reason: 'geometry: no point; give lon and lat, or a geometry' };
  if (options.placeByAddress) return { geometry: null, placeBy: address };
  return { reason: 'geometry: no point, only an address; geocode the address first' };
}

function toWgs84Place(geometry: Geometry, options: ParseOptions): FoundPlace {
  const fault = options.repair ? faultBeyondRepair(geometry) : (findFault(geometry)?.message ?? null);
  if (fault !== null) return { reason: `geometry: ${fault}` };
  return { geometry: toWgs84(withoutHeights(geometry), options.crs), placeBy: null };
}
