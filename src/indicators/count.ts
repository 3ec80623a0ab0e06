import { stepOf } from '../heat/live-count.ts';
import { LIGHTS, STATUSES } from '../incidents/incidents.schema.ts';
import { NO_OWNER, OPEN_STATUSES } from '../incidents/live-columns.ts';
import { openLight } from '../incidents/live-filter.ts';
import { type Passing, type RowFilter, RowSieve } from '../incidents/live-mask.ts';
import { type PinnedRows, type Rows, rowsOf } from '../incidents/live-rows.ts';
import type { Task } from '../threads/task.ts';
import type { Counts, LoopFigures } from './figures.ts';
import { percentile } from './percentile.ts';

const MICROS_PER_HOUR = 3_600_000_000;

/** What the incidents of a grid are divided into. */
export type Parts =
  /** By when they occurred; edges of the steps, ascending. */
  | { by: 'step'; edges: Float64Array }
  /** By the number in a column, looked up where numbers stand for others; −1 comes last. */
  | { by: 'category' | 'source' | 'department'; of: Int32Array; count: number };

/** Incidents and the grids that they count for. */
export interface CountQuestion {
  rows: readonly PinnedRows[];
  filter: RowFilter;
  /** By number of an owner, the position of the grid that it counts for; −1: none. */
  roots: Int32Array;
  /** Of `roots`. */
  grids: number;
  parts: Parts | null;
}

/** Figures of the grids, or of the parts of grids, that have incidents; column by column. */
export interface CountColumns {
  /** Position of the grid. */
  grid: Int32Array;
  /** Of the step or the number; one more than the last: of none. */
  part: Int32Array;
  /** Not a number stands for null. */
  figures: Record<keyof (Counts & LoopFigures), Float64Array>;
}

/** See `countFigures`. */
export const countFiguresTask: Task<CountQuestion, CountColumns> = { name: 'figures', run: countFigures };

/** Figures from rows; the same as those of `FIGURES_BY_GRID` and its like. */
export function countFigures({ rows, filter, roots, grids, parts }: CountQuestion): CountColumns {
  const slots = new Slots(grids * partCount(parts));
  const sums = new Sums(rows.reduce((total, { n }) => total + n, 0));
  const sieve = new RowSieve(filter);
  for (const pinned of rows) {
    const own = rowsOf(pinned);
    const slotOf = parts ? slotsOfParts(own, parts, grids, slots) : null;
    sieve.each(own, (passing) => addRows(own, passing, roots, filter, slots, slotOf, sums));
  }
  const keys = slots.keys();
  return {
    grid: keys.map((key) => key % grids),
    part: keys.map((key) => Math.floor(key / grids)),
    figures: sums.figures(keys.length),
  };
}

function addRows(
  rows: Rows,
  { from, to, mask }: Passing,
  roots: Int32Array,
  filter: RowFilter,
  slots: Slots,
  slotOf: ((grid: number, i: number) => number) | null,
  sums: Sums,
): void {
  const { owner } = rows;
  for (let i = from; i < to; i++) {
    if ((mask && mask[i] === 0) || owner[i]! <= NO_OWNER) continue;
    const grid = roots[owner[i]!]!;
    if (grid < 0) continue;
    sums.add(slotOf ? slotOf(grid, i) : slots.of(grid), rows, i, filter);
  }
}

function partCount(parts: Parts | null): number {
  if (!parts) return 1;
  return parts.by === 'step' ? parts.edges.length - 1 : parts.count + 1;
}

function slotsOfParts(rows: Rows, parts: Parts, grids: number, slots: Slots): (grid: number, i: number) => number {
  if (parts.by === 'step') {
    return (grid, i) => slots.of(stepOf(parts.edges, rows.occurred[i]!) * grids + grid);
  }
  const column = rows[parts.by];
  const { of, count } = parts;
  return (grid, i) => slots.of((column[i]! < 0 ? count : of[column[i]!]!) * grids + grid);
}

/** Numbers for the combinations that occur, which may be few of those that there could be. */
class Slots {
  readonly #slots: Int32Array;
  readonly #keys: number[] = [];

  constructor(combinations: number) {
    this.#slots = new Int32Array(combinations).fill(-1);
  }

  of(key: number): number {
    const known = this.#slots[key]!;
    if (known >= 0) return known;
    const slot = this.#keys.length;
    this.#slots[key] = slot;
    this.#keys.push(key);
    return slot;
  }

  keys(): Int32Array {
    return Int32Array.from(this.#keys);
  }
}

const isClosed = Uint8Array.from(STATUSES, (status) => Number(status === 'closed' || status === 'revisited'));
const VOID = STATUSES.indexOf('void');
const NO_LIGHT = LIGHTS.indexOf('none');
/** What is counted of a slot, in this order. */
const COUNTED = ['incidents', 'closed', 'void', 'green', 'yellow', 'red'] as const;
const FIRST_LIGHT = COUNTED.indexOf('green');
/** What is added up of a slot, in this order. */
const STEPS = ['report_hours', 'triage_hours', 'handle_hours', 'close_hours', 'revisit_hours'] as const;

/** Sums by slot, and the hours of every closed incident. */
class Sums {
  #counts = new Int32Array(COUNTED.length * 1_024);
  #steps = new Float64Array(STEPS.length * 1_024);
  #stepCounts = new Int32Array(STEPS.length * 1_024);
  readonly #hourSlots: Int32Array;
  readonly #hours: Float64Array;
  #hourCount = 0;

  /** @param rows at most */
  constructor(rows: number) {
    this.#hourSlots = new Int32Array(rows);
    this.#hours = new Float64Array(rows);
  }

  add(slot: number, rows: Rows, i: number, filter: RowFilter): void {
    if (slot * COUNTED.length >= this.#counts.length) this.#grow();
    const counts = this.#counts;
    const first = slot * COUNTED.length;
    const status = rows.status[i]!;
    counts[first]! += 1;
    if (isClosed[status] === 1) {
      counts[first + 1]! += 1;
      const hours = rows.closed[i]! - rows.occurred[i]!;
      if (!Number.isNaN(hours)) {
        this.#hourSlots[this.#hourCount] = slot;
        this.#hours[this.#hourCount++] = hours;
      }
    } else if (status === VOID) counts[first + 2]! += 1;
    const light = lightAt(rows, i, filter);
    if (light !== NO_LIGHT) counts[first + FIRST_LIGHT + light]! += 1;
    this.#addSteps(slot * STEPS.length, rows, i);
  }

  #addSteps(first: number, { occurred, reported, triaged, handled, closed, revisited }: Rows, i: number): void {
    const told = reported[i]!;
    this.#step(first, told - occurred[i]!);
    this.#step(first + 1, triaged[i]! - (Number.isNaN(told) ? occurred[i]! : told));
    this.#step(first + 2, handled[i]! - triaged[i]!);
    this.#step(first + 3, closed[i]! - handled[i]!);
    this.#step(first + 4, revisited[i]! - closed[i]!);
  }

  /** Not a number when one of the ends is not known. */
  #step(at: number, micros: number): void {
    if (Number.isNaN(micros)) return;
    this.#steps[at]! += micros;
    this.#stepCounts[at]! += 1;
  }

  #grow(): void {
    const grown = <A extends Int32Array | Float64Array>(old: A): A => {
      const larger = new (old.constructor as new (length: number) => A)(old.length * 2);
      larger.set(old);
      return larger;
    };
    this.#counts = grown(this.#counts);
    this.#steps = grown(this.#steps);
    this.#stepCounts = grown(this.#stepCounts);
  }

  figures(slots: number): CountColumns['figures'] {
    const column = (of: (slot: number) => number) => Float64Array.from({ length: slots }, (_, slot) => of(slot));
    const count = (name: (typeof COUNTED)[number]) => {
      const at = COUNTED.indexOf(name);
      return column((slot) => this.#counts[slot * COUNTED.length + at]!);
    };
    const step = (name: (typeof STEPS)[number]) => {
      const at = STEPS.indexOf(name);
      return column((slot) => this.#stepHours(slot * STEPS.length + at));
    };
    return {
      incidents: count('incidents'),
      closed: count('closed'),
      void: count('void'),
      ...this.#hourFigures(slots),
      green: count('green'),
      yellow: count('yellow'),
      red: count('red'),
      report_hours: step('report_hours'),
      triage_hours: step('triage_hours'),
      handle_hours: step('handle_hours'),
      close_hours: step('close_hours'),
      revisit_hours: step('revisit_hours'),
    };
  }

  #stepHours(at: number): number {
    return this.#steps[at]! / this.#stepCounts[at]! / MICROS_PER_HOUR;
  }

  /** The hours of each slot are put together, so that percentiles are exact. */
  #hourFigures(slots: number): Record<'mean_hours' | 'median_hours' | 'p90_hours', Float64Array> {
    const ends = new Int32Array(slots + 1);
    for (let i = 0; i < this.#hourCount; i++) ends[this.#hourSlots[i]! + 1]! += 1;
    for (let slot = 0; slot < slots; slot++) ends[slot + 1]! += ends[slot]!;
    const next = ends.slice();
    const sorted = new Float64Array(this.#hourCount);
    for (let i = 0; i < this.#hourCount; i++) sorted[next[this.#hourSlots[i]!]!++] = this.#hours[i]!;
    const figures = {
      mean_hours: new Float64Array(slots).fill(Number.NaN),
      median_hours: new Float64Array(slots).fill(Number.NaN),
      p90_hours: new Float64Array(slots).fill(Number.NaN),
    };
    for (let slot = 0; slot < slots; slot++) {
      const own = sorted.subarray(ends[slot]!, ends[slot + 1]!);
      if (own.length === 0) continue;
      let sum = 0;
      for (let i = 0; i < own.length; i++) sum += own[i]!;
      figures.mean_hours[slot] = sum / own.length / MICROS_PER_HOUR;
      figures.median_hours[slot] = percentile(own, 0.5) / MICROS_PER_HOUR;
      figures.p90_hours[slot] = percentile(own, 0.9) / MICROS_PER_HOUR;
    }
    return figures;
  }
}

/**
 * The light at the moment of a filter, which may lie before now, as a position in `LIGHTS`: what was closed after it was
 * still open then, what had not occurred has none.
 */
function lightAt({ occurred, status, closed, due, category }: Rows, i: number, { at, redAfter }: RowFilter): number {
  const isOpenThen = status[i]! < OPEN_STATUSES || (isClosed[status[i]!] === 1 && closed[i]! > at);
  if (!isOpenThen || occurred[i]! > at) return NO_LIGHT;
  return openLight(due[i]!, redAfter[category[i]!]!, at);
}
