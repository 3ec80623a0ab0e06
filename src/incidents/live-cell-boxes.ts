import { MARGIN, OUTSIDE } from '../geo/rings.ts';
import type { Area } from '../live/area.ts';
import { AreaParts } from '../live/area-parts.ts';
import { Slices } from '../threads/slices.ts';
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
/** Of a box of 256 cells: a tenth of a millisecond where the border is. */
const PAUSING_LEVEL = 4;

type Placing = Pick<AreaByCells, 'places' | 'parts'>;

/**
 * The boxes around what sorted blocks have in each stored cell, and around runs of 4, 16 … of them: cells are numbered in
 * the order of H3, which keeps neighbours together. Boxes only grow, and with them what has to be tested row by row. 43
 * bytes a cell.
 */
export class CellBoxes {
  /** Another one each time that boxes may have grown. */
  version = 0;
  /** Blocks that are held; they are told apart by their memory. */
  readonly #held = new WeakSet<SharedArrayBuffer>();
  /**
   * West, south, east and north of one box after the other, those of cells first; an empty one has its west east of all.
   * Those above are found when they are needed, anew once a block has widened the first.
   */
  #levels: Float64Array[] = [new Float64Array(0)];
  /** The highest number of a cell that is held, and one. */
  #cells = 0;

  /** Hold the rows of a sorted block. Some milliseconds for 100,000 that are new. */
  hold(block: Block): void {
    if (this.#held.has(block.buffer)) return;
    this.#held.add(block.buffer);
    this.#widen(block);
    this.version += 1;
  }

  /** Where the cells lie that have rows in the blocks that are held, letting requests in between. */
  async place(area: Area): Promise<AreaByCells> {
    const slices = new Slices();
    for (;;) {
      const { version } = this;
      const placing = this.#placing(area);
      // Boxes that grow meanwhile are no longer in those around them: then from the start.
      while (version === this.version) {
        const { done, value } = placing.next();
        if (done) return value;
        if (slices.isOver) await slices.pause();
      }
    }
  }

  *#placing(area: Area): Generator<undefined, AreaByCells> {
    if (this.#levels.length === 1) this.#levels = levelsOver(this.#levels[0]!);
    const placing = { places: new Int32Array(this.#cells), parts: new AreaParts(area) };
    const top = this.#levels.length - 1;
    yield* this.#placeRuns(placing, top, 0, this.#levels[top]!.length / 4);
    return { area, ...placing, ...listed(placing.places) };
  }

  /** As `#placeRun`, pausing between boxes of some cells. */
  *#placeRuns(placing: Placing, level: number, from: number, to: number): Generator<undefined, void> {
    for (let i = from; i < to; i++) {
      if (this.#placeBox(placing, level, i)) continue;
      if (level > PAUSING_LEVEL) yield* this.#placeRuns(placing, level - 1, ...this.#below(level, i));
      else this.#placeRun(placing, level - 1, ...this.#below(level, i));
      yield;
    }
  }

  #placeRun(placing: Placing, level: number, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      if (!this.#placeBox(placing, level, i)) this.#placeRun(placing, level - 1, ...this.#below(level, i));
    }
  }

  /** @returns whether all cells of a box have their place; if not, those below have to be looked at */
  #placeBox({ places, parts }: Placing, level: number, i: number): boolean {
    const boxes = this.#levels[level]!;
    const [west, south, east, north] = [boxes[4 * i]!, boxes[4 * i + 1]!, boxes[4 * i + 2]!, boxes[4 * i + 3]!];
    if (west > east) return true;
    const depth = this.#levels.length - level;
    if (!parts.enter(depth, [west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN])) {
      const isIn = parts.placeAt(depth) !== OUTSIDE;
      if (isIn) places.fill(CELL_INSIDE, i * SPREAD ** level, (i + 1) * SPREAD ** level);
      return true;
    }
    if (level === 0) places[i] = CELL_DIVIDED + parts.keep(depth);
    return level === 0;
  }

  /** The boxes of the level below that a box is around. */
  #below(level: number, i: number): [from: number, to: number] {
    return [i * SPREAD, Math.min((i + 1) * SPREAD, this.#levels[level - 1]!.length / 4)];
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
