import fc from 'fast-check';
import {
  cellToBoundary,
  cellToChildren,
  cellToLatLng,
  cellToParent,
  getPentagons,
  getRes0Cells,
  gridDisk,
  latLngToCell,
} from 'h3-js';
import { describe, expect, test } from 'vitest';
import {
  bigintToCell,
  cellToBigint,
  cellTouchesBox,
  descendantRange,
  expandByCells,
  heatResolution,
  hexagonInTile,
  hexagonRing,
  joinCell,
  parentOf,
  parentOfPair,
  resolutionOf,
  STORED_RES,
  splitCell,
} from '../../src/geo/h3.ts';
import { EXTENT, tileBounds, tileOfPoint, tilesOfBox, tilesOfRange } from '../../src/geo/tile.ts';

const lon = fc.double({ min: -180, max: 180, noNaN: true });
const lat = fc.double({ min: -90, max: 90, noNaN: true });
const res = fc.integer({ min: 0, max: 15 });
const anyCell = fc.tuple(lat, lon, res).map(([y, x, r]) => latLngToCell(y, x, r));
const pentagon = fc.tuple(res, fc.nat(11)).map(([r, i]) => getPentagons(r)[i]!);
const cell = fc.oneof({ arbitrary: anyCell, weight: 3 }, pentagon);

describe('indexes as numbers', () => {
  test('turn into text and back', () => {
    fc.assert(
      fc.property(cell, (text) => {
        expect(bigintToCell(cellToBigint(text))).toBe(text);
        expect(joinCell(...splitCell(cellToBigint(text)))).toBe(cellToBigint(text));
        expect(cellToBigint(text) < 2n ** 63n).toBe(true);
      }),
    );
  });

  test('have the parents that h3-js gives, pentagons included', () => {
    fc.assert(
      fc.property(cell, res, (text, r) => {
        const number = cellToBigint(text);
        if (r > resolutionOf(number)) {
          expect(() => parentOf(number, r)).toThrow(RangeError);
          return;
        }
        const parent = cellToParent(text, r);
        expect(bigintToCell(parentOf(number, r))).toBe(parent);
        expect(joinCell(...parentOfPair(...splitCell(number), r))).toBe(cellToBigint(parent));
      }),
      { numRuns: 2000 },
    );
  });

  test('span their descendants and nobody else', () => {
    const coarse = fc.oneof(fc.tuple(lat, lon, fc.integer({ min: 5, max: 10 })), fc.constant(null));
    fc.assert(
      fc.property(coarse, fc.nat(11), fc.integer({ min: 0, max: 3 }), (place, i, depth) => {
        const top = place === null ? getPentagons(7)[i]! : latLngToCell(...place);
        const own = resolutionOf(cellToBigint(top));
        const [lo, hi] = descendantRange(cellToBigint(top), own + depth);
        const isWithin = (text: string) => lo <= cellToBigint(text) && cellToBigint(text) <= hi;
        expect(cellToChildren(top, own + depth).every(isWithin)).toBe(true);
        const others = gridDisk(top, 1).filter((near) => near !== top);
        expect(others.flatMap((near) => cellToChildren(near, own + depth)).some(isWithin)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  test('reach down to the stored resolution by default', () => {
    for (const text of [...getRes0Cells(), ...getPentagons(5)]) {
      const [lo, hi] = descendantRange(cellToBigint(text));
      expect([lo, hi].map(resolutionOf)).toEqual([STORED_RES, STORED_RES]);
      expect([lo, hi].map((n) => parentOf(n, resolutionOf(cellToBigint(text))))).toEqual(
        Array(2).fill(cellToBigint(text)),
      );
    }
    expect(() => descendantRange(cellToBigint(latLngToCell(0, 0, 11)))).toThrow(RangeError);
  });
});

test('heat is shown at the resolution of its zoom, from 5 to 10', () => {
  expect([0, 8, 9, 10, 12, 13, 14, 22].map(heatResolution)).toEqual([5, 5, 6, 7, 9, 10, 10, 10]);
});

describe('hexagonRing', () => {
  test('is the closed outline of h3-js, its longitudes without jumps', () => {
    fc.assert(
      fc.property(
        cell.filter((text) => Math.abs(cellToLatLng(text)[0]) < 70),
        (text) => {
          const ring = hexagonRing(text);
          expect(ring.at(-1)).toEqual(ring[0]);
          expect(ring.map(([x, y]) => [modulo(x), y])).toEqual(
            cellToBoundary(text, true).map(([x, y]) => [modulo(x!), y]),
          );
          expect(ring.slice(1).every(([x], i) => Math.abs(x - ring[i]![0]) <= 180)).toBe(true);
        },
      ),
    );
  });

  test('of a cell on a pole goes along the pole', () => {
    for (const pole of [90, -90]) {
      const ring = hexagonRing(latLngToCell(pole, 0, 5));
      expect(ring.filter(([, y]) => y === pole)).toHaveLength(2);
      expect(ring.at(-1)).toEqual(ring[0]);
    }
  });
});

/** To 9 digits, beyond which turning a longitude by 360 rounds. */
function modulo(degrees: number): number {
  return Math.round((((degrees % 360) + 360) % 360) * 1e9) / 1e9;
}

describe('cells and boxes', () => {
  const around = (x: number, y: number, reach: number) => [x - reach, y - reach, x + reach, y + reach] as const;

  test('touch when either holds a place of the other, or their outlines cross', () => {
    const text = latLngToCell(22.54, 114.05, 8);
    const [y, x] = cellToLatLng(text);
    const ring = hexagonRing(text);
    const [left, right] = [Math.min(...ring.map(([w]) => w)), Math.max(...ring.map(([e]) => e))];
    expect(cellTouchesBox(text, around(x, y, 1e-6))).toBe(true);
    expect(cellTouchesBox(text, around(x, y, 1))).toBe(true);
    expect(cellTouchesBox(text, [left - 1, y - 1e-6, right + 1, y + 1e-6])).toBe(true);
    expect(cellTouchesBox(text, [right, y - 1, right + 1, y + 1])).toBe(true);
    expect(cellTouchesBox(text, [right + 1e-9, y - 1, right + 1, y + 1])).toBe(false);
    const [cornerX, cornerY] = [left, Math.max(...ring.map(([, n]) => n))];
    expect(cellTouchesBox(text, [cornerX - 1e-3, cornerY - 1e-5, cornerX + 1e-5, cornerY + 1e-3])).toBe(false);
  });

  test('touch across the antimeridian and around the poles', () => {
    const text = latLngToCell(10, 179.999, 5);
    expect(cellTouchesBox(text, [179.9, 9.9, 180, 10.1])).toBe(true);
    expect(cellTouchesBox(text, [-180, 9.9, -179.99, 10.1])).toBe(true);
    expect(cellTouchesBox(text, [-1, 9.9, 1, 10.1])).toBe(false);
    expect(cellTouchesBox(latLngToCell(90, 0, 5), [33, 89.99, 34, 90])).toBe(true);
  });

  test('a box grown by cells holds every point whose cell touches the box', () => {
    const small = fc.double({ min: 0, max: 0.3, noNaN: true });
    const offset = fc.double({ min: -1, max: 1, noNaN: true });
    const coarse = fc.integer({ min: 5, max: 10 });
    fc.assert(
      fc.property(lon, lat, small, small, coarse, offset, offset, (x, y, width, height, r, dx, dy) => {
        const box = [x, y, Math.min(x + width, 180), Math.min(y + height, 90)] as const;
        const [west, south, east, north] = expandByCells(box, r);
        const reach = (4 * 10 * 7 ** (-(r - 5) / 2)) / 111;
        const pointY = Math.min(Math.max(y + height / 2 + dy * (height / 2 + reach), -90), 90);
        const reachX = reach / Math.max(Math.cos((pointY * Math.PI) / 180), 0.02);
        const pointX = wrapped(x + width / 2 + dx * (width / 2 + reachX));
        const owner = cellToParent(latLngToCell(pointY, pointX, STORED_RES), r);
        const isHeld = west <= pointX && pointX <= east && south <= pointY && pointY <= north;
        expect(isHeld || !cellTouchesBox(owner, box)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });
});

function wrapped(degrees: number): number {
  return degrees - 360 * Math.round(degrees / 360);
}

describe('hexagonInTile', () => {
  test('is the same whole hexagon in every tile it touches, and in no other', () => {
    const city = fc.tuple(fc.double({ min: 113, max: 115, noNaN: true }), fc.double({ min: 22, max: 31, noNaN: true }));
    fc.assert(
      fc.property(city, fc.integer({ min: 0, max: 18 }), ([x, y], z) => {
        const text = latLngToCell(y, x, heatResolution(z));
        const ring = hexagonRing(text);
        const [lons, lats] = [ring.map(([lng]) => lng), ring.map(([, northing]) => northing)];
        const box = [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)] as const;
        const shapes = new Set<string>();
        for (const tile of tilesOfRange(tilesOfBox(box, z, EXTENT))) {
          const shape = hexagonInTile(text, tile);
          const { west, south, east, north } = tileBounds(tile.z, tile.x, tile.y);
          expect(shape !== null).toBe(cellTouchesBox(text, [west, south, east, north]));
          if (shape === null) continue;
          const moved = shape.parts[0]!.map((unit, i) => unit + (i % 2 === 0 ? tile.x : tile.y) * EXTENT);
          shapes.add(moved.join());
        }
        expect(shapes.size).toBe(1);
        expect(hexagonInTile(text, tileOfPoint(...(ring[0] as [number, number]), z))).not.toBeNull();
      }),
      { numRuns: 200 },
    );
  });

  test('across the antimeridian is in the tiles of both ends of the world, and twice in the one tile of zoom 0', () => {
    const text = latLngToCell(10, 179.999, 5);
    const last = 2 ** 8 - 1;
    const { y } = tileOfPoint(180, 10, 8);
    expect(hexagonInTile(text, { z: 8, x: 0, y })?.parts).toHaveLength(1);
    expect(hexagonInTile(text, { z: 8, x: last, y })?.parts).toHaveLength(1);
    expect(hexagonInTile(text, { z: 0, x: 0, y: 0 })?.parts).toHaveLength(2);
  });
});
