import { type Queryable, sql } from '../db/db.ts';
import { NORMALISE_VERSION, normalise } from './normalise.ts';

const BATCH = 5_000;

const UNKEYED = sql`
  select a.id, a.text
  from address a left join address_key k on k.id = a.id
  where (k.id is null or k.text <> a.text or k.rules <> $1)`;
const UNKEYED_OF_IDS = sql`${UNKEYED} and a.id = any($2::text[])`;

const KEEP = sql`
  insert into address_key (id, text, rules, key)
  select id, text, $1::int, key from unnest($2::text[], $3::text[], $4::text[]) b (id, text, key)
  order by id
  on conflict (id) do update set text = excluded.text, rules = excluded.rules, key = excluded.key`;

const FORGET = sql`delete from address_key k where not exists (select from address a where a.id = k.id)`;
const FORGET_IDS = sql`${FORGET} and k.id = any($1::text[])`;

/**
 * Derive the normalised form of addresses that have none yet, have another text, or were normalised by older rules.
 * Needs a transaction.
 *
 * @param ids only these; absent: whatever needs it
 * @returns how many were derived
 */
export async function keyAddresses(tx: Queryable, ids?: readonly string[]): Promise<number> {
  if (ids) await tx.query(FORGET_IDS, [ids]);
  else await tx.query(FORGET);
  const unkeyed = ids
    ? tx.cursor<Unkeyed>(UNKEYED_OF_IDS, [NORMALISE_VERSION, ids], BATCH)
    : tx.cursor<Unkeyed>(UNKEYED, [NORMALISE_VERSION], BATCH);
  let keyed = 0;
  for await (const rows of unkeyed) {
    const keys = rows.map((row) => normalise(row.text));
    await tx.query(KEEP, [NORMALISE_VERSION, rows.map((r) => r.id), rows.map((r) => r.text), keys]);
    keyed += rows.length;
  }
  return keyed;
}

interface Unkeyed {
  id: string;
  text: string;
}
