import { fractionOfLat, fractionOfLon } from '../geo/tile.ts';
import type { LiveGrid } from '../grids/live-grid.ts';
import type { Micros } from '../live/micros.ts';
import type { Shape } from '../live/shape.ts';
import { TileTexts } from '../live/texts.ts';
import type { LayerWriter } from './live-layer.ts';

/** The properties of a grid in a tile, in the order that they are written. */
export const GRID_KEYS = ['code', 'name', 'level', 'kind', 'net', 'parent'] as const;
const WIDTH = GRID_KEYS.length;
const LEVEL = GRID_KEYS.indexOf('level');
/** Of a property that a grid has not. */
const NO_TEXT = -1;

/** What tiles ask of every grid, column by column: 72 bytes a slot beside the texts. */
export class GridSlots {
  readonly texts = new TileTexts();
  readonly grids: LiveGrid[] = [];
  readonly #shapes: (Shape | undefined)[] = [];
  /** Numbers of the texts of `GRID_KEYS`. */
  #numbers = new Int32Array(0);
  /** West, north, east and south in shares of the world's side. */
  #bounds = new Float64Array(0);
  #validity = new Float64Array(0);

  get count(): number {
    return this.grids.length;
  }

  /** @returns the slot */
  add(grid: LiveGrid): number {
    const slot = this.grids.push(grid) - 1;
    this.#shapes.push(undefined);
    if (WIDTH * slot >= this.#numbers.length) this.#grow(Math.max(1_024, 2 * slot));
    for (const [key, name] of GRID_KEYS.entries()) {
      const text = grid[name];
      this.#numbers[WIDTH * slot + key] = text === null ? NO_TEXT : this.texts.numberOf(text);
    }
    const [west, south, east, north] = grid.box;
    this.#bounds.set([fractionOfLon(west), fractionOfLat(north), fractionOfLon(east), fractionOfLat(south)], 4 * slot);
    this.#validity.set([grid.validFrom, grid.validTo], 2 * slot);
    return slot;
  }

  /** Kept beside the grids: those lie wide apart in memory. */
  shapeOf(slot: number): Shape {
    const known = this.#shapes[slot];
    if (known) return known;
    const { shape } = this.grids[slot]!;
    this.#shapes[slot] = shape;
    return shape;
  }

  isValid(slot: number, at: Micros): boolean {
    return this.#validity[2 * slot]! <= at && at < this.#validity[2 * slot + 1]!;
  }

  levelOf(slot: number): number {
    return this.#numbers[WIDTH * slot + LEVEL]!;
  }

  /** The properties of the coming feature of a layer of `GRID_KEYS`. */
  writeTexts(slot: number, writer: LayerWriter): void {
    writer.texts(this.texts, this.#numbers, WIDTH * slot);
  }

  /** Whether a slot lies for certain in a square of the world, given in shares of its side. */
  liesIn(slot: number, left: number, top: number, size: number): boolean {
    const bounds = this.#bounds;
    const i = 4 * slot;
    return bounds[i]! > left && bounds[i + 1]! > top && bounds[i + 2]! < left + size && bounds[i + 3]! < top + size;
  }

  #grow(capacity: number): void {
    const grown = <A extends Int32Array | Float64Array>(column: A, width: number): A => {
      const larger = new (column.constructor as new (length: number) => A)(width * capacity);
      larger.set(column);
      return larger;
    };
    this.#numbers = grown(this.#numbers, WIDTH);
    this.#bounds = grown(this.#bounds, 4);
    this.#validity = grown(this.#validity, 2);
  }
}
