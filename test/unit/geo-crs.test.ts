import fc from 'fast-check';
import gcoordModule from 'gcoord';
import type { Geometry } from 'geojson';
import { describe, expect, test } from 'vitest';
import { positionToWgs84, toWgs84 } from '../../src/geo/crs.ts';

const gcoord = gcoordModule as unknown as typeof gcoordModule.default;
/** A millionth of a degree, 0.1 m. */
const CLOSE = 2e-6;

describe('positionToWgs84', () => {
  test('undoes the shift of GCJ-02 and BD-09', () => {
    const lon = fc.double({ min: 74, max: 134, noNaN: true });
    const lat = fc.double({ min: 18, max: 53, noNaN: true });
    fc.assert(
      fc.property(lon, lat, (x, y) => {
        for (const [crs, target] of [
          ['gcj02', gcoord.GCJ02],
          ['bd09', gcoord.BD09],
        ] as const) {
          const shifted = gcoord.transform([x, y], gcoord.WGS84, target) as [number, number];
          expect(Math.hypot(shifted[0] - x, shifted[1] - y)).toBeGreaterThan(1e-4);
          const [backX, backY] = positionToWgs84(shifted, crs);
          const tolerance = crs === 'bd09' ? 1e-5 : CLOSE;
          expect(Math.abs(backX - x)).toBeLessThan(tolerance);
          expect(Math.abs(backY - y)).toBeLessThan(tolerance);
        }
      }),
    );
  });

  test('leaves WGS 84 and CGCS2000 as they are, without height', () => {
    expect(positionToWgs84([114.05, 22.54, 31.5], 'wgs84')).toEqual([114.05, 22.54]);
    expect(positionToWgs84([114.05, 22.54, 31.5], 'cgcs2000')).toEqual([114.05, 22.54]);
    expect(positionToWgs84([114.05, 22.54, 31.5], 'gcj02')).toHaveLength(2);
  });

  test('ends everywhere, also at the rim of the shifted box and outside it', () => {
    const rim = [72.004, 72.0041, 72.01, 137.8347, 137.83, 137.82].flatMap((x) =>
      [30, 0.83, 55.827].map((y) => [x, y]),
    );
    const flat = [0.8293, 0.83, 0.84, 55.8271, 55.82].map((y) => [110, y]);
    for (const position of [...rim, ...flat]) {
      for (const crs of ['gcj02', 'bd09'] as const) {
        const [x, y] = positionToWgs84(position, crs);
        expect(Math.hypot(x - position[0]!, y - position[1]!)).toBeLessThan(0.02);
      }
    }
    expect(positionToWgs84([-73.9, 40.7], 'gcj02')).toEqual([-73.9, 40.7]);
  });
});

describe('toWgs84', () => {
  test('turns every position of a geometry and leaves the given one alone', () => {
    const given: Geometry = {
      type: 'MultiPolygon',
      coordinates: [
        [
          [
            [114, 22, 1],
            [115, 22, 1],
            [115, 23, 1],
            [114, 22, 1],
          ],
        ],
      ],
    };
    const copy = structuredClone(given);
    const expected = given.coordinates.map((rings) =>
      rings.map((ring) => ring.map((p) => positionToWgs84(p, 'gcj02'))),
    );
    expect(toWgs84(given, 'gcj02')).toEqual({ type: 'MultiPolygon', coordinates: expected });
    expect(given).toEqual(copy);
  });

  test('goes into collections', () => {
    const given: Geometry = { type: 'GeometryCollection', geometries: [{ type: 'Point', coordinates: [114, 22, 9] }] };
    expect(toWgs84(given, 'wgs84')).toEqual({
      type: 'GeometryCollection',
      geometries: [{ type: 'Point', coordinates: [114, 22] }],
    });
  });
});
