import { heatResolution } from '../geo/h3.ts';
import { EXTENT, type Tile, tileFilterBounds } from '../geo/tile.ts';
import { type IncidentColumns, KEY_ZOOM } from '../incidents/live-columns.ts';
import { FoundRows } from '../incidents/live-found.ts';
import { type Run, TileRuns } from '../incidents/live-tiles.ts';
import type { Live } from '../live/live.ts';
import { CELL_KEYS, POINT_KEYS, PointLayer } from './live-point-layer.ts';
import { clampUnit, Points, unitX, unitY } from './live-point-rows.ts';
import type { CompiledQuery } from './live-views.ts';
import { MAX_POINTS } from './tiles.ts';

/** Writes the incidents of tiles: each a point, or of too many one point per cell. */
export class IncidentDrawings {
  readonly #live: Live;
  readonly #runs = new TileRuns();
  readonly #found = new FoundRows();
  readonly #layer = new PointLayer();
  readonly #cells = new CellSums();

  constructor(live: Live) {
    this.#live = live;
  }

  /** The layer of a tile: the same bytes as of SQL. */
  write({ incidents }: CompiledQuery, tile: Tile): Uint8Array {
    const filter = incidents!;
    const { layers } = this.#live;
    const runs = ownRuns(this.#runs.of(layers.incidents, filter, tile), tile);
    if (this.#findPoints(runs)) this.#writePoints(new Points(filter, tile, layers.categories));
    else this.#writeCells(runs, tile);
    // Blocks that are replaced must not stay in memory for this.
    this.#found.clear();
    return this.#layer.finish();
  }

  #writePoints(points: Points): void {
    const layer = this.#layer;
    layer.begin(POINT_KEYS);
    this.#found.each((columns, rows, from, to) => layer.add(points, columns, rows, from, to));
  }

  /** Find the rows that are drawn one by one. @returns false when there are too many */
  #findPoints(runs: readonly Run[]): boolean {
    const certain = runs.reduce((sum, { from, to, test }) => sum + (test === null ? to - from : 0), 0);
    if (certain > MAX_POINTS) return false;
    const found = this.#found;
    found.clear();
    for (const { columns, from, to, test } of runs) {
      found.addRun(columns, from, to, test);
      if (found.count > MAX_POINTS) return false;
    }
    return true;
  }

  /** One point per cell of the tile's own incidents. */
  #writeCells(runs: readonly Run[], tile: Tile): void {
    this.#layer.begin(CELL_KEYS);
    const { of, cells, keys } = this.#live.layers.incidents.cells.parentsAt(heatResolution(tile.z));
    const sums = this.#cells;
    sums.begin(cells.length);
    for (const run of runs) sums.add(run, of, tile);
    for (const cell of inOrder(sums.used, keys)) {
      const n = sums.n[cell]!;
      this.#layer.addCell(cells[cell]!, n, Math.floor(sums.x[cell]! / n), Math.floor(sums.y[cell]! / n));
    }
  }
}

/** Cells in the order of their indexes, which is that of their keys. Numbers are given in that order but to new cells. */
function inOrder(used: readonly number[], keys: readonly number[]): Uint32Array {
  const numbers = Uint32Array.from(used).sort();
  for (let i = 1; i < numbers.length; i++) {
    if (keys[numbers[i - 1]!]! > keys[numbers[i]!]!) return numbers.sort((a, b) => keys[a]! - keys[b]!);
  }
  return numbers;
}

/** Beyond the zoom of the keys runs hold the points of the tile above. */
function ownRuns(runs: Run[], tile: Tile): Run[] {
  if (tile.z <= KEY_ZOOM) return runs;
  const { west, south, east, north } = tileFilterBounds(tile.z, tile.x, tile.y);
  return runs.map(({ columns, from, to, test }) => {
    const { lon, lat } = columns;
    const isOwn = (i: number) => lon[i]! >= west && lon[i]! < east && lat[i]! > south && lat[i]! <= north;
    return { columns, from, to, test: (i) => isOwn(i) && (test === null || test(i)) };
  });
}

/** How many points each cell has, and the sums of their places, in memory that is used again. */
class CellSums {
  n = new Uint32Array(0);
  x = new Float64Array(0);
  y = new Float64Array(0);
  /** The cells that have any. */
  used: number[] = [];

  begin(cells: number): void {
    if (cells > this.n.length) {
      this.n = new Uint32Array(2 * cells);
      this.x = new Float64Array(2 * cells);
      this.y = new Float64Array(2 * cells);
    } else {
      for (const cell of this.used) {
        this.n[cell] = 0;
        this.x[cell] = 0;
        this.y[cell] = 0;
      }
    }
    this.used = [];
  }

  /** @param of by number of a stored cell, its ancestor */
  add({ columns, from, to, test }: Run, of: Int32Array, tile: Tile): void {
    const { n, x, y, used } = this;
    const { cell } = columns;
    if (tile.z <= KEY_ZOOM && test === null) {
      this.#addAll(columns, from, to, of, tile);
      return;
    }
    for (let row = from; row < to; row++) {
      if (test !== null && !test(row)) continue;
      const own = of[cell[row]!]!;
      if (n[own] === 0) used.push(own);
      n[own]! += 1;
      x[own]! += unitX(columns, row, tile);
      y[own]! += unitY(columns, row, tile);
    }
  }

  /** As `add` rows that all count, of a zoom whose units are stored. */
  #addAll(columns: IncidentColumns, from: number, to: number, of: Int32Array, tile: Tile): void {
    const { n, x, y, used } = this;
    const { cell, unitX, unitY } = columns;
    const shift = KEY_ZOOM - tile.z;
    const [west, north] = [tile.x * EXTENT, tile.y * EXTENT];
    for (let row = from; row < to; row++) {
      const own = of[cell[row]!]!;
      const count = n[own]!;
      if (count === 0) used.push(own);
      n[own] = count + 1;
      x[own]! += clampUnit((unitX[row]! >>> shift) - west);
      y[own]! += clampUnit((unitY[row]! >>> shift) - north);
    }
  }
}
