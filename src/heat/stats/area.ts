import { pointOnFeature } from '@turf/turf';
import type { MultiPolygon, Polygon } from 'geojson';
import { getResolution, gridDiskDistances, latLngToCell, polygonToCells } from 'h3-js';
import type { Neighbours } from './neighbours.ts';

/** The fixed set of H3 cells that a statistic is about, empty ones included; independent of any viewport. */
export interface StudyArea {
  /** ascending, all of one resolution; the order of every array of values */
  cells: readonly string[];
  /** position of a cell in `cells` */
  position: ReadonlyMap<string, number>;
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
  cells.forEach((cell, i) => {
    if (i > 0 && cells[i - 1]! >= cell) throw new RangeError('The cells must ascend without repeats: sort them first.');
    if (getResolution(cell) !== res)
      throw new RangeError('The cells differ in resolution: use cells of one resolution.');
  });
  return { cells, position: new Map(cells.map((cell, i) => [cell, i])) };
}

/**
 * The cells of the area within `k` grid steps of each cell, itself included: D = gridDisk(i, k) ∩ A. Disks are cut at
 * the edge of the area, and those around pentagons are smaller; the statistics account for both by W.
 *
 * Costs one H3 call per cell, so it is kept per area and k.
 *
 * @param k 0–50
 */
export function disksWithin(area: StudyArea, k: number): Disks {
  if (!Number.isInteger(k) || k < 0 || k > 50) throw new RangeError(`k is ${k}: use a whole number from 0 to 50.`);
  const start = new Uint32Array(area.cells.length + 1);
  const index: number[] = [];
  const ring: number[] = [];
  area.cells.forEach((cell, row) => {
    gridDiskDistances(cell, k).forEach((cells, distance) => {
      for (const other of cells) {
        const position = area.position.get(other);
        if (position === undefined) continue;
        index.push(position);
        ring.push(distance);
      }
    });
    start[row + 1] = index.length;
  });
  return { start, index: Uint32Array.from(index), ring: Uint8Array.from(ring) };
}
