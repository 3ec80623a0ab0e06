import { sql } from '../db/db.ts';

/**
 * The cameras nearest to a point. $1 lon, $2 lat, $3 limit. The index knows the order in degrees: as many cameras as are
 * asked for, the nearest in degrees, bound the distance in metres within which the nearest in metres are. Nearness is
 * compared by millimetres, then by code.
 */
export const NEAREST_CAMERAS = sql`
  with point as (select st_setsrid(st_point($1::float8, $2::float8), 4326) as geom),
  samples as (select c.geom from point cross join camera c order by c.geom <-> point.geom limit $3),
  bound as (
    select max(st_distance(samples.geom::geography, point.geom::geography)) + 1 as metres from samples cross join point
  ),
  near as (
    select c.code, c.name, c.zone, c.heading, c.status, st_x(c.geom) as lon, st_y(c.geom) as lat,
      round(st_distance(c.geom::geography, point.geom::geography)::numeric, 3) as metres
    from point cross join bound cross join camera c
    where c.geom && st_expand(
      point.geom,
      bound.metres / (111300 * cos(radians(least(abs($2::float8) + bound.metres / 110500, 89.9)))),
      bound.metres / 110500)
  )
  select code, name, zone, heading, status, lon, lat, round(metres, 1) as metres
  from near order by near.metres, code limit $3`;
