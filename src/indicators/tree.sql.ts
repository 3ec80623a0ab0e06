import { sql } from '../db/db.ts';

/** The plan of a net at a moment, or a grid of it and all below. $1 net, $2 at, $3 a grid or null. */
export const TREE = sql`
  select g.code, g.name, g.level, l.rank, g.parent, g.households, g.population
  from grid g join level l on l.net = g.net and l.id = g.level
  where g.net = $1 and valid_at(g.valid_from, g.valid_to, $2)
    and ($3::text is null or g.code in (select grid_subtree($1, $3, $2)))
  order by l.rank, g.code`;

export const LEVELS = sql`select id from level where net = $1 order by rank`;
