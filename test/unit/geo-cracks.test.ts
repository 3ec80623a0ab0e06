import { VectorTile } from '@mapbox/vector-tile';
import fc from 'fast-check';
import type { Polygon, Position } from 'geojson';
import { PbfReader } from 'pbf';
import { describe, expect, test } from 'vitest';
import { boxOfBounds } from '../../src/geo/bbox.ts';
import { encodeTile, ringArea, type TileFeature } from '../../src/geo/mvt.ts';
import {
  BUFFER,
  EXTENT,
  type Tile,
  tileBufferBounds,
  tilesOfBox,
  tilesOfRange,
  worldX,
  worldY,
} from '../../src/geo/tile.ts';
import { toTileGeometry } from '../../src/geo/tilegeometry.ts';
import { mvtFaults } from '../helpers/mvt.ts';

/** Cells along a side of a subdivision. */
const SIDE = 9;

interface Subdivision {
  cells: Polygon[];
  outline: Polygon;
}

/**
 * A random partition of a rectangle of degrees: a jittered net whose edges bend in shared positions on the way; some of
 * its cells cut into triangles, and blocks of nine made a polygon around a cell of its own.
 */
function subdivide([west, south, east, north]: readonly number[], random: () => number): Subdivision {
  const step = [(east! - west!) / SIDE, (north! - south!) / SIDE] as const;
  const nodes = new Map<string, Position>();
  const node = (i: number, j: number): Position => {
    const key = `${i},${j}`;
    const jitter = () => (random() - 0.5) * 0.25;
    if (!nodes.has(key)) nodes.set(key, [west! + (i + jitter()) * step[0], south! + (j + jitter()) * step[1]]);
    return nodes.get(key)!;
  };
  /** The way from one corner to the next without its end; whoever comes the other way gets the same positions. */
  const way = (from: Corner, to: Corner): Position[] => {
    const [fx, fy] = from;
    const [tx, ty] = to;
    const middle = node((fx + tx) / 2, (fy + ty) / 2);
    return Math.abs(fx - tx) + Math.abs(fy - ty) === 1 ? [node(fx, fy), middle] : [node(fx, fy)];
  };
  const ring = (corners: Corner[]): Position[] => {
    const open = corners.flatMap((corner, k) => way(corner, corners[(k + 1) % corners.length]!));
    return [...open, open[0]!];
  };
  const square = (i: number, j: number, side: number): Corner[] => walk(i, j, side);
  const cells: Polygon[] = [];
  for (let i = 0; i < SIDE; i += 3) {
    for (let j = 0; j < SIDE; j += 3) cells.push(...block(i, j, ring, square, random));
  }
  return { cells, outline: { type: 'Polygon', coordinates: [ring(square(0, 0, SIDE))] } };
}

type Corner = [number, number];

/** Corners around a square of the net, one apart. */
function walk(i: number, j: number, side: number): Corner[] {
  const steps = Array.from({ length: side }, (_, k) => k);
  return [
    ...steps.map((k): Corner => [i + k, j]),
    ...steps.map((k): Corner => [i + side, j + k]),
    ...steps.map((k): Corner => [i + side - k, j + side]),
    ...steps.map((k): Corner => [i, j + side - k]),
  ];
}

function block(
  i: number,
  j: number,
  ring: (corners: Corner[]) => Position[],
  square: (i: number, j: number, side: number) => Corner[],
  random: () => number,
): Polygon[] {
  const polygon = (...rings: Position[][]): Polygon => ({ type: 'Polygon', coordinates: rings });
  if (random() < 0.3) {
    const middle = ring(square(i + 1, j + 1, 1));
    return [polygon(ring(square(i, j, 3)), middle), polygon(middle.toReversed())];
  }
  const cells: Polygon[] = [];
  for (let dx = 0; dx < 3; dx++) {
    for (let dy = 0; dy < 3; dy++) {
      const [a, b, c, d] = square(i + dx, j + dy, 1) as [Corner, Corner, Corner, Corner];
      if (random() < 0.7) cells.push(polygon(ring([a, b, c, d])));
      else cells.push(polygon(ring([a, b, c])), polygon(ring([c, d, a]).toReversed()));
    }
  }
  return cells;
}

/** A seeded source of numbers from 0 to 1 (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Twice the areas of the features of a tile, as a reader of its bytes sees them: holes are negative. */
function areaInTile(polygons: Polygon[], tile: Tile, buffer: number): number {
  const features: TileFeature[] = [];
  for (const polygon of polygons) {
    const geometry = toTileGeometry(polygon, tile, { buffer });
    if (geometry !== null) features.push({ ...geometry, properties: {} });
  }
  const bytes = encodeTile([{ name: 'a', features }]);
  expect(mvtFaults(bytes)).toEqual([]);
  const layer = new VectorTile(new PbfReader(bytes)).layers.a;
  let area = 0;
  for (let i = 0; i < (layer?.length ?? 0); i++) {
    for (const ring of layer!.feature(i).loadGeometry()) area += ringArea(ring.flatMap(({ x, y }) => [x, y]));
  }
  return area;
}

/** Whether snapping has turned no ring over: then, and only then, areas add up to the last unit. */
function isUpright(polygons: Polygon[], z: number): boolean {
  return polygons.every(({ coordinates }) =>
    coordinates.every((ring) => {
      const given = ringArea(ring.flatMap(([lon, lat]) => [lon!, -lat!]));
      const snapped = ringArea(ring.flatMap(([lon, lat]) => [worldX(lon!, z), worldY(lat!, z)]));
      return snapped !== 0 && given > 0 === snapped > 0;
    }),
  );
}

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const tiles = fc.integer({ min: 2, max: 22 }).chain((z) =>
  fc.record({
    z: fc.constant(z),
    x: fc.integer({ min: 1, max: 2 ** z - 2 }),
    y: fc.integer({ min: 1, max: 2 ** z - 2 }),
  }),
);

describe('neighbours meet without cracks', () => {
  test.each([0, BUFFER])('a tile that a partition covers is filled to the last unit, with a buffer of %d', (buffer) => {
    fc.assert(
      fc.property(tiles, seeds, (tile, seed) => {
        const reach = tileBufferBounds(tile.z, tile.x, tile.y, EXTENT / 2);
        const { cells } = subdivide(boxOfBounds(reach), randomOf(seed));
        expect(areaInTile(cells, tile, buffer)).toBe(2 * (EXTENT + 2 * buffer) ** 2);
      }),
      { numRuns: 60 },
    );
  });

  test('at every zoom and in every tile, cells cover what their outline covers, and no more unless one has turned over', () => {
    let exact = 0;
    const city = [113.7, 22.4, 114.6, 22.9] as const;
    for (let seed = 1; seed <= 4; seed++) {
      const { cells, outline } = subdivide(city, randomOf(seed));
      for (let z = 0; z <= 12; z++) {
        const isExact = isUpright(cells, z);
        for (const tile of tilesOfRange(tilesOfBox([113.6, 22.3, 114.7, 23], z, BUFFER))) {
          const [parts, whole] = [areaInTile(cells, tile, BUFFER), areaInTile([outline], tile, BUFFER)];
          if (isExact) expect(parts).toBe(whole);
          else expect(parts).toBeGreaterThanOrEqual(whole);
          if (isExact && whole > 0) exact += 1;
        }
      }
    }
    expect(exact).toBeGreaterThan(200);
  });
});
