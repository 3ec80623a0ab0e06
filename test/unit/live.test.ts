import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pointInPolygons } from '../../src/geo/rings.ts';
import { toTileGeometry } from '../../src/geo/tilegeometry.ts';
import { compareBytes } from '../../src/http.ts';
import { Area } from '../../src/live/area.ts';
import { EventLog } from '../../src/live/events.ts';
import { compareText } from '../../src/live/order.ts';
import { Shape } from '../../src/live/shape.ts';
import { SpatialIndex } from '../../src/live/spatial.ts';
import { lineOfWkb, polygonsOfWkb } from '../../src/live/wkb.ts';
import { TileCache, TileSet } from '../../src/tiles/cache.ts';
import { canonicalKey } from '../../src/tiles/live-views.ts';
import { tileQuerySchema } from '../../src/tiles/tiles.schema.ts';
import { seeded } from '../helpers/noise.ts';

/** A wiggly closed ring of many positions around a place. */
function starRing(lon: number, lat: number, radius: number, positions: number, seed: number): Float64Array {
  const random = seeded(seed);
  const ring = new Float64Array(2 * positions + 2);
  for (let i = 0; i < positions; i++) {
    const angle = (2 * Math.PI * i) / positions;
    const r = radius * (0.6 + 0.4 * random());
    ring[2 * i] = lon + r * Math.cos(angle);
    ring[2 * i + 1] = lat + r * Math.sin(angle);
  }
  ring[2 * positions] = ring[0]!;
  ring[2 * positions + 1] = ring[1]!;
  return ring;
}

const positionsOf = (ring: Float64Array) =>
  Array.from({ length: ring.length / 2 }, (_, i) => [ring[2 * i]!, ring[2 * i + 1]!]);

test('text is ordered by its UTF-8 bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      expect(Math.sign(compareText(a, b))).toBe(Math.sign(compareBytes(a, b)));
    }),
  );
  expect(compareText('\uffff', '\u{10000}')).toBeLessThan(0);
});

test('an area cut into bands places every point as the whole area does', () => {
  const hole = starRing(114, 22.5, 0.02, 90, 2);
  const polygons = [[starRing(114, 22.5, 0.1, 700, 1), hole], [starRing(114.3, 22.6, 0.05, 20, 3)]];
  const area = new Area(polygons);
  const random = seeded(4);
  const ring = polygons[0]![0]!;
  const seen = new Set<number>();
  for (let i = 0; i < 5_000; i++) {
    const corner = 2 * Math.floor(random() * (ring.length / 2));
    const onCorner = i % 5 === 0;
    const lon = onCorner ? ring[corner]! : 113.85 + random() * 0.55;
    const lat = i % 7 === 0 || onCorner ? ring[corner + 1]! : 22.35 + random() * 0.35;
    const placement = area.place(lon, lat);
    expect(placement).toBe(pointInPolygons(lon, lat, polygons));
    seen.add(placement);
  }
  expect(seen.size).toBe(3);
});

test.each([
  [118.6, 30.8, 0.002, 0, 0.4, 44126.054],
  [118.6, 30.8, 0.002, 0.3, -0.25, 39794.928],
  [118.6, 30.8, 0.002, -0.35, 0.05, 33907.22],
  [121.5, 25, 0.01, 0.3, -0.25, 40319.644],
  [10, 60, 0.004, 0.3, -0.25, 32413.341],
  [10, 60, 0.004, -0.35, 0.05, 20175.824],
  [-70, -53, 0.003, 0.3, -0.25, 34196.001],
  [-70, -53, 0.003, -0.35, 0.05, 24087.128],
  [100, 0.02, 0.002, 0.3, -0.25, 43181.284],
  [25, 78, 0.01, 0.3, -0.25, 28727.984],
])(
  'a square at %d, %d of %d° is as far from a point %d, %d away as on the ellipsoid',
  (lon, lat, side, dx, dy, metres) => {
    const ring = [lon, lat, lon + side, lat, lon + side, lat + side, lon, lat + side, lon, lat];
    const area = new Area([[Float64Array.from(ring)]]);
    // ST_Distance of geographies, PostGIS 3.3.
    expect(Math.abs(area.farMetresToEdge(lon + dx, lat + dy) - metres)).toBeLessThan(0.2);
  },
);

test('a shape in a tile is what the geometry is, at any zoom', () => {
  const ring = starRing(114, 22.5, 0.1, 900, 7);
  const hole = starRing(114, 22.5, 0.03, 60, 8);
  const shape = Shape.ofPolygons([[ring, hole]]);
  const geometry = { type: 'Polygon' as const, coordinates: [positionsOf(ring), positionsOf(hole)] };
  const line = starRing(114, 22.5, 0.09, 500, 9);
  const lineShape = Shape.ofLine(line);
  const lineGeometry = { type: 'LineString' as const, coordinates: positionsOf(line) };
  let shown = 0;
  for (const z of [0, 5, 8, 10, 12, 14, 16, 20]) {
    const x = Math.floor((114 / 360 + 0.5) * 2 ** z);
    const y = Math.floor(0.43561 * 2 ** z);
    const reach = z > 9 ? 3 : 0;
    for (let dx = -reach; dx <= reach; dx++) {
      for (let dy = -reach; dy <= reach; dy++) {
        const tile = { z, x: x + dx, y: y + dy };
        expect(shape.inTile(tile)).toEqual(toTileGeometry(geometry, tile));
        expect(lineShape.inTile(tile)).toEqual(toTileGeometry(lineGeometry, tile));
        if (shape.inTile(tile)) shown++;
      }
    }
  }
  expect(shown).toBeGreaterThan(20);
});

test('an index finds what a scan finds, through additions, removals and rebuilding', () => {
  const random = seeded(5);
  const items = Array.from({ length: 3_000 }, (_, i) => {
    const [x, y] = [random() * 100, random() * 100];
    return { i, box: [x, y, x + random(), y + random()] as const };
  });
  const index = new SpatialIndex(items.slice(0, 1_000));
  const inside = new Set(items.slice(0, 1_000));
  for (let step = 0; step < 4_000; step++) {
    const item = items[Math.floor(random() * items.length)]!;
    if (inside.has(item)) index.remove(item);
    else index.add(item);
    if (!inside.delete(item)) inside.add(item);
    if (step % 400 > 0) continue;
    const found = index.search(20, 20, 60, 50).map(({ i }) => i);
    const expected = [...inside].filter(({ box: [w, s, e, n] }) => w <= 60 && e >= 20 && s <= 50 && n >= 20);
    expect(found.sort()).toEqual(expected.map(({ i }) => i).sort());
    expect(index.size).toBe(inside.size);
  }
});

test('well-known binary of both byte orders', () => {
  const line = Buffer.from('0102000000020000000000000000805c400000000000803640000000000000f03f0000000000000040', 'hex');
  expect([...lineOfWkb(line)]).toEqual([114, 22.5, 1, 2]);
  const big = Buffer.alloc(9 + 4 + 4 * 16);
  big.writeUInt8(0, 0);
  big.writeUInt32BE(3, 1);
  big.writeUInt32BE(1, 5);
  big.writeUInt32BE(4, 9);
  for (const [i, value] of [0, 0, 1, 0, 1, 1, 0, 0].entries()) big.writeDoubleBE(value, 13 + 8 * i);
  expect(polygonsOfWkb(big).map((rings) => rings.map((ring) => [...ring]))).toEqual([[[0, 0, 1, 0, 1, 1, 0, 0]]]);
  expect(() => polygonsOfWkb(line)).toThrow(/no polygon/);
});

describe('the tile cache', () => {
  test('lets go of what was not asked for longest', () => {
    const cache = new TileCache(10_000);
    const set = new TileSet();
    for (let x = 0; x < 5; x++) cache.put(set, { z: 3, x, y: 0 }, new Uint8Array(1_400));
    cache.get(set, { z: 3, x: 0, y: 0 });
    cache.put(set, { z: 3, x: 5, y: 0 }, new Uint8Array(1_400));
    expect([0, 1, 5].map((x) => cache.get(set, { z: 3, x, y: 0 }) !== undefined)).toEqual([true, false, true]);
    expect(cache.bytes).toBeLessThanOrEqual(10_000);
    cache.clear(set);
    expect([cache.bytes, cache.count]).toEqual([0, 0]);
  });

  test('compresses once for all who ask at the same time, and counts it', async () => {
    const cache = new TileCache(1e6);
    const tile = cache.put(new TileSet(), { z: 0, x: 0, y: 0 }, new Uint8Array(5_000));
    const before = cache.bytes;
    const [a, b] = await Promise.all([tile.body('gzip'), tile.body('gzip')]);
    expect(a).toBe(b);
    expect(await tile.body('gzip')).toBe(a);
    expect(cache.bytes).toBe(before + a.length);
  });
});

describe('equal questions share one key', () => {
  const key = (layers: Parameters<typeof canonicalKey>[0], query: Record<string, string>) =>
    canonicalKey(layers, tileQuerySchema.parse(query));

  test.each([
    [{ last: 'P30D' }, {}],
    [{ last: 'P1W' }, { last: 'PT168H' }],
    [{ last: 'P1Y' }, { last: 'P12M' }],
    [{ category: 'b,a,b' }, { category: 'a,b' }],
    [{ level: 'grid' }, {}],
    [{ from: '2026-01-01T08:00:00+08:00' }, { from: '2026-01-01T00:00:00Z' }],
  ])('incidents with %o and with %o', (a, b) => {
    expect(key(['incidents'], a)).toBe(key(['incidents'], b));
  });

  test('and different ones do not', () => {
    const keys: Record<string, string>[] = [
      {},
      { last: 'P31D' },
      { last: 'P1M' },
      { status: 'closed' },
      { under: 'a' },
      { under: 'a', net: 'b' },
    ];
    expect(new Set(keys.map((query) => key(['incidents'], query))).size).toBe(keys.length);
    expect(key(['grids'], { net: 'b' })).not.toBe(key(['grids'], {}));
    expect(key(['streets'], { last: 'P3D' })).toBe(key(['streets'], {}));
  });
});

test('an event log gives what came after an event, and nothing for one that it does not know', () => {
  const log = new EventLog();
  const heard: string[] = [];
  const stop = log.listen(({ id }) => heard.push(id));
  for (let i = 0; i < 5_010; i++) log.publish({ i });
  stop();
  expect(log.since(heard[5_007]!)!.map(({ id }) => id)).toEqual(heard.slice(5_008));
  expect(log.since(heard.at(-1)!)).toEqual([]);
  expect(log.since(heard[2]!)).toBeUndefined();
  expect(log.since('nonsense')).toBeUndefined();
  expect(new EventLog().since(heard.at(-1)!)).toBeUndefined();
});
