import { sql } from '../db/db.ts';
import type { LayerName } from './fields.ts';

/** Marks what refers to something that is not there. */
function requireReference(column: string, exists: string, message: string): string {
  return sql`
    update stage s set reason = format(${`'${message}'`}, s.${column})
    where s.reason is null and s.${column} is not null and not exists (${exists})`;
}

/** What must hold between a row and the record, or another row; each marks the rows that break it. */
export const CHECKS: Partial<Record<LayerName, string[]>> = {
  grids: [
    sql`
      update stage s set reason = format('level: %s is not a level of net %s; its levels are %s', s.level, s.net,
        (select string_agg(l.id, ', ' order by l.rank) from level l where l.net = s.net))
      where s.reason is null and not exists (select from level l where l.net = s.net and l.id = s.level)`,
    sql`
      update stage s set reason = format('code: %s has another version valid in this period; close that one first', s.code)
      where s.reason is null and not s.duplicate and (
        exists (select from grid g where g.net = s.net and g.code = s.code
          and g.valid_from is distinct from s.valid_from
          and tstzrange(g.valid_from, g.valid_to) && tstzrange(s.valid_from, s.valid_to)
          and not exists (select from stage o where o.reason is null and o.net = g.net and o.code = g.code
            and o.valid_from is not distinct from g.valid_from))
        or exists (select from stage o where o.net = s.net and o.code = s.code and o.n < s.n and o.reason is null
          and o.valid_from is distinct from s.valid_from
          and tstzrange(o.valid_from, o.valid_to) && tstzrange(s.valid_from, s.valid_to)))`,
  ],
  assignments: [
    requireReference(
      'worker',
      'select from worker w where w.id = s.worker',
      'worker: %s does not exist; import workers first',
    ),
    requireReference(
      'grid',
      'select from grid_code g where g.net = s.net and g.code = s.grid',
      'grid: %s does not exist in its net; import grids first',
    ),
    requireReference(
      'category',
      'select from category c where c.code = s.category',
      'category: %s does not exist; import categories first',
    ),
  ],
  incidents: [
    requireReference(
      'category',
      'select from category c where c.code = s.category',
      'category: %s does not exist; import categories first',
    ),
  ],
};

/** Rows whose parent is neither in the record nor among the good rows; again until none is found, for their children. */
export const ORPHANS: Partial<Record<LayerName, string>> = {
  grids: sql`
    with orphans as (
      update stage s set reason = format('parent: %s is not a grid of a higher level of net %s', s.parent, s.net)
      where s.reason is null and s.parent is not null and not exists (
        select from (
          select g.level from grid g where g.net = s.net and g.code = s.parent
          union all
          select o.level from stage o where o.net = s.net and o.code = s.parent and o.reason is null) p
        join level pl on pl.net = s.net and pl.id = p.level
        join level sl on sl.net = s.net and sl.id = s.level
        where pl.rank < sl.rank)
      returning 1)
    select count(*)::int as n from orphans`,
  categories: sql`
    with orphans as (
      update stage s set reason = format('parent: %s is not a category', s.parent)
      where s.reason is null and s.parent is not null
        and not exists (select from category c where c.code = s.parent)
        and not exists (select from stage o where o.code = s.parent and o.reason is null)
      returning 1)
    select count(*)::int as n from orphans`,
};

/** Nets of the file that have no level yet. */
export const NEW_NETS = sql`
  select s.net, s.level, min(s.n) as first
  from stage s where s.reason is null and not exists (select from level l where l.net = s.net)
  group by s.net, s.level order by s.net, first`;

/** Which level stands above which in the file. */
export const LEVEL_ORDER = sql`
  select distinct c.net, p.level as above, c.level as below
  from stage c join stage p on p.net = c.net and p.code = c.parent
  where c.reason is null and p.reason is null and p.level <> c.level`;

export const DECLARE_NET = sql`insert into net (id, name) values ($1, $2) on conflict (id) do update set name = excluded.name where net.name <> excluded.name`;
export const ADD_NET = sql`insert into net (id, name) values ($1, $1) on conflict do nothing`;
export const DECLARE_LEVEL = sql`
  insert into level (net, id, name, rank) values ($1, $2, $3, $4)
  on conflict (net, id) do update set name = excluded.name, rank = excluded.rank
  where (level.name, level.rank) is distinct from (excluded.name, excluded.rank)`;
