import { LIGHTS } from '../incidents/incidents.schema.ts';
import { IS_CLOSED, OPEN_STATUSES } from '../incidents/live-columns.ts';
import { lightOf } from '../incidents/live-filter.ts';
import type { Passing, RowFilter } from '../incidents/live-mask.ts';
import type { Rows } from '../incidents/live-rows.ts';
import type { Tally } from './heat.sql.ts';

const MICROS_PER_HOUR = 3_600_000_000;

/** Which sum a row counts in: `of` by number of its cell; −1: in none. */
export interface Bins {
  of: Int32Array;
  size: number;
}

/** Count passing rows by bin, added to `counts`, whose last place takes the rows of no bin where it has one for them. */
export function countRows({ cell }: Rows, { from, to, mask }: Passing, bins: Bins, counts: Int32Array): void {
  if (!mask) {
    countCells(cell, from, to, bins, counts);
    return;
  }
  const { of, size } = bins;
  if (size === counts.length) {
    for (let i = from; i < to; i++) counts[of[cell[i]!]!]! += mask[i]!;
    return;
  }
  for (let i = from; i < to; i++) {
    const bin = of[cell[i]!]!;
    counts[bin < 0 ? size : bin]! += mask[i]!;
  }
}

/** The same of cells that all count. */
export function countCells(cells: Int32Array, from: number, to: number, { of, size }: Bins, counts: Int32Array): void {
  if (size === counts.length) {
    for (let i = from; i < to; i++) counts[of[cells[i]!]!]! += 1;
    return;
  }
  for (let i = from; i < to; i++) {
    const bin = of[cells[i]!]!;
    counts[bin < 0 ? size : bin]! += 1;
  }
}

/** What is added up in each bin beside the rows. */
export interface Sums {
  sum: Float64Array;
  /** What the sum is divided by for a mean. */
  of: Int32Array;
}

/** Add up a tally of passing rows by bin. */
export const SUMS: Record<
  Exclude<Tally, 'count'>,
  (rows: Rows, passing: Passing, bins: Bins, filter: RowFilter, into: Sums) => void
> = { open: sumOpen, overdue: sumOverdue, mean_hours: sumHours };

function sumOpen({ status, cell }: Rows, { from, to, mask }: Passing, { of }: Bins, _filter: RowFilter, { sum }: Sums) {
  for (let i = from; i < to; i++) {
    if (status[i]! < OPEN_STATUSES && (!mask || mask[i] === 1)) sum[of[cell[i]!]!]! += 1;
  }
}

function sumOverdue(rows: Rows, { from, to, mask }: Passing, { of }: Bins, filter: RowFilter, { sum }: Sums) {
  const { status, cell } = rows;
  for (let i = from; i < to; i++) {
    if (status[i]! >= OPEN_STATUSES || (mask && mask[i] === 0)) continue;
    sum[of[cell[i]!]!]! += isOverdue[lightOf(filter, rows, i)]!;
  }
}

function sumHours(rows: Rows, { from, to, mask }: Passing, bins: Bins, _filter: RowFilter, into: Sums) {
  const { status, cell, closed, occurred } = rows;
  for (let i = from; i < to; i++) {
    if (IS_CLOSED[status[i]!] === 0 || (mask && mask[i] === 0)) continue;
    const hours = (closed[i]! - occurred[i]!) / MICROS_PER_HOUR;
    if (Number.isNaN(hours)) continue;
    const bin = bins.of[cell[i]!]!;
    into.sum[bin]! += hours;
    into.of[bin]! += 1;
  }
}

const isOverdue = Uint8Array.from(LIGHTS, (light) => Number(light === 'yellow' || light === 'red'));

/**
 * Count passing rows by step and bin: those of a bin at a step are at `step · width + bin`, those of no bin at
 * `step · width + size` where the width has room for it.
 *
 * @param edges of the steps, ascending; all rows lie between the first and the last
 */
export function countSteps(
  { cell, occurred }: Rows,
  { from, to, mask }: Passing,
  bins: Bins,
  edges: Float64Array,
  counts: Int32Array,
): void {
  const { of, size } = bins;
  const width = counts.length / (edges.length - 1);
  let step = 0;
  for (let i = from; i < to; i++) {
    if (mask && mask[i] === 0) continue;
    const moment = occurred[i]!;
    // Rows of a block lie in a few steps.
    if (!(moment >= edges[step]! && moment < edges[step + 1]!)) step = stepOf(edges, moment);
    const bin = of[cell[i]!]!;
    counts[step * width + (bin < 0 ? size : bin)]! += 1;
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
