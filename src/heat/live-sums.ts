import { lowerBound } from '../geo/ascending.ts';
import { LIGHTS } from '../incidents/incidents.schema.ts';
import { OPEN_STATUSES } from '../incidents/live-columns.ts';
import { lightOf } from '../incidents/live-filter.ts';
import type { Passing, RowFilter } from '../incidents/live-mask.ts';
import type { Rows } from '../incidents/live-rows.ts';
import type { Tally } from './heat.sql.ts';
import type { Bins } from './live-count.ts';
import { type BlockHours, type BlockKinds, hoursOfRow, type KindFilter } from './live-kinds.ts';

/** What is added up in each bin beside the rows. */
export interface Sums {
  sum: Float64Array;
  /** Rows that a mean is not over. */
  lacking: Int32Array;
}

/** A block and a filter. */
export interface Asked {
  rows: Rows;
  filter: RowFilter;
  kindFilter: KindFilter;
  /** Null: none are known of the block, and what passes passes the filter of kinds, too. */
  kinds: BlockKinds | null;
  hours(): BlockHours;
}

/** Add up a tally of passing rows by bin, in the order of rows. */
export const SUMS: Record<Exclude<Tally, 'count'>, (asked: Asked, passing: Passing, bins: Bins, into: Sums) => void> = {
  open(asked, passing, { of }, { sum }) {
    const { cell } = asked.rows;
    eachOpen(asked, passing, (i) => {
      sum[of[cell[i]!]!]! += 1;
    });
  },
  overdue(asked, passing, { of }, { sum }) {
    const { rows, filter } = asked;
    eachOpen(asked, passing, (i) => {
      sum[of[rows.cell[i]!]!]! += isOverdue[lightOf(filter, rows, i)]!;
    });
  },
  mean_hours(asked, passing, bins, into) {
    if (asked.kinds) sumHours(asked, asked.hours(), passing, bins, into);
    else sumUnknownHours(asked.rows, passing, bins, into);
  },
};

const isOverdue = Uint8Array.from(LIGHTS, (light) => Number(light === 'yellow' || light === 'red'));

/** Visit the passing rows of open incidents. */
export function eachOpen({ rows, kinds, kindFilter }: Asked, passing: Passing, visit: (row: number) => void): void {
  if (kinds) {
    eachListed(kinds.open, passing, (i) => {
      if (kindFilter.passes(rows, i)) visit(i);
    });
    return;
  }
  const { from, to, mask } = passing;
  for (let i = from; i < to; i++) if (rows.status[i]! < OPEN_STATUSES && (!mask || mask[i] === 1)) visit(i);
}

/** Visit those of an ascending list of rows that are in the run and in the mask. */
function eachListed(list: Int32Array, { from, to, mask }: Passing, visit: (row: number) => void): void {
  for (let k = lowerBound(list, from); k < list.length && list[k]! < to; k++) {
    if (!mask || mask[list[k]!] === 1) visit(list[k]!);
  }
}

function sumHours(asked: Asked, hours: BlockHours, passing: Passing, { of }: Bins, { sum, lacking }: Sums): void {
  const { rows, kindFilter } = asked;
  const { from, to, mask } = passing;
  if (!mask && !kindFilter.wanted) addHours(rows.cell, hours.of, from, to, of, sum);
  else {
    const { weights } = kindFilter;
    const kind = asked.kinds!.of;
    if (mask) addMasked(rows.cell, hours.of, kind, weights, mask, from, to, of, sum);
    else addWeighted(rows.cell, hours.of, kind, weights, from, to, of, sum);
  }
  eachListed(hours.lacking, passing, (i) => {
    if (kindFilter.passes(rows, i)) lacking[of[rows.cell[i]!]!]! += 1;
  });
}

// Loops without a branch: half of the time it would be foreseen wrongly. Hours times nothing leave a sum as it is.

function addHours(
  cell: Int32Array,
  hours: Float64Array,
  from: number,
  to: number,
  of: Int32Array,
  sum: Float64Array,
): void {
  for (let i = from; i < to; i++) sum[of[cell[i]!]!]! += hours[i]!;
}

function addWeighted(
  cell: Int32Array,
  hours: Float64Array,
  kind: Uint16Array,
  weights: Float64Array,
  from: number,
  to: number,
  of: Int32Array,
  sum: Float64Array,
): void {
  for (let i = from; i < to; i++) sum[of[cell[i]!]!]! += hours[i]! * weights[kind[i]!]!;
}

function addMasked(
  cell: Int32Array,
  hours: Float64Array,
  kind: Uint16Array,
  weights: Float64Array,
  mask: Uint8Array,
  from: number,
  to: number,
  of: Int32Array,
  sum: Float64Array,
): void {
  for (let i = from; i < to; i++) sum[of[cell[i]!]!]! += hours[i]! * weights[kind[i]!]! * mask[i]!;
}

/** Of a block whose kinds are not known, one row after the other. */
function sumUnknownHours(rows: Rows, { from, to, mask }: Passing, { of }: Bins, { sum, lacking }: Sums): void {
  for (let i = from; i < to; i++) {
    if (mask && mask[i] === 0) continue;
    const bin = of[rows.cell[i]!]!;
    const hours = hoursOfRow(rows, i);
    if (Number.isNaN(hours)) lacking[bin]! += 1;
    else sum[bin]! += hours;
  }
}
