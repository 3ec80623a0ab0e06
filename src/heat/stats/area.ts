import { pointOnFeature } from '@turf/turf';
import type { MultiPolygon, Polygon } from 'geojson';
import { getResolution, gridDiskDistances, latLngToCell, polygonToCells } from 'h3-js';
import { type CellKey, cellOfKey, findKey, keyOfCell } from '../../geo/cellkey.ts';
import { sharedFloats } from '../../threads/floats.ts';
import type { Neighbours } from './neighbours.ts';

/** The fixed set of H3 cells that a statistic is about, empty ones included; independent of any viewport. */
export class StudyArea {
  /** Of all cells. */
  readonly res: number;
  /** Ascending, in memory that threads share; the order of every array of values. */
  readonly keys: Float64Array;

  /** @param keys ascending, without repeats */
  constructor(res: number, keys: Float64Array) {
    this.res = res;
    this.keys = keys;
  }

  /** The cells as texts. */
  get cells(): string[] {
    return Array.from(this.keys, (key) => cellOfKey(key, this.res));
  }

  /** The position of a cell, −1 of one that is not in the area. */
  positionOf(key: CellKey): number {
    return findKey(this.keys, key);
  }
}

/** Neighbours on the H3 grid and how many steps away each is. */
export interface Disks extends Neighbours {
  /** grid distance of each entry of `index`, 0 for the cell itself; ascending within a row */
  ring: Uint8Array;
}

/**
 * Cells whose centre lies in the polygon (holes cut out), ascending: the rule of H3's polygonToCells. Adjoining polygons
 * therefore share no cell, and a part that holds no centre adds none. A polygon without any centre, smaller than a
 * cell as a rule, gets the one cell that holds a point on its surface, so that no area is without cells.
 *
 * @param polygon lon/lat in WGS 84
 * @param res H3 resolution
 */
export function cellsOfPolygon(polygon: Polygon | MultiPolygon, res: number): string[] {
  const parts = polygon.type === 'Polygon' ? [polygon.coordinates] : polygon.coordinates;
  const cells = new Set(parts.flatMap((rings) => polygonToCells(rings, res, true)));
  if (cells.size === 0) {
    if (!parts.some((rings) => rings.length > 0)) {
      throw new RangeError('The polygon is empty: give one with at least one ring.');
    }
    const [lon, lat] = pointOnFeature(polygon).geometry.coordinates;
    cells.add(latLngToCell(lat!, lon!, res));
  }
  return [...cells].sort();
}

/** @param cells ascending, without repeats, all of one resolution */
export function studyArea(cells: readonly string[]): StudyArea {
  const res = cells.length > 0 ? getResolution(cells[0]!) : 0;
  const keys = sharedFloats(cells.length);
  cells.forEach((cell, i) => {
    if (i > 0 && cells[i - 1]! >= cell) throw new RangeError('The cells must ascend without repeats: sort them first.');
    if (getResolution(cell) !== res)
      throw new RangeError('The cells differ in resolution: use cells of one resolution.');
    keys[i] = keyOfCell(cell);
  });
  return new StudyArea(res, keys);
}

/**
 * The cells of the area within `k` grid steps of each cell, itself included: D = gridDisk(i, k) ∩ A. Disks are cut at
 * the edge of the area, and those around pentagons are smaller; the statistics account for both by W.
 *
 * Costs one H3 call per cell, so it is kept per area and k; the arrays lie in memory that threads share.
 *
 * @param k 0–50
 */
export function disksWithin(area: StudyArea, k: number): Disks {
  if (!Number.isInteger(k) || k < 0 || k > 50) throw new RangeError(`k is ${k}: use a whole number from 0 to 50.`);
  const size = area.keys.length;
  const positions = new Map<CellKey, number>();
  area.keys.forEach((key, i) => {
    positions.set(key, i);
  });
  const start = new Uint32Array(new SharedArrayBuffer(4 * (size + 1)));
  const most = size * (1 + 3 * k * (k + 1));
  const index = new Uint32Array(most);
  const ring = new Uint8Array(most);
  let entries = 0;
  for (let row = 0; row < size; row++) {
    gridDiskDistances(cellOfKey(area.keys[row]!, area.res), k).forEach((cells, distance) => {
      for (const other of cells) {
        const position = positions.get(keyOfCell(other));
        if (position === undefined) continue;
        index[entries] = position;
        ring[entries] = distance;
        entries += 1;
      }
    });
    start[row + 1] = entries;
  }
  return { start, index: shared(index.subarray(0, entries)), ring: sharedBytes(ring.subarray(0, entries)) };
}

function shared(values: Uint32Array): Uint32Array {
  const copy = new Uint32Array(new SharedArrayBuffer(4 * values.length));
  copy.set(values);
  return copy;
}

function sharedBytes(values: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(values.length));
  copy.set(values);
  return copy;
}
