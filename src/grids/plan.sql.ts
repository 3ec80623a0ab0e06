import { sql } from '../db/db.ts';

/** Changes of one net's plan wait for each other. $1 net. */
export const LOCK_PLAN = sql`select pg_advisory_xact_lock(hashtextextended('plan/' || $1, 0))`;

/** Faults that only a commit would show must show before the answer. */
export const CHECK_NOW = 'set constraints all immediate';

/** Versions of grids at a moment. $1 net, $2 codes, $3 at. Ends as text keep their microseconds. */
export const VERSIONS = sql`
  select g.gid, g.code, g.name, g.level, g.parent, g.kind, g.households, g.population, g.valid_to::text as ends,
    g.valid_from is not distinct from $3::timestamptz as begins
  from grid g
  where g.net = $1 and g.code = any($2::text[]) and valid_at(g.valid_from, g.valid_to, $3)
  order by g.code
  for update`;

/** Codes that are used after a moment. $1 net, $2 codes, $3 at. */
export const USED_CODES = sql`
  select distinct code from grid
  where net = $1 and code = any($2::text[]) and (valid_to is null or valid_to > $3) order by code`;

/** Areas that are none, by their place in the list from 0, with the reason. $1 GeoJSON texts. */
export const INVALID_AREAS = sql`
  select p.n::int - 1 as n, st_isvalidreason(p.geom) as reason
  from (select n, st_geomfromgeojson(t) as geom from unnest($1::text[]) with ordinality u (t, n)) p
  where not st_isvalid(p.geom) order by p.n`;

/** What two borders of one line may differ by, in square metres: more than rounding makes, less than a doorstep. */
const tolerance = (geom: string) => sql`greatest(1, 1e-6 * st_area(${geom}::geography))`;
const area = (geom: string) => sql`st_collectionextract(${geom}, 3)`;

/** Where parts do not tile a grid. $1 gid, $2 GeoJSON texts. */
export const MISFITS = sql`
  with old as (select geom, ${tolerance('geom')} as tolerance from grid where gid = $1),
  part as (select n::int - 1 as n, st_geomfromgeojson(t) as geom from unnest($2::text[]) with ordinality u (t, n)),
  misfit as (
    select 'overlap' as kind, a.n, b.n as other, ${area('st_intersection(a.geom, b.geom)')} as geom
    from part a join part b on b.n > a.n and st_intersects(a.geom, b.geom)
    union all
    select 'outside', a.n, null, ${area('st_difference(a.geom, old.geom)')} from part a cross join old
    union all
    select 'gap', null, null, ${area('st_difference(old.geom, (select st_union(geom) from part))')} from old
  )
  select m.kind, m.n, m.other, round(st_area(m.geom::geography)::numeric, 1)::float8 as m2,
    round(st_x(st_pointonsurface(m.geom))::numeric, 6)::float8 as lon,
    round(st_y(st_pointonsurface(m.geom))::numeric, 6)::float8 as lat
  from misfit m cross join old
  where not st_isempty(m.geom) and st_area(m.geom::geography) > old.tolerance
  order by m.kind, m.n, m.other`;

/** End versions of grids. $1 gids, $2 at. */
export const CLOSE_GRIDS = sql`update grid set valid_to = $2 where gid = any($1::bigint[])`;

const INSERT = sql`
  insert into grid (net, code, name, level, parent, kind, households, population, valid_from, valid_to, geom)`;
const RETURNING = sql`
  returning code, name, level, parent, kind, households, population, round(st_area(geom::geography)::numeric, 1)::float8 as area_m2`;

/**
 * Parts in the place of a grid. $1 gid, $2 at, $3 end, $4 codes, $5 names, $6 kinds, $7 households, $8 populations,
 * $9 GeoJSON texts.
 */
export const INSERT_PARTS = sql`
  ${INSERT}
  select old.net, p.code, p.name, old.level, old.parent, p.kind, p.households, p.population, $2, $3::timestamptz,
    st_multi(st_geomfromgeojson(p.geometry))
  from grid old
  cross join unnest($4::text[], $5::text[], $6::text[], $7::int[], $8::int[], $9::text[])
    p (code, name, kind, households, population, geometry)
  where old.gid = $1
  ${RETURNING}`;

/** One grid in the place of several. $1 gids, $2 at, $3 end, $4 code, $5 name, $6 kind, $7 households, $8 population. */
export const INSERT_MERGED = sql`
  ${INSERT}
  select min(net), $4, $5, min(level), min(parent), $6, $7, $8, $2, $3::timestamptz, st_multi(st_union(geom))
  from grid where gid = any($1::bigint[])
  ${RETURNING}`;

/**
 * Children of grids from a moment on, with the new grid that each lies in, null where it lies in none. $1 net,
 * $2 old codes, $3 at, $4 new codes.
 */
export const CHILDREN = sql`
  select c.gid, c.code, c.parent, c.valid_to::text as ends, coalesce(c.valid_from < $3, true) as begun, home.code as home
  from grid c
  left join lateral (
    select p.code
    from grid p
    where p.net = c.net and p.code = any($4::text[]) and p.valid_from = $3 and st_intersects(p.geom, c.geom)
      and st_area(${area('st_difference(c.geom, p.geom)')}::geography) <= ${tolerance('c.geom')}
    order by p.code limit 1) home on true
  where c.net = $1 and c.parent = any($2::text[]) and (c.valid_to is null or c.valid_to > $3)
  order by c.code, c.gid`;

/** New versions under another parent. $1 gids, $2 parents, $3 ends, $4 at. */
export const INSERT_CHILDREN = sql`
  insert into grid (net, code, name, level, parent, kind, households, population, valid_from, valid_to, props, geom)
  select c.net, c.code, c.name, c.level, n.parent, c.kind, c.households, c.population, $4, n.ends::timestamptz, c.props, c.geom
  from unnest($1::bigint[], $2::text[], $3::text[]) n (gid, parent, ends) join grid c on c.gid = n.gid`;

/** Another parent for versions that have not begun. $1 gids, $2 parents. */
export const MOVE_CHILDREN = sql`
  update grid c set parent = n.parent from unnest($1::bigint[], $2::text[]) n (gid, parent) where c.gid = n.gid`;

/** Assignments of grids from a moment on. $1 net, $2 codes, $3 at. */
export const ASSIGNMENTS_FROM = sql`
  select a.id::text as id, a.worker, a.grid, a.duty, a.category, a.hours, a.valid_from::text as begins,
    a.valid_to::text as ends, coalesce(a.valid_from < $3, true) as begun
  from assignment a
  where a.net = $1 and a.grid = any($2::text[]) and (a.valid_to is null or a.valid_to > $3)
  order by a.id
  for update`;

/** $1 ids, $2 at. */
export const CLOSE_ASSIGNMENTS = sql`update assignment set valid_to = $2 where id = any($1::bigint[])`;

/** The same duties in other grids. $1 ids, $2 grids, $3 ends, $4 at. */
export const CARRY_ASSIGNMENTS = sql`
  insert into assignment (worker, net, grid, duty, category, valid_from, valid_to, hours)
  select a.worker, a.net, n.grid, a.duty, a.category, $4, n.ends::timestamptz, a.hours
  from unnest($1::bigint[], $2::text[], $3::text[]) n (id, grid, ends) join assignment a on a.id = n.id`;

/** $1 ids, $2 grids. */
export const MOVE_ASSIGNMENTS = sql`
  update assignment a set grid = n.grid from unnest($1::bigint[], $2::text[]) n (id, grid) where a.id = n.id`;
