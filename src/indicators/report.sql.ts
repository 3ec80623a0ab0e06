import { sql } from '../db/db.ts';

/** Outlines for a small map, simplified to about 10 metres. $1 net, $2 at, $3 codes. */
export const OUTLINES = sql`
  select g.code, g.name, st_asgeojson(st_multi(st_simplifypreservetopology(g.geom, 0.0001)), 6) as geometry
  from grid g
  where g.net = $1 and valid_at(g.valid_from, g.valid_to, $2) and g.code = any($3::text[])
  order by g.code`;

/** The grid on top of a net with the lowest code. $1 net, $2 at. */
export const TOP_GRID = sql`
  select g.code from grid g
  where g.net = $1 and valid_at(g.valid_from, g.valid_to, $2) and g.parent is null
  order by g.code
  limit 1`;
