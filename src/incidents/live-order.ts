import type { IncidentColumns } from './live-columns.ts';
import { IdColumn } from './live-ids.ts';

/** Rows that one block can hold: a row and its block, or its place, fit one number. */
export const POSITIONS = 2 ** 21;

/** Some rows of columns, ascending. */
export interface RowsOf {
  columns: IncidentColumns;
  rows: Uint32Array;
}

/**
 * The places of rows in the order of their ids.
 *
 * @param newRow by position in the concatenated sources, the row to be
 */
export function ranksOf(sources: readonly RowsOf[], newRow: Uint32Array): Uint32Array {
  const compare = (a: number, b: number) => {
    const [x, y] = [placeOf(sources, a), placeOf(sources, b)];
    return IdColumn.compare(x.ids, x.row, y.ids, y.row);
  };
  let merged: ArrayLike<number> = [];
  let offset = 0;
  for (const { columns, rows } of sources) {
    const own = columns.rank ? byRank(columns.rank, rows) : byId(columns, rows);
    for (let i = 0; i < own.length; i++) own[i]! += offset;
    merged = merge(merged, own, compare);
    offset += rows.length;
  }
  const rank = new Uint32Array(merged.length);
  for (let r = 0; r < merged.length; r++) rank[newRow[merged[r]!]!] = r;
  return rank;
}

/** The id at a position of the concatenated rows. */
function placeOf(sources: readonly RowsOf[], position: number): { ids: IdColumn; row: number } {
  let rest = position;
  for (const { columns, rows } of sources) {
    if (rest < rows.length) return { ids: columns.ids, row: rows[rest]! };
    rest -= rows.length;
  }
  throw new RangeError(`position ${position} is of no source`);
}

/** Positions in a list of rows in the order of ids, by the ranks of sorted columns. */
function byRank(rank: Uint32Array, rows: ArrayLike<number>): Float64Array {
  const order = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) order[i] = rank[rows[i]!]! * POSITIONS + i;
  order.sort();
  for (let i = 0; i < order.length; i++) order[i] = positionIn(order[i]!);
  return order;
}

/** What a number says beside the multiple of `POSITIONS`; the remainder of doubles would take far longer. */
export function positionIn(entry: number): number {
  return entry - Math.floor(entry / POSITIONS) * POSITIONS;
}

function byId({ ids }: IncidentColumns, rows: ArrayLike<number>): Float64Array {
  for (let i = 1; i < rows.length; i++) {
    if (IdColumn.compare(ids, rows[i - 1]!, ids, rows[i]!) < 0) continue;
    // Rows often come in the order of ids; these do not.
    return sortedByBytes(ids, rows);
  }
  return Float64Array.from(rows, (_row, i) => i);
}

/** One more than the values of a byte: 0 stands for an id that has ended. */
const BUCKETS = 257;

/** By radix sort from the last byte to the first: some milliseconds for a block, where comparing takes ten times that. */
function sortedByBytes(ids: IdColumn, rows: ArrayLike<number>): Float64Array {
  let order = Float64Array.from(rows, (_row, i) => i);
  let next = new Float64Array(rows.length);
  let longest = 0;
  for (let i = 0; i < rows.length; i++) longest = Math.max(longest, ids.lengthOf(rows[i]!));
  for (let at = longest - 1; at >= 0; at--) {
    const ends = new Uint32Array(BUCKETS + 1);
    for (let i = 0; i < order.length; i++) ends[ids.byteAt(rows[order[i]!]!, at) + 2]! += 1;
    // A byte that all share orders nothing.
    if (ends.includes(order.length)) continue;
    for (let bucket = 1; bucket <= BUCKETS; bucket++) ends[bucket]! += ends[bucket - 1]!;
    for (let i = 0; i < order.length; i++) next[ends[ids.byteAt(rows[order[i]!]!, at) + 1]!++] = order[i]!;
    [order, next] = [next, order];
  }
  return order;
}

/** Two ascending lists in one. */
export function merge(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  compare: (a: number, b: number) => number,
): ArrayLike<number> {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const merged = new Float64Array(a.length + b.length);
  if (compare(a[a.length - 1]!, b[0]!) < 0) return joined(merged, a, b);
  if (compare(b[b.length - 1]!, a[0]!) < 0) return joined(merged, b, a);
  for (let i = 0, j = 0, n = 0; n < merged.length; n++) {
    const isFromA = j === b.length || (i < a.length && compare(a[i]!, b[j]!) < 0);
    merged[n] = isFromA ? a[i++]! : b[j++]!;
  }
  return merged;
}

function joined(merged: Float64Array, first: ArrayLike<number>, second: ArrayLike<number>): Float64Array {
  merged.set(first, 0);
  merged.set(second, first.length);
  return merged;
}
