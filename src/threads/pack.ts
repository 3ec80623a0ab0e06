import { setImmediate } from 'node:timers/promises';

/** Rows that are written before requests get their turn: some milliseconds. */
const SLICE = 2_000;

/**
 * Rows as JSON in shared memory, for any number of threads to read. They are written slice by slice, so that nothing
 * else has to wait: pass rows that do not change meanwhile.
 */
export async function packRows<T>(rows: readonly T[], encode: (row: T) => unknown): Promise<SharedArrayBuffer[]> {
  const parts: SharedArrayBuffer[] = [];
  for (let from = 0; from < rows.length; from += SLICE) {
    const text = JSON.stringify(rows.slice(from, from + SLICE).map(encode));
    const part = new SharedArrayBuffer(Buffer.byteLength(text));
    Buffer.from(part).write(text);
    parts.push(part);
    await setImmediate();
  }
  return parts;
}

/** What `packRows` packed. */
export function unpackRows<T, E>(parts: readonly SharedArrayBuffer[], decode: (encoded: E) => T): T[] {
  return parts.flatMap((part) => (JSON.parse(Buffer.from(part).toString()) as E[]).map(decode));
}
