import { stepOf } from '../heat/live-count.ts';
import { NO_OWNER } from '../incidents/live-columns.ts';
import { type Passing, type RowFilter, RowSieve } from '../incidents/live-mask.ts';
import { type PinnedRows, type Rows, rowsOf } from '../incidents/live-rows.ts';
import type { Task } from '../threads/task.ts';
import type { CountColumns } from './columns.ts';
import { type SlottedRows, Sums } from './sums.ts';

/** What the incidents of a grid are divided into. */
export type Parts =
  /** By when they occurred; edges of the steps, ascending. */
  | { by: 'step'; edges: Float64Array }
  /** By the number in a column, looked up where numbers stand for others; −1 comes last. */
  | { by: 'category' | 'source' | 'department'; of: Int32Array; count: number };

/** Incidents and the grids that they count for. */
export interface CountQuestion {
  rows: readonly PinnedRows[];
  filter: RowFilter;
  /** By number of an owner, the position of the grid that it counts for; −1: none. */
  roots: Int32Array;
  /** Of `roots`. */
  grids: number;
  /** The part of none has one more than the largest number. */
  parts: Parts | null;
}

/** See `countFigures`. */
export const countFiguresTask: Task<CountQuestion, CountColumns> = { name: 'figures', run: countFigures };

/** Figures from rows; the same as those of `FIGURES_BY_GRID` and its like. */
export function countFigures({ rows, filter, roots, grids, parts }: CountQuestion): CountColumns {
  const slots = new Slots(grids * partCount(parts));
  const sums = new Sums(rows.reduce((total, { n }) => total + n, 0));
  const sieve = new RowSieve(filter);
  const most = rows.reduce((largest, { n }) => Math.max(largest, n), 0);
  const own: SlottedRows = { row: new Int32Array(most), slot: new Int32Array(most), n: 0 };
  for (const pinned of rows) {
    const block = rowsOf(pinned);
    sieve.each(block, (passing) => {
      pickRows(block, passing, roots, own);
      if (parts) addParts(block, parts, grids, own);
      slots.number(own);
      sums.add(block, filter, own, slots.count);
    });
  }
  const keys = slots.keys();
  return {
    grid: keys.map((key) => key % grids),
    part: keys.map((key) => Math.floor(key / grids)),
    figures: sums.figures(keys.length),
  };
}

/** The passing rows whose owner counts, with the grid that it counts for. */
function pickRows({ owner }: Rows, { from, to, mask }: Passing, roots: Int32Array, own: SlottedRows): void {
  const { row, slot } = own;
  let n = 0;
  for (let i = from; i < to; i++) {
    if ((mask && mask[i] === 0) || owner[i]! <= NO_OWNER) continue;
    const grid = roots[owner[i]!]!;
    if (grid < 0) continue;
    row[n] = i;
    slot[n++] = grid;
  }
  own.n = n;
}

function partCount(parts: Parts | null): number {
  if (!parts) return 1;
  return parts.by === 'step' ? parts.edges.length - 1 : parts.count + 1;
}

/** Make grids combinations of parts and grids. */
function addParts(rows: Rows, parts: Parts, grids: number, { row, slot, n }: SlottedRows): void {
  if (parts.by === 'step') {
    for (let k = 0; k < n; k++) slot[k]! += stepOf(parts.edges, rows.occurred[row[k]!]!) * grids;
    return;
  }
  const column = rows[parts.by];
  const { of, count } = parts;
  for (let k = 0; k < n; k++) {
    const number = column[row[k]!]!;
    slot[k]! += (number < 0 ? count : of[number]!) * grids;
  }
}

/** Numbers for the combinations that occur, which may be few of those that there could be. */
class Slots {
  readonly #slots: Int32Array;
  readonly #keys: number[] = [];

  constructor(combinations: number) {
    this.#slots = new Int32Array(combinations).fill(-1);
  }

  get count(): number {
    return this.#keys.length;
  }

  /** Put in the place of combinations their numbers. */
  number({ slot, n }: SlottedRows): void {
    const slots = this.#slots;
    for (let k = 0; k < n; k++) {
      const key = slot[k]!;
      if (slots[key]! < 0) slots[key] = this.#keys.push(key) - 1;
      slot[k] = slots[key]!;
    }
  }

  keys(): Int32Array {
    return Int32Array.from(this.#keys);
  }
}
