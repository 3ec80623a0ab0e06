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
  const fields = Object.entries((layers[layer] as LayerSpec).fields);
  const names = fields.map(([name]) => name);
  const columns = fields.map(([name, { type }]) =>
    type === 'time' ? `${asText(`t.${name}`)} as ${name}` : `t.${name}`,
  );
  if (geometry) columns.push('st_asgeojson(t.geom, 15) as geom');
  const text = `select ${columns.join(', ')} from ${table} t order by ${key.map((name) => `t.${name}`).join(', ')}`;
  for await (const rows of db.cursor<Row>(text, [], BATCH)) for (const row of rows) yield toOutput(row, names);
}

/** RFC 3339 with all its digits: a JavaScript Date would lose the microseconds. */
function asText(time: string): string {
  return `replace(to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '.000000Z', 'Z')`;
}

function toOutput(row: Row, names: string[]): OutputRow {
  const properties: Record<string, unknown> = {};
  for (const name of names) {
    const value = row[name];
    if (value !== null && value !== undefined) properties[name] = value;
  }
  return { properties, geometry: typeof row.geom === 'string' ? (JSON.parse(row.geom) as Geometry) : null };
}
