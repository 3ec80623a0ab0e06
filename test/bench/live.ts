/**
 * The live layers beside the database on the demo city: `BENCH_DATABASE_URL=postgres://… npx tsx test/bench/live.ts`.
 * The database is filled when it is empty, which takes some minutes. Every figure is the median over rounds, and stands
 * beside that of its rival over the same questions in the same run; the rival runs over tables in Web Mercator. Times are
 * of the processor, service and database together, so the database must run on this machine (Linux).
 */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { migrate } from '../../src/db/migrate.ts';
import { openPostgres } from '../../src/db/postgres.ts';
import { heatResolution } from '../../src/geo/h3.ts';
import { type Tile, tileOfPoint } from '../../src/geo/tile.ts';
import { cellsBySql } from '../../src/heat/cells.ts';
import { cellsInMemory } from '../../src/heat/live.ts';
import { periodOf } from '../../src/incidents/incidents.schema.ts';
import { Live } from '../../src/live/live.ts';
import { microsOf } from '../../src/live/micros.ts';
import type { LayerId } from '../../src/tiles/layers.ts';
import { TileBuilder } from '../../src/tiles/live-features.ts';
import { compileQuery } from '../../src/tiles/live-views.ts';
import { tileQuerySchema } from '../../src/tiles/tiles.schema.ts';
import { MAX_POINTS } from '../../src/tiles/tiles.ts';
import { type Random, seeded } from '../helpers/noise.ts';
import { loadCity } from './city.ts';
import { figure, HEADER, median } from './figures.ts';
import { httpFigures } from './http.ts';
import { CELLS_TILE, GRIDS_TILE, HEAT, OWNER, POINTS_TILE, PREPARE } from './rivals.sql.ts';

const ROUNDS = 5;
/** A round takes so long at least: a collection of garbage, which takes some tenths of a second, then falls into few. */
const ROUND_MS = 250;
const TILES = 24;
/** The rival takes a second for a tile of a low zoom. */
const FEW_TILES = 3;
const LOW_ZOOM = 10;
const DEFAULT_URL = 'postgres://127.0.0.1/wangge_bench';
const print = (line: string) => process.stdout.write(`${line}\n`);

const db = openPostgres({ connectionString: process.env.BENCH_DATABASE_URL ?? DEFAULT_URL });
await migrate(db);
await loadCity(db, print);
await db.script(PREPARE);
/** Half an hour after the last incident. */
const [{ last }] = (await db.query<{ last: Date }>('select max(occurred_at) as last from incident')) as [
  { last: Date },
];
const NOW = new Date(last.getTime() + 30 * 60_000);

/** The rival's connection: one, whose processor time can be read. */
const rival = openPostgres({ connectionString: process.env.BENCH_DATABASE_URL ?? DEFAULT_URL, max: 1 });
let backend = 0;
const TICKS_PER_SECOND = 100;

const begun = performance.now();
const live = new Live(db, { timeZone: 'Asia/Shanghai', now: () => NOW });
await live.start();
const seconds = (performance.now() - begun) / 1000;
const builder = new TileBuilder(live);
const { grids, incidents } = live.layers;
global.gc?.();
const megabytes = Math.round(process.memoryUsage().rss / 2 ** 20);
print(`${cpus().length} × ${cpus()[0]?.model}; ${grids.count} grids, ${incidents.count} incidents`);
print(
  `from nothing to ready ${seconds.toFixed(1)} s; resident ${megabytes} MB; incidents ${Math.round(incidents.bytes / 2 ** 20)} MB by own account`,
);
print(`\n${HEADER}`);

/** Milliseconds of processor for each question, of this process and of the database's: the median of rounds. */
async function time(questions: number, run: (i: number) => unknown): Promise<number> {
  const rounds: number[] = [];
  // The pool lets go of idle connections: ask again which one it is. A helper's time could not be read.
  await rival.script('set max_parallel_workers_per_gather = 0');
  const [row] = await rival.query<{ pid: number }>('select pg_backend_pid() as pid');
  backend = row!.pid;
  for (let round = 0; round < ROUNDS; round++) {
    const start = processorTime();
    const end = performance.now() + ROUND_MS;
    let asked = 0;
    do {
      for (let i = 0; i < questions; i++) {
        const answer = run(i);
        if (answer instanceof Promise) await answer;
      }
      asked += questions;
    } while (performance.now() < end);
    rounds.push((processorTime() - start) / asked);
  }
  return median(rounds);
}

/** Of this process and, where it runs on this machine, of the rival's one backend; in milliseconds. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  const stat = readFileSync(`/proc/${backend}/stat`, 'utf8');
  const [utime, stime] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number) as [number, number];
  return (user + system) / 1000 + (utime + stime) * (1000 / TICKS_PER_SECOND);
}

function line(what: string, memory: number, database: number, target: string): void {
  const ratio = `${(database / memory).toFixed(0)} ×`;
  figure({ what, wangge: `${memory.toFixed(3)} ms`, rival: `${database.toFixed(2)} ms`, ratio, target });
}

/** Tiles where incidents are. */
async function sampleTiles(random: Random, z: number): Promise<Tile[]> {
  const rows = await db.query<{ lon: number; lat: number }>(
    'select st_x(geom) as lon, st_y(geom) as lat from incident where id > $1 order by id limit 4000',
    ['SJ202605'],
  );
  return Array.from({ length: TILES }, () => {
    const { lon, lat } = rows[Math.floor(random() * rows.length)]!;
    return tileOfPoint(lon, lat, z);
  });
}

function compile(layer: LayerId, query: Record<string, string> = {}) {
  return compileQuery(live, [layer], tileQuerySchema.parse(query));
}

/** What a running service has behind it: compiled code, and world units of the zoom. Tiles themselves are not cached. */
function warmUp(compiled: ReturnType<typeof compile>, tiles: readonly Tile[]): void {
  // What was built before leaves garbage. Its collection drops compiled code, too: it must not fall into the rounds.
  global.gc?.();
  const end = performance.now() + 1_500;
  while (performance.now() < end) for (const tile of tiles) builder.build(compiled, tile);
}

async function benchIncidents(z: number, days: number): Promise<void> {
  const tiles = await sampleTiles(seeded(z), z);
  const compiled = compile('incidents', { last: `P${days}D` });
  const { from } = periodOf({ last: `P${days}D` }, live.at);
  let isMany = 0;
  const points = tiles.map((tile) => {
    let n = 0;
    incidents.scan(compiled.incidents!, [tile], () => n++);
    if (n > MAX_POINTS) isMany++;
    return n;
  });
  warmUp(compiled, tiles);
  const memory = await time(TILES, (i) => builder.build(compiled, tiles[i]!));
  const database = await time(TILES, (i) => {
    const { z: zoom, x, y } = tiles[i]!;
    return points[i]! > MAX_POINTS
      ? rival.query(CELLS_TILE, [zoom, x, y, from, heatResolution(z)], { prepare: true })
      : rival.query(POINTS_TILE, [zoom, x, y, from, live.at], { prepare: true });
  });
  const mean = Math.round(points.reduce((a, b) => a + b, 0) / TILES);
  line(
    `incident tile z${z}, ${days} days, ${mean} points${isMany ? `, ${isMany}/${TILES} by cell` : ''}`,
    memory,
    database,
    '≥ 20 ×',
  );
}

async function benchGrids(z: number): Promise<void> {
  const tiles = (await sampleTiles(seeded(z + 100), z)).slice(0, z <= LOW_ZOOM ? FEW_TILES : TILES);
  const compiled = compile('grids');
  warmUp(compiled, tiles);
  const memory = await time(tiles.length, (i) => builder.build(compiled, tiles[i]!));
  const database = await time(tiles.length, (i) => {
    const { z: zoom, x, y } = tiles[i]!;
    return rival.query(GRIDS_TILE, [zoom, x, y], { prepare: true });
  });
  line(`grid tile z${z}`, memory, database, z <= LOW_ZOOM ? '' : '≥ 10 ×');
}

async function benchHeat(days: number, res: number): Promise<void> {
  const period = periodOf({ last: `P${days}D` }, live.at);
  const names = { categories: null, statuses: null, lights: null, under: null, net: 'base' };
  const question = { filter: { ...names, period, at: live.at }, res };
  const refuse = async () => {
    throw new Error('the question reaches back beyond the window');
  };
  const cells = cellsInMemory(live, cellsBySql(db))(refuse);
  for (let i = 0; i < 20; i++) await cells.tallies(question, 'count');
  const memory = await time(5, () => cells.tallies(question, 'count'));
  const database = await time(2, () => rival.query(HEAT, [res, period.from]));
  line(`heat of ${days} days, resolution ${res}`, memory, database, days === 365 ? '≥ 50 ×, < 10 ms' : '');
}

async function benchLocate(): Promise<void> {
  const random = seeded(5);
  const [box] = await db.query<Record<'w' | 's' | 'e' | 'n', number>>(
    'select st_xmin(b) as w, st_ymin(b) as s, st_xmax(b) as e, st_ymax(b) as n from (select st_extent(geom) as b from grid) t',
  );
  const { w, s, e, n } = box!;
  const points = Array.from({ length: 200_000 }, () => [w + random() * (e - w), s + random() * (n - s)] as const);
  const at = microsOf(live.at);
  for (const [lon, lat] of points.slice(0, 20_000)) grids.ownerOf('base', lon, lat, at);
  const memory = await time(points.length, (i) => grids.ownerOf('base', ...points[i]!, at));
  const database = await time(500, (i) => rival.query(OWNER, [...points[i]!], { prepare: true }));
  line('owner of a point, in batch', memory, database, '≥ 50 ×');
}

for (const days of [30, 365]) for (const z of [12, 14, 16]) await benchIncidents(z, days);
for (const z of [8, 10, 12, 14, 16]) await benchGrids(z);
for (const [days, res] of [
  [30, 9],
  [365, 8],
  [365, 9],
] as const)
  await benchHeat(days, res);
await benchLocate();
await httpFigures(db, live, [...(await sampleTiles(seeded(9), 14)), ...(await sampleTiles(seeded(10), 13))]);
await live.stop();
await rival.close();
await db.close();
