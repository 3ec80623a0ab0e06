import fc from 'fast-check';
import type { Polygon } from 'geojson';
import { expect, test } from 'vitest';
import { ByteWriter } from '../../src/geo/bytes.ts';
import { type TileGeometry, writeCommands } from '../../src/geo/mvt.ts';
import type { Tile } from '../../src/geo/tile.ts';
import { toTileGeometry } from '../../src/geo/tilegeometry.ts';
import { Cutter } from '../../src/live/cutter.ts';
import { Positions, pathOf, Snapper, viewOf } from '../../src/live/near.ts';
import { NOT_ANY, RingCutter, UNSURE } from '../../src/live/ring-cutter.ts';
import { type DrawnShape, Shape } from '../../src/live/shape.ts';
import { NOTHING, Sheet } from '../../src/live/sheet.ts';
import { RingSnapper } from '../../src/live/snapped.ts';

/** Tiles of Shenzhen, and of the world's corners. */
const TILES: Tile[] = [
  { z: 0, x: 0, y: 0 },
  { z: 7, x: 104, y: 55 },
  { z: 14, x: 13380, y: 7142 },
  { z: 16, x: 0, y: 65535 },
  { z: 22, x: 3425280, y: 1828352 },
];

/** A place in sides of a tile from its corner: often on few lines, so that positions repeat and lie in a row. */
const place = fc.oneof(
  fc.double({ min: -0.6, max: 1.6, noNaN: true }),
  fc.integer({ min: -4, max: 12 }).map((n) => n / 8),
  fc.constantFrom(-64 / 4096, 4160 / 4096, -65 / 4096, 4161 / 4096, -64.5 / 4096, 0, 1),
);
const path = fc.array(fc.tuple(place, place), { minLength: 3, maxLength: 120 });

/** Degrees of places near a tile, flat. */
function degreesNear({ z, x, y }: Tile, places: readonly [number, number][]): Float64Array {
  const side = 2 ** z;
  const flat = places.flatMap(([dx, dy]) => {
    const [u, v] = [(x + dx) / side, (y + dy) / side];
    const lat = (Math.atan(Math.sinh(Math.PI * (1 - 2 * v))) * 180) / Math.PI;
    return [Math.min(Math.max(u * 360 - 180, -180), 180), Math.min(Math.max(lat, -90), 90)];
  });
  return Float64Array.from(flat);
}

function closed(flat: Float64Array): Float64Array {
  return Float64Array.of(...flat, flat[0]!, flat[1]!);
}

function positionsOf(flat: Float64Array): number[][] {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i]!, flat[2 * i + 1]!]);
}

function commandsOf(geometry: TileGeometry | null): Uint8Array {
  const writer = new ByteWriter();
  if (geometry) writeCommands(writer, geometry);
  return writer.toBytes();
}

/** What a shape that is drawn once writes into a tile. */
function commandsOfDrawn(drawn: DrawnShape | TileGeometry | null, tile: Tile): Uint8Array {
  if (!drawn || !('commands' in drawn)) return commandsOf(drawn);
  const writer = new ByteWriter();
  writer.varint(9);
  writer.zigzag(drawn.x - tile.x * 4096);
  writer.zigzag(drawn.y - tile.y * 4096);
  writer.slice(drawn.commands, 0, drawn.commands.length);
  return writer.toBytes();
}

/** Bytes of the commands that draw all that a tile shows. */
function lengthOfAll(tile: Tile): number {
  const corners: [number, number][] = [
    [-1, -1],
    [2, -1],
    [2, 2],
    [-1, 2],
  ];
  return commandsOf(Shape.ofPolygons([[closed(degreesNear(tile, corners))]]).inTile(tile)).length;
}

/** What is left in a tile of an area's ring; undefined where it has to be cut otherwise. */
function cutOfRing(shape: Shape, tile: Tile): Uint8Array | undefined {
  const sheet = new Sheet(1);
  if (sheet.putRing(0, shape.ringAt(tile.z, new RingSnapper())) === NOTHING) return undefined;
  const cutter = new RingCutter();
  const written = cutter.cut(sheet, 0, tile);
  if (written === UNSURE) return undefined;
  return written === NOT_ANY ? new Uint8Array(0) : cutter.commands.toBytes();
}

test('areas without holes are cut as any geometry is, however they run', () => {
  const cutter = new Cutter();
  fc.assert(
    fc.property(fc.constantFrom(...TILES), fc.array(path, { minLength: 1, maxLength: 3 }), (tile, places) => {
      const rings = places.map((ring) => closed(degreesNear(tile, ring)));
      const shape = Shape.ofPolygons(rings.map((ring) => [ring]));
      const polygons: Polygon['coordinates'][] = rings.map((ring) => [positionsOf(ring)]);
      const expected = toTileGeometry({ type: 'MultiPolygon', coordinates: polygons }, tile);
      expect(shape.cutTo(tile, cutter)).toBe(expected !== null);
      expect(cutter.commands.toBytes()).toEqual(commandsOf(expected));
      expect(shape.inTile(tile)).toEqual(expected);
      expect(commandsOfDrawn(shape.drawnIn(tile), tile)).toEqual(commandsOf(expected));
    }),
  );
});

test('areas with holes, and lines', () => {
  fc.assert(
    fc.property(fc.constantFrom(...TILES), path, path, (tile, exterior, hole) => {
      const rings = [exterior, hole].map((ring) => closed(degreesNear(tile, ring)));
      const area = { type: 'Polygon' as const, coordinates: rings.map(positionsOf) };
      expect(Shape.ofPolygons([rings]).inTile(tile)).toEqual(toTileGeometry(area, tile));
      const line = degreesNear(tile, exterior);
      const expected = toTileGeometry({ type: 'LineString', coordinates: positionsOf(line) }, tile);
      expect(Shape.ofLine(line).inTile(tile)).toEqual(expected);
    }),
  );
});

/** Anywhere, or near a side of what a tile shows. */
const middle = fc.oneof(
  fc.double({ min: -1, max: 2, noNaN: true }),
  fc
    .tuple(fc.constantFrom(-64, 4160), fc.integer({ min: -12, max: 12 }))
    .map(([side, units]) => (side + units / 2) / 4096),
);

/** A crooked ring of many positions about a place, in sides of a tile; it may run either way. */
const longRing = fc
  .record({
    at: fc.tuple(middle, middle),
    radius: fc.constantFrom(0.002, 0.01, 0.2, 0.5, 1.1, 3, 40),
    count: fc.constantFrom(20, 64, 65, 300, 1_500, 2_100),
    waves: fc.integer({ min: 1, max: 40 }),
    direction: fc.constantFrom(1, -1),
  })
  .map(({ at: [x, y], radius, count, waves, direction }) =>
    Array.from({ length: count }, (_, i): [number, number] => {
      const angle = (direction * i * 2 * Math.PI) / count;
      const distance = radius * (1 + 0.3 * Math.sin(waves * angle));
      return [x + distance * Math.cos(angle), y + distance * Math.sin(angle)];
    }),
  );

test('areas of many positions in, across, around and beside a tile', () => {
  const cutter = new Cutter();
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.constantFrom(TILES[2]!, TILES[4]!), longRing, (tile, places) => {
      const ring = closed(degreesNear(tile, places));
      const expected = toTileGeometry({ type: 'Polygon', coordinates: [positionsOf(ring)] }, tile);
      const shape = Shape.ofPolygons([[ring]]);
      expect(shape.cutTo(tile, cutter)).toBe(expected !== null);
      expect(cutter.commands.toBytes()).toEqual(commandsOf(expected));
      seen.add(expected === null ? 'nothing' : expected.parts[0]!.length === 8 ? 'all of the tile' : 'a part');
    }),
    { numRuns: 400 },
  );
  expect([...seen].sort()).toEqual(['a part', 'all of the tile', 'nothing']);
});

test('a ring of a zoom is cut as any geometry is, in tiles all around it', () => {
  const zoom = 14;
  const tiles = [-1, 0, 1].flatMap((dx) => [-1, 0, 1].map((dy) => ({ z: zoom, x: 13380 + dx, y: 7142 + dy })));
  const all = lengthOfAll(tiles[4]!);
  const written = { all: 0, parts: 0, none: 0, otherwise: 0 };
  fc.assert(
    fc.property(fc.oneof(path, longRing), (places) => {
      const ring = closed(degreesNear(tiles[4]!, places));
      const shape = Shape.ofPolygons([[ring]]);
      for (const tile of tiles) {
        const expected = commandsOf(toTileGeometry({ type: 'Polygon', coordinates: [positionsOf(ring)] }, tile));
        const cut = cutOfRing(shape, tile);
        if (cut) expect(cut).toEqual(expected);
        if (!cut) written.otherwise++;
        else if (cut.length === 0) written.none++;
        else if (cut.length === all) written.all++;
        else written.parts++;
      }
    }),
    { numRuns: 600 },
  );
  for (const count of Object.values(written)) expect(count).toBeGreaterThan(50);
});

test('a ring of many knots is cut as any geometry is, one of too many by the cutter of any', () => {
  const tile = TILES[2]!;
  const cases = [
    { crossings: 6, turns: 2, isCut: true },
    { crossings: 40, turns: 8, isCut: true },
    ...[2, 100, 218, 222, 230].map((turns) => ({ crossings: 72, turns, isCut: false })),
  ];
  for (const { crossings, turns, isCut } of cases)
    for (const isReversed of [false, true]) {
      const units: [number, number][] = [];
      for (let i = 0; i < crossings; i++) units.push([i % 2 === 0 ? 100 : -150, 6_800 - 5 * i]);
      for (let i = 0; i < 8 * turns; i++) units.push([((i >> 3) % 2 === 0 ? 100 : -150) + ((7 * i) % 11), 6_400 - i]);
      for (let i = 0; i < 8; i++) units.push([300 + 40 * i, 3_596 - 90 * i - 13 * (i % 3)]);
      units.push([3_000, 4_196], [3_000, 6_896]);
      if (isReversed) units.reverse();
      const ring = closed(
        degreesNear(
          tile,
          units.map(([x, y]): [number, number] => [x / 4096, y / 4096]),
        ),
      );
      const shape = Shape.ofPolygons([[ring]]);
      const expected = commandsOf(shape.inTile(tile));
      expect(expected.length).toBeGreaterThan(20);
      const cut = cutOfRing(shape, tile);
      expect(cut !== undefined).toBe(isCut);
      if (cut) expect(cut).toEqual(expected);
      const cutter = new Cutter();
      expect(shape.cutTo(tile, cutter)).toBe(true);
      expect(cutter.commands.toBytes()).toEqual(expected);
    }
});

test('rings of many slots of a sheet are cut each as by itself, and their shapes drawn whole from the same bytes', () => {
  const tile = TILES[2]!;
  const [sheet, cutter, snapper] = [new Sheet(1), new RingCutter(), new RingSnapper()];
  const shapes = Array.from({ length: 300 }, (_, i) => {
    const [x, y] = [(i % 20) / 18 - 0.03, i / 280 - 0.03];
    const places: [number, number][] = [
      [x, y],
      [x + 0.1, y + 0.02],
      [x + 0.07, y + 0.05],
      [x + 0.01, y + 0.12],
    ];
    return Shape.ofPolygons([[closed(degreesNear(tile, places))]]);
  });
  for (const [slot, shape] of shapes.entries()) sheet.putRing(slot, shape.ringAt(tile.z, snapper));
  for (const [slot, shape] of shapes.entries()) {
    const expected = commandsOf(shape.inTile(tile));
    const written = cutter.cut(sheet, slot, tile);
    expect(written === NOT_ANY ? new Uint8Array(0) : cutter.commands.toBytes()).toEqual(expected);
    const drawn = shape.drawnIn(tile);
    if (!drawn || !('commands' in drawn)) continue;
    const start = sheet.startOf(slot);
    expect([sheet.x(slot), sheet.y(slot)]).toEqual([drawn.x, drawn.y]);
    expect(sheet.commands.toBytes().slice(start, start + sheet.lengthOf(slot))).toEqual(drawn.commands);
  }
});

test('what is seen snaps as Math.round does, at half units and next to them, at every zoom', () => {
  const snapper = new Snapper();
  const positions = new Positions();
  const step = 2 ** -54;
  const place = fc.record({
    z: fc.integer({ min: 0, max: 22 }),
    column: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    unit: fc.integer({ min: -64, max: 4159 }),
    half: fc.constantFrom(0, 0.5),
    nudge: fc.integer({ min: -2, max: 2 }),
  });
  fc.assert(
    fc.property(place, ({ z, column, unit, half, nudge }) => {
      const scale = 4096 * 2 ** z;
      const x = Math.floor(column * 2 ** z);
      const share = Math.min(Math.max((x * 4096 + unit + half) / scale + nudge * step, 0), 1);
      const view = viewOf({ z, x, y: x }, { x: x * 4096, y: x * 4096 });
      const path = pathOf(Float64Array.of(share, share));
      snapper.snap(path, view, false, positions);
      const expected = Math.round(share * scale) - x * 4096;
      expect([...positions.flat.subarray(0, positions.length)]).toEqual([expected, expected]);
    }),
  );
});
