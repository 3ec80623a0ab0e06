import { ByteWriter, putVarint, putZigzag } from '../geo/bytes.ts';
import { CLOSE_RING, lineTo, MOVE_TO_ONE } from '../geo/mvt.ts';
import { EXTENT, type Tile } from '../geo/tile.ts';
import { AT, EDGE, KNOT, Knots, MOST_CUT, NO_POSITION, RUN, type SeenRing, WAY } from './knots.ts';
import type { Sheet } from './sheet.ts';
import { areaAt, edgeAt, isCorner, numberAt, positionAt, xAt, yAt } from './snapped.ts';

/** All that the tile shows of a ring has been written; it shows nothing; nothing of use was written: cut it otherwise. */
export const [ALL, NOT_ANY, UNSURE] = [0, 1, 2];
export type Written = typeof ALL | typeof NOT_ANY | typeof UNSURE;

/**
 * Cuts snapped rings to a tile and writes their commands, the same as `Cutter`: a ring is drawn together to its knots, and
 * what a tile shows between those is copied as it stands in the drawn shape.
 */
export class RingCutter {
  readonly commands = new ByteWriter(1 << 12);
  readonly #knots = new Knots();
  /** What is cut. */
  #ring!: SeenRing;
  /** The last position that is written, and how many are to be. */
  #x = 0;
  #y = 0;
  #positions = 0;
  /** By knot, whether it is left out: it lies straight between others. */
  readonly #isLeft = new Uint8Array(MOST_CUT);

  /**
   * Write into `commands` what a tile shows of a ring.
   *
   * @param slot of a shape whose ring the sheet has
   */
  cut(sheet: Sheet, slot: number, tile: Tile): Written {
    this.#ring = {
      chunks: sheet.chunks,
      start: sheet.ringOf(slot),
      count: sheet.countOf(slot),
      dx: sheet.x(slot) - tile.x * EXTENT,
      dy: sheet.y(slot) - tile.y * EXTENT,
      isReversed: sheet.isReversed(slot),
    };
    if (!this.#knots.cut(this.#ring)) return UNSURE;
    if (this.#knots.length === 0) return NOT_ANY;
    const positions = this.#check();
    if (positions < 3) return UNSURE;
    this.#write(sheet.commands, sheet.startOf(slot), positions);
    return ALL;
  }

  /**
   * Look at every knot: one that lies straight on the way between its neighbours is left out, if it is no corner.
   *
   * @returns how many positions the cut ring has; −1 when more of it needs cleaning, or when it has no area
   */
  #check(): number {
    const { list: knots, length } = this.#knots;
    const { chunks, start, dx, dy } = this.#ring;
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
        inX = x - dx - xAt(chunks, start, at - 1);
        inY = y - dy - yAt(chunks, start, at - 1);
      } else area += Math.imul(knots[before]!, y) - Math.imul(x, knots[before + 1]!);
      let outX = knots[after]! - x;
      let outY = knots[after + 1]! - y;
      if (isStart) {
        outX = xAt(chunks, start, at + 1) - x + dx;
        outY = yAt(chunks, start, at + 1) - y + dy;
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
    const { chunks, start } = this.#ring;
    const area = areaAt(chunks, start, to) - areaAt(chunks, start, from);
    return area + this.#ring.dx * dy - this.#ring.dy * dx;
  }

  #cornersOfRun(from: number, to: number): number {
    const first = this.#cornerFrom(from, to);
    if (first > to) return 0;
    const last = this.#cornerBack(to);
    const { chunks, start } = this.#ring;
    return numberAt(chunks, start, last) - numberAt(chunks, start, first) + 1;
  }

  /** The first corner of a run, or what comes after it when there is none. */
  #cornerFrom(from: number, to: number): number {
    const { chunks, start } = this.#ring;
    let at = from;
    while (at <= to && !isCorner(positionAt(chunks, start, at))) at += 1;
    return at;
  }

  /** The last corner of a run that has one. */
  #cornerBack(to: number): number {
    const { chunks, start } = this.#ring;
    let at = to;
    while (!isCorner(positionAt(chunks, start, at))) at -= 1;
    return at;
  }

  #write(commands: ByteWriter, drawn: number, positions: number): void {
    const { list: knots, length } = this.#knots;
    const { chunks, start, dx, dy } = this.#ring;
    this.commands.clear();
    this.#positions = positions;
    for (let i = 0; i < length; i += KNOT) {
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
      this.#stepTo(xAt(chunks, start, first) + dx, yAt(chunks, start, first) + dy);
      const last = this.#cornerBack(to);
      const edges = edgeAt(chunks, start, first);
      this.commands.part(commands, drawn + edges, edgeAt(chunks, start, last) - edges);
      this.#x = xAt(chunks, start, last) + dx;
      this.#y = yAt(chunks, start, last) + dy;
      if (last !== to) this.#step(i);
    }
    this.commands.varint(CLOSE_RING);
  }

  /** Write a knot, unless it is left out. */
  #step(knot: number): void {
    if (this.#isLeft[knot / KNOT] === 0) this.#stepTo(this.#knots.list[knot]!, this.#knots.list[knot + 1]!);
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
