import { setImmediate } from 'node:timers/promises';
import type { Queryable } from './db.ts';

/** Rows that are read at once: some milliseconds. */
const BATCH = 500;

/** All rows of a statement that has many, letting requests in between. */
export async function readInTurns<T>(db: Queryable, text: string, values: unknown[]): Promise<T[]> {
  const rows: T[] = [];
  for await (const batch of db.cursor<T>(text, values, BATCH)) {
    for (const row of batch) rows.push(row);
    await setImmediate();
  }
  return rows;
}

/** Rows by a key, keys and rows in the order of coming. */
export function groupBy<K, R>(rows: Iterable<R>, keyOf: (row: R) => K): Map<K, R[]> {
  const groups = new Map<K, R[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}
