import { sql } from '../db/db.ts';

const COLUMNS = sql`
  g.gid, g.net, g.code, g.name, g.level, g.parent, g.kind, date_part('epoch', g.valid_from) as "validFrom",
  date_part('epoch', g.valid_to) as "validTo", st_asbinary(g.geom, 'NDR') as geom`;

/** Every version of every grid. */
export const ALL_GRIDS = sql`select ${COLUMNS} from grid g`;

/** Every version of some grids. $1 nets, $2 codes, of the same length. */
export const GRIDS_OF_KEYS = sql`
  select ${COLUMNS} from grid g join unnest($1::text[], $2::text[]) k (net, code) on g.net = k.net and g.code = k.code`;

export const ALL_LEVELS = sql`select net, id, rank from level order by net, rank`;
