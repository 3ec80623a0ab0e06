import { LIGHTS } from '../incidents/incidents.schema.ts';
import { IS_CLOSED, OPEN_STATUSES } from '../incidents/live-columns.ts';
import { openLight } from '../incidents/live-filter.ts';
import type { RowFilter } from '../incidents/live-mask.ts';
import type { Rows } from '../incidents/live-rows.ts';
import { MICROS_PER_HOUR } from '../live/micros.ts';
import { sharedFloats } from '../threads/floats.ts';
import type { CountColumns } from './columns.ts';
import { percentiles } from './percentile.ts';

/** Rows of a block that count, and the slot that each of them counts in; the first `n` of each. */
export interface SlottedRows {
  row: Int32Array;
  slot: Int32Array;
  n: number;
}

/** Sums by slot, and the hours of every closed incident. */
export class Sums {
  #incidents: Float64Array = new Float64Array(0);
  #closed: Float64Array = new Float64Array(0);
  #void: Float64Array = new Float64Array(0);
  /** By position in `LIGHTS`, without none. */
  #lights: Float64Array[] = LIGHTS.slice(0, -1).map(() => new Float64Array(0));
  readonly #steps = new StepSums();
  readonly #hourSlots: Int32Array;
  readonly #hours: Float64Array;
  #hourCount = 0;

  /** @param rows at most */
  constructor(rows: number) {
    this.#hourSlots = new Int32Array(rows);
    this.#hours = new Float64Array(rows);
  }

  /** @param slots one more than the largest */
  add(rows: Rows, filter: RowFilter, own: SlottedRows, slots: number): void {
    this.#grow(slots);
    this.#addStatuses(rows, filter, own);
    this.#steps.add(rows, own);
  }

  #grow(slots: number): void {
    this.#incidents = grown(this.#incidents, slots);
    this.#closed = grown(this.#closed, slots);
    this.#void = grown(this.#void, slots);
    this.#lights = this.#lights.map((counts) => grown(counts, slots));
    this.#steps.grow(slots);
  }

  #addStatuses(rows: Rows, filter: RowFilter, { row, slot, n }: SlottedRows): void {
    const { status, occurred, closed } = rows;
    const incidents = this.#incidents;
    const [closedCounts, voidCounts] = [this.#closed, this.#void];
    const [hourSlots, hours] = [this.#hourSlots, this.#hours];
    const { at } = filter;
    let count = this.#hourCount;
    for (let k = 0; k < n; k++) {
      const i = row[k]!;
      const own = slot[k]!;
      incidents[own]! += 1;
      if (IS_CLOSED[status[i]!] === 1) {
        closedCounts[own]! += 1;
        const micros = closed[i]! - occurred[i]!;
        if (!Number.isNaN(micros)) {
          hourSlots[count] = own;
          hours[count++] = micros;
        }
        // What was closed after the moment of a filter was still open then.
        if (closed[i]! > at) this.#addLight(rows, i, filter, own);
      } else if (status[i]! < OPEN_STATUSES) this.#addLight(rows, i, filter, own);
      else voidCounts[own]! += 1;
    }
    this.#hourCount = count;
  }

  /** What had not occurred at the moment of the filter had no light. */
  #addLight({ occurred, due, category }: Rows, i: number, { at, redAfter }: RowFilter, slot: number): void {
    if (occurred[i]! <= at) this.#lights[openLight(due[i]!, redAfter[category[i]!]!, at)]![slot]! += 1;
  }

  figures(slots: number): CountColumns['figures'] {
    this.#grow(slots);
    const column = (values: Float64Array) => {
      const own = sharedFloats(slots);
      own.set(values.subarray(0, slots));
      return own;
    };
    const [green, yellow, red] = this.#lights;
    return {
      incidents: column(this.#incidents),
      closed: column(this.#closed),
      void: column(this.#void),
      ...this.#hourFigures(slots),
      green: column(green!),
      yellow: column(yellow!),
      red: column(red!),
      report_hours: this.#steps.hours(0, slots),
      triage_hours: this.#steps.hours(1, slots),
      handle_hours: this.#steps.hours(2, slots),
      close_hours: this.#steps.hours(3, slots),
      revisit_hours: this.#steps.hours(4, slots),
    };
  }

  /** The hours of each slot are put together, so that percentiles are exact. */
  #hourFigures(slots: number): Record<'mean_hours' | 'median_hours' | 'p90_hours', Float64Array> {
    const { ends, hours } = this.#hoursBySlot(slots);
    const figures = {
      mean_hours: sharedFloats(slots).fill(Number.NaN),
      median_hours: sharedFloats(slots).fill(Number.NaN),
      p90_hours: sharedFloats(slots).fill(Number.NaN),
    };
    for (let slot = 0; slot < slots; slot++) {
      const own = hours.subarray(ends[slot]!, ends[slot + 1]!);
      if (own.length === 0) continue;
      let sum = 0;
      for (let i = 0; i < own.length; i++) sum += own[i]!;
      const [median, p90] = percentiles(own, [0.5, 0.9]);
      figures.mean_hours[slot] = sum / own.length / MICROS_PER_HOUR;
      figures.median_hours[slot] = median! / MICROS_PER_HOUR;
      figures.p90_hours[slot] = p90! / MICROS_PER_HOUR;
    }
    return figures;
  }

  #hoursBySlot(slots: number): { ends: Int32Array; hours: Float64Array } {
    const count = this.#hourCount;
    const hourSlots = this.#hourSlots;
    const ends = new Int32Array(slots + 1);
    for (let i = 0; i < count; i++) ends[hourSlots[i]! + 1]! += 1;
    for (let slot = 0; slot < slots; slot++) ends[slot + 1]! += ends[slot]!;
    const next = ends.slice();
    const hours = new Float64Array(count);
    for (let i = 0; i < count; i++) hours[next[hourSlots[i]!]!++] = this.#hours[i]!;
    return { ends, hours };
  }
}

const STEPS = 5;

/** The mean hours of the steps of the loop whose both ends are known, by slot. */
class StepSums {
  /** Of each slot the sums of the steps and, behind them, how many there were. */
  #sums: Float64Array = new Float64Array(0);

  grow(slots: number): void {
    this.#sums = grown(this.#sums, 2 * STEPS * slots);
  }

  add({ occurred, reported, triaged, handled, closed, revisited }: Rows, { row, slot, n }: SlottedRows): void {
    const sums = this.#sums;
    for (let k = 0; k < n; k++) {
      const i = row[k]!;
      const at = 2 * STEPS * slot[k]!;
      const told = reported[i]!;
      const [triage, handling, closing] = [triaged[i]!, handled[i]!, closed[i]!];
      addStep(sums, at, told - occurred[i]!);
      addStep(sums, at + 1, triage - (Number.isNaN(told) ? occurred[i]! : told));
      addStep(sums, at + 2, handling - triage);
      addStep(sums, at + 3, closing - handling);
      addStep(sums, at + 4, revisited[i]! - closing);
    }
  }

  /** Not a number where there is none. */
  hours(step: number, slots: number): Float64Array {
    const hours = sharedFloats(slots);
    for (let slot = 0; slot < slots; slot++) {
      const at = 2 * STEPS * slot + step;
      hours[slot] = this.#sums[at]! / this.#sums[at + STEPS]! / MICROS_PER_HOUR;
    }
    return hours;
  }
}

function addStep(sums: Float64Array, at: number, micros: number): void {
  if (Number.isNaN(micros)) return;
  sums[at]! += micros;
  sums[at + STEPS]! += 1;
}

/** The same with room for slots, doubled each time. */
function grown(values: Float64Array, slots: number): Float64Array {
  if (values.length >= slots) return values;
  const larger = new Float64Array(Math.max(slots, 2 * values.length, 1_024));
  larger.set(values);
  return larger;
}
