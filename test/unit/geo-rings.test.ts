import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  distanceToEdge,
  flatRings,
  INSIDE,
  ON_EDGE,
  OUTSIDE,
  planeAt,
  pointInPolygons,
  pointInRings,
} from '../../src/geo/rings.ts';

const RINGS = flatRings([
  [
    [0, 0],
    [8, 0],
    [8, 8],
    [4, 4],
    [0, 8],
    [0, 0],
  ],
  [
    [1, 1],
    [1, 2],
    [2, 2],
    [2, 1],
    [1, 1],
  ],
]);

describe('pointInRings', () => {
  test.each([
    [3, 3, INSIDE],
    [7, 6.5, INSIDE],
    [4, 6, OUTSIDE],
    [1.5, 1.5, OUTSIDE],
    [-1, 0, OUTSIDE],
    [9, 8, OUTSIDE],
    [-1, 4, OUTSIDE],
    [0, 0, ON_EDGE],
    [4, 4, ON_EDGE],
    [6, 6, ON_EDGE],
    [8, 3, ON_EDGE],
    [5, 0, ON_EDGE],
    [1, 1.5, ON_EDGE],
    [2, 2, ON_EDGE],
    [9, 0, OUTSIDE],
  ])('%d, %d', (x, y, placement) => expect(pointInRings(x, y, RINGS)).toBe(placement));

  test('of a partition, one part holds a point or several have it on their edges', () => {
    const at = fc.integer({ min: 1, max: 39 }).map((n) => n / 4);
    const inner = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }));
    fc.assert(
      fc.property(inner, at, at, ([cx, cy], x, y) => {
        const corners = [
          [0, 0],
          [10, 0],
          [10, 10],
          [0, 10],
        ];
        const parts = corners.map((corner, i) => flatRings([[corner, corners[(i + 1) % 4]!, [cx, cy], corner]]));
        const placements = parts.map((rings) => pointInRings(x, y, rings));
        const inside = placements.filter((p) => p === INSIDE).length;
        const onEdge = placements.filter((p) => p === ON_EDGE).length;
        expect(inside === 1 ? onEdge === 0 : onEdge >= 2).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('of several polygons, the best answer counts', () => {
    const other = flatRings([
      [
        [8, 8],
        [12, 8],
        [12, 12],
        [8, 8],
      ],
    ]);
    expect(pointInPolygons(11, 9, [RINGS, other])).toBe(INSIDE);
    expect(pointInPolygons(8, 8, [RINGS, other])).toBe(ON_EDGE);
    expect(pointInPolygons(20, 20, [RINGS, other])).toBe(OUTSIDE);
  });
});

describe('distanceToEdge', () => {
  test('is metres, to the nearest edge of the exterior or a hole', () => {
    const side = 0.01;
    const rings = flatRings([
      [
        [114, 22],
        [114 + side, 22],
        [114 + side, 22 + side],
        [114, 22 + side],
        [114, 22],
      ],
      [
        [114.004, 22.004],
        [114.006, 22.004],
        [114.006, 22.006],
        [114.004, 22.004],
      ],
    ]);
    // ST_Distance of geographies, PostGIS 3.3.
    expect(distanceToEdge(planeAt(114.001, 22.005), rings)).toBeCloseTo(103.2585, 2);
    expect(distanceToEdge(planeAt(114.005, 22.012), rings)).toBeCloseTo(221.4608, 2);
    expect(distanceToEdge(planeAt(114.005, 22.003), rings)).toBeCloseTo(110.7303, 2);
    expect(distanceToEdge(planeAt(114, 22.004), rings)).toBeCloseTo(0, 9);
  });
});
