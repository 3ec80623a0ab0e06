import { sql } from '../db/db.ts';

const COLUMNS = sql`
  a.id, a.text, st_x(a.geom) as lon, st_y(a.geom) as lat, k.key as normalised
  from address a left join address_key k on k.id = a.id and k.text = a.text and k.rules = $1`;

/** All addresses by id, with their normalised form where it is derived. $1 version of the rules. */
export const ALL_ADDRESSES = sql`select ${COLUMNS} order by a.id`;

/** Some addresses. $1 version of the rules, $2 ids. */
export const ADDRESSES_OF_IDS = sql`select ${COLUMNS} where a.id = any($2::text[]) order by a.id`;
