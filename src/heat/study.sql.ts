import { sql } from '../db/db.ts';

/** The boundary of a study area: a grid, or all grids on top of the net. $1 net, $2 a grid or null, $3 at. */
export const BOUNDARY = sql`
  select g.gid, (select version from plan where plan.net = $1) as plan, st_asgeojson(g.geom, 15) as geometry
  from grid g
  where g.net = $1 and valid_at(g.valid_from, g.valid_to, $3)
    and case when $2::text is null then g.parent is null else g.code = $2 end
  order by g.gid`;

/** The same without the geometry, to ask whether a kept area is still that of the plan. */
export const BOUNDARY_KEY = sql`
  select (select version from plan where plan.net = $1) as plan, array_agg(g.gid order by g.gid) as gids
  from grid g
  where g.net = $1 and valid_at(g.valid_from, g.valid_to, $3)
    and case when $2::text is null then g.parent is null else g.code = $2 end`;

/** What of a plan holds at a moment: its version, and the last edge of validity before it. $1 net, $2 at. */
export const PLAN_KEY = sql`
  select (select version from plan where plan.net = $1) as plan, max(edge) as since
  from (select valid_from as edge from grid where net = $1 union all select valid_to from grid where net = $1) edges
  where edge <= $2::timestamptz`;

/** What households depend on beside the plan: the book of addresses, told apart by its changes. */
export const ADDRESSES_KEY = sql`
  select count(*)::int as n, coalesce(max(seq), 0) as seq, (select count(*)::int from address) as addresses
  from change where layer = 'addresses'`;

/** Grids that hold households and have none below that do. $1 net, $2 at. */
export const HOUSEHOLD_GRIDS = sql`
  select g.code, g.households, st_asgeojson(g.geom, 15) as geometry
  from grid g
  where g.net = $1 and valid_at(g.valid_from, g.valid_to, $2) and g.households is not null
    and not exists (select from grid b where b.net = $1 and b.parent = g.code and b.households is not null
      and valid_at(b.valid_from, b.valid_to, $2))
  order by g.code`;

/** Addresses and the household grid that covers each, on a border the lowest code. $1 net, $2 at, $3 codes. */
export const HOUSEHOLD_ADDRESSES = sql`
  select min(g.code collate "C") as grid, st_x(a.geom) as lon, st_y(a.geom) as lat
  from grid g join address a on st_covers(g.geom, a.geom)
  where g.net = $1 and valid_at(g.valid_from, g.valid_to, $2) and g.code = any($3::text[])
  group by a.id, a.geom`;
