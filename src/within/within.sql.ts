import { sql } from '../db/db.ts';

/** What is wrong with a polygon, and its size in square metres. $1 GeoJSON. */
export const EXAMINE = sql`
  select st_isvalid(a.geom) as valid, d.reason, st_x(d.location) as x, st_y(d.location) as y,
    case when st_isvalid(a.geom) then st_area(a.geom::geography) end as area
  from (select st_setsrid(st_geomfromgeojson($1), 4326) as geom) a cross join lateral st_isvaliddetail(a.geom) d`;

/** A circle as the polygon of 256 of its points on the ellipsoid, 0.01 % smaller. $1 lon, $2 lat, $3 metres. */
export const CIRCLE = sql`
  with centre as (select st_setsrid(st_point($1::float8, $2::float8), 4326)::geography as geom),
  edge as (
    select i, st_project(centre.geom, $3::float8, radians((i % 256) * -360.0 / 256))::geometry as geom
    from centre cross join generate_series(0, 256) i
  )
  select st_asgeojson(st_makepolygon(st_makeline(geom order by i)), 15) as geometry from edge`;

export const NET_EXISTS = sql`select exists (select from net where id = $1) as found`;

/** The asked area and, for a circle, its centre. $1 GeoJSON, $2 lon, $3 lat, $4 metres, the last three null for a polygon. */
const AREA = sql`
  area as materialized (
    select st_setsrid(st_geomfromgeojson($1), 4326) as geom,
      case when $4::float8 is not null then st_setsrid(st_point($2::float8, $3::float8), 4326)::geography end as centre,
      $4::float8 as metres
  )`;

/** Whether a point lies in the area: borders count, a radius is true metres. The box leaves room for the arcs. */
function holds(geom: string): string {
  return sql`${geom} && st_expand(area.geom, coalesce(area.metres, 0) * 1e-8)
    and case when area.centre is null then st_covers(area.geom, ${geom})
      else st_dwithin(${geom}::geography, area.centre, area.metres) end`;
}

/** How many, and the first $5 of them in byte order. */
function points(key: string, from: string, geom: string, condition = 'true'): string {
  return sql`
    with ${AREA},
    inside as (select (${key})::text collate "C" as id from area join ${from} on ${holds(geom)} where ${condition})
    select (select count(*)::int from inside) as n,
      coalesce((select array_agg(id order by id) from (select id from inside order by id limit $5::int) f), '{}') as ids`;
}

export const CAMERAS = points('c.code', 'camera c', 'c.geom');
export const ADDRESSES = points('a.id', 'address a', 'a.geom');

/** $6 at, $7 whether closed ones count. Of a past moment, what was closed later was open then. */
export const INCIDENTS = points(
  'i.id',
  'incident i',
  'i.geom',
  sql`i.occurred_at <= $6::timestamptz and ($7::boolean or (i.status <> 'void'
    and (i.status not in ('closed', 'revisited') or i.closed_at > $6)))`,
);

/**
 * Grids that share area with the asked one, not just a border. `own`: in a part of it no child of theirs lies, so that
 * the grid is the deepest there. Shares are of square metres; whether children leave a part is seen in degrees, where
 * their parts add up, and a millionth is the rounding of borders. $5 net, $6 at.
 */
export const GRIDS = sql`
  with ${AREA},
  touched as (
    select g.code, g.name, g.level, g.parent, g.geom, st_covers(area.geom, g.geom) as whole, area.geom as area
    from area join grid g on g.geom && area.geom and st_intersects(g.geom, area.geom)
    where g.net = $5 and valid_at(g.valid_from, g.valid_to, $6::timestamptz)
  ),
  cut as (
    select code, name, level, parent, geom, whole,
      case when whole then geom else st_intersection(geom, area) end as part
    from touched
  ),
  part as (
    select code, name, level, parent, st_area(part) as degrees,
      case when whole then 1 else least(1, st_area(part::geography) / st_area(geom::geography)) end as share
    from cut where st_area(part) > st_area(geom) * 1e-12
  ),
  below as (select parent as code, sum(degrees) as degrees from part where parent is not null group by parent)
  select p.code, p.name, p.level, p.share, p.degrees - coalesce(b.degrees, 0) > p.degrees * 1e-6 as own
  from part p join level l on l.net = $5 and l.id = p.level left join below b on b.code = p.code
  order by l.rank, p.code`;

/** The chains of many grids. $1 net, $2 codes, $3 at. */
export const CHAINS = sql`
  select c.start, array_agg(c.code::text order by c.rank desc) as chain
  from (select s.code as start, g.code, g.rank
    from unnest($2::text[]) s (code) cross join lateral grid_chain($1, s.code, $3::timestamptz) g) c
  group by c.start`;
