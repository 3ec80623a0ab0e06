import { sql } from '../db/db.ts';
import type { LayerName } from './fields.ts';
import type { ImportMode } from './import.schema.ts';

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
      with later as (
        select b.n, min(a.line) as line
        from stage a join stage b on b.net = a.net and b.code = a.code and b.n > a.n
          and b.valid_from is distinct from a.valid_from
          and tstzrange(b.valid_from, b.valid_to) && tstzrange(a.valid_from, a.valid_to)
        where a.reason is null and b.reason is null
        group by b.n
      )
      update stage s
      set reason = format('valid_from: line %s has another version of %s for this period; close one before the other begins', later.line, s.code)
      from later where later.n = s.n`,
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

/**
 * What must hold between good rows and what stays of the record beside them. A row that one of these marks may break
 * another, so they run until none marks any; each answers how many it marked.
 */
export function settle(layer: LayerName, mode: ImportMode): string[] {
  if (layer === 'grids') return [overlaps(mode), orphanGrids(mode)];
  return layer === 'categories' ? [orphanCategories(mode)] : [];
}

/** Grids of the record that stay as they are: the file has no good row for them, nor does it replace their net. */
function staying(mode: ImportMode): string {
  const replaced = mode === 'replace' ? 'and g.net not in (select net from stage where net is not null)' : '';
  return sql`
    select g.net, g.code, g.level, g.valid_from, g.valid_to
    from grid g
    where not exists (select from stage o where o.net = g.net and o.code = g.code
      and o.valid_from is not distinct from g.valid_from and o.reason is null) ${replaced}`;
}

function overlaps(mode: ImportMode): string {
  return sql`
    with staying as (${staying(mode)}), marked as (
      update stage s
      set reason = format('valid_from: the record has another version of %s from %s to %s; import that one too, closed before this begins', s.code,
        coalesce(g.valid_from::text, 'ever'), coalesce(g.valid_to::text, 'ever'))
      from staying g
      where s.reason is null and g.net = s.net and g.code = s.code
        and tstzrange(g.valid_from, g.valid_to) && tstzrange(s.valid_from, s.valid_to)
      returning 1
    )
    select count(*)::int as n from marked`;
}

/** Children need a parent of a higher level through their whole period, as `check_grid_parent` demands at commit. */
function orphanGrids(mode: ImportMode): string {
  return sql`
    with plan as (
      select net, code, level, valid_from, valid_to from stage where reason is null
      union all
      ${staying(mode)}
    ), covered as (
      select c.n, range_agg(tstzrange(p.valid_from, p.valid_to)) as periods
      from stage c
      join plan p on p.net = c.net and p.code = c.parent
      join level cl on cl.net = c.net and cl.id = c.level
      join level pl on pl.net = p.net and pl.id = p.level and pl.rank < cl.rank
      where c.reason is null
      group by c.n
    ), marked as (
      update stage s set reason = case
        when k.n is null then format('parent: %s is not a grid of a higher level of net %s', s.parent, s.net)
        else format('parent: %s is not valid during the whole period of %s', s.parent, s.code) end
      from stage c left join covered k on k.n = c.n
      where c.n = s.n and s.reason is null and s.parent is not null
        and not coalesce(k.periods @> tstzrange(s.valid_from, s.valid_to), false)
      returning 1
    )
    select count(*)::int as n from marked`;
}

function orphanCategories(mode: ImportMode): string {
  const recorded = mode === 'replace' ? '' : 'and not exists (select from category c where c.code = s.parent)';
  return sql`
    with marked as (
      update stage s set reason = format('parent: %s is not a category', s.parent)
      where s.reason is null and s.parent is not null ${recorded}
        and not exists (select from stage o where o.code = s.parent and o.reason is null)
      returning 1)
    select count(*)::int as n from marked`;
}

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
export const ADD_NET = sql`insert into net (id, name) values ($1::text, $1::text) on conflict do nothing`;
export const DECLARE_LEVEL = sql`
  insert into level (net, id, name, rank) values ($1, $2, $3, $4)
  on conflict (net, id) do update set name = excluded.name, rank = excluded.rank
  where (level.name, level.rank) is distinct from (excluded.name, excluded.rank)`;
