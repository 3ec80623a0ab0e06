import { boundsOf, type Rect } from '../geo/clip.ts';
import { BUFFER, EXTENT, fractionOfLat, fractionOfLon, type Tile } from '../geo/tile.ts';

/** Positions to a chunk: what lies wholly to one side of a tile, or wholly in it, is told chunk by chunk. */
const CHUNK = 8;

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

/** How paths are snapped to the units of a zoom. */
export interface View {
  /** Units of the world's side. */
  readonly scale: number;
  /** What positions are counted from, in units. */
  readonly originX: number;
  readonly originY: number;
  /** The shares of the world's side that snap to what is seen: from the lower limits to before the upper ones. */
  readonly limits: Rect;
}

/**
 * What a tile sees of paths.
 *
 * @param origin what positions are counted from, in units of the world at the tile's zoom
 */
export function viewOf({ x, y, z }: Tile, origin: { x: number; y: number }): View {
  const scale = scaleOf(z);
  // Scales are powers of two, so that nothing is rounded here.
  const limits = {
    minX: (x * EXTENT - BUFFER - 0.5) / scale,
    minY: (y * EXTENT - BUFFER - 0.5) / scale,
    maxX: ((x + 1) * EXTENT + BUFFER + 0.5) / scale,
    maxY: ((y + 1) * EXTENT + BUFFER + 0.5) / scale,
  };
  return { scale, originX: origin.x, originY: origin.y, limits };
}

/**
 * Snaps paths to the units of a zoom, without the inner positions of runs that lie beyond one side of what is seen. Cutting
 * drops such positions and crosses no side between them; the first and last of a run stay, so that every edge that may
 * enter is the very same edge. A closed path does not repeat its first position.
 */
export class Snapper {
  /** The side that the last position lies beyond. */
  #side = NONE;
  /** Where the last position lies that is left out unless it ends its run. */
  #left = -1;

  snap({ fractions, boxes }: Path, view: View, isClosed: boolean, into: Positions): void {
    into.reserve(fractions.length);
    into.length = 0;
    this.#side = NONE;
    this.#left = -1;
    const end = isClosed ? endOf(fractions, view.scale) : fractions.length;
    if (boxes) this.#snapChunks(fractions, boxes, end, view, into);
    else this.#snapEach(fractions, 0, end, view, into);
    this.#endRun(fractions, view, into);
  }

  #snapChunks(fractions: Float64Array, boxes: Float64Array, end: number, view: View, into: Positions): void {
    for (let from = 0, box = 0; from < end; from += 2 * CHUNK, box += 4) {
      const to = Math.min(from + 2 * CHUNK, end);
      if (isWithin(boxes, box, view.limits)) {
        this.#endRun(fractions, view, into);
        this.#side = NONE;
        push(fractions, from, to, view, into);
      } else if (this.#side !== NONE && isBeyond(boxes, box, view.limits, this.#side)) this.#left = to - 2;
      else this.#snapEach(fractions, from, to, view, into);
    }
  }

  #snapEach(fractions: Float64Array, from: number, to: number, view: View, into: Positions): void {
    const { limits } = view;
    for (let i = from; i < to; i += 2) {
      const x = fractions[i]!;
      const y = fractions[i + 1]!;
      if (this.#side !== NONE && isStill(this.#side, x, y, limits)) {
        this.#left = i;
        continue;
      }
      this.#endRun(fractions, view, into);
      this.#side = sideOf(x, y, limits);
      const start = i;
      if (this.#side === NONE) {
        while (i + 2 < to && sideOf(fractions[i + 2]!, fractions[i + 3]!, limits) === NONE) i += 2;
      }
      push(fractions, start, i + 2, view, into);
    }
  }

  #endRun(fractions: Float64Array, view: View, into: Positions): void {
    if (this.#left >= 0) push(fractions, this.#left, this.#left + 2, view, into);
    this.#left = -1;
  }
}

/** Where a closed path ends: before the positions that are its first again once they are snapped. */
function endOf(fractions: Float64Array, scale: number): number {
  const x = Math.round(fractions[0]! * scale);
  const y = Math.round(fractions[1]! * scale);
  let end = fractions.length;
  while (end > 2 && Math.round(fractions[end - 2]! * scale) === x && Math.round(fractions[end - 1]! * scale) === y)
    end -= 2;
  return end;
}

function sideOf(x: number, y: number, { minX, minY, maxX, maxY }: Rect): number {
  if (x < minX) return LEFT;
  if (x >= maxX) return RIGHT;
  return y < minY ? ABOVE : y >= maxY ? BELOW : NONE;
}

/**
 * Whether a position lies beyond the side that the one before it does. Rings are cut left and right first: what lies above
 * or below counts only where those cuts leave it as it is.
 */
function isStill(side: number, x: number, y: number, { minX, minY, maxX, maxY }: Rect): boolean {
  if (side === LEFT) return x < minX;
  if (side === RIGHT) return x >= maxX;
  if (x < minX || x >= maxX) return false;
  return side === ABOVE ? y < minY : y >= maxY;
}

/** The same of a whole chunk. */
function isBeyond(boxes: Float64Array, at: number, { minX, minY, maxX, maxY }: Rect, side: number): boolean {
  if (side === LEFT) return boxes[at + 2]! < minX;
  if (side === RIGHT) return boxes[at]! >= maxX;
  if (boxes[at]! < minX || boxes[at + 2]! >= maxX) return false;
  return side === ABOVE ? boxes[at + 3]! < minY : boxes[at + 1]! >= maxY;
}

/** Whether all of a chunk is seen. */
function isWithin(boxes: Float64Array, at: number, { minX, minY, maxX, maxY }: Rect): boolean {
  return boxes[at]! >= minX && boxes[at + 2]! < maxX && boxes[at + 1]! >= minY && boxes[at + 3]! < maxY;
}

/** Append positions in units, but for those that the one before them snaps to as well. */
function push(fractions: Float64Array, from: number, to: number, view: View, into: Positions): void {
  const { scale, originX, originY } = view;
  const { flat } = into;
  let n = into.length;
  for (let i = from; i < to; i += 2) {
    const x = Math.round(fractions[i]! * scale) - originX;
    const y = Math.round(fractions[i + 1]! * scale) - originY;
    if (n > 0 && flat[n - 2] === x && flat[n - 1] === y) continue;
    flat[n] = x;
    flat[n + 1] = y;
    n += 2;
  }
  into.length = n;
}

/** A scale for whole units of a zoom. */
export function scaleOf(z: number): number {
  return EXTENT * 2 ** z;
}
