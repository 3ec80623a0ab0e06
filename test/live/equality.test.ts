import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { livePlan } from '../../src/locate/live.ts';
import { scratchDatabase } from '../helpers/database.ts';
import { pick, seeded } from '../helpers/noise.ts';
import { compareLocates } from './compare.ts';
import { fillCity, NOW, QUERIES, randomLayer, randomTile, SIDE, SOUTH, tileQuery, WEST, World } from './world.ts';

describe('what is answered from memory is what SQL answers', () => {
  let world: World;

  beforeAll(async () => {
    const db = await scratchDatabase();
    await fillCity(db, 12_000);
    world = new World(db);
    await world.mirror.catchUp();
    await world.live.start();
  });
  afterAll(() => world.live.stop());

  test('tiles of every layer and filter, byte for byte', async () => {
    const random = seeded(1);
    let built = 0;
    for (let i = 0; i < 100; i++) {
      const layer = randomLayer(random);
      const { z, x, y } = randomTile(random);
      const query = pick(random, QUERIES[layer]);
      const pair = await world.tilePair([layer], z, x, y, tileQuery(query));
      expect(pair?.[0], `${layer} ${z}/${x}/${y} ${JSON.stringify(query)}`).toBe(pair?.[1]);
      if (pair && pair[0] !== '') built++;
    }
    expect(built).toBeGreaterThan(30);
  });

  test('a tile of more points than are drawn one by one', async () => {
    const pair = await world.tilePair(['incidents'], 8, 209, 111, tileQuery({ last: 'P85D' }));
    expect(pair![0]).toBe(pair![1]);
    expect(pair![0]).toContain(Buffer.from('cell').toString('hex'));
  });

  test('several layers in one tile', async () => {
    const pair = await world.tilePair(['cameras', 'grids', 'heat', 'incidents'], 13, 6690, 3572, tileQuery());
    expect(pair![0]).toBe(pair![1]);
  });

  test.each(['count', 'open', 'overdue', 'mean_hours'] as const)('heat: %s', async (tally) => {
    for (const res of [5, 8, 10]) {
      for (const query of QUERIES.heat) {
        const { memory, sql } = (await world.heatPair(res, tally, tileQuery(query)))!;
        expect(memory.map(({ cell, n, of }) => [cell, n, of])).toEqual(sql.map(({ cell, n, of }) => [cell, n, of]));
        for (const [i, { sum }] of memory.entries()) expect(sum).toBeCloseTo(sql[i]!.sum, 6);
        expect(memory.length).toBeGreaterThan(0);
      }
    }
  });

  test('a question that reaches back beyond the window goes to the record', async () => {
    const query = tileQuery({ from: '2024-01-01T00:00:00Z' });
    expect(await world.tilePair(['incidents'], 8, 209, 111, query)).toBeUndefined();
    expect(await world.heatPair(8, 'count', query)).toBeUndefined();
  });

  test('locates', async () => {
    const counts = await compareLocates(world, seeded(2), 120);
    expect(counts.found).toBeGreaterThan(80);
    expect(counts.onBorder).toBeGreaterThan(20);
    expect(counts.outside).toBeGreaterThan(5);
  }, 120_000);

  test('the nearest grid of a point far outside is within 50 km; of a farther one the record is not asked', async () => {
    const { memory, sql } = world.plans();
    // A degree of longitude is 102.9 km here.
    const [near, far] = [WEST - 0.48, WEST - 0.5] as [number, number];
    const found = await memory.nearestGrid([near, SOUTH + SIDE / 2], 'base', NOW);
    expect(found).toEqual(await sql.nearestGrid([near, SOUTH + SIDE / 2], 'base', NOW));
    expect(found!.metres).toBeCloseTo(49_370, -2);
    const refused = { ...sql, nearestGrid: () => Promise.reject(new Error('the record was asked')) };
    const alone = livePlan(world.live, refused);
    for (const point of [
      [far, SOUTH],
      [0, 0],
      [-114, -22],
    ] as [number, number][]) {
      expect(await sql.nearestGrid(point, 'base', NOW)).toBeUndefined();
      expect(await alone.nearestGrid(point, 'base', NOW)).toBeUndefined();
      expect(await memory.nearestGrid(point, 'base', NOW)).toBeUndefined();
    }
  });

  test('the nearest grid of a point wherever outside, by memory alone', async () => {
    const { sql } = world.plans();
    const refused = { ...sql, nearestGrid: () => Promise.reject(new Error('the record was asked')) };
    const memory = livePlan(world.live, refused);
    const random = seeded(3);
    const somewhere = () => [
      WEST + SIDE * random() + 1.2 * random() - 0.6,
      SOUTH + SIDE * random() + 1.2 * random() - 0.6,
    ];
    const points = Array.from({ length: 80 }, somewhere);
    let far = 0;
    let tooFar = 0;
    for (const [lon, lat] of points as [number, number][]) {
      const what = `${lon} ${lat}`;
      const [mine, theirs] = [
        await memory.nearestGrid([lon, lat], 'base', NOW),
        await sql.nearestGrid([lon, lat], 'base', NOW),
      ];
      expect(mine === undefined, what).toBe(theirs === undefined);
      if (!mine || !theirs) {
        tooFar += 1;
        continue;
      }
      if (mine.metres > 5_000) far += 1;
      // A side of the city is 20 km long and bends by metres in SQL.
      expect(Math.abs(mine.metres - theirs.metres), what).toBeLessThan(5);
    }
    expect(far).toBeGreaterThan(20);
    expect(tooFar).toBeGreaterThan(5);
  }, 60_000);
});
