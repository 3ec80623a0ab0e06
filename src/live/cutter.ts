import { ByteWriter, putVarint, zigzagOf } from '../geo/bytes.ts';
import { crossing, isNoCorner } from '../geo/clip.ts';
import { ringArea } from '../geo/mvt.ts';
import { BUFFER, EXTENT, type Tile } from '../geo/tile.ts';
import { type Path, Positions, Snapper, type View, viewOf } from './near.ts';

/** Commands of MVT 2.1, 4.3.1, with their counts. */
const MOVE_TO_ONE = (1 << 3) | 1;
const LINE_TO = 2;
const CLOSE_PATH = (1 << 3) | 7;

const [LOW, HIGH] = [-BUFFER, EXTENT + BUFFER];

/**
 * Cuts exteriors to a tile and writes their commands, in memory that is used again: what `clipRing`, `cleanRing` and
 * `writeCommands` do for one ring after another, without an object for any of them.
 */
export class Cutter {
  readonly #snapper = new Snapper();
  #tile: Tile = { z: 0, x: 0, y: 0 };
  #view: View = viewOf(this.#tile, { x: 0, y: 0 });
  /** The ring to be cut, in units of the tile. */
  #ring = new Positions();
  #cut = new Positions();
  /** Commands of the rings since `begin`. */
  readonly commands = new ByteWriter(1 << 12);
  #bytes: Uint8Array = new Uint8Array(1 << 10);
  #x = 0;
  #y = 0;

  begin({ x, y, z }: Tile): void {
    this.commands.clear();
    if (x !== this.#tile.x || y !== this.#tile.y || z !== this.#tile.z) {
      this.#tile = { z, x, y };
      this.#view = viewOf(this.#tile, { x: x * EXTENT, y: y * EXTENT });
    }
    this.#x = 0;
    this.#y = 0;
  }

  /** Cut an exterior and write what is left of it, unless that has no area. */
  cut(exterior: Path): void {
    this.#snapper.snap(exterior, this.#view, true, this.#ring);
    if (!this.#clip()) return;
    const { flat } = this.#ring;
    const first = this.#clean();
    const last = this.#ring.length - 2;
    if (last < first) return;
    const area = ringArea(flat, first, last);
    if (area > 0) this.#writeRing(first, last, 2);
    else if (area < 0) this.#writeRing(last, first, -2);
  }

  /** Sutherland & Hodgman 1974, as `clipRing`. @returns false when the ring lies outside */
  #clip(): boolean {
    const { flat, length } = this.#ring;
    let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0; i < length; i += 2) {
      const x = flat[i]!;
      const y = flat[i + 1]!;
      if (x < minX) minX = x;
      if (x > maxX) maxX = x;
      if (y < minY) minY = y;
      if (y > maxY) maxY = y;
    }
    if (maxX < LOW || minX > HIGH || maxY < LOW || minY > HIGH) return false;
    if (minX < LOW) this.#clipSide(0, LOW, 1);
    if (maxX > HIGH) this.#clipSide(0, HIGH, -1);
    if (minY < LOW) this.#clipSide(1, LOW, 1);
    if (maxY > HIGH) this.#clipSide(1, HIGH, -1);
    return true;
  }

  #clipSide(axis: 0 | 1, limit: number, sign: 1 | -1): void {
    const { flat: from, length } = this.#ring;
    const cut = this.#cut;
    cut.reserve(2 * length);
    const to = cut.flat;
    const other = 1 - axis;
    let n = 0;
    let a = from[length - 2 + axis]!;
    let b = from[length - 2 + other]!;
    let isInside = length > 0 && (a - limit) * sign >= 0;
    for (let i = 0; i < length; i += 2) {
      const nextA = from[i + axis]!;
      const nextB = from[i + other]!;
      const isNextInside = (nextA - limit) * sign >= 0;
      if (isInside !== isNextInside) {
        to[n + axis] = limit;
        to[n + other] = crossing(a, b, nextA, nextB, limit);
        n += 2;
      }
      if (isNextInside) {
        to[n + axis] = nextA;
        to[n + other] = nextB;
        n += 2;
      }
      a = nextA;
      b = nextB;
      isInside = isNextInside;
    }
    cut.length = n;
    this.#cut = this.#ring;
    this.#ring = cut;
  }

  /** As `cleanRing`, in place. @returns where the ring begins; it ends before that when no area is left */
  #clean(): number {
    const { flat, length } = this.#ring;
    let n = 0;
    for (let i = 0; i < length; i += 2) {
      const x = flat[i]!;
      const y = flat[i + 1]!;
      while (n >= 2 && isNeedless(flat, n, x, y)) n -= 2;
      flat[n] = x;
      flat[n + 1] = y;
      n += 2;
    }
    let first = 0;
    while (n - first >= 6) {
      if (isNoCorner(flat, n - 4, n - 2, flat[first]!, flat[first + 1]!)) n -= 2;
      else if (isNoCorner(flat, n - 2, first, flat[first + 2]!, flat[first + 3]!)) first += 2;
      else break;
    }
    this.#ring.length = n - first >= 6 ? n : 0;
    return first;
  }

  #writeRing(from: number, to: number, step: 2 | -2): void {
    const { flat } = this.#ring;
    const count = Math.abs(to - from) / 2;
    const bytes = this.#roomFor(count + 1);
    let [x, y] = [this.#x, this.#y];
    let n = 0;
    bytes[n++] = MOVE_TO_ONE;
    for (let i = from; ; i += step) {
      const nextX = flat[i]!;
      const nextY = flat[i + 1]!;
      n = putZigzag(bytes, n, nextX - x);
      n = putZigzag(bytes, n, nextY - y);
      x = nextX;
      y = nextY;
      if (i === to) break;
      if (i === from) n = putVarint(bytes, n, LINE_TO | (count << 3));
    }
    bytes[n++] = CLOSE_PATH;
    this.commands.slice(bytes, 0, n);
    this.#x = x;
    this.#y = y;
  }

  /** For a ring of so many positions: two numbers of up to 5 bytes each, and the commands. */
  #roomFor(positions: number): Uint8Array {
    const needed = 10 * positions + 7;
    if (this.#bytes.length < needed) this.#bytes = new Uint8Array(2 * needed);
    return this.#bytes;
  }
}

function putZigzag(bytes: Uint8Array, at: number, value: number): number {
  return putVarint(bytes, at, zigzagOf(value));
}

/** Whether the last of `n` numbers' positions is the coming one, or no corner before it. */
function isNeedless(flat: Float64Array, n: number, x: number, y: number): boolean {
  if (flat[n - 2] === x && flat[n - 1] === y) return true;
  return n >= 4 && isNoCorner(flat, n - 4, n - 2, x, y);
}
