import type { Box } from '../geo/bbox.ts';
import { type Tile, tilesOfBox, tilesOfRange } from '../geo/tile.ts';
import type { IncidentLayer } from './live.ts';
import { type IncidentColumns, KEY_ZOOM, keyRange } from './live-columns.ts';
import { type LiveFilter, passes } from './live-filter.ts';

/** Tiles that a box is covered with at most. */
const MAX_TILES = 24;

/** Tiles, at most 24, that own every point of a box: a sieve, they own others too. */
export function tilesAround(box: Box): Tile[] {
  const held: Box = [Math.max(box[0], -180), Math.max(box[1], -90), Math.min(box[2], 180), Math.min(box[3], 90)];
  for (let z = KEY_ZOOM; z > 0; z--) {
    const range = tilesOfBox(held, z);
    const count = (range.maxX - range.minX + 1) * (range.maxY - range.minY + 1);
    if (count <= MAX_TILES) return [...tilesOfRange(range)];
  }
  return [{ z: 0, x: 0, y: 0 }];
}

/** Rows `[from, to)` of which some belong to a tile and pass a filter. */
export interface Run {
  columns: IncidentColumns;
  from: number;
  to: number;
  /** The test that a row still has to pass; null: all of them belong and pass. */
  test: ((row: number) => boolean) | null;
}

/** Rows of sorted columns to an entry of their directory. */
const STEP = 64;

/** Finds the rows of tiles block by block; of sorted columns it keeps every 64th key, in which it looks first. */
export class TileRuns {
  readonly #directories = new WeakMap<Uint32Array, Uint32Array>();

  /** The rows that a tile owns, of the tile above beyond `KEY_ZOOM`, and that pass a filter. */
  of(layer: IncidentLayer, filter: LiveFilter, tile: Tile): Run[] {
    const [first, end] = keyRange(tile);
    const isAny = !filter.categories && !filter.statuses && !filter.lights && !filter.under;
    const runs: Run[] = [];
    for (const { columns, isWithin } of layer.columnsOf(filter.from, filter.to)) {
      if (columns.rank) {
        const from = this.#lowerBound(columns, first, 0);
        const to = this.#lowerBound(columns, end, from);
        if (from === to) continue;
        const isAll = isAny && isWithin && columns.live === columns.n;
        runs.push({ columns, from, to, test: isAll ? null : (row) => passes(filter, columns, row, isWithin) });
      } else {
        const { key } = columns;
        const test = (row: number) => key[row]! >= first && key[row]! < end && passes(filter, columns, row, isWithin);
        runs.push({ columns, from: 0, to: columns.n, test });
      }
    }
    return runs;
  }

  /** The first row from `least` on whose key is not below one; of sorted columns. */
  #lowerBound({ key, n }: IncidentColumns, wanted: number, least: number): number {
    if (least < n && key[least]! >= wanted) return least;
    const directory = this.#directoryOf(key, n);
    let low = Math.floor(least / STEP);
    let high = directory.length;
    // The runs of a tile are short: the end is near the start.
    for (let step = 1; low + step < high; step *= 2) {
      if (directory[low + step]! >= wanted) high = low + step;
      else if (least > 0) low += step;
      else break;
    }
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (directory[middle]! < wanted) low = middle;
      else high = middle;
    }
    let from = Math.max(low * STEP, least);
    let to = Math.min(high * STEP, n);
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (key[middle]! < wanted) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  #directoryOf(key: Uint32Array, n: number): Uint32Array {
    const known = this.#directories.get(key);
    if (known) return known;
    const directory = Uint32Array.from({ length: Math.ceil(n / STEP) }, (_, i) => key[i * STEP]!);
    this.#directories.set(key, directory);
    return directory;
  }
}
