import { sql } from '../db/db.ts';

/** How long an answer is kept. */
const KEPT = sql`interval '24 hours'`;

/** Requests with one key wait for each other until the transaction ends. $1 key. */
export const LOCK_KEY = sql`select pg_advisory_xact_lock(hashtextextended('idempotency/' || $1, 0))`;

/** $1 key. */
export const FIND_ANSWER = sql`
  select request, status, headers, body from idempotency where key = $1 and at > clock_timestamp() - ${KEPT}`;

/** $1 key, $2 request, $3 status, $4 headers, $5 body. */
export const KEEP_ANSWER = sql`
  insert into idempotency (key, request, status, headers, body) values ($1, $2, $3, $4::jsonb, $5)
  on conflict (key) do update set request = excluded.request, status = excluded.status, headers = excluded.headers,
    body = excluded.body, at = excluded.at`;

/** A few at a time, and none that another transaction removes already. */
export const FORGET_ANSWERS = sql`
  delete from idempotency where key in (
    select key from idempotency where at <= clock_timestamp() - ${KEPT} order by at limit 100 for update skip locked)`;
