import type { Box } from '../geo/bbox.ts';
import { boxAroundBox } from '../geo/metres.ts';
import { INSIDE, MARGIN, OUTSIDE } from '../geo/rings.ts';
import type { Micros } from '../live/micros.ts';
import { compareText } from '../live/order.ts';
import type { SpatialIndex } from '../live/spatial.ts';
import { EDGE_METRES } from './grids.ts';
import { isValid, type LiveGrid } from './live-grid.ts';

/** Who may own the points of a cell, at the moments `[from, to)`. */
interface Cell {
  readonly from: Micros;
  readonly to: Micros;
  /** In the order of ownership. */
  readonly grids: readonly LiveGrid[];
  /** Whether all of the cell lies inside the last of them. */
  readonly isLastInside: boolean;
  /** Of any time, at the same positions: grids of the same level that may come within `EDGE_METRES` of the cell. */
  readonly near: readonly (readonly LiveGrid[])[];
}

/** Who owns a point. */
export interface PointOwner {
  grid: LiveGrid;
  /** Of any time: grids of its level that may come within `EDGE_METRES`, itself among them; undefined: not known. */
  near: readonly LiveGrid[] | undefined;
}

/** A cell, or how often it has been asked for without one. */
type Place = Cell | number;

/** A cell is made for the next time: to make one takes as long as to find some dozen owners without. */
const TIMES_WITHOUT = 3;
/** Cells across the box of a grid: with fewer more borders are tested, with more a place is seldom met again. */
const CELLS_ACROSS = 2;
/** Cells lie in blocks, so that to find one is to look up its block and its place in it. */
const [BLOCK_BITS, BLOCK_SIDE] = [6, 64];
const BLOCK_MASK = BLOCK_SIDE - 1;
/** Blocks across the world: the number of one has to be a small integer. */
const BLOCKS_ACROSS = 2 ** 15;
const MAX_PER_DEGREE = (BLOCK_SIDE * BLOCKS_ACROSS) / 360 - 1;
/** Some hundred, and about three times those that a city of as many grids lies in. */
const [FEW_BLOCKS, GRIDS_PER_BLOCK] = [512, 32];

/**
 * The owners of the points of one net by cell. A cell is made when points of it have been asked for a few times, and again
 * for moments of another plan; then only the grids whose borders may run through it are left to be tested. 32 KB a block
 * of 4,096 cells, of which there are at most 512 and one for 32 grids, and about 300 bytes a cell with a border in it or
 * near it.
 */
export class OwnerCells {
  readonly #levels: readonly SpatialIndex<LiveGrid>[];
  readonly #blocks = new Map<number, Place[]>();
  /** Cells that lie inside a grid are one and the same. */
  readonly #whole = new Map<LiveGrid, Cell>();
  #perDegree = 0;
  /** How many grids there were when the size of cells was chosen, and how many have changed since. */
  #count = 0;
  #edits = 0;

  /** @param levels the deepest first; whoever changes them says so by `forget` */
  constructor(levels: readonly SpatialIndex<LiveGrid>[]) {
    this.#levels = levels;
    this.#begin();
  }

  /** The deepest level that covers a point, there dedicated before base, then the lowest code. */
  ownerOf(lon: number, lat: number, at: Micros): LiveGrid | undefined {
    if (!isPlace(lon, lat)) return undefined;
    const cell = this.#cellAt(lon, lat, at);
    return cell ? cell.grids[ownerIn(cell, lon, lat)] : findOwner(this.#levels, lon, lat, at);
  }

  /** The same with what is near. */
  pointOwnerOf(lon: number, lat: number, at: Micros): PointOwner | undefined {
    if (!isPlace(lon, lat)) return undefined;
    const cell = this.#cellAt(lon, lat, at);
    const owner = cell ? ownerIn(cell, lon, lat) : 0;
    const grid = cell ? cell.grids[owner] : findOwner(this.#levels, lon, lat, at);
    return grid && { grid, near: cell?.near[owner] };
  }

  /** Let go of the cells that meet the box of a grid that has come or gone, or are near. */
  forget(box: Box): void {
    const [west, south, east, north] = boxAroundBox(box, EDGE_METRES);
    this.#edits += 1;
    if (this.#edits > this.#count) this.#begin();
    const block = (degrees: number) => Math.floor(degrees * this.#perDegree) >> BLOCK_BITS;
    const [left, right, bottom, top] = [west - MARGIN, east + MARGIN, south - MARGIN, north + MARGIN].map(block);
    for (const key of this.#blocks.keys()) {
      const y = Math.round(key / BLOCKS_ACROSS);
      const x = key - y * BLOCKS_ACROSS;
      if (x >= left! && x <= right! && y >= bottom! && y <= top!) this.#blocks.delete(key);
    }
    this.#whole.clear();
  }

  #begin(): void {
    this.#blocks.clear();
    this.#whole.clear();
    this.#perDegree = cellsPerDegree(this.#levels);
    this.#count = this.#levels.reduce((sum, index) => sum + index.size, 0);
    this.#edits = 0;
  }

  /** Undefined for a place that is not asked for often enough to be worth a cell. */
  #cellAt(lon: number, lat: number, at: Micros): Cell | undefined {
    const x = Math.floor(lon * this.#perDegree);
    const y = Math.floor(lat * this.#perDegree);
    const block = this.#blockAt((y >> BLOCK_BITS) * BLOCKS_ACROSS + (x >> BLOCK_BITS));
    const place = ((y & BLOCK_MASK) << BLOCK_BITS) | (x & BLOCK_MASK);
    const known = block[place]!;
    if (typeof known !== 'number') {
      if (known.from <= at && at < known.to) return known;
    } else if (known < TIMES_WITHOUT) {
      block[place] = known + 1;
      return undefined;
    }
    const [west, south] = [x / this.#perDegree, y / this.#perDegree];
    const reach = 1 / this.#perDegree + MARGIN;
    const cell = this.#shared(makeCell(this.#levels, [west - MARGIN, south - MARGIN, west + reach, south + reach], at));
    block[place] = cell;
    return cell;
  }

  #blockAt(key: number): Place[] {
    const known = this.#blocks.get(key);
    if (known) return known;
    if (this.#blocks.size >= FEW_BLOCKS + this.#count / GRIDS_PER_BLOCK) this.#blocks.clear();
    const block = new Array<Place>(BLOCK_SIDE * BLOCK_SIDE).fill(0);
    this.#blocks.set(key, block);
    return block;
  }

  /** A cell that says the same, if there is one. */
  #shared(cell: Cell): Cell {
    const { grids, from, to } = cell;
    if (grids.length === 0) return from === -Infinity && to === Infinity ? NOBODY : cell;
    if (grids.length > 1 || !cell.isLastInside || cell.near[0]!.length > 1) return cell;
    const known = this.#whole.get(grids[0]!);
    if (known && known.from === from && known.to === to) return known;
    this.#whole.set(grids[0]!, cell);
    return cell;
  }
}

const NOBODY: Cell = { from: -Infinity, to: Infinity, grids: [], isLastInside: false, near: [] };

function isPlace(lon: number, lat: number): boolean {
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 90;
}

/** The position of the owner among the grids of a cell; beyond them: nobody. */
function ownerIn({ grids, isLastInside }: Cell, lon: number, lat: number): number {
  const tested = isLastInside ? grids.length - 1 : grids.length;
  for (let i = 0; i < tested; i++) if (grids[i]!.area.covers(lon, lat)) return i;
  return tested;
}

/** By the median of the boxes: many are far larger, and some may be tiny. */
function cellsPerDegree(levels: readonly SpatialIndex<LiveGrid>[]): number {
  const across = levels.flatMap((index) => Array.from(index, ({ box }) => (box[2] - box[0] + box[3] - box[1]) / 2));
  const median = Float64Array.from(across).sort()[across.length >>> 1] ?? 1;
  return Math.min(CELLS_ACROSS / median, MAX_PER_DEGREE);
}

/** The owner of a point, by testing the grids whose boxes it lies in until one covers it. */
function findOwner(
  levels: readonly SpatialIndex<LiveGrid>[],
  lon: number,
  lat: number,
  at: Micros,
): LiveGrid | undefined {
  for (const index of levels) {
    let owner: LiveGrid | undefined;
    for (const grid of index.search(lon, lat, lon, lat)) {
      if (!isValid(grid, at) || (owner && compareOwners(owner, grid) < 0)) continue;
      if (grid.area.covers(lon, lat)) owner = grid;
    }
    if (owner) return owner;
  }
  return undefined;
}

/** Lists are copied, as one that has grown has room for 17 items: cells are many. */
function makeCell(levels: readonly SpatialIndex<LiveGrid>[], box: Box, at: Micros): Cell {
  const grids: LiveGrid[] = [];
  const near: (readonly LiveGrid[])[] = [];
  const around = boxAroundBox(box, EDGE_METRES);
  let [from, to] = [-Infinity, Infinity];
  for (const index of levels) {
    const found = index.search(around[0], around[1], around[2], around[3]);
    const valid: LiveGrid[] = [];
    for (const grid of found) {
      const { validFrom, validTo } = grid;
      if (!doMeet(grid.box, box)) continue;
      if (validFrom > at) to = Math.min(to, validFrom);
      else if (validTo <= at) from = Math.max(from, validTo);
      else {
        from = Math.max(from, validFrom);
        to = Math.min(to, validTo);
        valid.push(grid);
      }
    }
    const nearby = valid.length > 0 ? found.filter(({ area }) => area.placeOfBox(around) !== OUTSIDE).slice() : [];
    for (const grid of valid.sort(compareOwners)) {
      const place = grid.area.placeOfBox(box);
      if (place === OUTSIDE) continue;
      grids.push(grid);
      near.push(nearby);
      if (place === INSIDE) return { from, to, grids: grids.slice(), isLastInside: true, near: near.slice() };
    }
  }
  return { from, to, grids: grids.slice(), isLastInside: false, near: near.slice() };
}

function doMeet(a: Box, b: Box): boolean {
  return a[0] <= b[2] && a[2] >= b[0] && a[1] <= b[3] && a[3] >= b[1];
}

function compareOwners(a: LiveGrid, b: LiveGrid): number {
  return Number(b.kind === 'dedicated') - Number(a.kind === 'dedicated') || compareText(a.code, b.code);
}
