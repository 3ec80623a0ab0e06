import type { Box } from '../geo/bbox.ts';
import { expandByCells } from '../geo/h3.ts';
import type { LiveGrid } from '../grids/live-grid.ts';
import type { IncidentFilter } from '../incidents/incidents.ts';
import type { CellNumbers } from '../incidents/live-cells.ts';
import { type IncidentColumns, keyRange, UNKNOWN_OWNER } from '../incidents/live-columns.ts';
import { compileFilter, type OwnerFinder } from '../incidents/live-filter.ts';
import { type Passing, type RowFilter, RowSieve } from '../incidents/live-mask.ts';
import { type Place, placeOf } from '../incidents/live-ranges.ts';
import { type PinnedRows, type Rows, rowsOf } from '../incidents/live-rows.ts';
import { tilesAround } from '../incidents/live-tiles.ts';
import type { Live } from '../live/live.ts';
import { type Micros, microsOf } from '../live/micros.ts';
import { Slices } from '../threads/slices.ts';
import type { CellQuestion } from './cells.ts';
import type { DrawnArea, DrawnAreas } from './live-drawn.ts';
import { UnderRuns } from './live-under.ts';

/** Rows of one moment and what is asked of them. */
export interface PinnedQuestion {
  filter: RowFilter;
  rows: PinnedRows[];
  /** Where the filter asks for a grid: its owners and its place are those of these runs. */
  under?: UnderRuns | undefined;
  /** Where the filter asks for an area, that. */
  drawn?: DrawnArea | undefined;
}

/** The same and what the cells of its rows are numbers of: all is read anew now and then, with other numbers. */
export interface NumberedQuestion extends PinnedQuestion {
  cells: CellNumbers;
}

/** What is kept of the areas that questions are about. */
export interface KnownAreas {
  masks: OwnerMasks;
  areas: DrawnAreas;
}

/**
 * The incidents in memory that a question is about, as they are now.
 *
 * @returns undefined where memory cannot tell: beyond its window, at another moment than now, or of a net whose owners
 *   are not kept
 */
export async function pinQuestion(
  live: Live,
  { masks, areas }: KnownAreas,
  question: CellQuestion,
): Promise<NumberedQuestion | undefined> {
  const { filter, polygon, box, res } = question;
  live.tick();
  if (filter.under !== null) {
    if (filter.net !== 'base') return undefined;
    await findOwners(live);
  }
  if (polygon) await areas.prepare();
  // Nothing waits until rows are pinned: filter and rows are of one moment.
  if (filter.at.getTime() !== live.at.getTime()) return undefined;
  const numbers = plainFilter(live.layers, filter, microsOf(filter.at));
  const under = filter.under === null ? null : masks.of(filter.under, numbers.at);
  if (under === undefined) return undefined;
  if (under) {
    numbers.owners = under.owners;
    numbers.place = under.place;
  }
  if (box) numbers.keys = keysAround(expandByCells(box, res));
  const pinned = pinRows(live, numbers);
  if (!pinned) return undefined;
  if (polygon) {
    // What is pinned stays as it is.
    pinned.drawn = await areas.of(polygon, pinned);
    numbers.area = pinned.drawn.byCells;
    numbers.keys ??= keysAround(numbers.area.area.box);
  }
  return { ...pinned, under: under?.runs };
}

/** @returns undefined when the rows reach back beyond the window */
export function pinRows(live: Live, filter: RowFilter): NumberedQuestion | undefined {
  const { incidents } = live.layers;
  if (!incidents.holdsSince(filter.from)) return undefined;
  return { filter, rows: incidents.pin(filter.from, filter.to), cells: incidents.cells };
}

/** What lies under a grid of the base net. */
interface UnderGrid {
  grid: LiveGrid;
  /** By number of an owner, 1 for the grid and those below it. */
  owners: Uint8Array;
  place: Place;
  runs: UnderRuns;
}

/**
 * Which owners are a grid of the base net or below it and where their rows are, kept until the plan changes or an owner
 * gets its number.
 */
export class OwnerMasks {
  readonly #live: Live;
  readonly #known = new Map<string, UnderGrid>();

  constructor(live: Live) {
    this.#live = live;
    live.onEdits(({ grids }) => {
      if (grids) this.#known.clear();
    });
  }

  /** @returns undefined when there is no such grid at a moment */
  of(code: string, at: Micros): UnderGrid | undefined {
    const { grids, incidents } = this.#live.layers;
    const grid = grids.find('base', code, at);
    if (!grid) return undefined;
    const known = this.#known.get(code);
    if (known?.grid === grid && known.owners.length === incidents.owners.count) return known;
    const owners = new Uint8Array(incidents.owners.count);
    for (const own of grids.subtree('base', code, at)) {
      const number = incidents.owners.find(own);
      if (number !== undefined) owners[number] = 1;
    }
    const place = placeOfGrid(grid);
    const under = { grid, owners, place, runs: new UnderRuns(owners, place) };
    if (this.#known.size >= MAX_GRIDS) this.#known.clear();
    this.#known.set(code, under);
    return under;
  }
}

/** Of which the rows are kept. */
const MAX_GRIDS = 200;

/** By grid: a version of a grid never changes. */
const places = new WeakMap<LiveGrid, Place>();

function placeOfGrid(grid: LiveGrid): Place {
  const known = places.get(grid) ?? placeOf(grid.area);
  places.set(grid, known);
  return known;
}

/** A filter in numbers without its grid. */
export function plainFilter({ categories }: Live['layers'], filter: IncidentFilter, at: Micros): RowFilter {
  const codes = filter.categories?.filter((code) => categories.numberOf(code) !== undefined);
  const { under: _none, ...compiled } = compileFilter(
    { category: codes, status: filter.statuses ?? undefined, light: filter.lights ?? undefined },
    filter.period,
    at,
    categories,
    null,
  );
  return { ...compiled, owners: null, place: null, area: null, keys: null };
}

/** Ascending. */
function keysAround(box: Box): [from: number, to: number][] {
  return tilesAround(box)
    .map(keyRange)
    .sort(([a], [b]) => a - b);
}

/** Find the owners of incidents that are not known, as after a change of the plan, letting requests in between. */
export async function findOwners(live: Live): Promise<void> {
  const slices = new Slices();
  for (;;) {
    const [columns] = live.layers.incidents.withUnknownOwners();
    if (!columns) return;
    findSome(columns, live.owners, microsOf(live.at), slices);
    if (slices.isOver) await slices.pause();
  }
}

function findSome(columns: IncidentColumns, owners: OwnerFinder, at: Micros, slices: Slices): void {
  for (let i = 0; i < columns.n; i++) {
    if (columns.owner[i] !== UNKNOWN_OWNER) continue;
    owners.ownerOf('base', columns, i, at);
    if (slices.isOver) return;
  }
  columns.hasUnknownOwners = false;
}

/** Visit the rows of a question block by block, letting requests in between. */
export async function eachRows(
  { filter, rows, under }: PinnedQuestion,
  visit: (rows: Rows, passing: Passing) => void,
): Promise<void> {
  // Made when there is a block that needs it: the places of a filter may have thousands of corners.
  let sieve: RowSieve | undefined;
  const rest = under && new RowSieve({ ...filter, owners: null, place: null });
  const slices = new Slices();
  for (const pinned of rows) {
    const own = rowsOf(pinned);
    if (under && pinned.isSorted) rest!.eachOf(own, under.of(pinned), (passing) => visit(own, passing));
    else {
      sieve ??= new RowSieve(filter);
      sieve.each(own, (passing) => visit(own, passing));
    }
    if (slices.isOver) await slices.pause();
  }
}
