import type { Micros } from '../live/micros.ts';
import { IncidentColumns, type LiveIncident, POSITIONS } from './live-columns.ts';

/** Rows of one tenth of a month lie in one sorted block, so that building one anew stops nothing for long. */
const BLOCK_PERIOD: Micros = 10 * 86_400_000_000;
/** Rows outside the blocks, looked through one by one, before they are sorted into them. */
const MAX_TAIL = 8_192;
/** A reference is row × BLOCKS + serial number of the block. */
const BLOCKS = 4_096;

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
  readonly #blocks = new Map<number, Block>();
  readonly #bySerial: (Block | undefined)[] = [];
  readonly #refs = new Map<string, number>();
  #tail: Block;

  constructor() {
    this.#tail = this.#newBlock(undefined, new IncidentColumns(MAX_TAIL));
  }

  /** Living rows. */
  get count(): number {
    return this.#refs.size;
  }

  /** Rows that there is room for. */
  get capacity(): number {
    let rows = 0;
    for (const { columns } of this) rows += columns.key.length;
    return rows;
  }

  add(row: LiveIncident): void {
    this.#refs.set(row.id, refOf(this.#tail, this.#tail.columns.push(row)));
  }

  /** @returns the row that was removed */
  remove(id: string): LiveIncident | undefined {
    const ref = this.#refs.get(id);
    if (ref === undefined) return undefined;
    const { columns } = this.#bySerial[ref % BLOCKS]!;
    const row = Math.floor(ref / BLOCKS);
    columns.kill(row);
    this.#refs.delete(id);
    return columns.row(row);
  }

  /** Put unsorted rows of one period in the place of its block. */
  seal(period: number, columns: IncidentColumns): void {
    this.#swap(period, IncidentColumns.sorted([{ columns, rows: livingRows(columns) }]));
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
    const sources: { columns: IncidentColumns; rows: Uint32Array }[] = [{ columns: tail, rows: own }];
    if (old) sources.unshift({ columns: old.columns, rows: livingRows(old.columns) });
    this.#swap(period, IncidentColumns.sorted(sources));
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

  /** Blocks that may hold rows of a period, and whether they lie wholly in it. */
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

  #forget(periods: readonly number[]): Micros {
    const end = (Math.max(...periods) + 1) * BLOCK_PERIOD;
    for (const period of periods) {
      const block = this.#blocks.get(period)!;
      const { ids, dead, n } = block.columns;
      for (let i = 0; i < n; i++) if (dead[i] === 0) this.#refs.delete(ids[i]!);
      this.#blocks.delete(period);
      this.#bySerial[block.serial] = undefined;
    }
    const { ids, dead, n, occurred } = this.#tail.columns;
    for (let i = 0; i < n; i++) if (dead[i] === 0 && occurred[i]! < end) this.remove(ids[i]!);
    return end;
  }

  #swap(period: number, columns: IncidentColumns): void {
    if (columns.n > POSITIONS) throw new RangeError(`${columns.n} incidents in ten days: lower the window's rows`);
    const old = this.#blocks.get(period);
    if (old) this.#bySerial[old.serial] = undefined;
    const block = this.#newBlock(period, columns);
    this.#blocks.set(period, block);
    for (let i = 0; i < columns.n; i++) this.#refs.set(columns.ids[i]!, refOf(block, i));
  }

  #newBlock(period: number | undefined, columns: IncidentColumns): Block {
    let serial = this.#bySerial.indexOf(undefined);
    if (serial < 0) serial = this.#bySerial.length;
    if (serial >= BLOCKS) throw new RangeError('the incidents in memory span over a century: set a shorter window');
    const block = { period, serial, columns };
    this.#bySerial[serial] = block;
    return block;
  }
}

/** The number of the ten days that hold a moment. */
export function periodOf(occurred: Micros): number {
  return Math.floor(occurred / BLOCK_PERIOD);
}

function refOf({ serial }: Block, row: number): number {
  return row * BLOCKS + serial;
}

function livingRows({ n, dead, live }: IncidentColumns): Uint32Array {
  const rows = new Uint32Array(live);
  for (let i = 0, k = 0; i < n; i++) if (dead[i] === 0) rows[k++] = i;
  return rows;
}
