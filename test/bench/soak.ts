/**
 * Changes while everything is watched, and while things die: `npx tsx test/bench/soak.ts [seconds] [changes a second]
 * [kills]`. Several connections insert, change, move and delete incidents and move cameras, streets and grids, with another
 * transaction open all the while. A client on HTTP measures from just before each COMMIT to the event and to the new tile.
 * With `kills`, the service and PostgreSQL are killed by SIGKILL in turn so many times at random moments. At the end every layer is
 * compared with SQL, and the run fails when a byte differs. PostgreSQL is a scratch one, see `Cluster`.
 */
import { cpus, loadavg } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { migrate } from '../../src/db/migrate.ts';
import { openPostgres } from '../../src/db/postgres.ts';
import { Mirror } from '../../src/live/mirror.ts';
import { buildTile } from '../../src/tiles/tiles.ts';
import { pick, type Random, seeded } from '../helpers/noise.ts';
import { fillCity, QUERIES, randomLayer, randomTile, SIDE, SOUTH, tileQuery, WEST } from '../live/world.ts';
import { Cluster } from './cluster.ts';
import { figure } from './figures.ts';
import { ServiceProcess } from './process.ts';
import { type Quantiles, Watcher } from './watcher.ts';

const SECONDS = Number(process.argv[2] ?? 60);
const RATE = Number(process.argv[3] ?? 200);
const KILLS = Number(process.argv[4] ?? 0);
const WRITERS = 4;
const INCIDENTS = 20_000;
const COMPARED = 300;
const P99 = 250;
/** Milliseconds of changes after a kill. */
const LEAST = 5_000;
const seed = Number(process.env.BENCH_SEED ?? 1);
const print = (line: string) => process.stdout.write(`${line}\n`);

const cluster = await Cluster.create();
const db = openPostgres({ connectionString: cluster.url });
const service = new ServiceProcess(cluster.url);
const watcher = new Watcher(service);
let until = 0;
try {
  await soak();
} finally {
  watcher.stop();
  service.kill();
  await db.close().catch(() => {});
  await cluster.remove();
}

async function soak(): Promise<void> {
  await migrate(db);
  await fillCity(db, INCIDENTS);
  await service.start();
  await watcher.start();
  const bystander = await connected();
  await bystander.query('begin');
  await bystander.query('select pg_current_xact_id()');
  until = performance.now() + SECONDS * 1000;
  const killing = killInTurn();
  const committed = await Promise.all(Array.from({ length: WRITERS }, (_, number) => write(number)));
  await killing;
  await bystander.query('commit').catch(() => {});
  await bystander.end().catch(() => {});
  await setTimeout(2_000);
  const changes = committed.reduce((a, b) => a + b, 0);
  print(`${cpus().length} × ${cpus()[0]?.model}, load ${loadavg()[0]!.toFixed(1)}, seed ${seed}`);
  print(`${changes} changes in ${SECONDS} s by ${WRITERS} connections, ${KILLS} kills asked for`);
  const [events, tiles] = watcher.report();
  told('COMMIT to event', events!);
  told('COMMIT to new tile', tiles!);
  const wrong = await compare();
  print(`${wrong} of ${COMPARED} tiles differ from SQL; ${watcher.missing} new incidents were never announced`);
  if (wrong > 0 || watcher.missing > 0) throw new Error('something is lost');
}

function told(what: string, { p99, text }: Quantiles): void {
  const beside = KILLS > 0 ? 'and kills' : 'and an open transaction';
  const target = `p99 < ${P99} ms`;
  figure({
    what: `${what}, ${RATE} changes/s ${beside}`,
    wangge: text,
    rival: '',
    ratio: p99 < P99 ? 'yes' : 'no',
    target,
  });
}

/** One writer: a change at a time, in a transaction, whatever happens to its connection. */
async function write(number: number): Promise<number> {
  const random = seeded(seed * 100 + number);
  let client: pg.Client | undefined;
  let committed = 0;
  for (let n = 0; performance.now() < until; n++) {
    const due = performance.now() + (1000 * WRITERS) / RATE;
    const id = `soak-${number}-${n}`;
    try {
      client ??= await connected();
      await client.query('begin');
      const place = await change(client, random, id);
      if (place) watcher.expect(id, place);
      await client.query('commit');
      committed++;
    } catch {
      watcher.forget(id);
      client?.end().catch(() => {});
      client = undefined;
      await setTimeout(100);
    }
    await setTimeout(Math.max(0, due - performance.now()));
  }
  await client?.end();
  return committed;
}

async function connected(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: cluster.url });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** @returns where a new incident is */
async function change(client: pg.Client, random: Random, id: string): Promise<[number, number] | undefined> {
  const place: [number, number] = [WEST + SIDE * random(), SOUTH + SIDE * random()];
  const old = `i${Math.floor(random() * INCIDENTS)}`;
  const at = 'st_setsrid(st_point($1::float8, $2::float8), 4326)';
  const what = random();
  if (what < 0.5) {
    const text = `insert into incident (region, id, category, occurred_at, due_at, geom)
      values ('D', $3, 'c1', now(), now() + interval '1 day', ${at})`;
    await client.query(text, [...place, id]);
    return place;
  }
  if (what < 0.65) await client.query(`update incident set geom = ${at} where id = $3`, [...place, old]);
  else if (what < 0.8)
    await client.query(`update incident set status = 'closed', closed_at = now() where id = $1`, [old]);
  else if (what < 0.9) await client.query('delete from incident where id = $1', [old]);
  else if (what < 0.96) {
    const code = `k${Math.ceil(random() * 300)}`;
    await client.query(`update camera set geom = ${at} where code = $3`, [...place, code]);
  } else if (what < 0.99) {
    await client.query('update street set geom = st_translate(geom, $1, 0) where id = $2', [
      (random() - 0.5) * 1e-3,
      `s${Math.ceil(random() * 40)}`,
    ]);
  } else {
    await client.query(`update grid set geom = st_multi(st_buffer(${at}, 0.005)) where code = 'F'`, place);
  }
  return undefined;
}

/** The service and PostgreSQL die in turn. */
async function killInTurn(): Promise<void> {
  const random = seeded(seed);
  for (let i = 0; i < KILLS; i++) {
    await setTimeout(((SECONDS * 1000) / (2 * KILLS)) * (0.5 + random()));
    // Without changes nothing would show that it is back.
    if (performance.now() > until - LEAST) return;
    watcher.pause();
    const begun = performance.now();
    if (i % 2 === 0) {
      service.kill();
      await service.start();
    } else {
      await cluster.kill();
      await cluster.start();
    }
    print(
      `killed ${i % 2 === 0 ? 'the service' : 'PostgreSQL'}, back after ${Math.round(performance.now() - begun)} ms`,
    );
    await watcher.backToNow(until);
  }
}

/** Tiles of all layers and filters over HTTP beside those of SQL. */
async function compare(): Promise<number> {
  const random = seeded(seed + 1);
  // SQL counts by cells that the record derives.
  const mirror = new Mirror(db);
  await mirror.catchUp();
  let wrong = 0;
  for (let i = 0; i < COMPARED; i++) {
    const layer = randomLayer(random);
    const { z, x, y } = randomTile(random);
    const question = pick(random, QUERIES[layer]);
    const search = new URLSearchParams(question).toString();
    const minute = () => Math.floor(Date.now() / 60_000);
    for (let started = -1; started !== minute(); ) {
      started = minute();
      const expected = await buildTile(db, [layer], { z, x, y }, tileQuery(question), new Date());
      const { body } = await service.get(`/tiles/${layer}/${z}/${x}/${y}.mvt?${search}`);
      if (started !== minute()) continue;
      if (Buffer.compare(body, expected) !== 0) {
        wrong++;
        print(`differs: ${layer} ${z}/${x}/${y} ${search}`);
      }
    }
  }
  return wrong;
}
