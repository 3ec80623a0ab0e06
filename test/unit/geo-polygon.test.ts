import type { Geometry, Position } from 'geojson';
import { describe, expect, test } from 'vitest';
import { describeFault, findFault } from '../../src/geo/polygon.ts';

const SQUARE: Position[] = [
  [0, 0],
  [4, 0],
  [4, 4],
  [0, 4],
  [0, 0],
];
const HOLE: Position[] = [
  [1, 1],
  [1, 2],
  [2, 2],
  [1, 1],
];
const polygon = (...coordinates: unknown[]) => ({ type: 'Polygon', coordinates }) as Geometry;
const many = (...coordinates: unknown[]) => ({ type: 'MultiPolygon', coordinates }) as Geometry;
const line = (coordinates: unknown) => ({ type: 'LineString', coordinates }) as Geometry;

describe('findFault', () => {
  test.each<[string, Geometry]>([
    ['a polygon', polygon(SQUARE, HOLE)],
    ['a multipolygon', many([SQUARE], [SQUARE, HOLE])],
    [
      'a line',
      line([
        [0, 0],
        [1, 1],
      ]),
    ],
    [
      'lines',
      {
        type: 'MultiLineString',
        coordinates: [
          [
            [0, 0],
            [1, 1],
          ],
        ],
      },
    ],
    ['a point', { type: 'Point', coordinates: [180, -90, 12] }],
    ['points', { type: 'MultiPoint', coordinates: [[0, 0]] }],
  ])('finds none in %s', (_what, geometry) => expect(findFault(geometry)).toBeNull());

  test.each<[Geometry, RegExp, string | null, [number, number] | null]>([
    [
      polygon(SQUARE.slice(0, -1)),
      /^ring 1 is not closed: repeat its first position \[0,0\] at its end$/,
      'ring 1',
      [0, 0],
    ],
    [polygon(SQUARE, HOLE.slice(0, 3)), /^ring 2 is not closed/, 'ring 2', [1, 1]],
    [many([SQUARE], [HOLE.slice(1)]), /^polygon 2, ring 1 is not closed/, 'polygon 2, ring 1', [1, 2]],
    [
      polygon([
        [0, 0],
        [1, 1],
        [0, 0],
      ]),
      /^ring 1 has 3 positions: at least 4/,
      'ring 1',
      [0, 0],
    ],
    [polygon([]), /^ring 1 is empty/, 'ring 1', null],
    [polygon(), /^the polygon is empty/, null, null],
    [many(), /^the geometry is empty/, null, null],
    [many([]), /^polygon 1 is empty/, null, null],
    [polygon(...SQUARE), /ring 1 are not nested/, 'ring 1', null],
    [many(SQUARE), /nested/, 'polygon 1, ring 1', null],
    [polygon([SQUARE]), /ring 1 are not nested/, 'ring 1', null],
    [
      polygon([
        [0, 0],
        [1, Number.NaN],
        [1, 1],
        [0, 0],
      ]),
      /^ring 1 has a position that is not two finite numbers/,
      'ring 1',
      null,
    ],
    [
      polygon([
        [0, 0],
        ['1', 1],
        [1, 1],
        [0, 0],
      ]),
      /not two finite numbers: \["1",1\]/,
      'ring 1',
      null,
    ],
    [polygon([[0, 0], [1], [1, 1], [0, 0]]), /not two finite numbers/, 'ring 1', null],
    [
      polygon([
        [0, 0],
        [181, 1],
        [1, 1],
        [0, 0],
      ]),
      /not on the earth: \[181,1\]; .*convert projected/,
      'ring 1',
      [181, 1],
    ],
    [{ type: 'Point', coordinates: [22, 114] }, /^the point has a position that is not on the earth/, null, [22, 114]],
    [
      {
        type: 'MultiPoint',
        coordinates: [
          [0, 0],
          [0, 91],
        ],
      },
      /^point 2 has/,
      null,
      [0, 91],
    ],
    [line([[3, 4]]), /^the line has one position/, null, [3, 4]],
    [line(7), /coordinates of the line are not nested/, null, null],
    [
      {
        type: 'MultiLineString',
        coordinates: [
          [
            [0, 0],
            [1, 1],
          ],
          [],
        ],
      },
      /^line 2 is empty/,
      null,
      null,
    ],
    [{ type: 'GeometryCollection', geometries: [] }, /one by one/, null, null],
  ])('%j', (geometry, message, ring, at) => {
    const fault = findFault(geometry)!;
    expect(fault.message).toMatch(message);
    expect([fault.ring, fault.at]).toEqual([ring, at]);
  });
});

describe('describeFault', () => {
  test('names the ring that passes nearest to the place', () => {
    const twisted: Geometry = polygon([
      [0, 0],
      [4, 4],
      [4, 0],
      [0, 4],
      [0, 0],
    ]);
    expect(describeFault('Self-intersection', [2, 2], twisted)).toBe(
      'ring 1 of polygon 1 crosses itself or another ring near 2,2',
    );
    const two = many(
      [SQUARE],
      [
        [
          [10, 10],
          [20, 10],
          [20, 20],
          [10, 10],
        ],
        [
          [12, 11],
          [13, 11],
          [13, 12],
          [12, 11],
        ],
      ],
    );
    expect(describeFault('Hole lies outside shell', [12.5, 11.1], two)).toBe(
      'ring 2 of polygon 2 is a hole outside its polygon near 12.5,11.1',
    );
  });

  test('keeps a reason that it does not know, and does without place or ring', () => {
    expect(describeFault('Something new', [0, 0], polygon(SQUARE))).toBe(
      'ring 1 of polygon 1 is not valid (Something new) near 0,0',
    );
    expect(describeFault('Self-intersection', null, polygon(SQUARE))).toBe(
      'the geometry crosses itself or another ring',
    );
    expect(
      describeFault(
        'Self-intersection',
        [0, 0],
        line([
          [0, 0],
          [1, 1],
        ]),
      ),
    ).toMatch(/^the geometry .* near 0,0$/);
  });
});
