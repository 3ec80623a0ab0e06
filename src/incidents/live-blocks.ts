import type { Micros } from '../live/micros.ts';
import { BYTES_PER_ROW, IncidentColumns, type LiveIncident } from './live-columns.ts';
import { IdColumn, IdTable, MAX_SERIAL, type RowRef } from './live-ids.ts';
import { POSITIONS, type RowsOf } from './live-order.ts';
import { sortedColumns } from './live-sort.ts';

/** Rows of one tenth of a month lie in one sorted block, so that building one anew stops nothing for long. */
const BLOCK_PERIOD: Micros = 10 * 86_400_000_000;
/** Rows outside the blocks, looked through one by one, before they are sorted into them. */
const MAX_TAIL = 8_192;

/** Rows of one period in Morton order; without a period the tail, which is in no order. */
export interface Block {
  period: number | undefined;
  serial: number;
  columns: IncidentColumns;
}

/**
 * Incidents in blocks of ten days and a tail of what came since. A changed row dies where it is and comes again in the
 * tail; compaction builds a block beside the old one and swaps them.
 */
export class IncidentBlocks {
  /** By period, in the order of time. */
  #blocks = new Map<number, Block>();
  readonly #bySerial: (Block | undefined)[] = [];
  readonly #byId = new IdTable((serial, row) => this.#idsOf(serial).hashOf(row));
  #tail: Block;

  constructor() {
    this.#tail = this.#newBlock(undefined, new IncidentColumns(MAX_TAIL));
  }

  /** Living rows. */
  get count(): number {
    return this.#byId.size;
  }

  /** Of the columns and the table of ids. */
  get bytes(): number {
    let bytes = this.#byId.byteLength;
    for (const { columns } of this) bytes += columns.key.length * BYTES_PER_ROW + columns.ids.byteLength;
    return bytes;
  }

  add(row: LiveIncident): void {
    const { serial, columns } = this.#tail;
    const i = columns.push(row);
    this.#byId.add(columns.ids.hashOf(i), serial, i);
  }

  /** @returns the row that was removed */
  remove(id: string): LiveIncident | undefined {
    const wanted = new IdColumn(1);
    wanted.push(id);
    const ref = this.#byId.find(wanted.hashOf(0), (serial, row) => {
      return IdColumn.compare(wanted, 0, this.#idsOf(serial), row) === 0;
    });
    return ref && this.#removeAt(ref);
  }

  /** Make unsorted rows the block of a period that has none. */
  seal(period: number, columns: IncidentColumns): void {
    this.#swap(period, sortedColumns([{ columns, rows: livingRows(columns) }]), true);
  }

  get needsCompaction(): boolean {
    return this.#tail.columns.n > MAX_TAIL;
  }

  /** Sort the rows of one period out of the tail; some milliseconds. Call until `needsCompaction` is false. */
  compactStep(): void {
    const tail = this.#tail.columns;
    if (tail.live === 0) {
      this.#bySerial[this.#tail.serial] = undefined;
      this.#tail = this.#newBlock(undefined, new IncidentColumns(MAX_TAIL));
      return;
    }
    const rows = livingRows(tail);
    const period = periodOf(tail.occurred[rows[0]!]!);
    const own = rows.filter((i) => periodOf(tail.occurred[i]!) === period);
    const old = this.#blocks.get(period);
    const sources: RowsOf[] = [{ columns: tail, rows: own }];
    if (old) sources.unshift({ columns: old.columns, rows: livingRows(old.columns) });
    this.#swap(period, sortedColumns(sources));
    // They are found in the block now.
    for (const i of own) tail.kill(i);
  }

  /** Let go of the blocks that end by a moment. @returns where the last of them ended, undefined when there was none */
  forgetUntil(moment: Micros): Micros | undefined {
    const gone = [...this.#blocks.keys()].filter((period) => (period + 1) * BLOCK_PERIOD <= moment);
    return gone.length === 0 ? undefined : this.#forget(gone);
  }

  /** Let go of the oldest block while there are more rows than a limit and other blocks. */
  forgetOldest(limit: number): Micros | undefined {
    if (this.count <= limit || this.#blocks.size < 2) return undefined;
    return this.#forget([Math.min(...this.#blocks.keys())]);
  }

  /** Blocks that may hold rows of a period, in the order of time, and whether they lie wholly in it; the tail last. */
  *overlapping(from: Micros, to: Micros): Generator<{ block: Block; isWithin: boolean }> {
    for (const block of this) {
      if (block.period === undefined) {
        yield { block, isWithin: false };
        continue;
      }
      const start = block.period * BLOCK_PERIOD;
      const end = start + BLOCK_PERIOD;
      if (end > from && start < to) yield { block, isWithin: start >= from && end <= to };
    }
  }

  *[Symbol.iterator](): Generator<Block> {
    yield* this.#blocks.values();
    yield this.#tail;
  }

  #idsOf(serial: number): IdColumn {
    return this.#bySerial[serial]!.columns.ids;
  }

  #removeAt(ref: RowRef): LiveIncident {
    const { columns } = this.#bySerial[ref.serial]!;
    columns.kill(ref.row);
    this.#byId.remove(columns.ids.hashOf(ref.row), ref);
    return columns.row(ref.row);
  }

  #forget(periods: readonly number[]): Micros {
    const end = (Math.max(...periods) + 1) * BLOCK_PERIOD;
    for (const period of periods) {
      const block = this.#blocks.get(period)!;
      const { dead, n } = block.columns;
      for (let row = 0; row < n; row++) if (dead[row] === 0) this.#removeAt({ serial: block.serial, row });
      this.#blocks.delete(period);
      this.#bySerial[block.serial] = undefined;
    }
    const { serial, columns } = this.#tail;
    for (let row = 0; row < columns.n; row++) {
      if (columns.dead[row] === 0 && columns.occurred[row]! < end) this.#removeAt({ serial, row });
    }
    return end;
  }

  /** Rows that were in blocks are found in the new one from now on; the others were not found yet. */
  #swap(period: number, columns: IncidentColumns, isNew = false): void {
    if (columns.n > POSITIONS) throw new RangeError(`${columns.n} incidents in ten days: lower the window's rows`);
    const old = this.#blocks.get(period);
    const block = this.#newBlock(period, columns);
    this.#put(block, period);
    for (let row = 0; row < columns.n; row++) {
      const hash = columns.ids.hashOf(row);
      if (isNew) this.#byId.add(hash, block.serial, row);
      else {
        const from = this.#byId.find(hash, (serial, other) => {
          return IdColumn.compare(columns.ids, row, this.#idsOf(serial), other) === 0;
        })!;
        this.#byId.move(hash, from, { serial: block.serial, row });
      }
    }
    if (old) this.#bySerial[old.serial] = undefined;
  }

  #put(block: Block, period: number): void {
    const isNew = !this.#blocks.has(period);
    this.#blocks.set(period, block);
    if (isNew) this.#blocks = new Map([...this.#blocks].sort(([a], [b]) => a - b));
  }

  #newBlock(period: number | undefined, columns: IncidentColumns): Block {
    let serial = this.#bySerial.indexOf(undefined);
    if (serial < 0) serial = this.#bySerial.length;
    if (serial >= MAX_SERIAL)
      throw new RangeError('the incidents in memory span over a millennium: set a shorter window');
    const block = { period, serial, columns };
    this.#bySerial[serial] = block;
    return block;
  }
}

/** The number of the ten days that hold a moment. */
export function periodOf(occurred: Micros): number {
  return Math.floor(occurred / BLOCK_PERIOD);
}

function livingRows({ n, dead, live }: IncidentColumns): Uint32Array {
  const rows = new Uint32Array(live);
  for (let i = 0, k = 0; i < n; i++) if (dead[i] === 0) rows[k++] = i;
  return rows;
}
