import { boundsOf, type Rect } from '../geo/clip.ts';
import { BUFFER, EXTENT, fractionOfLat, fractionOfLon, type Tile } from '../geo/tile.ts';
import type { FloatStore } from '../threads/floats.ts';

/** Numbers, two to a position, of what has a box of its own: what lies beyond a side of a tile, or in it, is told by it. */
const SPANS = [1 << 4, 1 << 7, 1 << 10] as const;

/** An array of its own takes more memory than a short path. */
const NO_BOXES = new Float32Array(0);

/** By which shares become smaller or larger at least as much as single precision may round them. */
const [BELOW_ONE, ABOVE_ONE] = [1 - 2 ** -23, 1 + 2 ** -23];

/** A ring or line in shares of the world's side, by which snapping to the units of a zoom needs no trigonometry. */
export interface Path {
  fractions: Float64Array;
  /** Boxes of its parts, four numbers each, for one after another of the spans that are shorter than it. */
  boxes: Float32Array;
  /** How many of the spans are. */
  levels: number;
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

/** @param store where the shares of many paths are kept; absent: each by itself */
export function toPath(degrees: Float64Array, store?: FloatStore): Path {
  const fractions = store?.take(degrees.length) ?? new Float64Array(degrees.length);
  for (let i = 0; i < degrees.length; i += 2) {
    fractions[i] = fractionOfLon(degrees[i]!);
    fractions[i + 1] = fractionOfLat(degrees[i + 1]!);
  }
  return pathOf(fractions);
}

/** @param fractions shares of the world's side, two to a position */
export function pathOf(fractions: Float64Array): Path {
  const { length } = fractions;
  const levels = SPANS.filter((span) => span < length).length;
  if (levels === 0) return { fractions, boxes: NO_BOXES, levels };
  const boxes = new Float32Array(startOfLevel(length, levels));
  for (let level = 0; level < levels; level++) fillBoxes(boxes, startOfLevel(length, level), fractions, SPANS[level]!);
  return { fractions, boxes, levels };
}

/** Where the boxes of a level begin. */
function startOfLevel(length: number, level: number): number {
  let start = 0;
  for (let i = 0; i < level; i++) start += 4 * Math.ceil(length / SPANS[i]!);
  return start;
}

function fillBoxes(boxes: Float32Array, start: number, fractions: Float64Array, span: number): void {
  for (let at = start, from = 0; from < fractions.length; at += 4, from += span) {
    const { minX, minY, maxX, maxY } = boundsOf(fractions.subarray(from, from + span));
    boxes.set([minX * BELOW_ONE, minY * BELOW_ONE, maxX * ABOVE_ONE, maxY * ABOVE_ONE], at);
  }
}

/** Sides of what is seen that a position can lie beyond, also as a set of them. */
export const [NONE, LEFT, RIGHT, ABOVE, BELOW] = [0, 1, 2, 4, 8];

/** The units of a zoom. */
interface Units {
  /** How many the world's side has. */
  readonly scale: number;
  /** What positions are counted from. */
  readonly originX: number;
  readonly originY: number;
}

/** How paths are snapped to the units of a zoom. */
export interface View extends Units {
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
  /** Sides that the last path had positions beyond: left and right come before above and below. */
  sides = NONE;

  snap(path: Path, view: View, isClosed: boolean, into: Positions): void {
    const { fractions } = path;
    into.reserve(fractions.length);
    into.length = 0;
    this.#side = NONE;
    this.#left = -1;
    this.sides = NONE;
    const end = isClosed ? endOf(fractions, view.scale) : fractions.length;
    this.#snapSpans(path, path.levels - 1, 0, end, view, into);
    this.#endRun(fractions, view, into);
  }

  #snapSpans(path: Path, level: number, from: number, to: number, view: View, into: Positions): void {
    const { fractions, boxes } = path;
    if (level < 0) {
      this.#snapEach(fractions, from, to, view, into);
      return;
    }
    const span = SPANS[level]!;
    for (
      let start = from, box = startOfLevel(fractions.length, level) + (4 * from) / span;
      start < to;
      start += span, box += 4
    ) {
      const end = Math.min(start + span, to);
      const side = sideOfBox(boxes, box, view.limits);
      if (side !== NONE) this.#leaveOut(fractions, start, end, side, view, into);
      else if (isWithin(boxes, box, view.limits)) {
        this.#endRun(fractions, view, into);
        this.#side = NONE;
        pushSeen(fractions, start, end, view, into);
      } else this.#snapSpans(path, level - 1, start, end, view, into);
    }
  }

  /** Positions that all lie beyond a side: of their run only the first and the last matter. */
  #leaveOut(fractions: Float64Array, from: number, to: number, side: number, view: View, into: Positions): void {
    if (side !== this.#side) {
      this.#endRun(fractions, view, into);
      this.#side = side;
      this.sides |= side;
      push(fractions, from, view, into);
      if (to - from === 2) return;
    }
    this.#left = to - 2;
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
      this.sides |= this.#side;
      if (this.#side !== NONE) {
        push(fractions, i, view, into);
        continue;
      }
      const start = i;
      while (i + 2 < to && sideOf(fractions[i + 2]!, fractions[i + 3]!, limits) === NONE) i += 2;
      pushSeen(fractions, start, i + 2, view, into);
    }
  }

  #endRun(fractions: Float64Array, view: View, into: Positions): void {
    if (this.#left >= 0) push(fractions, this.#left, view, into);
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

/** The side that all of a chunk lies beyond, as `sideOf` says of each of its positions. */
function sideOfBox(boxes: Float32Array, at: number, { minX, minY, maxX, maxY }: Rect): number {
  if (boxes[at + 2]! < minX) return LEFT;
  if (boxes[at]! >= maxX) return RIGHT;
  if (boxes[at]! < minX || boxes[at + 2]! >= maxX) return NONE;
  if (boxes[at + 3]! < minY) return ABOVE;
  return boxes[at + 1]! >= maxY ? BELOW : NONE;
}

/** Whether all of a chunk is seen. */
function isWithin(boxes: Float32Array, at: number, { minX, minY, maxX, maxY }: Rect): boolean {
  return boxes[at]! >= minX && boxes[at + 2]! < maxX && boxes[at + 1]! >= minY && boxes[at + 3]! < maxY;
}

/** Append a position in units, unless the one before it snaps to the same. */
function push(fractions: Float64Array, at: number, { scale, originX, originY }: View, into: Positions): void {
  const { flat, length: n } = into;
  const x = Math.round(fractions[at]! * scale) - originX;
  const y = Math.round(fractions[at + 1]! * scale) - originY;
  if (n > 0 && flat[n - 2] === x && flat[n - 1] === y) return;
  flat[n] = x;
  flat[n + 1] = y;
  into.length = n + 2;
}

/**
 * The same of positions that are all seen. Shares are multiples of 2^-54 and scales powers of two, so that half a
 * unit can be added without rounding; then `Math.floor` rounds half up as `Math.round` does, in a quarter of its time.
 */
function pushSeen(fractions: Float64Array, from: number, to: number, units: Units, into: Positions): void {
  const { flat } = into;
  const { scale } = units;
  const [originX, originY] = [units.originX - 0.5, units.originY - 0.5];
  let n = into.length;
  let lastX = n > 0 ? flat[n - 2]! : Number.NaN;
  let lastY = n > 0 ? flat[n - 1]! : Number.NaN;
  for (let i = from; i < to; i += 2) {
    const x = Math.floor(fractions[i]! * scale - originX);
    const y = Math.floor(fractions[i + 1]! * scale - originY);
    if (x === lastX && y === lastY) continue;
    flat[n] = x;
    flat[n + 1] = y;
    n += 2;
    lastX = x;
    lastY = y;
  }
  into.length = n;
}

/**
 * Snap all of a closed path. One so wide that a half cannot be added exactly (`pushSeen`) stays as wide.
 *
 * @returns its first position in units of the world, from which the others are counted
 */
export function snapWhole(fractions: Float64Array, scale: number, into: Positions): { x: number; y: number } {
  const [x, y] = [Math.round(fractions[0]! * scale), Math.round(fractions[1]! * scale)];
  into.reserve(fractions.length);
  into.length = 0;
  pushSeen(fractions, 0, endOf(fractions, scale), { scale, originX: x, originY: y }, into);
  return { x, y };
}

/** A scale for whole units of a zoom. */
export function scaleOf(z: number): number {
  return EXTENT * 2 ** z;
}
