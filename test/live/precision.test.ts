import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Tile, tileOfPoint, tilesOfBox, tilesOfRange } from '../../src/geo/tile.ts';
import { scratchDatabase } from '../helpers/database.ts';
import { fillCity, SIDE, SOUTH, tileQuery, WEST, World } from './world.ts';

const VIEWS = [
  { layers: ['incidents'] as const, query: tileQuery({ last: 'P80D' }) },
  { layers: ['incidents'] as const, query: tileQuery({ last: 'P1D' }) },
  { layers: ['heat'] as const, query: tileQuery({ last: 'P80D' }) },
  { layers: ['grids'] as const, query: tileQuery() },
  { layers: ['cameras'] as const, query: tileQuery() },
];
const OLD = [WEST + 0.03, SOUTH + 0.03] as const;
const NEW = [WEST + 0.11, SOUTH + 0.09] as const;

describe('a change touches the tiles that hold its old or its new place, and no other', () => {
  let world: World;
  let tiles: Tile[];

  beforeAll(async () => {
    const db = await scratchDatabase();
    await fillCity(db, 3_000);
    await db.script(`insert into incident (region, id, category, occurred_at, due_at, geom) values
      ('D', 'moved', 'c1', '2026-10-20', '2026-12-01', st_setsrid(st_point(${OLD.join()}), 4326))`);
    world = new World(db);
    await world.live.start();
    const box = [WEST, SOUTH, WEST + SIDE, SOUTH + SIDE] as const;
    tiles = [8, 11, 13, 14].flatMap((z) => [...tilesOfRange(tilesOfBox(box, z))]);
  });
  afterAll(() => world.live.stop());

  const etags = () =>
    VIEWS.map(({ layers, query }) => {
      const view = world.tiles.view([...layers], query);
      return tiles.map((tile) => world.tiles.tile(view, tile)!.etag);
    });

  test('one incident moved', async () => {
    const before = etags();
    const { built } = world.tiles.figures;
    expect(etags()).toEqual(before);
    expect(world.tiles.figures.built).toBe(built);
    await world.db.script(`update incident set geom = st_setsrid(st_point(${NEW.join()}), 4326) where id = 'moved'`);
    await world.live.caughtUp();
    const after = etags();
    const changed = before.map((view, v) => tiles.filter((_, i) => view[i] !== after[v]![i]));
    const own = tiles.filter((tile) => [OLD, NEW].some(([lon, lat]) => isSame(tile, tileOfPoint(lon, lat, tile.z))));
    expect(changed[0]).toEqual(own);
    expect(changed[1]).toEqual([]);
    expect(changed[3]).toEqual([]);
    expect(changed[4]).toEqual([]);
    // Hexagons reach over the sides of tiles; still only those around the two places.
    expect(changed[2]!.length).toBeGreaterThanOrEqual(own.length);
    expect(changed[2]!.length).toBeLessThan(own.length + 12);
    // What was built again is what had changed: nothing else was dropped.
    expect(world.tiles.figures.built - built).toBe(changed.flat().length);
  });

  test('a light that turns with the clock', async () => {
    await world.db.script(`update incident set due_at = '2026-11-01T00:35:30Z' where id = 'moved'`);
    await world.live.caughtUp();
    const before = etags();
    world.now = new Date('2026-11-01T00:35:10Z');
    expect(etags()).toEqual(before);
    world.now = new Date('2026-11-01T00:36:00Z');
    const after = etags();
    const changed = tiles.filter((_, i) => before[0]![i] !== after[0]![i]);
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.some((tile) => isSame(tile, tileOfPoint(...NEW, tile.z)))).toBe(true);
    expect(changed.length).toBeLessThan(tiles.length / 2);
    expect(after[2]).toEqual(before[2]);
  });

  test('an hour that passes: tiles are those of SQL', async () => {
    world.now = new Date('2026-11-01T03:00:00Z');
    await world.mirror.catchUp();
    for (const { layers, query } of VIEWS) {
      for (const { z, x, y } of tiles.slice(0, 30)) {
        const [mine, sql] = (await world.tilePair([...layers], z, x, y, query))!;
        expect(mine, `${layers} ${z}/${x}/${y}`).toBe(sql);
      }
    }
  });
});

function isSame(a: Tile, b: Tile): boolean {
  return a.z === b.z && a.x === b.x && a.y === b.y;
}
