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
