import { expandByCells } from '../geo/h3.ts';
import { flatRings } from '../geo/rings.ts';
import type { LiveGrid } from '../grids/live-grid.ts';
import type { IncidentFilter } from '../incidents/incidents.ts';
import { type IncidentColumns, keyRange, UNKNOWN_OWNER } from '../incidents/live-columns.ts';
import { compileFilter, type OwnerFinder } from '../incidents/live-filter.ts';
import { type Passing, type RowFilter, RowSieve } from '../incidents/live-mask.ts';
import { type Place, placeOf } from '../incidents/live-ranges.ts';
import { type PinnedRows, type Rows, rowsOf } from '../incidents/live-rows.ts';
import { tilesAround } from '../incidents/live-tiles.ts';
import { Area } from '../live/area.ts';
import type { Live } from '../live/live.ts';
import { type Micros, microsOf } from '../live/micros.ts';
import type { CellQuestion } from './cells.ts';
import { Slices } from './slices.ts';

/** Rows of one moment and what is asked of them. */
export interface PinnedQuestion {
  filter: RowFilter;
  rows: PinnedRows[];
}

/**
 * The incidents in memory that a question is about, as they are now.
 *
 * @returns undefined where memory cannot tell: beyond its window, at another moment than now, or of a net whose owners
 *   are not kept
 */
export async function pinQuestion(
  live: Live,
  masks: OwnerMasks,
  question: CellQuestion,
): Promise<PinnedQuestion | undefined> {
  const { filter, polygon, box, res } = question;
  live.tick();
  if (filter.under !== null) {
    if (filter.net !== 'base') return undefined;
    await findOwners(live);
  }
  // From here on nothing waits: filter and rows are of one moment.
  if (filter.at.getTime() !== live.at.getTime()) return undefined;
  const numbers = numbersOf(live, masks, filter);
  if (!numbers) return undefined;
  if (polygon) numbers.places.push(placeOf(areaOfGeometry(polygon)));
  if (box)
    numbers.keys = tilesAround(expandByCells(box, res))
      .map(keyRange)
      .sort(([a], [b]) => a - b);
  return pinRows(live, numbers);
}

/** @returns undefined when the rows reach back beyond the window */
export function pinRows(live: Live, filter: RowFilter): PinnedQuestion | undefined {
  const { incidents } = live.layers;
  return incidents.holdsSince(filter.from) ? { filter, rows: incidents.pin(filter.from, filter.to) } : undefined;
}

type OpenFilter = RowFilter & { places: Place[] };

/** A filter in numbers; undefined when its grid is not there. The owners under a grid have to be known. */
function numbersOf({ layers }: Live, masks: OwnerMasks, filter: IncidentFilter): OpenFilter | undefined {
  const { grids } = layers;
  const at = microsOf(filter.at);
  const { net, under } = filter;
  const plain = plainFilter(layers, filter, at);
  if (under === null) return plain;
  const grid = grids.find(net, under, at);
  if (!grid) return undefined;
  plain.owners = masks.of(under, at);
  plain.places.push(placeOfGrid(grid));
  return plain;
}

/** Which owners are a grid of the base net or below it, kept until the plan changes or an owner gets its number. */
export class OwnerMasks {
  readonly #live: Live;
  readonly #masks = new Map<string, Uint8Array>();

  constructor(live: Live) {
    this.#live = live;
    live.onEdits(({ grids }) => {
      if (grids) this.#masks.clear();
    });
  }

  /** By number of an owner, 1 for those wanted. */
  of(code: string, at: Micros): Uint8Array {
    const { grids, incidents } = this.#live.layers;
    const { owners } = incidents;
    const known = this.#masks.get(code);
    if (known?.length === owners.count) return known;
    const mask = new Uint8Array(owners.count);
    for (const own of grids.subtree('base', code, at)) {
      const number = owners.find(own);
      if (number !== undefined) mask[number] = 1;
    }
    if (this.#masks.size >= MAX_MASKS) this.#masks.clear();
    this.#masks.set(code, mask);
    return mask;
  }
}

const MAX_MASKS = 200;

/** By grid: a version of a grid never changes. */
const places = new WeakMap<LiveGrid, Place>();

function placeOfGrid(grid: LiveGrid): Place {
  const known = places.get(grid) ?? placeOf(grid.area);
  places.set(grid, known);
  return known;
}

/** A filter in numbers without its grid. */
export function plainFilter({ categories }: Live['layers'], filter: IncidentFilter, at: Micros): OpenFilter {
  const codes = filter.categories?.filter((code) => categories.numberOf(code) !== undefined);
  const { under: _none, ...compiled } = compileFilter(
    { category: codes, status: filter.statuses ?? undefined, light: filter.lights ?? undefined },
    filter.period,
    at,
    categories,
    null,
  );
  return { ...compiled, owners: null, places: [], keys: null };
}

function areaOfGeometry(geometry: NonNullable<CellQuestion['polygon']>): Area {
  return new Area((geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates).map(flatRings));
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
  { filter, rows }: PinnedQuestion,
  visit: (rows: Rows, passing: Passing) => void,
): Promise<void> {
  const sieve = new RowSieve(filter);
  const slices = new Slices();
  for (const pinned of rows) {
    const own = rowsOf(pinned);
    sieve.each(own, (passing) => visit(own, passing));
    if (slices.isOver) await slices.pause();
  }
}
