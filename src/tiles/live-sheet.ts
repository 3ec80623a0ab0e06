import type { DrawnShape } from '../live/shape.ts';

/** In the place of a shape that has not been drawn, and of one of which the zoom shows nothing. */
export const [UNKNOWN, NOTHING] = [-1, -2];

/**
 * Shapes of one zoom by slot, as tiles draw them that hold them whole, one after another in memory: to draw one again is
 * to copy its bytes. 24 bytes a slot beside those.
 */
export class Sheet {
  #capacity: number;
  /** Where a shape begins in world units, two to a slot. */
  #origins: Float64Array;
  /** Where its commands begin and how many bytes they are, two to a slot. */
  #places: Int32Array;
  #bytes = new Uint8Array(1 << 14);
  #length = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#origins = new Float64Array(2 * capacity);
    this.#places = new Int32Array(2 * capacity).fill(UNKNOWN);
  }

  /** The commands of all shapes. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  x(slot: number): number {
    return this.#origins[2 * slot]!;
  }

  y(slot: number): number {
    return this.#origins[2 * slot + 1]!;
  }

  /** Where its commands begin; `UNKNOWN` or `NOTHING`. */
  startOf(slot: number): number {
    return slot < this.#capacity ? this.#places[2 * slot]! : UNKNOWN;
  }

  lengthOf(slot: number): number {
    return this.#places[2 * slot + 1]!;
  }

  /** @returns what `startOf` gives from now on */
  put(slot: number, drawn: DrawnShape | null): number {
    if (slot >= this.#capacity) this.#growSlots(Math.max(slot + 1, 2 * this.#capacity));
    const start = drawn ? this.#length : NOTHING;
    this.#places[2 * slot] = start;
    if (!drawn) return start;
    const { x, y, commands } = drawn;
    this.#origins[2 * slot] = x;
    this.#origins[2 * slot + 1] = y;
    this.#places[2 * slot + 1] = commands.length;
    if (start + commands.length > this.#bytes.length) this.#growBytes(start + commands.length);
    this.#bytes.set(commands, start);
    this.#length += commands.length;
    return start;
  }

  #growSlots(capacity: number): void {
    const [origins, places] = [this.#origins, this.#places];
    this.#capacity = capacity;
    this.#origins = new Float64Array(2 * capacity);
    this.#places = new Int32Array(2 * capacity).fill(UNKNOWN);
    this.#origins.set(origins);
    this.#places.set(places);
  }

  #growBytes(needed: number): void {
    const bytes = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bytes;
  }
}
