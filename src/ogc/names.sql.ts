import { sql } from '../db/db.ts';
import { TABLES } from '../import/tables.ts';
import type { CollectionId } from './collections.sql.ts';

/** A condition on rows `t` of a collection, and its values. */
export interface RowName {
  where: string;
  values: unknown[];
}

/** Which version of which net a code of a grid means. */
export interface GridVersion {
  net: string;
  /** Valid at this moment, or beginning at `from` (null: without beginning). */
  at?: Date;
  from?: string | null;
}

/** The field that is the id of a collection's features; assignments have a number of the service's own. */
export function keyField(id: CollectionId): string | undefined {
  if (id === 'assignments') return undefined;
  if (id === 'holidays') return 'date';
  return 'code' in TABLES[id].columns ? 'code' : 'id';
}

/** The row that the id of a path means. */
export function nameByPath(id: CollectionId, fid: string, version: GridVersion): RowName {
  if (id === 'grids') {
    const when = version.at
      ? sql`valid_at(t.valid_from, t.valid_to, $3)`
      : sql`t.valid_from is not distinct from $3::timestamptz`;
    return {
      where: sql`t.code = $1 and t.net = $2 and ${when}`,
      values: [fid, version.net, version.at ?? version.from],
    };
  }
  if (id === 'assignments') {
    return { where: sql`t.id = $1::bigint`, values: [/^\d{1,18}$/.test(fid) ? fid : '-1'] };
  }
  const key = id === 'holidays' ? 't.date::text' : `t.${keyField(id)!}`;
  return { where: `${key} = $1`, values: [fid] };
}

/** The row that has the key of a record; the importer's key, without the region of incidents, which is derived. */
export function nameByKey(id: CollectionId, record: Record<string, unknown>): RowName {
  const { key, columns } = TABLES[id];
  const names = key.filter((name) => name !== 'region');
  const given = names.filter((name) => (record[name] ?? null) !== null);
  // `is not distinct from` would use no index.
  const where = names.map((name) => {
    const i = given.indexOf(name) + 1;
    return i === 0 ? `t.${name} is null` : `t.${name} = $${i}::${columns[name]!}`;
  });
  return { where: where.join(' and '), values: given.map((name) => record[name]) };
}
