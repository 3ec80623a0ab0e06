import { sql } from '../db/db.ts';

/** $1 net, $2 code, $3 at. */
export const GRID_EXISTS = sql`
  select exists (select from grid g where g.net = $1 and g.code = $2 and valid_at(g.valid_from, g.valid_to, $3)) as found`;

/** $1 net, $2 code, $3 at: the grid and its ancestors, deepest first. */
export const CHAIN = sql`select code, name, level from grid_chain($1, $2, $3)`;

/** The owner of a point and how far its border is. $1 lon, $2 lat, $3 net, $4 at. */
export const OWNER = sql`
  with point as (select st_setsrid(st_point($1::float8, $2::float8), 4326) as geom)
  select g.code, g.name, g.level, not st_contains(g.geom, point.geom) as on_border,
    st_distance(st_boundary(g.geom)::geography, point.geom::geography) as metres
  from point join grid g
    on g.net = $3 and g.code = grid_owner(point.geom, $3, $4) and valid_at(g.valid_from, g.valid_to, $4)`;

/** The owners of points, by their place in the list from 1. $1 longitudes, $2 latitudes, $3 net, $4 at. */
export const OWNERS = sql`
  select p.n::int as n, g.code, g.name, g.level
  from unnest($1::float8[], $2::float8[]) with ordinality p (lon, lat, n)
  cross join lateral (select grid_owner(st_setsrid(st_point(p.lon, p.lat), 4326), $3, $4) as code) o
  join grid g on g.net = $3 and g.code = o.code and valid_at(g.valid_from, g.valid_to, $4)`;

/** Grids of a level within $5 metres of a point, nearest first. $1 lon, $2 lat, $3 net, $4 at, $6 level, $7 not this one. */
export const NEIGHBOURS = sql`
  with point as (select st_setsrid(st_point($1::float8, $2::float8), 4326) as geom)
  select g.code, g.name, st_distance(g.geom::geography, point.geom::geography) as metres
  from point join grid g on g.net = $3 and g.level = $6 and g.code <> $7 and valid_at(g.valid_from, g.valid_to, $4)
    and g.geom && st_expand(point.geom, $5::float8 / (111320 * greatest(0.01, cos(radians($2)))), $5::float8 / 110000)
    and st_dwithin(g.geom::geography, point.geom::geography, $5)
  order by 3, 1
  limit 10`;

/** The grid nearest to a point outside every grid: of the deepest level among the nearest. $1 lon, $2 lat, $3 net, $4 at. */
export const NEAREST_GRID = sql`
  with point as (select st_setsrid(st_point($1::float8, $2::float8), 4326) as geom),
  -- The nearest in degrees is not the nearest in metres, but nothing farther can be. Long sides bend out of their boxes
  -- on the ellipsoid: 100 km by some hundred metres.
  reach as (
    select st_distance(g.geom::geography, point.geom::geography) + 200 as metres
    from point cross join grid g
    where g.net = $3 and valid_at(g.valid_from, g.valid_to, $4)
    order by g.geom <-> point.geom
    limit 1
  ),
  near as (
    select g.code, g.name, g.level, st_distance(g.geom::geography, point.geom::geography) as metres
    from point cross join reach
    join grid g on g.net = $3 and valid_at(g.valid_from, g.valid_to, $4)
      and g.geom && st_expand(
        point.geom,
        reach.metres / (111320 * greatest(0.01, cos(radians(least(89, abs($2::float8) + reach.metres / 110000))))),
        reach.metres / 110000)
    where reach.metres <= 2 * $5::float8
  )
  select n.code, n.name, n.level, n.metres
  from near n join level l on l.net = $3 and l.id = n.level
  where n.metres <= $5
  order by round(n.metres::numeric, 2), l.rank desc, n.code
  limit 1`;
