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
function positionIn(entry: number): number {
  return entry - Math.floor(entry / POSITIONS) * POSITIONS;
}

function byId({ ids }: IncidentColumns, rows: ArrayLike<number>): Float64Array {
  const order = Float64Array.from(rows, (_row, i) => i);
  for (let i = 1; i < rows.length; i++) {
    if (IdColumn.compare(ids, rows[i - 1]!, ids, rows[i]!) < 0) continue;
    // Rows often come in the order of ids; these do not.
    return order.sort((a, b) => IdColumn.compare(ids, rows[a]!, ids, rows[b]!));
  }
  return order;
}

function merge(
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

function endToEnd(lists: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(lists.reduce((sum, list) => sum + list.length, 0));
  let end = 0;
  for (const list of lists) {
    all.set(list, end);
    end += list.length;
  }
  return all;
}

/** Fewer numbers are sorted by insertion, which needs no call. */
const FEW = 40;

/** Rows of several columns, as they are found; memory that is used again. */
export class FoundRows {
  readonly columns: IncidentColumns[] = [];
  /** The number of the columns × `POSITIONS` + the row. */
  #entries = new Float64Array(1 << 10);
  /** By columns, where their rows end. */
  readonly #ends: number[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  clear(): void {
    this.columns.length = 0;
    this.#ends.length = 0;
    this.#count = 0;
  }

  /** Add a row; rows of the same columns ascend as long as they follow each other. */
  add(columns: IncidentColumns, row: number): void {
    if (this.columns.at(-1) !== columns) {
      this.columns.push(columns);
      this.#ends.push(this.#count);
    }
    this.#reserve(this.#count + 1);
    this.#entries[this.#count++] = (this.columns.length - 1) * POSITIONS + row;
    this.#ends[this.#ends.length - 1] = this.#count;
  }

  /** Add the rows `[from, to)` of columns, those that pass a test if there is one. */
  addRun(columns: IncidentColumns, from: number, to: number, test: ((row: number) => boolean) | null): void {
    this.#reserve(this.#count + to - from);
    const entries = this.#entries;
    const base = this.columns.length * POSITIONS;
    let count = this.#count;
    for (let row = from; row < to; row++) if (test === null || test(row)) entries[count++] = base + row;
    if (count === this.#count) return;
    this.columns.push(columns);
    this.#ends.push(count);
    this.#count = count;
  }

  /** All in the order of ids: each the number of its columns × `POSITIONS` + its row. Valid until the next is added. */
  inOrder(): ArrayLike<number> {
    const idsOf = (entry: number) => this.columns[Math.floor(entry / POSITIONS)]!.ids;
    const compare = (a: number, b: number) => IdColumn.compare(idsOf(a), positionIn(a), idsOf(b), positionIn(b));
    const parts = this.columns.map((columns, number) => this.#sorted(columns, number));
    // Ids often ascend with time: then lists that follow each other have only to be put end to end.
    parts.sort((a, b) => compare(a[0]!, b[0]!));
    const isInOrder = parts.every((part, i) => i === 0 || compare(parts[i - 1]!.at(-1)!, part[0]!) < 0);
    if (isInOrder) return endToEnd(parts);
    let lists: ArrayLike<number>[] = parts;
    while (lists.length > 1) {
      const merged: ArrayLike<number>[] = [];
      for (let i = 0; i < lists.length; i += 2) {
        merged.push(i + 1 < lists.length ? merge(lists[i]!, lists[i + 1]!, compare) : lists[i]!);
      }
      lists = merged;
    }
    return lists[0] ?? [];
  }

  /** The rows of some columns in the order of their ids, in place. */
  #sorted(columns: IncidentColumns, number: number): Float64Array {
    const part = this.#entries.subarray(number === 0 ? 0 : this.#ends[number - 1]!, this.#ends[number]!);
    const base = number * POSITIONS;
    const { rank } = columns;
    if (!rank) {
      const rows = part.map((entry) => entry - base);
      byId(columns, rows).forEach((position, i) => {
        part[i] = base + rows[position]!;
      });
      return part;
    }
    for (let i = 0; i < part.length; i++) {
      const row = part[i]! - base;
      part[i] = rank[row]! * POSITIONS + row;
    }
    sortNumbers(part);
    for (let i = 0; i < part.length; i++) part[i] = base + positionIn(part[i]!);
    return part;
  }

  #reserve(count: number): void {
    if (count <= this.#entries.length) return;
    const entries = new Float64Array(Math.max(count, 2 * this.#entries.length));
    entries.set(this.#entries.subarray(0, this.#count));
    this.#entries = entries;
  }
}

function sortNumbers(numbers: Float64Array): void {
  if (numbers.length > FEW) {
    numbers.sort();
    return;
  }
  for (let i = 1; i < numbers.length; i++) {
    const number = numbers[i]!;
    let place = i;
    for (; place > 0 && numbers[place - 1]! > number; place--) numbers[place] = numbers[place - 1]!;
    numbers[place] = number;
  }
}
