import { sql } from '../db/db.ts';

/** Nets with the levels that hold grids at $1: how many, and the mean side of one in metres. The base net comes first. */
export const NETS_OF_STYLE = sql`
  select n.id as net, n.name as net_name, l.id as level, l.name as level_name, g.n,
    sqrt(g.area) * 111320 as metres
  from net n
  join level l on l.net = n.id
  join (
    select net, level, count(*)::int as n,
      avg(st_area(geom) * cos(radians((st_ymin(geom) + st_ymax(geom)) / 2))) as area
    from grid
    where valid_at(valid_from, valid_to, $1)
    group by net, level) g on g.net = l.net and g.level = l.id
  order by n.id <> 'base', n.id, l.rank`;

/** The box around all grids of the plan, or around the streets while there are none. */
export const BOX_OF_STYLE = sql`
  select st_xmin(box) as west, st_ymin(box) as south, st_xmax(box) as east, st_ymax(box) as north
  from (select coalesce((select st_extent(geom) from grid), (select st_extent(geom) from street)) as box) t`;

/** First and last incident. */
export const PERIOD_OF_INCIDENTS = sql`
  select min(occurred_at) as from, max(occurred_at) as to from incident`;

/** Where a grid's name is written: its centroid, or a point inside where that lies outside. $1 net, $2 moment. */
export const GRID_LABELS = sql`
  select g.code, g.name, g.level, st_x(p) as lon, st_y(p) as lat
  from grid g
  cross join lateral (select st_centroid(g.geom) as centroid) c
  cross join lateral (
    select case when st_covers(g.geom, c.centroid) then c.centroid else st_pointonsurface(g.geom) end as p) l
  where g.net = $1 and valid_at(g.valid_from, g.valid_to, $2)
  order by g.code`;
