import type { PinnedRows, Rows } from './live-rows.ts';

/** The rows of a block by the number of their cell. */
export interface CellRows {
  /** Cell after cell. */
  rows: Uint32Array;
  /** Where those of each cell begin in `rows`; one more than cells. */
  starts: Uint32Array;
}

/**
 * Rows by cell, found once of each sorted block when they are first needed: 4 bytes a row and 4 a cell. They go with the
 * block.
 */
export class CellIndex {
  /** Blocks are told apart by their memory. */
  readonly #known = new WeakMap<SharedArrayBuffer, CellRows>();

  rowsOf({ buffer }: PinnedRows, { n, cell }: Rows): CellRows {
    const known = this.#known.get(buffer) ?? sortByCell(cell.subarray(0, n));
    this.#known.set(buffer, known);
    return known;
  }
}

function sortByCell(cell: Int32Array): CellRows {
  const starts = new Uint32Array(cell.reduce((most, own) => Math.max(most, own + 1), 0) + 1);
  for (const own of cell) starts[own + 1]! += 1;
  for (let i = 1; i < starts.length; i++) starts[i]! += starts[i - 1]!;
  const next = starts.slice();
  const rows = new Uint32Array(cell.length);
  for (let i = 0; i < cell.length; i++) rows[next[cell[i]!]!++] = i;
  return { rows, starts };
}
