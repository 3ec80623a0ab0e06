import type { MultiPolygon, Polygon } from 'geojson';
import { polygonsOf } from '../geo/polygon.ts';
import { flatRings, OUTSIDE } from '../geo/rings.ts';
import { type AreaByCells, boxesOf, CELL_DIVIDED, type CellBoxes } from '../incidents/live-cell-boxes.ts';
import { CellIndex } from '../incidents/live-cell-rows.ts';
import type { CellNumbers } from '../incidents/live-cells.ts';
import { type PinnedRows, rowsOf } from '../incidents/live-rows.ts';
import { Area } from '../live/area.ts';
import type { Live } from '../live/live.ts';
import { Slices } from '../threads/slices.ts';
import { type Bins, binsOf } from './live-count.ts';

interface PinnedCells {
  rows: readonly PinnedRows[];
  cells: CellNumbers;
}

/** Areas that are kept: whoever has drawn one asks for it again, with another period or filter. About 1 MB each. */
const MAX_AREAS = 8;

/** The areas that are drawn on the map, by the cells of the rows in memory. */
export class DrawnAreas {
  readonly #live: Live;
  readonly #index = new CellIndex();
  /** By their GeoJSON, the least recently asked first. */
  readonly #known = new Map<string, { boxes: CellBoxes; version: number; drawn: DrawnArea }>();

  constructor(live: Live) {
    this.#live = live;
  }

  /** Find the boxes of cells in new blocks, letting requests in between. */
  async prepare(): Promise<void> {
    const { incidents } = this.#live.layers;
    const boxes = boxesOf(incidents.cells);
    const slices = new Slices();
    for (const block of incidents.sealed()) {
      boxes.hold(block);
      if (slices.isOver) await slices.pause();
    }
  }

  /** @param pinned all rows that will be asked for, and what their cells are numbers of */
  async of(geometry: Polygon | MultiPolygon, pinned: PinnedCells): Promise<DrawnArea> {
    const boxes = boxesOf(pinned.cells);
    for (const rows of pinned.rows) if (rows.isSorted) boxes.hold({ ...rowsOf(rows), buffer: rows.buffer });
    const key = JSON.stringify(geometry);
    let known = this.#known.get(key);
    if (known?.boxes !== boxes || known.version !== boxes.version) {
      const drawn = new DrawnArea(await boxes.place(areaOf(geometry)), this.#index);
      known = { boxes, version: boxes.version, drawn };
    }
    this.#known.delete(key);
    this.#known.set(key, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_AREAS) this.#known.delete(oldest!);
    return known.drawn;
  }
}

function areaOf(geometry: Polygon | MultiPolygon): Area {
  return new Area(polygonsOf(geometry).map(flatRings));
}

/** An area by cells. */
export class DrawnArea {
  readonly byCells: AreaByCells;
  readonly #index: CellIndex;
  /** By the memory of a block. */
  readonly #rows = new WeakMap<SharedArrayBuffer, Int32Array>();
  /** By the memory of all bins. */
  readonly #bins = new WeakMap<Int32Array, Bins>();

  constructor(byCells: AreaByCells, index: CellIndex) {
    this.byCells = byCells;
    this.#index = index;
  }

  /** Bins of the rows in cells that lie inside, as `binsOf` says. */
  binsInside(bins: Bins): Bins {
    let known = this.#bins.get(bins.of);
    // Bins that came since have other numbers, the same memory may hold them.
    if (known?.size !== bins.size) known = binsOf(bins, this.byCells.inside);
    this.#bins.set(bins.of, known);
    return known;
  }

  /** The rows of a sorted block that lie in the area and in cells that its border may run through, dead ones too. */
  rowsAtBorder(pinned: PinnedRows): Int32Array {
    const known = this.#rows.get(pinned.buffer) ?? this.#find(pinned);
    this.#rows.set(pinned.buffer, known);
    return known;
  }

  #find(pinned: PinnedRows): Int32Array {
    const { divided, places, parts } = this.byCells;
    const own = rowsOf(pinned);
    const { lon, lat } = own;
    const { rows, starts } = this.#index.rowsOf(pinned, own);
    const found: number[] = [];
    for (const cell of divided) {
      const test = places[cell]! - CELL_DIVIDED;
      for (let k = starts[cell]!; k < starts[cell + 1]!; k++) {
        const i = rows[k]!;
        if (parts.place(test, lon[i]!, lat[i]!) !== OUTSIDE) found.push(i);
      }
    }
    return Int32Array.from(found);
  }
}
