import { sql } from '../db/db.ts';

/** The cameras nearest to a point. $1 lon, $2 lat, $3 limit. Bounded by `<->` in degrees, ordered by metres. */
export const NEAREST_CAMERAS = sql`
  with point as (select st_setsrid(st_point($1::float8, $2::float8), 4326) as geom),
  near as (
    select c.code, c.name, c.zone, c.heading, c.status, st_x(c.geom) as lon, st_y(c.geom) as lat,
      st_distance(c.geom::geography, point.geom::geography) as metres
    from point cross join camera c
    order by c.geom <-> point.geom
    limit $3::int * 3 + 10
  )
  select code, name, zone, heading, status, lon, lat, round(metres::numeric, 1) as metres
  from near order by near.metres, code limit $3`;
