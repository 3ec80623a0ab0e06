import { sql } from '../db/db.ts';
import { TABLES } from '../import/tables.ts';
import type { CollectionId } from './collections.sql.ts';

/** Writers of one feature wait for each other until the transaction ends, also where there is no row yet to lock. $1 name. */
export const LOCK_FEATURE = sql`select pg_advisory_xact_lock(hashtextextended('feature/' || $1, 0))`;

/** Faults that only a commit would show must show before the answer. */
export const CHECK_NOW = 'set constraints all immediate';

/** $1 id. */
export const NET_EXISTS = sql`select exists (select from net where id = $1) as found`;

/**
 * Move a version of a grid to another period, so that the importer finds it under its new key; not where another
 * version is valid then, which the importer says in its own words. $1 net, $2 code, $3 old, $4 new beginning, $5 new end.
 */
export const MOVE_GRID_VERSION = sql`
  update grid t set valid_from = $4::timestamptz, valid_to = $5::timestamptz
  where t.net = $1 and t.code = $2 and t.valid_from is not distinct from $3::timestamptz
    and t.valid_from is distinct from $4::timestamptz
    and not exists (select from grid o where o.net = t.net and o.code = t.code and o.gid <> t.gid
      and tstzrange(o.valid_from, o.valid_to) && tstzrange($4::timestamptz, $5::timestamptz))`;

/**
 * Give an assignment another key, so that it keeps its id when the importer finds it under that; not where the key names
 * what does not exist, which the importer says in its own words. $1 id, $2 worker, $3 net, $4 grid, $5 duty,
 * $6 category, $7 valid_from, $8 valid_to.
 */
export const REKEY_ASSIGNMENT = sql`
  update assignment set worker = $2, net = $3, grid = $4, duty = $5, category = $6,
    valid_from = $7::timestamptz, valid_to = $8::timestamptz
  where id = $1::bigint and (worker, net, grid, duty, category, valid_from) is distinct from ($2, $3, $4, $5, $6, $7::timestamptz)
    and exists (select from worker where id = $2)
    and exists (select from grid_code where net = $3 and code = $4)
    and ($6::text is null or exists (select from category where code = $6))`;

/** Remove the rows that a condition on `t` names. */
export function removeSql(id: CollectionId, where: string): string {
  return sql`delete from ${TABLES[id].table} t where ${where}`;
}

/** What refers to a feature: how many rows of a collection, and the first of them. $1 the id; of grids $2 net. */
export interface Referrer {
  collection: CollectionId;
  text: string;
}

function referrer(collection: CollectionId, key: string, where: string): Referrer {
  const { table } = TABLES[collection];
  const text = sql`
    select count(*)::int as n, (array_agg(${key}::text order by ${key}))[1:3] as first from ${table} where ${where}`;
  return { collection, text };
}

export const REFERRERS: Partial<Record<CollectionId, Referrer[]>> = {
  grids: [
    referrer('grids', 'code', 'parent = $1 and net = $2'),
    referrer('assignments', 'id', 'grid = $1 and net = $2'),
  ],
  workers: [referrer('assignments', 'id', 'worker = $1')],
  categories: [
    referrer('categories', 'code', 'parent = $1'),
    referrer('incidents', 'id', 'category = $1'),
    referrer('assignments', 'id', 'category = $1'),
  ],
};
