import { isDatabaseError, type Queryable } from '../db/db.ts';
import { HttpError } from '../errors.ts';
import { explainDatabaseError } from '../import/import.ts';
import type { CollectionId } from './collections.sql.ts';
import { REFERRERS } from './writes.sql.ts';

const FOREIGN_KEY = '23503';
/** SQLSTATEs after which the same request may succeed: serialization failure, deadlock. */
const TRY_AGAIN = new Set(['40001', '40P01']);

/** Another version of the grid still has its assignments, but does not stand above its children all the time. */
const CHILDREN_ONLY = 'grid_parent_valid';

/**
 * What a refusal of the database means to the client: 409 for what contradicts other rows, naming those that still refer
 * to the feature; other errors as they are.
 *
 * @param removes what the request was to remove, if it was
 */
export async function explainRefusal(
  db: Queryable,
  collection: CollectionId,
  removes: { fid: string; net: string } | undefined,
  error: unknown,
): Promise<unknown> {
  if (!isDatabaseError(error)) return error;
  if (TRY_AGAIN.has(error.code)) {
    return new HttpError(503, 'Another write was in the way and nothing was written: send the request again', [], {
      'Retry-After': '1',
    });
  }
  if (!error.code.startsWith('23')) return error;
  if (error.code === FOREIGN_KEY && removes) {
    const all = await referrersOf(db, collection, removes);
    const faults = error.constraint === CHILDREN_ONLY ? all.filter(({ path }) => path === collection) : all;
    if (faults.length > 0) {
      const who = faults.map(({ path, message }) => `${path} (${message})`).join(' and ');
      return new HttpError(409, `${removes.fid} is still in use by ${who}: change or remove those first`, faults);
    }
  }
  return new HttpError(409, `The record refuses this: ${explainDatabaseError(error)}`);
}

async function referrersOf(db: Queryable, collection: CollectionId, { fid, net }: { fid: string; net: string }) {
  const faults = [];
  for (const { collection: path, text } of REFERRERS[collection] ?? []) {
    const [row] = await db.query<{ n: number; first: string[] | null }>(
      text,
      collection === 'grids' ? [fid, net] : [fid],
    );
    const { n, first } = row!;
    if (n > 0) faults.push({ path, message: `${n}: ${first!.join(', ')}${n > first!.length ? ', …' : ''}` });
  }
  return faults;
}
