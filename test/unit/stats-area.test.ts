import type { MultiPolygon, Polygon, Position } from 'geojson';
import { cellToLatLng, getPentagons, gridDisk, gridDistance, latLngToCell } from 'h3-js';
import { describe, expect, test } from 'vitest';
import { keyOfCell } from '../../src/geo/cellkey.ts';
import { cellsOfPolygon, disksWithin, studyArea } from '../../src/heat/stats/area.ts';

function ring(west: number, south: number, east: number, north: number): Position[] {
  return [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ];
}

const polygon = (...rings: Position[][]): Polygon => ({ type: 'Polygon', coordinates: rings });
const multi = (...parts: Position[][][]): MultiPolygon => ({ type: 'MultiPolygon', coordinates: parts });

describe('cellsOfPolygon', () => {
  const whole = cellsOfPolygon(polygon(ring(114, 22.5, 114.06, 22.54)), 9);

  test('the cells whose centre lies inside, ascending', () => {
    const around = gridDisk(latLngToCell(22.52, 114.03, 9), 40);
    const inside = around.filter((cell) => {
      const [lat, lon] = cellToLatLng(cell);
      return lon > 114 && lon < 114.06 && lat > 22.5 && lat < 22.54;
    });
    expect(whole).toEqual(inside.sort());
    expect(whole.length).toBeGreaterThan(200);
  });

  test('adjoining polygons share no cell and leave none out', () => {
    const west = cellsOfPolygon(polygon(ring(114, 22.5, 114.0317, 22.54)), 9);
    const east = cellsOfPolygon(polygon(ring(114.0317, 22.5, 114.06, 22.54)), 9);
    expect([...west, ...east].sort()).toEqual(whole);
  });

  test('a hole is cut out and its filling fits in', () => {
    const hole = ring(114.02, 22.51, 114.04, 22.53);
    const outer = cellsOfPolygon(polygon(ring(114, 22.5, 114.06, 22.54), hole), 9);
    expect([...outer, ...cellsOfPolygon(polygon(hole), 9)].sort()).toEqual(whole);
  });

  test('parts are united, cells named once', () => {
    const parts = multi([ring(114, 22.5, 114.04, 22.54)], [ring(114.03, 22.5, 114.06, 22.54)]);
    expect(cellsOfPolygon(parts, 9)).toEqual(whole);
  });

  test('smaller than a cell: the one cell that holds it', () => {
    const cell = latLngToCell(22.52, 114.03, 7);
    const [lat, lon] = cellToLatLng(cell);
    // off the centre, so that no centre lies inside
    const yard = ring(lon + 0.002, lat + 0.002, lon + 0.0021, lat + 0.0021);
    expect(cellsOfPolygon(polygon(yard), 7)).toEqual([cell]);
    expect(cellsOfPolygon(multi([yard]), 7)).toEqual([cell]);
  });

  test('a small part beside a large one adds no cell', () => {
    const parts = multi([ring(114, 22.5, 114.06, 22.54)], [ring(115, 23, 115.00001, 23.00001)]);
    expect(cellsOfPolygon(parts, 9)).toEqual(whole);
  });

  test('an empty polygon is refused', () => {
    expect(() => cellsOfPolygon(multi(), 9)).toThrow('at least one ring');
    expect(() => cellsOfPolygon(polygon(), 9)).toThrow('at least one ring');
  });
});

describe('studyArea', () => {
  const cells = gridDisk(latLngToCell(22.52, 114.03, 9), 3).sort();

  test('knows the position of each cell', () => {
    const area = studyArea(cells);
    expect(cells.map((cell) => area.positionOf(keyOfCell(cell)))).toEqual(cells.map((_, i) => i));
  });

  test('refuses disorder, repeats and mixed resolutions', () => {
    expect(() => studyArea([...cells].reverse())).toThrow('sort them first');
    expect(() => studyArea([cells[0]!, cells[0]!])).toThrow('without repeats');
    expect(() => studyArea([latLngToCell(22.52, 114.03, 8), cells[0]!])).toThrow('one resolution');
  });

  test('may be empty', () => {
    expect(disksWithin(studyArea([]), 2).start).toEqual(Uint32Array.of(0));
  });
});

describe('disksWithin', () => {
  test('every pair within k and its grid distance, cut at the edge and at holes', () => {
    const area = studyArea(
      gridDisk(latLngToCell(22.52, 114.03, 9), 6)
        .filter((_, i) => i % 4 !== 1)
        .sort(),
    );
    const { start, index, ring: rings } = disksWithin(area, 2);
    area.cells.forEach((cell, row) => {
      const found = Array.from(index.subarray(start[row], start[row + 1]), (position, e) => {
        return `${area.cells[position]} ${rings[start[row]! + e]}`;
      });
      const expected = area.cells.map((other) => `${other} ${gridDistance(cell, other)}`);
      expect(found.sort()).toEqual(expected.filter((pair) => Number(pair.split(' ')[1]) <= 2));
    });
  });

  test.each([
    [0, 1, 1],
    [1, 7, 6],
    [2, 19, 16],
    [3, 37, 31],
  ])('k = %d: %d cells around a hexagon, %d around a pentagon', (k, hexagon, pentagon) => {
    const size = (cell: string) => {
      const area = studyArea(gridDisk(cell, 5).sort());
      const { start } = disksWithin(area, k);
      const row = area.positionOf(keyOfCell(cell));
      return start[row + 1]! - start[row]!;
    };
    expect(size(latLngToCell(22.52, 114.03, 9))).toBe(hexagon);
    expect(size(getPentagons(9)[3]!)).toBe(pentagon);
  });

  test('refuses a k that is no ring', () => {
    for (const k of [-1, 1.5, 51]) expect(() => disksWithin(studyArea([]), k)).toThrow('whole number from 0 to 50');
  });
});
