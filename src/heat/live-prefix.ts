import type { IncidentLayer } from '../incidents/live.ts';
import type { IncidentColumns } from '../incidents/live-columns.ts';
import type { PinnedRows } from '../incidents/live-rows.ts';
import { Slices } from '../threads/slices.ts';
import type { Bins } from './live-count.ts';
import { hoursOfRow } from './live-kinds.ts';

/** What each stored cell adds up to in all blocks up to one, dead rows too. */
interface Prefix<A> {
  /** Tells the block apart. */
  buffer: SharedArrayBuffer;
  sums: A;
}

/**
 * What whole blocks add up to by cell, summed up block after block: that of any run of blocks is the difference of two.
 * An element a cell and block: for 70,000 cells and a year 10 MB of counts, 20 MB of other numbers.
 */
export class CellPrefixes<A extends Uint32Array | Float64Array> {
  readonly #empty: (cells: number) => A;
  readonly #addBlock: (block: IncidentColumns, sums: A) => void;
  #prefixes: Prefix<A>[] = [];

  /**
   * @param empty sums of nothing
   * @param addBlock add all rows of a block, by number of their cell
   */
  constructor(empty: (cells: number) => A, addBlock: (block: IncidentColumns, sums: A) => void) {
    this.#empty = empty;
    this.#addBlock = addBlock;
  }

  /** Bring the sums up to date, those that a new block does not concern stay. */
  async follow(incidents: IncidentLayer): Promise<void> {
    const blocks = incidents.sealed();
    let same = 0;
    while (same < blocks.length && this.#prefixes[same]?.buffer === blocks[same]!.buffer) same += 1;
    if (same === blocks.length && same === this.#prefixes.length) return;
    const slices = new Slices();
    const prefixes = this.#prefixes.slice(0, same);
    for (const block of blocks.slice(same)) {
      const sums = this.#empty(incidents.cells.count);
      sums.set(prefixes.at(-1)?.sums ?? []);
      this.#addBlock(block, sums);
      prefixes.push({ buffer: block.buffer, sums });
      if (slices.isOver) await slices.pause();
    }
    this.#prefixes = prefixes;
  }

  /**
   * Add up blocks that follow each other by bin.
   *
   * @returns false, and nothing is added, when the sums are not of these blocks
   */
  addTo(into: Int32Array | Float64Array, { of }: Bins, blocks: readonly PinnedRows[]): boolean {
    const first = this.#prefixes.findIndex(({ buffer }) => buffer === blocks[0]?.buffer);
    if (first < 0 || blocks.some(({ buffer }, i) => this.#prefixes[first + i]?.buffer !== buffer)) return false;
    const { sums } = this.#prefixes[first + blocks.length - 1]!;
    const before = this.#prefixes[first - 1]?.sums ?? new Uint32Array(0);
    for (let cell = 0; cell < sums.length; cell++) {
      const sum = sums[cell]! - (cell < before.length ? before[cell]! : 0);
      if (sum !== 0) into[of[cell]!]! += sum;
    }
    return true;
  }
}

/** How many rows each cell has. */
export function countPrefixes(): CellPrefixes<Uint32Array<ArrayBuffer>> {
  return new CellPrefixes(
    (cells) => new Uint32Array(cells),
    ({ n, cell }, counts) => {
      for (let i = 0; i < n; i++) counts[cell[i]!]! += 1;
    },
  );
}

/** How many hours it took in each cell to close its incidents. */
export function hourPrefixes(): CellPrefixes<Float64Array<ArrayBuffer>> {
  return new CellPrefixes(
    (cells) => new Float64Array(cells),
    (block, sums) => {
      for (let i = 0; i < block.n; i++) {
        const hours = hoursOfRow(block, i);
        if (!Number.isNaN(hours)) sums[block.cell[i]!]! += hours;
      }
    },
  );
}
