import { ByteWriter } from '../geo/bytes.ts';
import type { DrawnShape } from './shape.ts';
import { type Chunks, chunksFor, HEAD, POSITION, type SnappedRing, SPAN } from './snapped.ts';

/** In the place of what has not been put, and of what the zoom has not. */
export const [UNKNOWN, NOTHING] = [-1, -2];

/** Of a slot: where its commands begin, how many bytes they are, where its ring begins, its positions and winding. */
const [COMMANDS, BYTES, RING, COUNT, PLACES] = [0, 1, 2, 3, 4];

/**
 * Shapes of one zoom by slot: as tiles draw them that hold them whole, one after another in memory, so that to draw one
 * again is to copy its bytes, and as snapped rings for tiles that hold a part. 32 bytes a slot beside those.
 */
export class Sheet {
  #capacity: number;
  /** Where a shape begins in world units, two to a slot. */
  #origins: Float64Array;
  #places: Int32Array;
  /** The commands of all shapes. */
  readonly commands = new ByteWriter(1 << 14);
  #chunks = chunksFor(0);
  #chunkCount = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#origins = new Float64Array(2 * capacity);
    this.#places = new Int32Array(PLACES * capacity).fill(UNKNOWN);
  }

  /** The chunks of all rings. */
  get chunks(): Chunks {
    return this.#chunks;
  }

  /** Bytes that it takes. */
  get size(): number {
    return this.commands.length + CHUNK_BYTES * this.#chunkCount + SLOT_BYTES * this.#capacity;
  }

  x(slot: number): number {
    return this.#origins[2 * slot]!;
  }

  y(slot: number): number {
    return this.#origins[2 * slot + 1]!;
  }

  /** Where its commands begin; `UNKNOWN` or `NOTHING`. */
  startOf(slot: number): number {
    return slot < this.#capacity ? this.#places[PLACES * slot + COMMANDS]! : UNKNOWN;
  }

  lengthOf(slot: number): number {
    return this.#places[PLACES * slot + BYTES]!;
  }

  /** The first chunk of its ring; `UNKNOWN`, or `NOTHING` of what has to be cut otherwise. */
  ringOf(slot: number): number {
    return slot < this.#capacity ? this.#places[PLACES * slot + RING]! : UNKNOWN;
  }

  /** How many positions its ring has. */
  countOf(slot: number): number {
    return this.#places[PLACES * slot + COUNT]! >> 1;
  }

  isReversed(slot: number): boolean {
    return (this.#places[PLACES * slot + COUNT]! & 1) === 1;
  }

  /** @returns what `startOf` gives from now on */
  put(slot: number, drawn: DrawnShape | null): number {
    this.#makeRoom(slot);
    const start = this.commands.length;
    if (drawn) {
      this.commands.slice(drawn.commands, 0, drawn.commands.length);
      this.#place(slot, drawn, start);
    } else this.#places[PLACES * slot + COMMANDS] = NOTHING;
    return this.startOf(slot);
  }

  /** @returns what `ringOf` gives from now on */
  putRing(slot: number, ring: SnappedRing | null): number {
    this.#makeRoom(slot);
    const start = ring ? this.#chunkCount : NOTHING;
    this.#places[PLACES * slot + RING] = start;
    if (!ring) return start;
    if (this.startOf(slot) === UNKNOWN) {
      const begun = this.commands.length;
      this.commands.writer(ring.commands);
      this.#place(slot, ring, begun);
    }
    this.#places[PLACES * slot + COUNT] = (ring.count << 1) | (ring.isReversed ? 1 : 0);
    this.#chunkCount += Math.ceil(ring.count / SPAN);
    if (this.#chunkCount > this.#chunks.areas.length) {
      const all = chunksFor(Math.max(this.#chunkCount, 2 * this.#chunks.areas.length));
      setChunks(all, this.#chunks, 0, start);
      this.#chunks = all;
    }
    setChunks(this.#chunks, ring.chunks, start, this.#chunkCount - start);
    return start;
  }

  /** Note that the commands from a place to their end draw a shape. */
  #place(slot: number, { x, y }: { x: number; y: number }, start: number): void {
    this.#origins[2 * slot] = x;
    this.#origins[2 * slot + 1] = y;
    this.#places[PLACES * slot + COMMANDS] = start;
    this.#places[PLACES * slot + BYTES] = this.commands.length - start;
  }

  #makeRoom(slot: number): void {
    if (slot < this.#capacity) return;
    const [origins, places] = [this.#origins, this.#places];
    this.#capacity = Math.max(slot + 1, 2 * this.#capacity);
    this.#origins = new Float64Array(2 * this.#capacity);
    this.#places = new Int32Array(PLACES * this.#capacity).fill(UNKNOWN);
    this.#origins.set(origins);
    this.#places.set(places);
  }
}

const SLOT_BYTES = 8 * 2 + 4 * PLACES;
const CHUNK_BYTES = 4 * (HEAD.length + SPAN * POSITION.length) + 8;

/** Write the first so many chunks over those from a place. */
function setChunks(into: Chunks, { heads, positions, areas }: Chunks, at: number, count: number): void {
  into.heads.set(heads.subarray(0, count * HEAD.length), at * HEAD.length);
  into.positions.set(positions.subarray(0, count * SPAN * POSITION.length), at * SPAN * POSITION.length);
  into.areas.set(areas.subarray(0, count), at);
}
