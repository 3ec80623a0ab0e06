import { sql } from '../db/db.ts';
import { FROM_INCIDENT, WHERE_INCIDENT } from '../incidents/incidents.sql.ts';

/** The envelope of $1–$4 in degrees: a sieve by the index, what it lets through is still to be clipped. */
const ENVELOPE = sql`st_makeenvelope($1::float8, $2::float8, $3::float8, $4::float8, 4326)`;

/** Grids of a box. $5 net, $6 at, $7 levels or null, $8 a grid or null: it and all below. */
export const GRIDS_IN_TILE = sql`
  select g.code, g.name, g.level, g.kind, g.net, g.parent, st_asgeojson(g.geom, 15) as geometry
  from grid g
  where g.net = $5 and valid_at(g.valid_from, g.valid_to, $6::timestamptz) and g.geom && ${ENVELOPE}
    and ($7::text[] is null or g.level = any($7))
    and ($8::text is null or g.code in (select grid_subtree($5, $8, $6)))
  order by g.code, g.gid`;

/** Cameras of a box. $5 zones or null, $6 statuses or null, $7 a grid or null, $8 net, $9 at. */
export const CAMERAS_IN_TILE = sql`
  select c.code, c.zone, c.status, c.heading, st_x(c.geom) as lon, st_y(c.geom) as lat
  from camera c
  where c.geom && ${ENVELOPE}
    and ($5::text[] is null or c.zone = any($5))
    and ($6::text[] is null or c.status = any($6))
    and ($7::text is null or grid_owner(c.geom, $8, $9::timestamptz) in (select grid_subtree($8, $7, $9)))
  order by c.code`;

export const STREETS_IN_TILE = sql`
  select s.name, s.class, st_asgeojson(s.geom, 15) as geometry
  from street s
  where s.geom && ${ENVELOPE}
  order by s.id`;

/** A tile's own points, half-open, compared with the very doubles of its bounds: $9 west, $10 south, $11 east, $12 north. */
const OWN_POINTS = sql`
  i.geom && st_makeenvelope($9::float8, $10::float8, $11::float8, $12::float8, 4326)
  and st_x(i.geom) >= $9 and st_x(i.geom) < $11 and st_y(i.geom) > $10 and st_y(i.geom) <= $12`;

/** Parameters of `WHERE_INCIDENT`, the bounds of `OWN_POINTS`, $13 at most. */
export const INCIDENTS_IN_TILE = sql`
  select i.id, i.category, i.status, incident_light(i.status, i.due_at, c.red_after_hours, $6) as light,
    floor(extract(epoch from i.occurred_at))::float8 as occurred, st_x(i.geom) as lon, st_y(i.geom) as lat
  ${FROM_INCIDENT}
  ${WHERE_INCIDENT} and ${OWN_POINTS}
  order by i.id
  limit $13`;

/** The same points by the stored cell of each; what is made of them is up to the reader. */
export const INCIDENT_POINTS_IN_TILE = sql`
  select to_hex(p.cell) as cell, st_x(i.geom) as lon, st_y(i.geom) as lat
  ${FROM_INCIDENT}
  ${WHERE_INCIDENT} and ${OWN_POINTS} and $13::int is not null`;

/** What a layer's table holds; `table` is a constant of the layer definitions. */
export function extentSql(table: string): string {
  return sql`
    select n, st_xmin(box) as west, st_ymin(box) as south, st_xmax(box) as east, st_ymax(box) as north
    from (select count(*)::int as n, st_extent(geom) as box from ${table}) t`;
}
