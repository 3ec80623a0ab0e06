import { boundsOf, type Rect } from '../geo/clip.ts';
import { EXTENT, fractionOfLat, fractionOfLon } from '../geo/tile.ts';

/** Positions to a chunk: what lies wholly to one side of a tile is passed over chunk by chunk. */
const CHUNK = 16;

/** A ring or line in shares of the world's side, by which snapping to the units of a zoom needs no trigonometry. */
export interface Path {
  fractions: Float64Array;
  /** The boxes of its chunks, four numbers each; none of a short path. */
  boxes: Float64Array | undefined;
}

/** Memory for positions that is used again and again. */
export class Positions {
  flat = new Float64Array(1 << 10);
  length = 0;

  /** Make room for so many numbers in all; what is there may be lost. */
  reserve(length: number): void {
    if (length > this.flat.length) this.flat = new Float64Array(Math.max(length, 2 * this.flat.length));
  }
}

export function toPath(degrees: Float64Array): Path {
  const fractions = new Float64Array(degrees.length);
  for (let i = 0; i < degrees.length; i += 2) {
    fractions[i] = fractionOfLon(degrees[i]!);
    fractions[i + 1] = fractionOfLat(degrees[i + 1]!);
  }
  return { fractions, boxes: fractions.length > 4 * CHUNK ? boxesOf(fractions) : undefined };
}

function boxesOf(fractions: Float64Array): Float64Array {
  const boxes = new Float64Array(4 * Math.ceil(fractions.length / 2 / CHUNK));
  for (let c = 0, from = 0; from < fractions.length; c += 4, from += 2 * CHUNK) {
    const { minX, minY, maxX, maxY } = boundsOfPath(fractions.subarray(from, from + 2 * CHUNK));
    boxes.set([minX, minY, maxX, maxY], c);
  }
  return boxes;
}

export function boundsOfPath(flat: Float64Array): Rect {
  const bounds = boundsOf([]);
  for (let i = 0; i < flat.length; i += 2) {
    bounds.minX = Math.min(bounds.minX, flat[i]!);
    bounds.maxX = Math.max(bounds.maxX, flat[i]!);
    bounds.minY = Math.min(bounds.minY, flat[i + 1]!);
    bounds.maxY = Math.max(bounds.maxY, flat[i + 1]!);
  }
  return bounds;
}

/** Sides of what is seen that a position or a chunk can lie beyond. */
const [NONE, LEFT, RIGHT, ABOVE, BELOW] = [0, 1, 2, 3, 4];

/**
 * A path in units of a zoom, without the inner positions of runs that lie beyond one side of what is seen. Cutting drops
 * such positions and crosses no side between them; the first and last of a run stay, so that every edge that may enter is
 * the very same edge. A closed path does not repeat its first position.
 *
 * @param seen in units of the world
 * @param origin what positions are counted from, in the same units
 */
export function snapNear(
  { fractions, boxes }: Path,
  scale: number,
  seen: Rect,
  origin: { x: number; y: number },
  isClosed: boolean,
  into: Positions,
): void {
  into.reserve(fractions.length);
  into.length = 0;
  const limits = limitsOf(seen, scale);
  const { minX, minY, maxX, maxY } = limits;
  const end = endOf(fractions, scale, isClosed);
  let side = NONE;
  let first = 0;
  let last = 0;
  for (let i = 0; i < end; i += 2) {
    const isChunk = (i & (2 * CHUNK - 1)) === 0;
    if (isChunk && side !== NONE && boxes) i = Math.min(skipFarChunks(boxes, i, limits, side), end - 2);
    const x = fractions[i]!;
    const y = fractions[i + 1]!;
    // Rings are cut left and right first: what lies above or below counts only where those cuts leave it as it is.
    if (side !== NONE && isStill(side, x, y, limits)) {
      last = i;
      continue;
    }
    if (last > first) push(into, fractions[last]!, fractions[last + 1]!, scale, origin);
    push(into, x, y, scale, origin);
    side = x < minX ? LEFT : x >= maxX ? RIGHT : y < minY ? ABOVE : y >= maxY ? BELOW : NONE;
    first = i;
    last = i;
  }
  if (last > first) push(into, fractions[last]!, fractions[last + 1]!, scale, origin);
}

/** Where a path ends: a closed one before the positions that are its first again once they are snapped. */
function endOf(fractions: Float64Array, scale: number, isClosed: boolean): number {
  let end = fractions.length;
  if (!isClosed) return end;
  const x = Math.round(fractions[0]! * scale);
  const y = Math.round(fractions[1]! * scale);
  while (end > 2 && Math.round(fractions[end - 2]! * scale) === x && Math.round(fractions[end - 1]! * scale) === y)
    end -= 2;
  return end;
}

/** Whether a position lies beyond the side that the one before it does. */
function isStill(side: number, x: number, y: number, { minX, minY, maxX, maxY }: Rect): boolean {
  if (side === LEFT) return x < minX;
  if (side === RIGHT) return x >= maxX;
  if (x < minX || x >= maxX) return false;
  return side === ABOVE ? y < minY : y >= maxY;
}

function push(into: Positions, u: number, v: number, scale: number, origin: { x: number; y: number }): void {
  const { flat, length } = into;
  const x = Math.round(u * scale) - origin.x;
  const y = Math.round(v * scale) - origin.y;
  if (length > 0 && flat[length - 2] === x && flat[length - 1] === y) return;
  flat[length] = x;
  flat[length + 1] = y;
  into.length = length + 2;
}

/**
 * Shares of the world's side that snap to what is seen: from the lower limits to before the upper ones. Scales are powers
 * of two, so that nothing is rounded here.
 */
function limitsOf({ minX, minY, maxX, maxY }: Rect, scale: number): Rect {
  return {
    minX: (minX - 0.5) / scale,
    minY: (minY - 0.5) / scale,
    maxX: (maxX + 0.5) / scale,
    maxY: (maxY + 0.5) / scale,
  };
}

/** Where the last of the chunks begins that lie beyond a side from this position on; the position itself without two. */
function skipFarChunks(boxes: Float64Array, position: number, limits: Rect, side: number): number {
  const first = position / (2 * CHUNK);
  let chunk = first;
  while (4 * chunk < boxes.length && isBeyond(boxes, 4 * chunk, limits, side)) chunk++;
  return chunk - first < 2 ? position : (chunk - 1) * 2 * CHUNK;
}

function isBeyond(boxes: Float64Array, at: number, { minX, minY, maxX, maxY }: Rect, side: number): boolean {
  if (side === LEFT) return boxes[at + 2]! < minX;
  if (side === RIGHT) return boxes[at]! >= maxX;
  if (boxes[at]! < minX || boxes[at + 2]! >= maxX) return false;
  return side === ABOVE ? boxes[at + 3]! < minY : boxes[at + 1]! >= maxY;
}

/** A scale for whole units of a zoom. */
export function scaleOf(z: number): number {
  return EXTENT * 2 ** z;
}
