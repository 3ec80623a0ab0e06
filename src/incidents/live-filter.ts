import type { GridLayer } from '../grids/live.ts';
import type { LiveGrid } from '../grids/live-grid.ts';
import { type Micros, microsOf } from '../live/micros.ts';
import { LIGHTS, type Period, STATUSES } from './incidents.schema.ts';
import type { CategoryLayer } from './live-categories.ts';
import { type Columns, type IncidentColumns, NO_OWNER, OPEN_STATUSES, UNKNOWN_OWNER } from './live-columns.ts';

/** What a filter asks of a row's own values. Null is "any". */
export interface ValueFilter {
  from: Micros;
  to: Micros;
  categories: Uint8Array | null;
  statuses: Uint8Array | null;
  /** By position in `LIGHTS`. */
  lights: Uint8Array | null;
  /** The moment of lights. */
  at: Micros;
  redAfter: Float64Array;
}

/** The filter of `WHERE_INCIDENT` on columns. Null is "any". */
export interface LiveFilter extends ValueFilter {
  under: Under | null;
}

/** Incidents in a grid's polygon whose owner is that grid or one below it. */
export interface Under {
  grid: LiveGrid;
  codes: ReadonlySet<string>;
  owners: OwnerFinder;
}

/** Finds and remembers the owners of incidents. */
export interface OwnerFinder {
  /** Code of the owner in a net, undefined outside all grids. */
  ownerOf(net: string, columns: IncidentColumns, row: number, at: Micros): string | undefined;
}

export interface FilterQuery {
  category?: string[] | undefined;
  status?: string[] | undefined;
  light?: string[] | undefined;
}

/**
 * Resolve a question's names to numbers.
 *
 * @throws HttpError 400 for a category that does not exist
 */
export function compileFilter(
  query: FilterQuery,
  { from, to }: Period,
  at: Micros,
  categories: CategoryLayer,
  under: Under | null,
): LiveFilter {
  return {
    from: from ? microsOf(from) : -Infinity,
    to: to ? microsOf(to) : Infinity,
    categories: query.category ? categories.expand(query.category) : null,
    statuses: query.status ? maskOf(STATUSES, query.status) : null,
    lights: query.light ? maskOf(LIGHTS, query.light) : null,
    at,
    under,
    redAfter: categories.redAfter,
  };
}

function maskOf(words: readonly string[], chosen: readonly string[]): Uint8Array {
  return Uint8Array.from(words, (word) => Number(chosen.includes(word)));
}

/** Whether a row passes; its period is only looked at where it is not known to be inside. */
export function passes(filter: LiveFilter, columns: IncidentColumns, i: number, isWithinPeriod: boolean): boolean {
  if (columns.dead[i] === 1) return false;
  if (!isWithinPeriod && !(columns.occurred[i]! >= filter.from && columns.occurred[i]! < filter.to)) return false;
  if (filter.categories !== null && filter.categories[columns.category[i]!] !== 1) return false;
  if (filter.statuses !== null && filter.statuses[columns.status[i]!] !== 1) return false;
  if (filter.lights !== null && filter.lights[lightOf(filter, columns, i)] !== 1) return false;
  return filter.under === null || isUnder(filter.under, columns, i, filter.at);
}

/** The light of a row as a position in `LIGHTS`, by the moment of the filter. */
export function lightOf(
  { redAfter, at }: Pick<ValueFilter, 'redAfter' | 'at'>,
  columns: Pick<Columns, 'status' | 'due' | 'category'>,
  i: number,
): number {
  if (columns.status[i]! >= OPEN_STATUSES) return NONE;
  return openLight(columns.due[i]!, redAfter[columns.category[i]!]!, at);
}

const [GREEN, YELLOW, RED, NONE] = [0, 1, 2, 3];

/** The light of an open incident; without a due time it stays green. */
export function openLight(due: Micros, redAfter: Micros, at: Micros): number {
  if (Number.isNaN(due) || at <= due) return GREEN;
  return at <= due + redAfter ? YELLOW : RED;
}

function isUnder({ grid, codes, owners }: Under, columns: IncidentColumns, i: number, at: Micros): boolean {
  const [west, south, east, north] = grid.box;
  const lon = columns.lon[i]!;
  const lat = columns.lat[i]!;
  if (lon < west || lon > east || lat < south || lat > north) return false;
  const owner = owners.ownerOf(grid.net, columns, i, at);
  return owner !== undefined && codes.has(owner) && grid.area.covers(lon, lat);
}

/** Owners by the grids in memory; those of net `base` are kept in the columns until a grid near them changes. */
export function rememberingOwners(grids: GridLayer, numbers: OwnerNumbers): OwnerFinder {
  return {
    ownerOf(net, columns, i, at) {
      if (net !== 'base') return grids.ownerOf(net, columns.lon[i]!, columns.lat[i]!, at)?.code;
      if (columns.owner[i] === UNKNOWN_OWNER) {
        columns.owner[i] = numbers.numberOf(grids.ownerOf(net, columns.lon[i]!, columns.lat[i]!, at)?.code ?? null);
      }
      return numbers.codeOf(columns.owner[i]!);
    },
  };
}

/** Numbers for the codes of owners. */
export class OwnerNumbers {
  readonly #numbers = new Map<string, number>();
  readonly #codes: string[] = [];

  numberOf(code: string | null): number {
    if (code === null) return NO_OWNER;
    const known = this.#numbers.get(code);
    if (known !== undefined) return known;
    this.#numbers.set(code, this.#codes.length);
    return this.#codes.push(code) - 1;
  }

  /** The number of a code that has one. */
  find(code: string): number | undefined {
    return this.#numbers.get(code);
  }

  /** One more than the largest number. */
  get count(): number {
    return this.#codes.length;
  }

  codeOf(number: number): string | undefined {
    return number === NO_OWNER ? undefined : this.#codes[number];
  }
}
