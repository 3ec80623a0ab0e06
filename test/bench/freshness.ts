/**
 * How soon a commit is in the live layers and in the event stream: `BENCH_DATABASE_URL=postgres://… npx tsx
 * test/bench/freshness.ts [seconds] [changes a second]`. Changes are made past the service, with another transaction open
 * all the while. With `BENCH_RESTART` set to a command, it is run halfway, such as one that kills PostgreSQL and starts it
 * again. Ends with a comparison of everything with SQL, and with an error when anything is missing.
 */
import { execSync } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { openPostgres } from '../../src/db/postgres.ts';
import { Live } from '../../src/live/live.ts';
import { LiveTiles } from '../../src/tiles/live.ts';
import { LiveEvents } from '../../src/tiles/live-events.ts';
import { tileQuerySchema } from '../../src/tiles/tiles.schema.ts';

const SECONDS = Number(process.argv[2] ?? 60);
const RATE = Number(process.argv[3] ?? 200);
const WRITERS = 4;
const connectionString = process.env.BENCH_DATABASE_URL ?? 'postgres://127.0.0.1/wangge_bench';
const print = (line: string) => process.stdout.write(`${line}\n`);

const db = openPostgres({ connectionString });
const live = new Live(db, { timeZone: 'Asia/Shanghai', now: () => new Date() });
await live.start();
const tiles = new LiveTiles(live);
const events = new LiveEvents(live);
const view = tiles.view(['incidents'], tileQuerySchema.parse({ last: 'P400D' }));

/** When each change was committed, by id. */
const committed = new Map<string, number>();
const inMemory: number[] = [];
const inStream: number[] = [];
const inTile: number[] = [];
let sinceRestart = 0;

live.onEdits(({ incidents = [] }) => {
  if (incidents === 'all') return;
  const now = performance.now();
  for (const { after } of incidents) {
    const at = after && committed.get(after.id);
    if (at !== undefined && at > sinceRestart) inMemory.push(now - at);
  }
  const first = incidents[0]?.after;
  const at = first && committed.get(first.id);
  if (!first || at === undefined || at <= sinceRestart) return;
  tiles.tile(view, { z: 14, x: Math.floor((first.lon / 360 + 0.5) * 2 ** 14), y: 6_700 });
  inTile.push(performance.now() - at);
});
events.log.listen(({ text }) => {
  const data = JSON.parse(/data: (.*)/.exec(text)![1]!) as { layer: string; ids: string[] | null };
  if (data.layer !== 'incidents') return;
  for (const id of data.ids ?? []) {
    const at = committed.get(id);
    if (at !== undefined && at > sinceRestart) inStream.push(performance.now() - at);
  }
});

const [sample] = await db.query<{ category: string; lon: number; lat: number }>(
  'select category, st_x(geom) as lon, st_y(geom) as lat from incident limit 1',
);

/** One writer: a change at a time, whatever happens to its connection. */
async function write(number: number, until: number): Promise<void> {
  let client: pg.Client | undefined;
  for (let n = 0; performance.now() < until; n++) {
    const id = `bench-${process.pid}-${number}-${n}`;
    try {
      if (!client) {
        client = new pg.Client({ connectionString });
        client.on('error', () => {});
        await client.connect();
      }
      const { category, lon, lat } = sample!;
      // Counted from before the statement, so that what the layers tell cannot come first.
      committed.set(id, performance.now());
      await client.query(
        `insert into incident (region, id, category, occurred_at, due_at, geom)
         values ('-', $1, $2, now(), now() + interval '1 day', st_setsrid(st_point($3, $4), 4326))`,
        [id, category, lon + n * 1e-6, lat],
      );
    } catch {
      committed.delete(id);
      client = undefined;
      await setTimeout(100);
    }
    await setTimeout((1000 * WRITERS) / RATE - 2);
  }
  await client?.end();
}

const bystander = new pg.Client({ connectionString });
bystander.on('error', () => {});
await bystander.connect();
await bystander.query('begin; select pg_current_xact_id()');

const until = performance.now() + SECONDS * 1000;
const writers = Array.from({ length: WRITERS }, (_, number) => write(number, until));
if (process.env.BENCH_RESTART) {
  await setTimeout((SECONDS * 1000) / 2);
  print(`restarting: ${process.env.BENCH_RESTART}`);
  execSync(process.env.BENCH_RESTART, { stdio: 'ignore' });
  sinceRestart = performance.now();
}
await Promise.all(writers);
await bystander.query('commit').catch(() => {});
await live.caughtUp();

function quantiles(times: number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]?.toFixed(1);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms of ${sorted.length}`;
}

print(`from before the insert to memory: ${quantiles(inMemory)}`);
print(`to the event stream: ${quantiles(inStream)}`);
print(`to the built tile: ${quantiles(inTile)}`);
const [{ n }] = (await db.query<{ n: number }>('select count(*)::int as n from incident')) as [{ n: number }];
const missing = n - live.layers.incidents.count;
print(`${committed.size} committed; ${n} in the record, ${live.layers.incidents.count} in memory`);
await db.query('delete from incident where id like $1', [`bench-${process.pid}-%`]);
await bystander.end().catch(() => {});
await live.stop();
await db.close();
if (missing !== 0) throw new Error(`${missing} incidents are missing in memory`);
