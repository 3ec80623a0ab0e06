import { OUTSIDE } from '../geo/rings.ts';
import type { Area } from '../live/area.ts';
import { LIGHTS, STATUSES } from './incidents.schema.ts';
import { type AreaByCells, CELL_DIVIDED } from './live-cell-boxes.ts';
import { NO_OWNER, OPEN_STATUSES } from './live-columns.ts';
import { lightOf, type ValueFilter } from './live-filter.ts';
import { areaOf, type Place } from './live-ranges.ts';
import type { Rows } from './live-rows.ts';

/** The filter of `WHERE_INCIDENT` on rows, without an area in numbers only, so that threads can be sent it. Null is "any". */
export interface RowFilter extends ValueFilter {
  /** By number of an owner, 1 for those wanted. All owners must be known. */
  owners: Uint8Array | null;
  /** Incidents lie in it. */
  place: Place | null;
  /** Incidents lie in it, too. */
  area: AreaByCells | null;
  /** Runs of keys `[from, to)`, ascending: rows outside may be left out, or not. */
  keys: readonly (readonly [from: number, to: number])[] | null;
}

/** A filter that every row passes. */
export const ANY_ROW: RowFilter = {
  from: -Infinity,
  to: Infinity,
  categories: null,
  statuses: null,
  lights: null,
  at: 0,
  redAfter: new Float64Array(0),
  owners: null,
  place: null,
  area: null,
  keys: null,
};

const MAX_SPANS = 24;

/** Rows `[from, to)`, and which of them pass. */
export interface Passing {
  from: number;
  to: number;
  /** 1 where a row passes; null: all do. */
  mask: Uint8Array | null;
}

/**
 * Finds the rows that pass a filter, block by block. Column after column without a branch: a million rows take about a
 * millisecond for each column that is looked at.
 */
export class RowSieve {
  readonly #filter: RowFilter;
  readonly #place: Area | null;
  readonly #statuses: Uint8Array | null;
  readonly #spans: readonly (readonly [from: number, to: number])[] | null;
  #mask = new Uint8Array(0);

  constructor(filter: RowFilter) {
    const { place, keys } = filter;
    this.#filter = filter;
    this.#place = place && areaOf(place);
    this.#statuses = statusesOf(filter);
    this.#spans = keys ?? (place && spansOf(place));
  }

  /** Visit runs of rows that may pass; what `visit` is given is only valid until it returns. */
  each(rows: Rows, visit: (passing: Passing) => void): void {
    for (const [from, to] of this.#runs(rows)) visit({ from, to, mask: this.#maskOf(rows, from, to) });
  }

  /** The same of some runs of rows, first and end of each after the other: rows outside them do not pass. */
  eachOf(rows: Rows, runs: Int32Array, visit: (passing: Passing) => void): void {
    for (let run = 0; run < runs.length; run += 2) {
      const [from, to] = [runs[run]!, runs[run + 1]!];
      visit({ from, to, mask: this.#maskOf(rows, from, to) });
    }
  }

  *#runs(rows: Rows): Generator<[number, number]> {
    if (!rows.isSorted || !this.#spans) {
      if (rows.n > 0) yield [0, rows.n];
      return;
    }
    let done = 0;
    for (const [first, last] of this.#spans) {
      const from = lowerBound(rows, first, done);
      done = lowerBound(rows, last, from);
      if (done > from) yield [from, done];
    }
  }

  #maskOf(rows: Rows, from: number, to: number): Uint8Array | null {
    const { categories, lights, owners, place, area } = this.#filter;
    const statuses = this.#statuses;
    const { dead, isWithin } = rows;
    if (!dead && isWithin && !categories && !statuses && !lights && !owners && !place && !area) return null;
    if (this.#mask.length < rows.n) this.#mask = new Uint8Array(rows.n);
    const mask = this.#mask;
    if (dead) for (let i = from; i < to; i++) mask[i] = dead[i]! ^ 1;
    else mask.fill(1, from, to);
    if (!isWithin) this.#keepPeriod(rows, from, to);
    if (categories) keepCategories(mask, rows.category, categories, from, to);
    if (statuses) keepStatuses(mask, rows.status, statuses, from, to);
    if (owners) keepOwners(mask, rows.owner, owners, from, to);
    if (lights) {
      for (let i = from; i < to; i++) if (mask[i] === 1) mask[i] = lights[lightOf(this.#filter, rows, i)]!;
    }
    if (place) keepPlace(mask, rows, place, this.#place!, from, to);
    if (area) keepArea(mask, rows, area, from, to);
    return mask;
  }

  #keepPeriod({ occurred }: Rows, from: number, to: number): void {
    const mask = this.#mask;
    const { from: start, to: end } = this.#filter;
    for (let i = from; i < to; i++) {
      const moment = occurred[i]!;
      mask[i] = mask[i]! & Number(moment >= start) & Number(moment < end);
    }
  }
}

// One function for each kind of column: one for both would look up the kind for every row.

function keepCategories(mask: Uint8Array, category: Uint16Array, wanted: Uint8Array, from: number, to: number): void {
  for (let i = from; i < to; i++) mask[i] = mask[i]! & wanted[category[i]!]!;
}

function keepStatuses(mask: Uint8Array, status: Uint8Array, wanted: Uint8Array, from: number, to: number): void {
  for (let i = from; i < to; i++) mask[i] = mask[i]! & wanted[status[i]!]!;
}

function keepOwners(mask: Uint8Array, owner: Int32Array, wanted: Uint8Array, from: number, to: number): void {
  for (let i = from; i < to; i++) if (mask[i] === 1) mask[i] = owner[i]! > NO_OWNER ? wanted[owner[i]!]! : 0;
}

function keepPlace(mask: Uint8Array, rows: Rows, place: Place, area: Area, from: number, to: number): void {
  if (!rows.isSorted) {
    keepCovered(mask, rows, area, from, to);
    return;
  }
  let done = from;
  for (let run = firstRun(place, rows.key[from]!); run < place.from.length && done < to; run++) {
    const start = Math.min(lowerBound(rows, place.from[run]!, done), to);
    const end = Math.min(lowerBound(rows, place.to[run]!, start), to);
    mask.fill(0, done, start);
    if (place.inside[run] === 0) keepCovered(mask, rows, area, start, end);
    done = end;
  }
  mask.fill(0, done, to);
}

function keepArea(mask: Uint8Array, rows: Rows, byCells: AreaByCells, from: number, to: number): void {
  const { area, places, parts } = byCells;
  const { lon, lat, cell, isSorted } = rows;
  if (!isSorted) {
    keepCovered(mask, rows, area, from, to);
    return;
  }
  for (let i = from; i < to; i++) {
    const place = places[cell[i]!]!;
    if (place < CELL_DIVIDED) mask[i] = mask[i]! & place;
    else if (mask[i] === 1) mask[i] = Number(parts.place(place - CELL_DIVIDED, lon[i]!, lat[i]!) !== OUTSIDE);
  }
}

function keepCovered(mask: Uint8Array, { lon, lat }: Rows, area: Area, from: number, to: number): void {
  for (let i = from; i < to; i++) if (mask[i] === 1) mask[i] = Number(area.covers(lon[i]!, lat[i]!));
}

/** The first run that does not end by a key. */
function firstRun({ to }: Place, key: number): number {
  let from = 0;
  let end = to.length;
  while (from < end) {
    const middle = (from + end) >>> 1;
    if (to[middle]! <= key) from = middle + 1;
    else end = middle;
  }
  return from;
}

/** Only open incidents have a light: the others need not be looked at for one. */
function statusesOf({ statuses, lights }: RowFilter): Uint8Array | null {
  if (!lights || lights[LIGHTS.indexOf('none')] === 1) return statuses;
  return Uint8Array.from(STATUSES, (_, status) =>
    Number(status < OPEN_STATUSES && (!statuses || statuses[status] === 1)),
  );
}

/** The runs of a place in few spans: more would cost more than the rows between them. */
function spansOf({ from, to }: Place): [number, number][] {
  const gaps = Float64Array.from(from.subarray(1), (start, run) => start - to[run]!).sort();
  const least = Math.max(gaps[gaps.length - MAX_SPANS] ?? 0, 0);
  const spans: [number, number][] = [];
  from.forEach((start, run) => {
    const last = spans.at(-1);
    if (last && start - last[1] <= least) last[1] = to[run]!;
    else spans.push([start, to[run]!]);
  });
  return spans;
}

/** The first row from `least` on whose key is not below one, by steps that double and then halve: the next run is near. */
function lowerBound({ key, n }: Rows, wanted: number, least: number): number {
  let from = least;
  let step = 64;
  let to = from + step;
  while (to < n && key[to]! < wanted) {
    from = to;
    step *= 2;
    to = from + step;
  }
  to = Math.min(to, n);
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (key[middle]! < wanted) from = middle + 1;
    else to = middle;
  }
  return from;
}
