import { crossing } from '../geo/clip.ts';
import { BUFFER, EXTENT } from '../geo/tile.ts';
import { ABOVE, BELOW, LEFT, NONE, RIGHT } from './near.ts';
import { type Chunks, HEAD, POSITION, SPAN, xAt, xIn, yAt, yIn } from './snapped.ts';

const [LOW, HIGH] = [-BUFFER, EXTENT + BUFFER];

/**
 * Numbers of a knot: its place in units of the tile, which position of the ring it is (`NO_POSITION` where the ring
 * was cut), what leads on from it.
 */
export const [X, Y, AT, WAY, KNOT] = [0, 1, 2, 3, 4];
export const NO_POSITION = -1;
const NO_KNOT = -1;
/** What leads from a knot to the next: an edge, or all positions of the ring between them, which the tile shows. */
export const [EDGE, RUN] = [0, 1];
/** What goes in and out more often is cut otherwise. A chunk may bring 16 more, and each of four sides a half of all. */
const MOST_KNOTS = 64 * KNOT;
const ROOM = 8 * MOST_KNOTS;
/** Knots that a cut ring has at most. */
export const MOST_CUT = ROOM / KNOT;
const TOO_MANY = -1;
/** Of a box: not all of it is in the tile, nor beyond one side. */
const MIXED = -2;
/** Before the first position. */
const NO_SIDE = -3;

/** A snapped ring as a tile sees it. */
export interface SeenRing {
  chunks: Chunks;
  /** Its first chunk, and how many positions it has. */
  start: number;
  count: number;
  /** Its first corner in units of the tile. */
  dx: number;
  dy: number;
  /** Whether it was wound the other way. */
  isReversed: boolean;
}

/**
 * A ring drawn together to its knots: where what a tile shows of it begins and ends, and the ends of what lies beyond one
 * side; cut to the tile as a ring of those.
 */
export class Knots {
  /** `KNOT` numbers each. */
  list = new Int32Array(ROOM);
  length = 0;
  #other = new Int32Array(ROOM);
  /** The position that the last run began with. */
  #begun = 0;

  /** @returns whether there are not too many */
  cut(ring: SeenRing): boolean {
    const sides = this.#gather(ring);
    if (sides === TOO_MANY) return false;
    this.#clip(sides, ring.isReversed);
    return true;
  }

  /**
   * Draw the ring together to its knots.
   *
   * @returns the sides of the tile that any lie beyond, or `TOO_MANY`
   */
  #gather(ring: SeenRing): number {
    const { start, count, dx, dy } = ring;
    const { heads, positions } = ring.chunks;
    const first = start * SPAN * POSITION.length;
    this.length = 0;
    this.#begun = 0;
    let sides = NONE;
    let side = NO_SIDE;
    for (let i = 0, head = start * HEAD.length; i < count; i += SPAN, head += HEAD.length) {
      const left = heads[head + HEAD.x]! + dx;
      const top = heads[head + HEAD.y]! + dy;
      const size = heads[head + HEAD.size]!;
      const all = placeOfBox(left, top, left + (size >> 16), top + (size & 0xffff));
      if (all === side) continue;
      if (this.length > MOST_KNOTS) return TOO_MANY;
      if (all !== MIXED) {
        const position = positions[first + i * POSITION.length]!;
        this.#begin(ring, i, side, all, left + xIn(position), top + yIn(position));
        side = all;
        sides |= all;
        continue;
      }
      const end = Math.min(i + SPAN, count);
      for (let at = i; at < end; at++) {
        const position = positions[first + at * POSITION.length]!;
        const x = left + xIn(position);
        const y = top + yIn(position);
        const next = x < LOW ? LEFT : x > HIGH ? RIGHT : y < LOW ? ABOVE : y > HIGH ? BELOW : NONE;
        if (next === side) continue;
        this.#begin(ring, at, side, next, x, y);
        side = next;
        sides |= next;
      }
    }
    this.#endRun(ring, count - 1, side);
    return sides;
  }

  /** A run begins at a position and ends one that lay beyond a side, or none of them. */
  #begin(ring: SeenRing, at: number, before: number, side: number, x: number, y: number): void {
    if (at > 0) this.#endRun(ring, at - 1, before);
    this.#begun = at;
    this.length = putKnot(this.list, this.length, x, y, side === NONE ? at : NO_POSITION);
  }

  #endRun({ chunks, start, dx, dy }: SeenRing, at: number, side: number): void {
    if (at === this.#begun) return;
    const knots = this.list;
    if (side === NONE) knots[this.length - KNOT + WAY] = RUN;
    const x = xAt(chunks, start, at) + dx;
    const y = yAt(chunks, start, at) + dy;
    this.length = putKnot(knots, this.length, x, y, side === NONE ? at : NO_POSITION);
  }

  /** As `Cutter`. Of a reversed ring the edge from the last knot to the first comes last: it was its first. */
  #clip(sides: number, isReversed: boolean): void {
    if (sides & LEFT) this.#clipSide(X, LOW, 1, isReversed);
    if (sides & RIGHT) this.#clipSide(X, HIGH, -1, isReversed);
    const rest = sides & (LEFT | RIGHT) ? this.#sidesLeft() : sides;
    if (rest & ABOVE) this.#clipSide(Y, LOW, 1, isReversed);
    if (rest & BELOW) this.#clipSide(Y, HIGH, -1, isReversed);
  }

  #sidesLeft(): number {
    let sides = NONE;
    for (let i = Y; i < this.length; i += KNOT) {
      const y = this.list[i]!;
      if (y < LOW) sides |= ABOVE;
      else if (y > HIGH) sides |= BELOW;
    }
    return sides;
  }

  #clipSide(axis: typeof X | typeof Y, limit: number, sign: 1 | -1, isReversed: boolean): void {
    const length = this.length;
    if (length === 0) return;
    const from = this.list;
    const to = this.#other;
    const least = limit * sign;
    const last = length - KNOT;
    const isFirstInside = from[axis]! * sign >= least;
    const isLastInside = from[last + axis]! * sign >= least;
    let n = 0;
    if (isFirstInside !== isLastInside && !isReversed)
      n = putCrossing(to, n, from, last, 0, axis, limit, isFirstInside ? 0 : NO_KNOT);
    let isInside = isFirstInside;
    for (let before = 0, i = 0; i < length; before = i, i += KNOT) {
      const isNextInside = from[i + axis]! * sign >= least;
      if (isInside !== isNextInside) {
        n = putCrossing(to, n, from, before, i, axis, limit, isInside ? before : i);
        isInside = isNextInside;
      }
      if (!isInside) continue;
      to[n] = from[i]!;
      to[n + 1] = from[i + 1]!;
      to[n + 2] = from[i + 2]!;
      to[n + 3] = from[i + 3]!;
      n += KNOT;
    }
    if (isFirstInside !== isLastInside && isReversed)
      n = putCrossing(to, n, from, last, 0, axis, limit, isLastInside ? last : NO_KNOT);
    this.length = n;
    this.#other = from;
    this.list = to;
  }
}

function putKnot(knots: Int32Array, n: number, x: number, y: number, at: number): number {
  knots[n] = x;
  knots[n + 1] = y;
  knots[n + 2] = at;
  knots[n + 3] = EDGE;
  return n + KNOT;
}

/**
 * Where a side cuts the edge between the knots a and b.
 *
 * @param beside the knot next to it in the list: that place is not said twice
 */
function putCrossing(
  to: Int32Array,
  n: number,
  from: Int32Array,
  a: number,
  b: number,
  axis: typeof X | typeof Y,
  limit: number,
  beside: number,
): number {
  const other = 1 - axis;
  const across = crossing(from[a + axis]!, from[a + other]!, from[b + axis]!, from[b + other]!, limit);
  if (beside !== NO_KNOT && from[beside + axis] === limit && from[beside + other] === across) return n;
  return axis === X ? putKnot(to, n, limit, across, NO_POSITION) : putKnot(to, n, across, limit, NO_POSITION);
}

/** The side that all of a box lies beyond, `NONE` when all of it is in the tile, otherwise `MIXED`. */
function placeOfBox(minX: number, minY: number, maxX: number, maxY: number): number {
  if (maxX < LOW) return LEFT;
  if (minX > HIGH) return RIGHT;
  if (minX < LOW || maxX > HIGH) return MIXED;
  if (maxY < LOW) return ABOVE;
  if (minY > HIGH) return BELOW;
  return minY < LOW || maxY > HIGH ? MIXED : NONE;
}
