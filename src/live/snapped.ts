import { ByteWriter } from '../geo/bytes.ts';
import { boundsOf } from '../geo/clip.ts';
import { CLOSE_RING, lineTo, ringArea } from '../geo/mvt.ts';
import { type Path, Positions, scaleOf, snapWhole } from './near.ts';

/** Positions of a chunk. */
const SHIFT = 3;
export const SPAN = 1 << SHIFT;
/** Numbers of a chunk's head: the corner of its box in units from the ring's first corner, its width and height in one. */
export const HEAD = { x: 0, y: 1, size: 2, length: 3 } as const;
/**
 * Numbers of a position after the first, which is as `packed`: which corner it is with where the edge from there begins in
 * what is drawn; twice the area swept from the corner of the chunk's box on the way there from the chunk's first position.
 */
export const POSITION = { corner: 1, swept: 2, length: 3 } as const;

/**
 * Rings chunk by chunk. The heads lie together: most chunks lie in a tile or beyond one of its sides, and of those nothing
 * else is looked at. 14.5 bytes a position.
 */
export interface Chunks {
  /** See `HEAD`. */
  heads: Int32Array<ArrayBuffer>;
  /** `SPAN` for each chunk, see `POSITION`. */
  positions: Int32Array<ArrayBuffer>;
  /** Twice the area swept from the ring's first corner on the way from its first position to each chunk's. */
  areas: Float64Array<ArrayBuffer>;
}

/** Larger rings are looked through faster by the boxes of a `Path`; corners have to be told apart by `NUMBER_BITS`. */
const MAX_POSITIONS = 2_048;
const NUMBER_BITS = 11;
const NUMBER_MASK = (1 << NUMBER_BITS) - 1;
/** Units across a ring, so that areas are exact, and across a chunk, for which a packed position has room. */
const MAX_ACROSS = 2 ** 20;
const MAX_ACROSS_CHUNK = 2 ** 13 - 1;

/** A ring on the units of a zoom, made ready to be cut: wound as exteriors of tiles are, no position twice in a row. */
export interface SnappedRing {
  /** How many positions it has. */
  count: number;
  /** Whether it was wound the other way. */
  isReversed: boolean;
  /** Its first corner in world units of the zoom. */
  x: number;
  y: number;
  chunks: Chunks;
  /** What follows the move to the first corner in tiles that hold it whole. */
  commands: ByteWriter;
}

/**
 * Where a position lies in its chunk, and whether it is a corner. None is what lies straight on the way from the position
 * before it to the next.
 */
function packed(x: number, y: number, isTurn: number): number {
  return (x << 16) | (y << 1) | isTurn;
}

export function isCorner(position: number): boolean {
  return (position & 1) === 1;
}

/** Of a packed position in its chunk. */
export function xIn(position: number): number {
  return position >>> 16;
}

export function yIn(position: number): number {
  return (position >>> 1) & MAX_ACROSS_CHUNK;
}

/** @param start the ring's first chunk */
export function positionAt({ positions }: Chunks, start: number, i: number): number {
  return positions[(start * SPAN + i) * POSITION.length]!;
}

export function xAt(chunks: Chunks, start: number, i: number): number {
  return chunks.heads[(start + (i >> SHIFT)) * HEAD.length]! + xIn(positionAt(chunks, start, i));
}

export function yAt(chunks: Chunks, start: number, i: number): number {
  return chunks.heads[(start + (i >> SHIFT)) * HEAD.length + HEAD.y]! + yIn(positionAt(chunks, start, i));
}

/** The number of a corner. */
export function numberAt({ positions }: Chunks, start: number, i: number): number {
  return positions[(start * SPAN + i) * POSITION.length + POSITION.corner]! & NUMBER_MASK;
}

/** Where in what is drawn the edge from a corner begins. */
export function edgeAt({ positions }: Chunks, start: number, i: number): number {
  return positions[(start * SPAN + i) * POSITION.length + POSITION.corner]! >>> NUMBER_BITS;
}

/** Twice the area between the ring's first corner and the way from its first position to another, as `ringArea` counts. */
export function areaAt({ heads, positions, areas }: Chunks, start: number, i: number): number {
  const chunk = start + (i >> SHIFT);
  const first = positions[chunk * SPAN * POSITION.length]!;
  const at = (start * SPAN + i) * POSITION.length;
  const position = positions[at]!;
  const left = heads[chunk * HEAD.length]!;
  const top = heads[chunk * HEAD.length + HEAD.y]!;
  const aside = left * (yIn(position) - yIn(first)) - top * (xIn(position) - xIn(first));
  return areas[chunk]! + positions[at + POSITION.swept]! + aside;
}

/** Snaps closed paths to the units of a zoom, in memory that is used again. */
export class RingSnapper {
  readonly #snapped = new Positions();
  readonly #turns = new Uint8Array(MAX_POSITIONS);
  readonly #chunks = chunksFor(MAX_POSITIONS / SPAN);
  readonly #commands = new ByteWriter(1 << 14);

  /**
   * @returns what the next call writes over; null for a ring that tiles cannot be cut from this way: it is large, has no
   *   area or turns back on itself
   */
  snap({ fractions }: Path, z: number): SnappedRing | null {
    if (fractions.length > 2 * MAX_POSITIONS) return null;
    const world = snapWhole(fractions, scaleOf(z), this.#snapped);
    const flat = this.#snapped.flat.subarray(0, this.#snapped.length);
    const area = ringArea(flat);
    if (area === 0) return null;
    if (area < 0) reverse(flat);
    const corners = findTurns(flat, this.#turns);
    if (corners === 0) return null;
    const first = 2 * this.#turns.indexOf(1);
    const [x, y] = [flat[first]!, flat[first + 1]!];
    move(flat, -x, -y);
    const { minX, minY, maxX, maxY } = boundsOf(flat);
    if (Math.max(maxX - minX, maxY - minY) > MAX_ACROSS) return null;
    const [chunks, commands] = [this.#chunks, this.#commands];
    commands.clear();
    commands.varint(lineTo(corners - 1));
    if (!fillChunks(chunks, flat, this.#turns, commands)) return null;
    commands.varint(CLOSE_RING);
    return { count: flat.length / 2, isReversed: area < 0, x: world.x + x, y: world.y + y, chunks, commands };
  }
}

function move(flat: Float64Array, dx: number, dy: number): void {
  for (let i = 0; i < flat.length; i += 2) {
    flat[i]! += dx;
    flat[i + 1]! += dy;
  }
}

/** Wind a ring the other way, from its last position to its first. */
function reverse(flat: Float64Array): void {
  flat.reverse();
  for (let i = 0; i < flat.length; i += 2) {
    const y = flat[i]!;
    flat[i] = flat[i + 1]!;
    flat[i + 1] = y;
  }
}

/**
 * Find out for each position of a ring whether it is a corner: 1, otherwise 0.
 *
 * @returns how many are; 0 when the ring turns back on itself anywhere
 */
function findTurns(ring: Float64Array, turns: Uint8Array): number {
  const { length } = ring;
  let count = 0;
  let [beforeX, beforeY] = [ring[length - 2]!, ring[length - 1]!];
  for (let i = 0; i < length; i += 2) {
    const x = ring[i]!;
    const y = ring[i + 1]!;
    const after = i + 2 === length ? 0 : i + 2;
    const inX = x - beforeX;
    const inY = y - beforeY;
    const outX = ring[after]! - x;
    const outY = ring[after + 1]! - y;
    const isTurn = inX * outY === inY * outX ? 0 : 1;
    if (isTurn === 0 && inX * outX + inY * outY <= 0) return 0;
    turns[i / 2] = isTurn;
    count += isTurn;
    beforeX = x;
    beforeY = y;
  }
  return count;
}

/**
 * Fill in the chunks of a ring.
 *
 * @param commands where the edges between corners are appended
 * @returns whether none is too large
 */
function fillChunks(chunks: Chunks, ring: Float64Array, turns: Uint8Array, commands: ByteWriter): boolean {
  const { heads, positions, areas } = chunks;
  let [number, cornerX, cornerY, area] = [0, 0, 0, 0];
  let [lastX, lastY] = [ring[0]!, ring[1]!];
  for (let chunk = 0, from = 0; from < ring.length; chunk += 1, from += 2 * SPAN) {
    const { minX, minY, maxX, maxY } = boundsOf(ring.subarray(from, from + 2 * SPAN));
    const [width, height] = [maxX - minX, maxY - minY];
    if (Math.max(width, height) > MAX_ACROSS_CHUNK) return false;
    const head = chunk * HEAD.length;
    heads[head + HEAD.x] = minX;
    heads[head + HEAD.y] = minY;
    heads[head + HEAD.size] = (width << 16) | height;
    let swept = 0;
    for (let i = from; i < Math.min(from + 2 * SPAN, ring.length); i += 2) {
      const x = ring[i]!;
      const y = ring[i + 1]!;
      area += lastX * y - x * lastY;
      if (i === from) areas[chunk] = area;
      else swept += (lastX - minX) * (y - minY) - (x - minX) * (lastY - minY);
      lastX = x;
      lastY = y;
      const isTurn = turns[i / 2]!;
      const at = (i / 2) * POSITION.length;
      positions[at] = packed(x - minX, y - minY, isTurn);
      positions[at + POSITION.swept] = swept;
      if (isTurn === 0) continue;
      if (number > 0) {
        commands.zigzag(x - cornerX);
        commands.zigzag(y - cornerY);
      }
      cornerX = x;
      cornerY = y;
      positions[at + POSITION.corner] = number | (commands.length << NUMBER_BITS);
      number += 1;
    }
  }
  return true;
}

/** Room for so many chunks. */
export function chunksFor(count: number): Chunks {
  return {
    heads: new Int32Array(count * HEAD.length),
    positions: new Int32Array(count * SPAN * POSITION.length),
    areas: new Float64Array(count),
  };
}
