import type { Geometry } from 'geojson';
import type { Db, Row } from '../db/db.ts';
import { type LayerName, type LayerSpec, layers } from './fields.ts';
import { TABLES } from './tables.ts';
import type { OutputRow } from './write.ts';

const BATCH = 2_000;

/**
 * All rows of a layer as one moment's record has them, in the order of their keys; memory does not grow with their
 * number. Absent values are left out, so that importing the rows gives the same rows again.
 */
export async function* exportRows(db: Db, layer: LayerName): AsyncIterable<OutputRow> {
  const { table, key, geometry }: (typeof TABLES)[LayerName] = TABLES[layer];
  const names = Object.keys((layers[layer] as LayerSpec).fields);
  const shape = geometry ? ', st_asgeojson(geom, 15) as geom' : '';
  const text = `select ${names.join(', ')}${shape} from ${table} order by ${key.join(', ')}`;
  for await (const rows of db.cursor<Row>(text, [], BATCH)) for (const row of rows) yield toOutput(row, names);
}

function toOutput(row: Row, names: string[]): OutputRow {
  const properties: Record<string, unknown> = {};
  for (const name of names) {
    const value = row[name];
    if (value !== null && value !== undefined) properties[name] = value instanceof Date ? value.toISOString() : value;
  }
  return { properties, geometry: typeof row.geom === 'string' ? (JSON.parse(row.geom) as Geometry) : null };
}
