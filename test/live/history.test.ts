import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scratchDatabase, TEST_DATABASE_URL, urlOf } from '../helpers/database.ts';
import { pick, type Random, seeded } from '../helpers/noise.ts';
import { compareLocates, compareSnapshot } from './compare.ts';
import { oneTransaction, randomEdits } from './history.ts';
import { fillCity, QUERIES, randomLayer, randomTile, tileQuery, World } from './world.ts';

/** What all rounds share. */
async function startWorld(): Promise<World> {
  const db = await scratchDatabase();
  await fillCity(db, 4_000);
  const world = new World(db);
  await world.live.start();
  return world;
}

/** The live layers after everything that was committed, beside SQL. */
async function compareAll(world: World, random: Random, tiles: number): Promise<void> {
  await world.live.caughtUp();
  await world.mirror.catchUp();
  for (let i = 0; i < tiles; i++) {
    const layer = randomLayer(random);
    const { z, x, y } = randomTile(random);
    const query = pick(random, QUERIES[layer]);
    const pair = await world.tilePair([layer], z, x, y, tileQuery(query));
    expect(pair?.[0] === pair?.[1], `${layer} ${z}/${x}/${y} ${JSON.stringify(query)}`).toBe(true);
  }
  const { memory, sql } = (await world.heatPair(9, 'overdue', tileQuery({ last: 'P80D' })))!;
  expect(memory).toEqual(sql);
  await compareLocates(world, random, 10);
  await compareSnapshot(world, random, 60);
}

describe('after any history the live layers answer what SQL answers', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.live.stop());

  test('one connection', async () => {
    const random = seeded(11);
    const rounds = TEST_DATABASE_URL ? 8 : 4;
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < 6; i++) await oneTransaction(world.db, random, round * 10 + i);
      await compareAll(world, random, 12);
    }
  }, 120_000);

  test.runIf(TEST_DATABASE_URL)(
    'several connections, long open, rolled back and killed',
    async () => {
      const random = seeded(12);
      const admin = new pg.Client({ connectionString: urlOf('scratch') });
      await admin.connect();
      for (let round = 0; round < 10; round++) {
        const clients = await Promise.all(Array.from({ length: 4 }, connect));
        await Promise.all(clients.map((client, i) => useClient(client, random, 1000 + round * 100 + i * 10, admin)));
        if (round % 4 === 3) await admin.query(KILL_SERVICE);
        await compareAll(world, random, 20);
        await endLongOpen(round % 3 === 2);
      }
      await endLongOpen(true);
      await admin.end();
    },
    120_000,
  );
});

/** Connections of the service: it has to come back by itself. */
const KILL_SERVICE = `select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and application_name like 'wangge%'`;

const longOpen: pg.Client[] = [];

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: urlOf('scratch') });
  client.on('error', () => {});
  await client.connect();
  await client.query(`set deadlock_timeout = '50ms'; set lock_timeout = '500ms'`);
  return client;
}

/** Edits in a transaction that ends in one of four ways. Locks of others may break it off, as they do in life. */
async function useClient(client: pg.Client, random: Random, n: number, admin: pg.Client): Promise<void> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const end = random();
  try {
    await client.query('begin');
    const staysOpen = end < 0.15;
    for (const statement of randomEdits(random, n, !staysOpen)) await client.query(statement);
    if (staysOpen) {
      longOpen.push(client);
      return;
    }
    if (end < 0.3) await admin.query('select pg_terminate_backend($1)', [rows[0]!.pid]);
    else await client.query(end < 0.4 ? 'rollback' : 'commit');
  } catch (error) {
    if (typeof (error as { code?: unknown }).code !== 'string') throw error;
  }
  await client.end().catch(() => {});
}

async function endLongOpen(now: boolean): Promise<void> {
  if (!now) return;
  for (const client of longOpen.splice(0)) {
    await client.query('commit').catch(() => {});
    await client.end().catch(() => {});
  }
}
