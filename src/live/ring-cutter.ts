import { ByteWriter, putVarint, putZigzag } from '../geo/bytes.ts';
import { crossing } from '../geo/clip.ts';
import { CLOSE_RING, lineTo, MOVE_TO_ONE } from '../geo/mvt.ts';
import { BUFFER, EXTENT, type Tile } from '../geo/tile.ts';
import { ABOVE, BELOW, LEFT, NONE, RIGHT } from './near.ts';
import type { Sheet } from './sheet.ts';
import {
  areaAt,
  type Chunks,
  edgeAt,
  HEAD,
  isCorner,
  numberAt,
  POSITION,
  positionAt,
  SPAN,
  xAt,
  xIn,
  yAt,
  yIn,
} from './snapped.ts';

const [LOW, HIGH] = [-BUFFER, EXTENT + BUFFER];

/** All that the tile shows of a ring has been written; it shows nothing; nothing of use was written: cut it otherwise. */
export const [ALL, NOT_ANY, UNSURE] = [0, 1, 2];
export type Written = typeof ALL | typeof NOT_ANY | typeof UNSURE;

/**
 * Numbers of a knot: its place in units of the tile, which position of the ring it is (`NO_POSITION` where the ring
 * was cut), what leads on from it.
 */
const [X, Y, AT, WAY, KNOT] = [0, 1, 2, 3, 4];
const NO_POSITION = -1;
const NO_KNOT = -1;
/** What leads from a knot to the next: an edge, or all positions of the ring between them, which the tile shows. */
const [EDGE, RUN] = [0, 1];
/** What goes in and out more often is cut otherwise. A chunk may bring 16 more, and each of four sides a half of all. */
const MOST_KNOTS = 64 * KNOT;
const ROOM = 8 * MOST_KNOTS;
const TOO_MANY = -1;
/** Of a box: not all of it is in the tile, nor beyond one side. */
const MIXED = -2;
/** Before the first position. */
const NO_SIDE = -3;

/**
 * Cuts snapped rings to a tile and writes their commands, the same as `Cutter`. A ring is drawn together to its knots: where
 * what the tile shows begins and ends, and the ends of what lies beyond one side. They are cut as a ring; then the edges
 * between knots are copied as they stand in the drawn shape.
 */
export class RingCutter {
  readonly commands = new ByteWriter(1 << 12);
  #knots = new Int32Array(ROOM);
  #cut = new Int32Array(ROOM);
  #length = 0;
  /** The position that the last run began with. */
  #begun = 0;
  /** What is cut: its first chunk, and its first corner in units of the tile. */
  #chunks!: Chunks;
  #start = 0;
  #dx = 0;
  #dy = 0;
  /** The last position that is written, and how many are to be. */
  #x = 0;
  #y = 0;
  #positions = 0;
  /** By knot, whether it is left out: it lies straight between others. */
  readonly #isLeft = new Uint8Array(ROOM / KNOT);

  /**
   * Write into `commands` what a tile shows of a ring.
   *
   * @param slot of a shape whose ring the sheet has
   */
  cut(sheet: Sheet, slot: number, tile: Tile): Written {
    this.#chunks = sheet.chunks;
    this.#start = sheet.ringOf(slot);
    this.#dx = sheet.x(slot) - tile.x * EXTENT;
    this.#dy = sheet.y(slot) - tile.y * EXTENT;
    const sides = this.#knot(sheet.countOf(slot));
    if (sides === TOO_MANY) return UNSURE;
    this.#clip(sides, sheet.isReversed(slot));
    if (this.#length === 0) return NOT_ANY;
    const positions = this.#check();
    if (positions < 3) return UNSURE;
    this.#write(sheet.commands, sheet.startOf(slot), positions);
    return ALL;
  }

  /**
   * Draw the ring together to its knots.
   *
   * @returns the sides of the tile that any lie beyond, or `TOO_MANY`
   */
  #knot(count: number): number {
    const { heads, positions } = this.#chunks;
    const first = this.#start * SPAN * POSITION.length;
    const dx = this.#dx;
    const dy = this.#dy;
    this.#length = 0;
    this.#begun = 0;
    let sides = NONE;
    let side = NO_SIDE;
    for (let i = 0, head = this.#start * HEAD.length; i < count; i += SPAN, head += HEAD.length) {
      const left = heads[head + HEAD.x]! + dx;
      const top = heads[head + HEAD.y]! + dy;
      const size = heads[head + HEAD.size]!;
      const all = placeOfBox(left, top, left + (size >> 16), top + (size & 0xffff));
      if (all === side) continue;
      if (this.#length > MOST_KNOTS) return TOO_MANY;
      if (all !== MIXED) {
        const position = positions[first + i * POSITION.length]!;
        this.#begin(i, side, all, left + xIn(position), top + yIn(position));
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
        this.#begin(at, side, next, x, y);
        side = next;
        sides |= next;
      }
    }
    this.#endRun(count - 1, side);
    return sides;
  }

  /** A run begins at a position and ends one that lay beyond a side, or none of them. */
  #begin(at: number, before: number, side: number, x: number, y: number): void {
    if (at > 0) this.#endRun(at - 1, before);
    this.#begun = at;
    this.#length = putKnot(this.#knots, this.#length, x, y, side === NONE ? at : NO_POSITION);
  }

  #endRun(at: number, side: number): void {
    if (at === this.#begun) return;
    const knots = this.#knots;
    if (side === NONE) knots[this.#length - KNOT + WAY] = RUN;
    const x = xAt(this.#chunks, this.#start, at) + this.#dx;
    const y = yAt(this.#chunks, this.#start, at) + this.#dy;
    this.#length = putKnot(knots, this.#length, x, y, side === NONE ? at : NO_POSITION);
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
    for (let i = Y; i < this.#length; i += KNOT) {
      const y = this.#knots[i]!;
      if (y < LOW) sides |= ABOVE;
      else if (y > HIGH) sides |= BELOW;
    }
    return sides;
  }

  #clipSide(axis: typeof X | typeof Y, limit: number, sign: 1 | -1, isReversed: boolean): void {
    const length = this.#length;
    if (length === 0) return;
    const from = this.#knots;
    const to = this.#cut;
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
    this.#length = n;
    this.#cut = from;
    this.#knots = to;
  }

  /**
   * Look at every knot: one that lies straight on the way between its neighbours is left out, if it is no corner.
   *
   * @returns how many positions the cut ring has; −1 when more of it needs cleaning, or when it has no area
   */
  #check(): number {
    const knots = this.#knots;
    const chunks = this.#chunks;
    const start = this.#start;
    const length = this.#length;
    let positions = 0;
    let area = 0;
    let before = length - KNOT;
    for (let i = 0; i < length; before = i, i += KNOT) {
      const x = knots[i]!;
      const y = knots[i + 1]!;
      const at = knots[i + AT]!;
      const after = i + KNOT === length ? 0 : i + KNOT;
      const isEnd = knots[before + WAY] === RUN;
      const isStart = knots[i + WAY] === RUN;
      let inX = x - knots[before]!;
      let inY = y - knots[before + 1]!;
      if (isEnd) {
        area += this.#areaOfRun(knots[before + AT]!, at, inX, inY);
        inX = x - this.#dx - xAt(chunks, start, at - 1);
        inY = y - this.#dy - yAt(chunks, start, at - 1);
      } else area += Math.imul(knots[before]!, y) - Math.imul(x, knots[before + 1]!);
      let outX = knots[after]! - x;
      let outY = knots[after + 1]! - y;
      if (isStart) {
        outX = xAt(chunks, start, at + 1) - x + this.#dx;
        outY = yAt(chunks, start, at + 1) - y + this.#dy;
        positions += this.#cornersOfRun(at, knots[after + AT]!);
      }
      const isTurn = at !== NO_POSITION && isCorner(positionAt(chunks, start, at));
      let isLeft = 0;
      if (Math.imul(inX, outY) === Math.imul(inY, outX)) {
        if (at === NO_POSITION || isTurn || Math.imul(inX, outX) + Math.imul(inY, outY) <= 0) return -1;
        isLeft = 1;
      }
      this.#isLeft[i / KNOT] = isLeft;
      // Corners at the ends of a run are among those of the run.
      if (isLeft === 0 && !(isTurn && (isStart || isEnd))) positions += 1;
    }
    return area > 0 ? positions : -1;
  }

  /** Twice the area between the tile's corner and a run, as `ringArea` counts it. */
  #areaOfRun(from: number, to: number, dx: number, dy: number): number {
    const area = areaAt(this.#chunks, this.#start, to) - areaAt(this.#chunks, this.#start, from);
    return area + this.#dx * dy - this.#dy * dx;
  }

  #cornersOfRun(from: number, to: number): number {
    const first = this.#cornerFrom(from, to);
    if (first > to) return 0;
    const last = this.#cornerBack(to);
    return numberAt(this.#chunks, this.#start, last) - numberAt(this.#chunks, this.#start, first) + 1;
  }

  /** The first corner of a run, or what comes after it when there is none. */
  #cornerFrom(from: number, to: number): number {
    let at = from;
    while (at <= to && !isCorner(positionAt(this.#chunks, this.#start, at))) at += 1;
    return at;
  }

  /** The last corner of a run that has one. */
  #cornerBack(to: number): number {
    let at = to;
    while (!isCorner(positionAt(this.#chunks, this.#start, at))) at -= 1;
    return at;
  }

  #write(commands: ByteWriter, drawn: number, positions: number): void {
    const knots = this.#knots;
    const chunks = this.#chunks;
    const start = this.#start;
    this.commands.clear();
    this.#positions = positions;
    for (let i = 0; i < this.#length; i += KNOT) {
      if (knots[i + WAY] === EDGE) {
        this.#step(i);
        continue;
      }
      const from = knots[i + AT]!;
      const to = knots[i + KNOT + AT]!;
      const first = this.#cornerFrom(from, to);
      if (first !== from) this.#step(i);
      i += KNOT;
      if (first > to) {
        this.#step(i);
        continue;
      }
      this.#stepTo(xAt(chunks, start, first) + this.#dx, yAt(chunks, start, first) + this.#dy);
      const last = this.#cornerBack(to);
      const edges = edgeAt(chunks, start, first);
      this.commands.part(commands, drawn + edges, edgeAt(chunks, start, last) - edges);
      this.#x = xAt(chunks, start, last) + this.#dx;
      this.#y = yAt(chunks, start, last) + this.#dy;
      if (last !== to) this.#step(i);
    }
    this.commands.varint(CLOSE_RING);
  }

  /** Write a knot, unless it is left out. */
  #step(knot: number): void {
    if (this.#isLeft[knot / KNOT] === 0) this.#stepTo(this.#knots[knot]!, this.#knots[knot + 1]!);
  }

  /** Write a position; the first as the move to it, and that lines to the others follow. */
  #stepTo(x: number, y: number): void {
    let n = this.commands.length;
    // Two numbers of up to 5 bytes, two commands, and a byte for `putZigzag`.
    const out = this.commands.room(17);
    const isFirst = n === 0;
    if (isFirst) {
      out[n++] = MOVE_TO_ONE;
      this.#x = 0;
      this.#y = 0;
    }
    n = putZigzag(out, n, x - this.#x);
    n = putZigzag(out, n, y - this.#y);
    if (isFirst) n = putVarint(out, n, lineTo(this.#positions - 1));
    this.#x = x;
    this.#y = y;
    this.commands.moveTo(n);
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
