import type { Passing } from '../incidents/live-mask.ts';
import type { Rows } from '../incidents/live-rows.ts';
import type { BlockKinds } from './live-kinds.ts';

/** Which sum a row counts in: `of` by number of its cell. Rows of no bin have `size`. */
export interface Bins {
  of: Int32Array;
  size: number;
}

/** Places for sums beside those of bins: of rows of no bin, and of rows that are not asked for. */
const PLACES_BESIDE = 2;

/** Sums to add up in: of each bin, of rows of no bin, of rows that are not asked for. */
export function countsFor({ size }: Bins): Int32Array {
  return new Int32Array(size + PLACES_BESIDE);
}

/** The same of other numbers. */
export function sumsFor({ size }: Bins): Float64Array {
  return new Float64Array(size + PLACES_BESIDE);
}

/** The same bins of the rows of some cells: those of all others are not asked for. */
export function binsOf({ of, size }: Bins, cells: Int32Array): Bins {
  const own = new Int32Array(of.length).fill(size + 1);
  for (let i = 0; i < cells.length; i++) own[cells[i]!] = of[cells[i]!]!;
  return { of: own, size };
}

/** Count passing rows by bin, added to `counts`. */
export function countRows({ cell }: Rows, { from, to, mask }: Passing, { of }: Bins, counts: Int32Array): void {
  if (mask) for (let i = from; i < to; i++) counts[of[cell[i]!]!]! += mask[i]!;
  else countCells(cell, from, to, of, counts);
}

/** The same of cells that all count. */
export function countCells(cells: Int32Array, from: number, to: number, of: Int32Array, counts: Int32Array): void {
  for (let i = from; i < to; i++) counts[of[cells[i]!]!]! += 1;
}

/** The same of the passing rows whose kind is wanted. */
export function countKinds(
  { cell }: Rows,
  { of: kind }: BlockKinds,
  wanted: Uint8Array,
  { from, to, mask }: Passing,
  { of }: Bins,
  counts: Int32Array,
): void {
  if (mask) for (let i = from; i < to; i++) counts[of[cell[i]!]!]! += mask[i]! & wanted[kind[i]!]!;
  else for (let i = from; i < to; i++) counts[of[cell[i]!]!]! += wanted[kind[i]!]!;
}

/**
 * The same of all rows of a block whose kind is wanted: a few runs of cells, with nothing to test.
 *
 * @param by -1: take them off
 */
export function countRuns(
  { cells, present, starts }: BlockKinds,
  wanted: Uint8Array,
  { of }: Bins,
  counts: Int32Array,
  by: 1 | -1 = 1,
): void {
  const end = present.length;
  for (let run = 0; run < end; run++) {
    if (wanted[present[run]!] === 0) continue;
    const first = starts[run]!;
    while (run + 1 < end && wanted[present[run + 1]!] === 1) run += 1;
    // Not a call of `countCells`: runs are short.
    for (let i = first, last = starts[run + 1]!; i < last; i++) counts[of[cells[i]!]!]! += by;
  }
}

/** Take off the rows of a block that are dead, where all that are wanted were counted. */
export function subtractDead(
  { dead, cell }: Rows,
  kinds: BlockKinds | null,
  wanted: Uint8Array | null,
  { of }: Bins,
  counts: Int32Array,
): void {
  for (let i = dead?.indexOf(1) ?? -1; i >= 0; i = dead!.indexOf(1, i + 1)) {
    if (!wanted || wanted[kinds!.of[i]!] === 1) counts[of[cell[i]!]!]! -= 1;
  }
}

/**
 * Count passing rows by step and bin: those of a bin at a step are at `step · width + bin`.
 *
 * @param edges of the steps, ascending; all rows lie between the first and the last
 */
export function countSteps(
  { cell, occurred }: Rows,
  { from, to, mask }: Passing,
  { of }: Bins,
  edges: Float64Array,
  counts: Int32Array,
): void {
  const width = counts.length / (edges.length - 1);
  let step = 0;
  for (let i = from; i < to; i++) {
    if (mask && mask[i] === 0) continue;
    const moment = occurred[i]!;
    // Rows of a block lie in a few steps.
    if (!(moment >= edges[step]! && moment < edges[step + 1]!)) step = stepOf(edges, moment);
    counts[step * width + of[cell[i]!]!]! += 1;
  }
}

/** The step of a moment: the last whose edge is not after it. */
export function stepOf(edges: Float64Array, moment: number): number {
  let from = 0;
  let to = edges.length - 1;
  while (to - from > 1) {
    const middle = (from + to) >> 1;
    if (edges[middle]! <= moment) from = middle;
    else to = middle;
  }
  return from;
}

/** When the earliest of the passing rows occurred; Infinity: none passes. */
export function earliestOf({ occurred }: Rows, { from, to, mask }: Passing): number {
  let earliest = Infinity;
  for (let i = from; i < to; i++) {
    if ((!mask || mask[i] === 1) && occurred[i]! < earliest) earliest = occurred[i]!;
  }
  return earliest;
}
