import type { IncidentColumns } from './live-columns.ts';
import { IdColumn } from './live-ids.ts';
import { merge, POSITIONS, positionIn } from './live-order.ts';

/** Fewer rows are sorted by insertion, which needs no call. */
const FEW = 40;

/** Rows `[from, to)` of the list of rows found, all of the same columns. */
interface Part {
  columns: IncidentColumns;
  from: number;
  to: number;
}

/** What is told of rows found: those of a list from one place to before another. */
type VisitRows = (columns: IncidentColumns, rows: Uint32Array, from: number, to: number) => void;

/** Rows of several columns, as they are found; memory that is used again. */
export class FoundRows {
  #rows = new Uint32Array(1 << 10);
  #parts: Part[] = [];
  #count = 0;
  /** Of `#sortMany`: place in the order of ids and row in one number. */
  #keys = new Float64Array(1 << 10);

  get count(): number {
    return this.#count;
  }

  clear(): void {
    this.#parts = [];
    this.#count = 0;
  }

  /** Add a row; rows of the same columns follow each other. */
  add(columns: IncidentColumns, row: number): void {
    const last = this.#parts.at(-1);
    this.#reserve(this.#count + 1);
    this.#rows[this.#count++] = row;
    if (last?.columns === columns) last.to = this.#count;
    else this.#parts.push({ columns, from: this.#count - 1, to: this.#count });
  }

  /** Add the rows `[from, to)` of columns, those that pass a test if there is one. */
  addRun(columns: IncidentColumns, from: number, to: number, test: ((row: number) => boolean) | null): void {
    this.#reserve(this.#count + to - from);
    const rows = this.#rows;
    const start = this.#count;
    let count = start;
    if (test === null) for (let row = from; row < to; row++) rows[count++] = row;
    else for (let row = from; row < to; row++) if (test(row)) rows[count++] = row;
    if (count === start) return;
    this.#parts.push({ columns, from: start, to: count });
    this.#count = count;
  }

  /** Visit all in the order of ids. What was found is in another order after it: clear before more is added. */
  each(visit: VisitRows): void {
    const parts = this.#parts;
    for (const part of parts) this.#sort(part);
    // Ids often ascend with time: then parts that follow each other are in order as they are.
    if (!this.#isInOrder()) {
      parts.sort((a, b) => this.#compare(a, a.from, b, b.from));
      if (!this.#isInOrder()) {
        this.#eachMerged(visit);
        return;
      }
    }
    for (const { columns, from, to } of parts) visit(columns, this.#rows, from, to);
  }

  #isInOrder(): boolean {
    const parts = this.#parts;
    for (let i = 1; i < parts.length; i++) {
      if (this.#compare(parts[i - 1]!, parts[i - 1]!.to - 1, parts[i]!, parts[i]!.from) >= 0) return false;
    }
    return true;
  }

  #compare(a: Part, i: number, b: Part, j: number): number {
    return IdColumn.compare(a.columns.ids, this.#rows[i]!, b.columns.ids, this.#rows[j]!);
  }

  #eachMerged(visit: VisitRows): void {
    const parts = this.#parts;
    const entries = this.#merged();
    const rows = new Uint32Array(entries.length);
    for (let from = 0, to = 0; from < rows.length; from = to) {
      const part = Math.floor(entries[from]! / POSITIONS);
      const base = part * POSITIONS;
      // Of another part, an entry is below or too far above.
      while (to < rows.length && entries[to]! >= base && entries[to]! - base < POSITIONS) {
        rows[to] = entries[to]! - base;
        to += 1;
      }
      visit(parts[part]!.columns, rows, from, to);
    }
  }

  /** All in the order of ids: each the number of its part × `POSITIONS` + its row. */
  #merged(): ArrayLike<number> {
    const parts = this.#parts;
    const idsOf = (entry: number) => parts[Math.floor(entry / POSITIONS)]!.columns.ids;
    const compare = (a: number, b: number) => IdColumn.compare(idsOf(a), positionIn(a), idsOf(b), positionIn(b));
    let lists: ArrayLike<number>[] = parts.map(({ from, to }, part) => {
      return Float64Array.from(this.#rows.subarray(from, to), (row) => part * POSITIONS + row);
    });
    while (lists.length > 1) {
      const merged: ArrayLike<number>[] = [];
      for (let i = 0; i < lists.length; i += 2) {
        merged.push(i + 1 < lists.length ? merge(lists[i]!, lists[i + 1]!, compare) : lists[i]!);
      }
      lists = merged;
    }
    return lists[0]!;
  }

  /** The rows of a part in the order of their ids. */
  #sort({ columns, from, to }: Part): void {
    const { ids, rank } = columns;
    if (!rank) this.#rows.subarray(from, to).sort((a, b) => IdColumn.compare(ids, a, ids, b));
    else if (to - from <= FEW) sortFew(this.#rows, from, to, rank);
    else this.#sortMany(from, to, rank);
  }

  #sortMany(from: number, to: number, rank: Uint32Array): void {
    const rows = this.#rows;
    const count = to - from;
    if (count > this.#keys.length) this.#keys = new Float64Array(2 * count);
    const keys = this.#keys.subarray(0, count);
    for (let i = 0; i < count; i++) keys[i] = rank[rows[from + i]!]! * POSITIONS + rows[from + i]!;
    keys.sort();
    for (let i = 0; i < count; i++) rows[from + i] = positionIn(keys[i]!);
  }

  #reserve(count: number): void {
    if (count <= this.#rows.length) return;
    const rows = new Uint32Array(Math.max(count, 2 * this.#rows.length));
    rows.set(this.#rows.subarray(0, this.#count));
    this.#rows = rows;
  }
}

function sortFew(rows: Uint32Array, from: number, to: number, rank: Uint32Array): void {
  for (let i = from + 1; i < to; i++) {
    const row = rows[i]!;
    const place = rank[row]!;
    let at = i;
    for (; at > from && rank[rows[at - 1]!]! > place; at--) rows[at] = rows[at - 1]!;
    rows[at] = row;
  }
}
