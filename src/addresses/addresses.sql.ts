import { sql } from '../db/db.ts';

/** Addresses whose normalised form ends with a text, the shortest first. $1 pattern of the reversed form, $2 limit. */
export const ADDRESSES_ENDING = sql`
  select a.id, a.text, k.key, st_x(a.geom) as lon, st_y(a.geom) as lat
  from address_key k join address a on a.id = k.id and a.text = k.text
  where reverse(k.key) collate "C" like $1
  order by length(k.key), k.key, a.id
  limit $2`;

/** The first address of the book. */
export const SAMPLE_ADDRESS = sql`
  select text, st_x(geom) as lon, st_y(geom) as lat from address order by id limit 1`;

/** The address nearest to a point within some metres. $1 lon, $2 lat, $3 metres. `<->` is in degrees, the order in metres. */
export const NEAREST_ADDRESS = sql`
  with point as (select st_setsrid(st_point($1::float8, $2::float8), 4326) as geom),
  near as (
    select a.id, a.text, st_x(a.geom) as lon, st_y(a.geom) as lat,
      st_distance(a.geom::geography, point.geom::geography) as metres
    from point cross join address a
    where a.geom && st_expand(point.geom, $3::float8 / (111320 * greatest(0.01, cos(radians($2)))), $3::float8 / 110000)
    order by a.geom <-> point.geom
    limit 50
  )
  select id, text, lon, lat, round(metres::numeric, 1) as metres
  from near where near.metres <= $3 order by near.metres, id limit 1`;
