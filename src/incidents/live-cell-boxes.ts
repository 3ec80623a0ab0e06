import { OUTSIDE } from '../geo/rings.ts';
import type { Area } from '../live/area.ts';
import { AreaParts } from '../live/area-parts.ts';
import type { CellNumbers } from './live-cells.ts';
import type { IncidentColumns } from './live-columns.ts';

/** An area by the cells of rows: the rows that a cell has in the blocks that are held lie where it does. */
export interface AreaByCells {
  area: Area;
  /** By number of a cell: `CELL_OUTSIDE`, `CELL_INSIDE`, or `CELL_DIVIDED` and the number of its test in `parts`. */
  places: Int32Array;
  parts: AreaParts;
  /** Numbers of cells, ascending. */
  inside: Int32Array;
  divided: Int32Array;
}

export const CELL_OUTSIDE = 0;
export const CELL_INSIDE = 1;
export const CELL_DIVIDED = 2;

type Block = Pick<IncidentColumns, 'buffer' | 'n' | 'cell' | 'lon' | 'lat'>;

/** Boxes below a box of the next level. */
const SPREAD = 4;
/** Degrees around a box, see `Area.placeOfBox`. */
const MARGIN = 1e-9;

/**
 * The boxes around what sorted blocks have in each stored cell, and around runs of 8, 64 … of them: cells are numbered in
 * the order of H3, which keeps neighbours together. Boxes only grow, and with them what has to be tested row by row. 37
 * bytes a cell.
 */
export class CellBoxes {
  /** Another one each time that boxes may have grown. */
  version = 0;
  /** Blocks that are held; they are told apart by their memory. */
  readonly #held = new WeakSet<SharedArrayBuffer>();
  /** West, south, east and north of one box after the other, those of cells first; an empty one has its west east of all. */
  #levels: Float64Array[] = [new Float64Array(0)];
  #isRaised = true;
  /** The highest number of a cell that is held, and one. */
  #cells = 0;

  /** Hold the rows of a sorted block. Some milliseconds for 100,000 that are new. */
  hold(block: Block): void {
    if (this.#held.has(block.buffer)) return;
    this.#held.add(block.buffer);
    this.#widen(block);
    this.#isRaised = false;
    this.version += 1;
  }

  /** Where the cells lie that have rows in the blocks that are held. */
  place(area: Area): AreaByCells {
    if (!this.#isRaised) this.#levels = levelsOver(this.#levels[0]!);
    this.#isRaised = true;
    const places = new Int32Array(this.#cells);
    const parts = new AreaParts(area);
    const top = this.#levels.length - 1;
    this.#placeRun({ places, parts }, top, 0, this.#levels[top]!.length / 4);
    return { area, places, parts, ...listed(places) };
  }

  #placeRun(found: Pick<AreaByCells, 'places' | 'parts'>, level: number, from: number, to: number): void {
    const { places, parts } = found;
    const boxes = this.#levels[level]!;
    const depth = this.#levels.length - level;
    for (let i = from; i < to; i++) {
      const [west, south, east, north] = [boxes[4 * i]!, boxes[4 * i + 1]!, boxes[4 * i + 2]!, boxes[4 * i + 3]!];
      if (west > east) continue;
      if (!parts.enter(depth, [west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN])) {
        const isIn = parts.placeAt(depth) !== OUTSIDE;
        if (isIn) places.fill(CELL_INSIDE, i * SPREAD ** level, (i + 1) * SPREAD ** level);
      } else if (level === 0) places[i] = CELL_DIVIDED + parts.keep(depth);
      else {
        const end = Math.min((i + 1) * SPREAD, this.#levels[level - 1]!.length / 4);
        this.#placeRun(found, level - 1, i * SPREAD, end);
      }
    }
  }

  #widen({ n, cell, lon, lat }: Block): void {
    let boxes = this.#levels[0]!;
    for (let i = 0; i < n; i++) {
      const at = 4 * cell[i]!;
      if (cell[i]! >= this.#cells) this.#cells = cell[i]! + 1;
      if (at >= boxes.length) boxes = grown(boxes, at);
      const [x, y] = [lon[i]!, lat[i]!];
      if (x < boxes[at]!) boxes[at] = x;
      if (y < boxes[at + 1]!) boxes[at + 1] = y;
      if (x > boxes[at + 2]!) boxes[at + 2] = x;
      if (y > boxes[at + 3]!) boxes[at + 3] = y;
    }
    this.#levels = [boxes];
  }
}

function listed(places: Int32Array): Pick<AreaByCells, 'inside' | 'divided'> {
  const numbers = new Int32Array(places.length);
  // Those inside from the front, those divided from the back.
  let inside = 0;
  let divided = places.length;
  for (let cell = 0; cell < places.length; cell++) {
    const place = places[cell]!;
    if (place === CELL_INSIDE) numbers[inside++] = cell;
    else if (place >= CELL_DIVIDED) numbers[--divided] = cell;
  }
  return { inside: numbers.slice(0, inside), divided: numbers.slice(divided).reverse() };
}

/** The boxes of the cells that have these numbers. */
export function boxesOf(cells: CellNumbers): CellBoxes {
  const known = boxes.get(cells) ?? new CellBoxes();
  boxes.set(cells, known);
  return known;
}

const boxes = new WeakMap<CellNumbers, CellBoxes>();

/** Room for twice as many boxes as up to a place, the new ones empty. */
function grown(boxes: Float64Array, at: number): Float64Array {
  const more = emptyBoxes(2 * (at / 4 + 1));
  more.set(boxes);
  return more;
}

function emptyBoxes(count: number): Float64Array {
  const boxes = new Float64Array(4 * count);
  for (let at = 0; at < boxes.length; at += 4) boxes.set(EMPTY, at);
  return boxes;
}

const EMPTY = [Infinity, Infinity, -Infinity, -Infinity];

function levelsOver(boxes: Float64Array): Float64Array[] {
  const levels = [boxes];
  for (let below = boxes; below.length > 4 * SPREAD; below = levels.at(-1)!) {
    const own = emptyBoxes(Math.ceil(below.length / 4 / SPREAD));
    for (let i = 0; i < below.length / 4; i++) {
      const at = 4 * Math.floor(i / SPREAD);
      own[at] = Math.min(own[at]!, below[4 * i]!);
      own[at + 1] = Math.min(own[at + 1]!, below[4 * i + 1]!);
      own[at + 2] = Math.max(own[at + 2]!, below[4 * i + 2]!);
      own[at + 3] = Math.max(own[at + 3]!, below[4 * i + 3]!);
    }
    levels.push(own);
  }
  return levels;
}
