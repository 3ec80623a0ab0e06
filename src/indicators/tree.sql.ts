import { sql } from '../db/db.ts';

/** The plan of a net at a moment. $1 net, $2 at. */
export const TREE = sql`
  select g.code, g.name, g.level, l.rank, g.parent, g.households, g.population
  from grid g join level l on l.net = g.net and l.id = g.level
  where g.net = $1 and valid_at(g.valid_from, g.valid_to, $2)
  order by l.rank, g.code`;

export const LEVELS = sql`select id from level where net = $1 order by rank`;
