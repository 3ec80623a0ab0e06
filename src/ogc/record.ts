import type { Geometry } from 'geojson';
import { type Fault, HttpError } from '../errors.ts';
import type { Crs } from '../geo/crs.ts';
import { type LayerSpec, layers, namesOf, PLACE_COLUMNS } from '../import/fields.ts';
import { createRowParser } from '../import/parse.ts';
import type { SourceRow } from '../import/row.ts';
import type { CollectionId } from './collections.sql.ts';
import { keyField } from './names.sql.ts';
import type { FeatureInput } from './writes.schema.ts';
import type { Target, WriteContext } from './writes.ts';

/** A feature to write as the importer takes it: the row, and what its fields mean. */
export interface RecordInput {
  row: SourceRow;
  crs: Crs;
  values: Record<string, unknown>;
}

/** Properties that are answered but not written: the service derives them. */
export const DERIVED: Partial<Record<CollectionId, string>> = { incidents: 'region', assignments: 'id' };

/**
 * Read a feature by the rules of the importer.
 *
 * @param target what the path names, where it does: fields that it fixes may be left out
 * @throws HttpError 422 with a fault per field
 */
export function readRecord(
  { collection, timeZone }: Pick<WriteContext, 'collection' | 'timeZone'>,
  input: FeatureInput,
  target: Target | undefined,
  crs: Crs,
): RecordInput {
  const properties = { ...input.properties };
  const derived = DERIVED[collection];
  if (derived !== undefined) delete properties[derived];
  const faults = [...unknownFields(collection, properties), ...fixFields(collection, input, properties, target)];
  const row: SourceRow = { line: 1, properties, geometry: (input.geometry ?? null) as Geometry | null };
  const parsed = createRowParser(collection, { crs, timeZone, placeByAddress: true })(row);
  if (!parsed.ok) throw refusal(collection, parsed.reasons, faults);
  if (faults.length > 0) throw refusal(collection, [], faults);
  return { row, crs, values: parsed.record as Record<string, unknown> };
}

/** The importer ignores columns that it does not know; here they are mistakes. */
function unknownFields(collection: CollectionId, properties: Record<string, unknown>): Fault[] {
  const place: readonly string[] = PLACE_COLUMNS;
  const known = namesOf(collection).filter((name) => !place.includes(name));
  return Object.keys(properties)
    .filter((name) => !known.includes(name))
    .map((name) => ({
      path: `properties.${name}`,
      message: place.includes(name)
        ? 'is no field: put the place into geometry'
        : `is not a field of ${collection}; there are: ${known.join(', ')}`,
    }));
}

/** Fill in what the path or the feature's `id` says; both must say the same as the properties. */
function fixFields(
  collection: CollectionId,
  input: FeatureInput,
  properties: Record<string, unknown>,
  target: Target | undefined,
): Fault[] {
  const key = keyField(collection);
  const fixed: [string, unknown][] = [];
  if (key !== undefined) fixed.push([key, target?.fid ?? input.id]);
  if (collection === 'grids' && target) fixed.push(['net', target.net]);
  const faults: Fault[] = [];
  for (const [name, value] of fixed) {
    if (value === undefined) continue;
    properties[name] ??= value;
    if (String(properties[name]) !== String(value)) {
      faults.push({ path: `properties.${name}`, message: `must be ${String(value)}, as the request names it` });
    }
  }
  if (target && input.id !== undefined && String(input.id) !== target.fid) {
    faults.push({ path: 'id', message: `must be ${target.fid}, as the path names it` });
  }
  return faults;
}

/** The 422 of a feature: the importer's reasons, each by its field. */
export function refusal(
  collection: CollectionId,
  reasons: readonly string[],
  others: readonly Fault[] = [],
): HttpError {
  const { fields }: LayerSpec = layers[collection];
  const faults = reasons.map((reason): Fault => {
    const [, field, message] = /^([\w, ]+?): (.*)$/s.exec(reason) ?? [];
    if (field === undefined || !(field in fields || field === 'geometry')) return { path: '', message: reason };
    return { path: field === 'geometry' ? field : `properties.${field}`, message: message! };
  });
  const all = [...others, ...faults];
  const [first] = all;
  const place = first?.path ? `${first.path}: ` : '';
  return new HttpError(422, `The feature cannot be stored: ${place}${first?.message ?? ''}`, all);
}
