/** Rows by their place: squares of degrees, each with the chain of its rows, newest first. */
import { boxAround, millimetresNear } from '../../geo/metres.ts';
import type { AddressTable } from './table.ts';

/** Degrees: a square is about 55 m high. */
const SIDE = 0.0005;

/**
 * The first row of each square, by open addressing: 8 bytes a slot, at most half of them used. Squares of one hash share
 * a chain, which costs a look at rows that are too far away.
 */
export class PlaceCells {
  #keys = new Int32Array(1 << 12);
  #heads = new Int32Array(1 << 12);
  #used = 0;

  get bytes(): number {
    return this.#keys.byteLength * 2;
  }

  /** Puts a row in front of its square's chain and returns what was there, as a link (row + 1, 0 for none). */
  enter(lon: number, lat: number, row: number): number {
    if (this.#used * 2 >= this.#keys.length) this.#grow();
    const key = keyOf(squareOf(lon), squareOf(lat));
    const slot = this.#slot(key);
    const before = this.#heads[slot]!;
    if (before === 0) {
      this.#keys[slot] = key;
      this.#used++;
    }
    this.#heads[slot] = row + 1;
    return before;
  }

  first(x: number, y: number): number {
    return this.#heads[this.#slot(keyOf(x, y))]!;
  }

  #slot(key: number): number {
    const mask = this.#keys.length - 1;
    let slot = (Math.imul(key, 0x9e3779b1) >>> 7) & mask;
    while (this.#heads[slot] !== 0 && this.#keys[slot] !== key) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [keys, heads] = [this.#keys, this.#heads];
    this.#keys = new Int32Array(keys.length * 2);
    this.#heads = new Int32Array(keys.length * 2);
    for (let i = 0; i < keys.length; i++) {
      if (heads[i] === 0) continue;
      const slot = this.#slot(keys[i]!);
      this.#keys[slot] = keys[i]!;
      this.#heads[slot] = heads[i]!;
    }
  }
}

function keyOf(x: number, y: number): number {
  return Math.imul(x, 73_856_093) ^ Math.imul(y, 19_349_663);
}

/** A row and how far away it is. */
interface NearRow {
  row: number;
  millimetres: number;
}

/** The nearest living row within some metres, of equally near ones the lowest id; undefined where there is none. */
export function nearestRow(table: AddressTable, lon: number, lat: number, within: number): NearRow | undefined {
  const box = boxAround(lon, lat, within);
  const [west, south, east, north] = [squareOf(box[0]), squareOf(box[1]), squareOf(box[2]), squareOf(box[3])];
  const [x, y] = [squareOf(lon), squareOf(lat)];
  // The side of a square at the edge of the box that is farther from the equator: none is narrower.
  const side = Math.min((within * SIDE) / (box[2] - lon), (within * SIDE) / (box[3] - lat));
  const rings = Math.max(x - west, east - x, y - south, north - y);
  let best: NearRow | undefined;
  for (let ring = 0; ring <= rings; ring++) {
    if (best && (ring - 1) * side * 1000 > best.millimetres + 1) break;
    for (let j = Math.max(y - ring, south); j <= Math.min(y + ring, north); j++) {
      const step = ring === 0 || Math.abs(j - y) === ring ? 1 : 2 * ring;
      for (let i = x - ring; i <= x + ring; i += step) {
        if (i >= west && i <= east) best = nearestOfSquare(table, i, j, lon, lat, best, within);
      }
    }
  }
  return best;
}

function nearestOfSquare(
  table: AddressTable,
  x: number,
  y: number,
  lon: number,
  lat: number,
  known: NearRow | undefined,
  within: number,
): NearRow | undefined {
  let best = known;
  let limit = best?.millimetres ?? within * 1000;
  for (let link = table.cells.first(x, y); link !== 0; link = table.row.nextNear.data[link - 1]!) {
    const row = link - 1;
    if (!table.isAlive(row)) continue;
    const millimetres = millimetresNear(lon, lat, table.lon(row), table.lat(row));
    if (millimetres > limit) continue;
    if (best === undefined || millimetres < limit || table.isBefore(row, best.row)) best = { row, millimetres };
    limit = millimetres;
  }
  return best;
}

function squareOf(degrees: number): number {
  return Math.floor(degrees / SIDE);
}
