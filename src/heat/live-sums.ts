import { lowerBound } from '../geo/ascending.ts';
import { LIGHTS } from '../incidents/incidents.schema.ts';
import { OPEN_STATUSES } from '../incidents/live-columns.ts';
import { lightOf } from '../incidents/live-filter.ts';
import type { Passing, RowFilter } from '../incidents/live-mask.ts';
import type { Rows } from '../incidents/live-rows.ts';
import type { Tally } from './heat.sql.ts';
import type { Bins } from './live-count.ts';
import { type BlockHours, type BlockKinds, hasHours, hoursOfRow, type KindFilter } from './live-kinds.ts';

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
  hours(kinds: BlockKinds): BlockHours;
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
    const { rows, kinds } = asked;
    const isWhole = passing.from === 0 && passing.to === rows.n && !passing.mask;
    if (kinds && isWhole) sumRuns(kinds, asked.kindFilter, asked.hours(kinds), bins, into);
    else sumRows(asked, passing, bins, into);
    countLacking(asked, passing, bins, into);
  },
};

const isOverdue = Uint8Array.from(LIGHTS, (light) => Number(light === 'yellow' || light === 'red'));

/** What one row adds to a tally; not a number where a mean is not over it. */
export const SUM_OF_ROW: Record<Exclude<Tally, 'count'>, (rows: Rows, filter: RowFilter, row: number) => number> = {
  open: ({ status }, _filter, i) => Number(status[i]! < OPEN_STATUSES),
  overdue: (rows, filter, i) => (rows.status[i]! < OPEN_STATUSES ? isOverdue[lightOf(filter, rows, i)]! : 0),
  mean_hours: (rows, _filter, i) => hoursOfRow(rows, i),
};

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

/** Add up the hours of a whole block: of runs of kinds, with nothing to test. */
function sumRuns(
  { cells, present, starts }: BlockKinds,
  { wanted }: KindFilter,
  hours: BlockHours,
  { of }: Bins,
  { sum }: Sums,
): void {
  for (let run = 0; run < present.length; run++) {
    if ((wanted && wanted[present[run]!] === 0) || !hasHours(present[run]!)) continue;
    for (let i = starts[run]!, end = starts[run + 1]!; i < end; i++) sum[of[cells[i]!]!]! += hours.of[i]!;
  }
}

/** Add up the hours of passing rows, one after the other; where kinds are not known, count those without, too. */
function sumRows({ rows, kinds, kindFilter }: Asked, { from, to, mask }: Passing, { of }: Bins, into: Sums): void {
  const wanted = kinds && kindFilter.wanted;
  for (let i = from; i < to; i++) {
    if ((mask && mask[i] === 0) || (wanted && wanted[kinds.of[i]!] === 0)) continue;
    const bin = of[rows.cell[i]!]!;
    const hours = hoursOfRow(rows, i);
    if (!Number.isNaN(hours)) into.sum[bin]! += hours;
    else if (!kinds) into.lacking[bin]! += 1;
  }
}

/** Count the passing rows of a block that have no hours, where its kinds are known. */
export function countLacking(asked: Asked, passing: Passing, { of }: Bins, { lacking }: Sums): void {
  const { rows, kinds, kindFilter } = asked;
  if (!kinds) return;
  eachListed(asked.hours(kinds).lacking, passing, (i) => {
    if (kindFilter.passes(rows, i)) lacking[of[rows.cell[i]!]!]! += 1;
  });
}

/** Whether all rows of a block that have hours pass. */
export function allHoursPass({ rows, kinds, kindFilter: { wanted } }: Asked): boolean {
  return (
    kinds !== null && !rows.dead && (!wanted || kinds.present.every((kind) => wanted[kind] === 1 || !hasHours(kind)))
  );
}
