import type { IncidentLayer } from '../incidents/live.ts';
import type { PinnedRows } from '../incidents/live-rows.ts';
import { type Bins, countCells } from './live-count.ts';
import { Slices } from './slices.ts';

/** How many rows each stored cell has in all blocks up to one, dead ones too. */
interface Prefix {
  /** Tells the block apart. */
  buffer: SharedArrayBuffer;
  sums: Uint32Array;
}

/**
 * Rows of whole blocks by cell, summed up block after block: those of any run of blocks are the difference of two. 4 bytes
 * a cell and block: 10 MB for 70,000 cells and a year.
 */
export class CellPrefixes {
  #prefixes: Prefix[] = [];

  /** Bring the sums up to date, those that a new block does not concern stay. */
  async follow(incidents: IncidentLayer): Promise<void> {
    const blocks = incidents.sealed();
    let same = 0;
    while (same < blocks.length && this.#prefixes[same]?.buffer === blocks[same]!.buffer) same += 1;
    if (same === blocks.length && same === this.#prefixes.length) return;
    const slices = new Slices();
    const prefixes = this.#prefixes.slice(0, same);
    const every = Int32Array.from({ length: incidents.cells.count }, (_, cell) => cell);
    for (const { buffer, cell, n } of blocks.slice(same)) {
      const counts = new Int32Array(every.length);
      counts.set(prefixes.at(-1)?.sums ?? []);
      countCells(cell, 0, n, every, counts);
      prefixes.push({ buffer, sums: new Uint32Array(counts.buffer) });
      if (slices.isOver) await slices.pause();
    }
    this.#prefixes = prefixes;
  }

  /**
   * Count the rows of blocks that follow each other, added to `counts` as by `countCells`.
   *
   * @returns false, and nothing is counted, when the sums are not of these blocks
   */
  count(blocks: readonly PinnedRows[], { of }: Bins, counts: Int32Array): boolean {
    const first = this.#prefixes.findIndex(({ buffer }) => buffer === blocks[0]?.buffer);
    if (first < 0 || blocks.some(({ buffer }, i) => this.#prefixes[first + i]?.buffer !== buffer)) return false;
    const { sums } = this.#prefixes[first + blocks.length - 1]!;
    const before = this.#prefixes[first - 1]?.sums ?? new Uint32Array(0);
    for (let cell = 0; cell < sums.length; cell++) {
      const n = sums[cell]! - (cell < before.length ? before[cell]! : 0);
      if (n === 0) continue;
      counts[of[cell]!]! += n;
    }
    return true;
  }
}
