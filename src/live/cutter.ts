import { ByteWriter, putVarint, putZigzag } from '../geo/bytes.ts';
import { crossing, isNoCorner } from '../geo/clip.ts';
import { CLOSE_RING, lineTo, MOVE_TO_ONE } from '../geo/mvt.ts';
import { BUFFER, EXTENT, type Tile } from '../geo/tile.ts';
import { ABOVE, BELOW, LEFT, NONE, type Path, Positions, RIGHT, Snapper, type View, viewOf } from './near.ts';

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
  /** Twice the area of the ring once it is clean, as `ringArea`. */
  #area = 0;
  /** Commands of the rings since `begin`. */
  readonly commands = new ByteWriter(1 << 12);
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
    this.#clip(this.#snapper.sides);
    const first = this.#clean();
    const last = this.#ring.length - 2;
    if (last < first) return;
    if (this.#area > 0) this.#writeRing(first, last, 2);
    else if (this.#area < 0) this.#writeRing(last, first, -2);
  }

  /** Sutherland & Hodgman 1974, as `clipRing`, by the sides that positions lie beyond. */
  #clip(sides: number): void {
    if (sides & LEFT) this.#clipSide(0, LOW, 1);
    if (sides & RIGHT) this.#clipSide(0, HIGH, -1);
    const rest = sides & (LEFT | RIGHT) ? this.#sidesLeft() : sides;
    if (rest & ABOVE) this.#clipSide(1, LOW, 1);
    if (rest & BELOW) this.#clipSide(1, HIGH, -1);
  }

  /** Above and below, where positions lie beyond them that have been cut left and right. */
  #sidesLeft(): number {
    const { flat, length } = this.#ring;
    let sides = NONE;
    for (let i = 1; i < length; i += 2) {
      const y = flat[i]!;
      if (y < LOW) sides |= ABOVE;
      else if (y > HIGH) sides |= BELOW;
    }
    return sides;
  }

  #clipSide(axis: 0 | 1, limit: number, sign: 1 | -1): void {
    const { flat: from, length } = this.#ring;
    const cut = this.#cut;
    cut.reserve(2 * length);
    const to = cut.flat;
    const other = 1 - axis;
    const least = limit * sign;
    let n = 0;
    let before = length - 2;
    let isInside = length > 0 && from[before + axis]! * sign >= least;
    for (let i = 0; i < length; before = i, i += 2) {
      const isNextInside = from[i + axis]! * sign >= least;
      if (isInside !== isNextInside) {
        to[n + axis] = limit;
        to[n + other] = crossing(from[before + axis]!, from[before + other]!, from[i + axis]!, from[i + other]!, limit);
        n += 2;
        isInside = isNextInside;
      }
      if (!isInside) continue;
      to[n] = from[i]!;
      to[n + 1] = from[i + 1]!;
      n += 2;
    }
    cut.length = n;
    this.#cut = this.#ring;
    this.#ring = cut;
  }

  /**
   * As `cleanRing`, in place; what it leaves out leaves the area as it is.
   *
   * @returns where the ring begins; it ends before that when no area is left
   */
  #clean(): number {
    const { flat, length } = this.#ring;
    if (length < 6) {
      this.#ring.length = 0;
      return 0;
    }
    // The last two positions that are kept, no numbers where there are none: those equal nothing.
    let [ax, ay, bx, by] = [Number.NaN, Number.NaN, flat[0]!, flat[1]!];
    let n = 2;
    let area = flat[length - 2]! * by - bx * flat[length - 1]!;
    for (let i = 2; i < length; i += 2) {
      const x = flat[i]!;
      const y = flat[i + 1]!;
      area += bx * y - x * by;
      while ((bx === x && by === y) || (bx - ax) * (y - by) === (by - ay) * (x - bx)) {
        n -= 2;
        bx = ax;
        by = ay;
        ax = n >= 4 ? flat[n - 4]! : Number.NaN;
        ay = n >= 4 ? flat[n - 3]! : Number.NaN;
      }
      flat[n] = x;
      flat[n + 1] = y;
      n += 2;
      ax = bx;
      ay = by;
      bx = x;
      by = y;
    }
    this.#area = area;
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
    // Two numbers of up to 5 bytes for each position, and the commands.
    const bytes = this.commands.room(10 * (count + 1) + 7);
    let n = this.commands.length;
    let [x, y] = [this.#x, this.#y];
    bytes[n++] = MOVE_TO_ONE;
    for (let i = from; ; i += step) {
      const nextX = flat[i]!;
      const nextY = flat[i + 1]!;
      n = putZigzag(bytes, n, nextX - x);
      n = putZigzag(bytes, n, nextY - y);
      x = nextX;
      y = nextY;
      if (i === to) break;
      if (i === from) n = putVarint(bytes, n, lineTo(count));
    }
    bytes[n++] = CLOSE_RING;
    this.commands.moveTo(n);
    this.#x = x;
    this.#y = y;
  }
}
