import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  EXTENT,
  fractionOfLat,
  MAX_LAT,
  MAX_ZOOM,
  parseTile,
  type Tile,
  tileBounds,
  tileBufferBounds,
  tileFilterBounds,
  tileOfPoint,
  tilesOfBox,
  tilesOfRange,
  worldX,
  worldY,
} from '../../src/geo/tile.ts';

const ZOOMS = Array.from({ length: MAX_ZOOM + 1 }, (_, z) => z);
const zoom = fc.integer({ min: 0, max: MAX_ZOOM });
const tile = zoom.chain((z) => {
  const number = fc.integer({ min: 0, max: 2 ** z - 1 });
  return fc.record({ z: fc.constant(z), x: number, y: number });
});
const degrees = fc.tuple(
  fc.double({ min: -180, max: 180, noNaN: true }),
  fc.double({ min: -90, max: 90, noNaN: true }),
);
/** Corners of tiles, and the doubles next to them. */
const corner = tile.chain(({ z, x, y }) => {
  const { west, north } = tileBounds(z, x, y);
  const near = (value: number) => fc.constantFrom(value, value * (1 + 2 ** -52), value * (1 - 2 ** -53));
  return fc
    .tuple(near(west), near(north))
    .map(([lon, lat]): [number, number] => [Math.min(Math.max(lon, -180), 180), lat]);
});
const place = fc.oneof(degrees, corner, fc.constantFrom<[number, number]>([180, 0], [-180, 90], [180, -90], [0, 0]));

function owns({ z, x, y }: Tile, lon: number, lat: number): boolean {
  const { west, south, east, north } = tileFilterBounds(z, x, y);
  return west <= lon && lon < east && south < lat && lat <= north;
}

describe('parseTile', () => {
  test('takes the first and last tile of every zoom', () => {
    for (const z of ZOOMS) expect(parseTile(z, 2 ** z - 1, 0)).toEqual({ z, x: 2 ** z - 1, y: 0 });
  });

  test.each([
    [23, 0, 0, /z must be a whole number from 0 to 22/],
    [-1, 0, 0, /^z/],
    [0.5, 0, 0, /^z/],
    [Number.NaN, 0, 0, /^z/],
    [3, 8, 0, /x must be a whole number from 0 to 7 at zoom 3/],
    [3, 0, 8, /^y/],
    [3, -1, 0, /^x/],
    [3, 0, 1.5, /^y/],
  ])('refuses %d/%d/%d', (z, x, y, message) => expect(() => parseTile(z, x, y)).toThrow(message));
});

describe('tileBounds', () => {
  test('spans the Mercator square at zoom 0', () => {
    expect(tileBounds(0, 0, 0)).toEqual({ west: -180, south: -MAX_LAT, east: 180, north: MAX_LAT });
    expect(MAX_LAT).toBeCloseTo(85.0511287798066, 12);
  });

  test('agree with ST_TileEnvelope', () => {
    const { west, south, east, north } = tileBounds(14, 13382, 7149);
    expect([west, south, east, north].map((edge) => edge.toFixed(6))).toEqual([
      '114.038086',
      '22.309426',
      '114.060059',
      '22.329752',
    ]);
  });

  test('a tile ends where its neighbours begin, and its quarters with it, to the bit', () => {
    fc.assert(
      fc.property(
        tile.filter(({ z }) => z < MAX_ZOOM),
        ({ z, x, y }) => {
          const whole = tileBounds(z, x, y);
          const first = tileBounds(z + 1, 2 * x, 2 * y);
          const last = tileBounds(z + 1, 2 * x + 1, 2 * y + 1);
          expect({ west: first.west, north: first.north, east: last.east, south: last.south }).toEqual(whole);
          expect(tileBounds(z, x + 1, y + 1)).toMatchObject({ west: whole.east, north: whole.south });
        },
      ),
    );
  });
});

describe('tileOfPoint', () => {
  test('every point is in exactly one tile of every zoom, by the same bounds as in SQL', () => {
    fc.assert(
      fc.property(place, ([lon, lat]) => {
        for (const z of ZOOMS) {
          const found = tileOfPoint(lon, lat, z);
          const { minX, maxX, minY, maxY } = aroundOf(found);
          const owners = [...tilesOfRange({ z, minX, maxX, minY, maxY })].filter((near) => owns(near, lon, lat));
          expect(owners).toEqual([found]);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('its tile lies in its tile of the zoom above', () => {
    fc.assert(
      fc.property(place, fc.integer({ min: 1, max: MAX_ZOOM }), ([lon, lat], z) => {
        const { x, y } = tileOfPoint(lon, lat, z);
        expect(tileOfPoint(lon, lat, z - 1)).toEqual({ z: z - 1, x: x >> 1, y: y >> 1 });
      }),
    );
  });

  test('corners belong to the tile south-east of them', () => {
    fc.assert(
      fc.property(tile, ({ z, x, y }) => {
        const { west, north } = tileBounds(z, x, y);
        expect(tileOfPoint(west, north, z)).toEqual({ z, x, y });
      }),
    );
  });

  test('the ends of the world belong to the tiles at the edge', () => {
    expect(tileOfPoint(180, 90, 3)).toEqual({ z: 3, x: 7, y: 0 });
    expect(tileOfPoint(-180, -90, 3)).toEqual({ z: 3, x: 0, y: 7 });
    expect(() => tileOfPoint(Number.NaN, 0, 3)).toThrow(RangeError);
  });
});

function aroundOf({ z, x, y }: Tile) {
  const last = 2 ** z - 1;
  return {
    minX: Math.max(x - 1, 0),
    maxX: Math.min(x + 1, last),
    minY: Math.max(y - 1, 0),
    maxY: Math.min(y + 1, last),
  };
}

describe('tilesOfBox', () => {
  const shenzhen = [113.75, 22.44, 114.62, 22.87] as const;

  test('lists the tiles that own points of the box', () => {
    const range = tilesOfBox(shenzhen, 10);
    expect(range).toEqual({ z: 10, minX: 835, minY: 445, maxX: 838, maxY: 446 });
    expect([...tilesOfRange(range)]).toHaveLength(8);
    expect(tilesOfBox([-180, -90, 180, 90], 2)).toEqual({ z: 2, minX: 0, minY: 0, maxX: 3, maxY: 3 });
  });

  test('with a buffer, holds a tile exactly if the box on its grid reaches its buffer', () => {
    const buffers = fc.constantFrom(0, 64, 128);
    fc.assert(
      fc.property(corner, degrees, tile, buffers, (a, b, { z }, buffer) => {
        const box = [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[0], b[0]), Math.max(a[1], b[1])] as const;
        const range = tilesOfBox(box, z, buffer);
        const reaches = (low: number, high: number, n: number) =>
          high >= n * EXTENT - buffer && low <= (n + 1) * EXTENT + buffer;
        const [left, right] = [worldX(box[0], z), worldX(box[2], z)];
        const [top, bottom] = [worldY(box[3], z), worldY(box[1], z)];
        expect(reaches(left, right, range.minX) && reaches(left, right, range.maxX)).toBe(true);
        expect(reaches(top, bottom, range.minY) && reaches(top, bottom, range.maxY)).toBe(true);
        expect(reaches(left, right, range.minX - 1) && range.minX > 0).toBe(false);
        expect(reaches(left, right, range.maxX + 1) && range.maxX < 2 ** z - 1).toBe(false);
        expect(reaches(top, bottom, range.minY - 1) && range.minY > 0).toBe(false);
        expect(reaches(top, bottom, range.maxY + 1) && range.maxY < 2 ** z - 1).toBe(false);
      }),
    );
  });
});

test('the buffered bounds hold every point that snaps into the buffer', () => {
  const buffer = 64;
  fc.assert(
    fc.property(
      tile,
      fc.double({ min: -0.02, max: 1.02, noNaN: true }),
      fc.double({ min: -0.02, max: 1.02, noNaN: true }),
      ({ z, x, y }, dx, dy) => {
        const lon = Math.min(Math.max(((x + dx) / 2 ** z) * 360 - 180, -180), 180);
        const lat = (Math.atan(Math.sinh(Math.PI * (1 - (2 * (y + dy)) / 2 ** z))) * 180) / Math.PI;
        const column = worldX(lon, z) - x * EXTENT;
        const row = worldY(lat, z) - y * EXTENT;
        const isSeen = [column, row].every((unit) => unit >= -buffer && unit <= EXTENT + buffer);
        const { west, south, east, north } = tileBufferBounds(z, x, y, buffer);
        const isFound = west <= lon && lon <= east && south <= lat && lat <= north;
        expect(isFound || !isSeen).toBe(true);
      },
    ),
  );
});

describe('world units', () => {
  test('begin at the north-west, and tiles begin at multiples of the extent', () => {
    expect([worldX(-180, 0), worldX(180, 0), worldY(MAX_LAT, 0), worldY(-MAX_LAT, 0)]).toEqual([0, 4096, 0, 4096]);
    fc.assert(
      fc.property(tile, ({ z, x, y }) => {
        const { west, north } = tileBounds(z, x, y);
        expect([worldX(west, z), worldY(north, z)]).toEqual([x * EXTENT, y * EXTENT]);
      }),
    );
  });

  test('latitudes beyond the square are at its edge', () => {
    expect([fractionOfLat(90), fractionOfLat(-90)]).toEqual([0, 1]);
  });
});
