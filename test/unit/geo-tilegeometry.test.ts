import fc from 'fast-check';
import type { Geometry, Position } from 'geojson';
import { describe, expect, test } from 'vitest';
import { LINE, POINT, POLYGON, ringArea } from '../../src/geo/mvt.ts';
import { EXTENT, type Tile, tileBounds, tileOfPoint, tilesOfBox, tilesOfRange } from '../../src/geo/tile.ts';
import { clipToTile, ownPoint, snapToWorld, toTileGeometry } from '../../src/geo/tilegeometry.ts';

const TILE: Tile = { z: 14, x: 13382, y: 7137 };

/** The place of a position in the tile's units. */
function at(x: number, y: number, { z, x: column, y: row }: Tile = TILE): Position {
  const side = 2 ** z;
  const lon = ((column + x / EXTENT) / side) * 360 - 180;
  const lat = (Math.atan(Math.sinh(Math.PI * (1 - (2 * (row + y / EXTENT)) / side))) * 180) / Math.PI;
  return [lon, lat];
}

function box(left: number, top: number, right: number, bottom: number): Position[] {
  return [at(left, top), at(right, top), at(right, bottom), at(left, bottom), at(left, top)];
}

const polygon = (...coordinates: Position[][]): Geometry => ({ type: 'Polygon', coordinates });
const areas = (geometry: Geometry) => toTileGeometry(geometry, TILE)?.parts.map((part) => ringArea(part)) ?? null;

describe('polygons', () => {
  test('are wound for the tile however they were given, holes after their exterior', () => {
    const hole = box(20, 20, 30, 30);
    for (const exterior of [box(0, 0, 100, 100), box(0, 0, 100, 100).toReversed()]) {
      expect(areas(polygon(exterior, hole))).toEqual([20_000, -200]);
      expect(areas(polygon(exterior, hole.toReversed()))).toEqual([20_000, -200]);
    }
    const many: Geometry = {
      type: 'MultiPolygon',
      coordinates: [[box(0, 0, 10, 10), box(2, 2, 4, 4)], [box(50, 50, 60, 60)]],
    };
    expect(areas(many)).toEqual([200, -8, 200]);
    expect(toTileGeometry(many, TILE)?.type).toBe(POLYGON);
  });

  test('do not repeat their first position', () => {
    expect(toTileGeometry(polygon(box(1, 2, 11, 12)), TILE)?.parts).toEqual([[1, 2, 11, 2, 11, 12, 1, 12]]);
  });

  test('end at the buffer', () => {
    const wide = polygon(box(-5000, 100, 9000, 200));
    expect(toTileGeometry(wide, TILE)?.parts).toEqual([[-64, 100, 4160, 100, 4160, 200, -64, 200]]);
    expect(toTileGeometry(wide, TILE, { buffer: 0 })?.parts).toEqual([[0, 100, 4096, 100, 4096, 200, 0, 200]]);
    expect(toTileGeometry(polygon(box(4200, 0, 4300, 100)), TILE)).toBeNull();
  });

  test('smaller than the grid vanish, and holes with them', () => {
    expect(areas(polygon(box(5, 5, 5.3, 5.3)))).toBeNull();
    expect(areas(polygon(box(5, 5, 5.3, 50), box(5.1, 10, 5.2, 20)))).toBeNull();
    expect(areas(polygon(box(0, 0, 100, 100), box(5, 5, 5.3, 5.3)))).toEqual([20_000]);
  });

  test('with a hole of their own size show nothing, as does the inside of a hole around the tile', () => {
    expect(areas(polygon(box(5, 5, 50, 50), box(5.2, 5.2, 49.8, 49.8)))).toBeNull();
    expect(areas(polygon(box(-9000, -9000, 9000, 9000), box(-500, -500, 5000, 5000)))).toBeNull();
  });

  test('with a hole across the side of the tile lose what it cuts out', () => {
    const [exterior, hole] = areas(polygon(box(-5000, -5000, 5000, 5000), box(4000, 4000, 4500, 4500)))!;
    expect([exterior, hole]).toEqual([2 * 4224 ** 2, -2 * 160 ** 2]);
  });

  test('are in every zoom with area, from one snapped geometry per zoom', () => {
    const shape = polygon(box(100, 100, 900, 900));
    for (let z = 3; z <= 16; z++) {
      const world = snapToWorld(shape, z);
      const [west, south] = at(100, 900);
      const [east, north] = at(900, 100);
      const tiles = [...tilesOfRange(tilesOfBox([west!, south!, east!, north!], z, 0))];
      const shown = tiles.map((tile) => clipToTile(world, tile, 0)).filter((geometry) => geometry !== null);
      const whole = ringArea(world.groups[0]![0]!);
      expect(shown.flatMap(({ parts }) => parts).reduce((sum, part) => sum + ringArea(part), 0)).toBe(whole);
      expect(shown.length > 0).toBe(whole > 0);
    }
  });

  test('of the whole world fill a tile of the finest zoom', () => {
    const world = polygon([
      [-180, -90],
      [180, -90],
      [180, 90],
      [-180, 90],
      [-180, -90],
    ]);
    const tile = tileOfPoint(114.05, 22.54, 22);
    expect(toTileGeometry(world, tile)?.parts.map((part) => ringArea(part))).toEqual([2 * 4224 ** 2]);
    const { west, north } = tileBounds(22, tile.x, tile.y);
    const corner = polygon([
      [-180, -90],
      [west, -90],
      [west, north],
      [-180, north],
      [-180, -90],
    ]);
    expect(toTileGeometry(corner, tile)?.parts.map((part) => ringArea(part))).toEqual([2 * 64 * 4160]);
  });
});

describe('lines', () => {
  test('are cut into the parts inside, without steps that go nowhere', () => {
    const line: Geometry = {
      type: 'LineString',
      coordinates: [at(10, 10), at(10.2, 10.1), at(10, 9000), at(300, 9000), at(300, 20), at(300, 10)],
    };
    expect(toTileGeometry(line, TILE)).toEqual({
      type: LINE,
      parts: [
        [10, 10, 10, 4160],
        [300, 4160, 300, 10],
      ],
    });
  });

  test('shorter than the grid vanish', () => {
    const short: Geometry = {
      type: 'MultiLineString',
      coordinates: [
        [at(7, 7), at(7.2, 7.3)],
        [at(1, 1), at(3, 1)],
      ],
    };
    expect(toTileGeometry(short, TILE)?.parts).toEqual([[1, 1, 3, 1]]);
  });
});

describe('points', () => {
  test('show up to the buffer, its last unit included', () => {
    const points: Geometry = { type: 'MultiPoint', coordinates: [at(-64, 5), at(-65, 5), at(4160, 4160), at(4161, 0)] };
    expect(toTileGeometry(points, TILE)).toEqual({ type: POINT, parts: [[-64, 5, 4160, 4160]] });
    expect(toTileGeometry({ type: 'Point', coordinates: at(5000, 0) }, TILE)).toBeNull();
    expect(toTileGeometry({ type: 'Point', coordinates: at(1, 2) }, TILE, { extent: 2048 })?.parts).toEqual([[1, 1]]);
  });

  test('owned by a tile lie inside it, and in the unit north-west of their place', () => {
    const lon = fc.double({ min: -180, max: 180, noNaN: true });
    const lat = fc.double({ min: -90, max: 90, noNaN: true });
    fc.assert(
      fc.property(lon, lat, fc.integer({ min: 0, max: 22 }), (x, y, z) => {
        const [part] = ownPoint(x, y, tileOfPoint(x, y, z)).parts;
        expect([...part!].every((unit) => Number.isInteger(unit) && unit >= 0 && unit < EXTENT)).toBe(true);
      }),
    );
    expect(ownPoint(...(at(10.9, 20.1) as [number, number]), TILE).parts).toEqual([[10, 20]]);
    expect(ownPoint(180, -90, { z: 3, x: 7, y: 7 }).parts).toEqual([[4095, 4095]]);
  });
});

test('a GeometryCollection is refused with the cure', () => {
  expect(() => toTileGeometry({ type: 'GeometryCollection', geometries: [] }, TILE)).toThrow(/one by one/);
});
