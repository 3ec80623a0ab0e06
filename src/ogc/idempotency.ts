import { createHash } from 'node:crypto';
import type { Queryable } from '../db/db.ts';
import { HttpError } from '../errors.ts';
import { FIND_ANSWER, FORGET_ANSWERS, KEEP_ANSWER, LOCK_KEY } from './idempotency.sql.ts';

/** An answer that can be kept and given again. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string | null;
}

/** A key, and what tells its request from others. */
export interface IdempotentRequest {
  key: string;
  /** SHA-256 of the parts that make the request. */
  request: string;
}

/**
 * The key of a request.
 *
 * @param header `Idempotency-Key`: up to 255 printable ASCII characters, with or without quotes
 * @throws HttpError 400 for another text
 */
export function idempotentRequest(header: string, parts: readonly string[]): IdempotentRequest {
  const key = /^"(.*)"$/.exec(header)?.[1] ?? header;
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    const message = 'must be 1 to 255 printable ASCII characters without blanks, such as a UUID';
    throw new HttpError(400, `Idempotency-Key ${message}`, [{ path: 'Idempotency-Key', message }]);
  }
  const hash = createHash('sha256');
  // Lengths first, so that no two lists of parts are the same bytes.
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return { key, request: hash.digest('base64url') };
}

/**
 * Do work once for a key. The answer is kept in the same transaction as what the work wrote; work that throws writes
 * and keeps nothing, so that its request can be sent again.
 *
 * @throws HttpError 422 when the key came with another request before
 */
export async function once(
  tx: Queryable,
  { key, request }: IdempotentRequest,
  work: () => Promise<Answer>,
): Promise<Answer> {
  await tx.query(LOCK_KEY, [key]);
  const [kept] = await tx.query<Answer & { request: string }>(FIND_ANSWER, [key]);
  if (kept && kept.request !== request) {
    throw new HttpError(422, 'This Idempotency-Key came with another request before: use a new key for a new request', [
      { path: 'Idempotency-Key', message: 'was used for another request' },
    ]);
  }
  if (kept)
    return { status: kept.status, headers: { ...kept.headers, 'Idempotency-Replayed': 'true' }, body: kept.body };
  const answer = await work();
  await tx.query(FORGET_ANSWERS);
  await tx.query(KEEP_ANSWER, [key, request, answer.status, JSON.stringify(answer.headers), answer.body]);
  return answer;
}
