/**
 * Heat, hotspots, indicators and checks on the demo city beside SQL: `BENCH_DATABASE_URL=postgres://… npx tsx
 * test/bench/analysis.ts [heat|hotspots|indicators|checks …]`. The database is filled when it is empty, which takes some
 * minutes; nothing else of it is changed. Every figure is a median of wall time over rounds and stands beside that of its
 * rival over the same questions in the same run; the rivals read temporary tables that hold just what they need.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import type { Polygon } from 'geojson';
import { migrate } from '../../src/db/migrate.ts';
import { openPostgres } from '../../src/db/postgres.ts';
import type { Box } from '../../src/geo/bbox.ts';
import { checkPlan } from '../../src/grids/checks.ts';
import { createAnalysis } from '../../src/heat/analysis.ts';
import { encodeCellsTask } from '../../src/heat/cell-table.ts';
import { cellsBySql } from '../../src/heat/cells.ts';
import { heatQuerySchema } from '../../src/heat/heat.schema.ts';
import { heat } from '../../src/heat/heat.ts';
import { type HotspotQuery, hotspots, hotspotTable } from '../../src/heat/hotspots.ts';
import { cellsInMemory } from '../../src/heat/live.ts';
import { disksWithin } from '../../src/heat/stats/area.ts';
import { indicatorQuerySchema, indicatorSeriesQuerySchema } from '../../src/indicators/indicators.schema.ts';
import { encodedIndicators } from '../../src/indicators/indicators.ts';
import { encodedSeries } from '../../src/indicators/series.ts';
import { figuresFromRecord } from '../../src/indicators/source.ts';
import { createStatistics } from '../../src/indicators/statistics.ts';
import { Live } from '../../src/live/live.ts';
import { Mirror } from '../../src/live/mirror.ts';
import { Threads } from '../../src/threads/threads.ts';
import {
  FILL_DISKS,
  FILL_EVENTS,
  GISTAR,
  HEAT_IN_AREA,
  HEAT_OF_EVENTS,
  VACUUM_EVENTS,
  WEEKS_OF_EVENTS,
} from './analysis.sql.ts';
import { loadCity } from './city.ts';

const ROUNDS = 7;
const RIVAL_ROUNDS = 3;
const connectionString = process.env.BENCH_DATABASE_URL ?? 'postgres://127.0.0.1/wangge_bench';
const wanted = process.argv.slice(2);
const print = (line: string) => process.stdout.write(`${line}\n`);

const db = openPostgres({ connectionString });
const [{ isEmpty }] = (await db.query<{ isEmpty: boolean }>(`select to_regclass('grid') is null as "isEmpty"`)) as [
  { isEmpty: boolean },
];
if (isEmpty) {
  await migrate(db);
  await loadCity(db, print);
  await new Mirror(db).catchUp();
}
/** Half an hour after the last day that has incidents. */
const [{ until }] = (await db.query<{ until: Date }>(
  `select date_trunc('hour', max(occurred_at)) + interval '1 hour' as until from incident`,
)) as [{ until: Date }];
const NOW = new Date(until.getTime() + 30 * 60_000);
/** One connection, as temporary tables are its own. */
const rival = openPostgres({ connectionString, max: 1 });
// The pool lets go of connections that do nothing.
const keep = setInterval(() => void rival.query('select 1'), 3_000);
await rival.script('set max_parallel_workers_per_gather = 0');
await rival.script(FILL_EVENTS);
await rival.query(VACUUM_EVENTS);

const live = new Live(db, { timeZone: 'Asia/Shanghai', now: () => NOW });
await live.start();
const threads = new Threads(new URL('../../src/thread', import.meta.url));
const refuseRecord = async () => {
  throw new Error('the question was not answered from memory');
};
const memory = cellsInMemory(live, cellsBySql(db))(refuseRecord);
const analysis = createAnalysis({ db, timeZone: 'Asia/Shanghai', now: () => NOW, threads }, memory);
const statistics = createStatistics(analysis, live)(analysis, refuseRecord);
const { incidents, grids } = live.layers;
print(`${availableParallelism()} × ${cpus()[0]?.model}; ${grids.count} grids, ${incidents.count} incidents`);
print(
  `load average ${loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')}`,
);
print(`incidents ${Math.round(incidents.bytes / 2 ** 20)} MB by own account`);
print(
  '\n| | service | its processor time | longest halt | SQL | its processor time | ratio |\n|---|---|---|---|---|---|---|',
);

interface Times {
  /** Milliseconds of wall time: the median of the rounds. */
  wall: number;
  /** Of processor time, of this process with its threads or of the rival's backend: the mean of the rounds. */
  processor: number;
  /** The longest time for which this thread answered nothing. */
  halt: number;
}

async function time(rounds: number, run: (round: number) => Promise<unknown>, backend?: number): Promise<Times> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const times: number[] = [];
  let processor = 0;
  delay.enable();
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now();
    const before = processorTime(backend);
    await run(round);
    times.push(performance.now() - begun);
    processor += processorTime(backend) - before;
    // What this round halted is counted before the next begins.
    await setTimeout(5);
  }
  delay.disable();
  const wall = times.sort((a, b) => a - b)[Math.floor(rounds / 2)]!;
  return { wall, processor: processor / rounds, halt: delay.max / 1e6 };
}

/** Milliseconds that this process has used, or a backend of a database on this machine (Linux counts hundredths). */
function processorTime(backend: number | undefined): number {
  if (backend === undefined) {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  }
  const stat = readFileSync(`/proc/${backend}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

async function line(
  what: string,
  run: (round: number) => Promise<unknown>,
  sql?: () => Promise<unknown>,
  rivalRounds = RIVAL_ROUNDS,
) {
  for (let i = 0; i < 5; i++) await run(-1 - i);
  const own = await time(ROUNDS, run);
  const cells = [what, `${own.wall.toFixed(1)} ms`, `${own.processor.toFixed(1)} ms`, `${own.halt.toFixed(1)} ms`];
  if (sql) {
    const [row] = await rival.query<{ pid: number }>('select pg_backend_pid() as pid');
    const other = await time(rivalRounds, sql, row!.pid);
    cells.push(
      `${other.wall.toFixed(0)} ms`,
      `${other.processor.toFixed(0)} ms`,
      `${(other.wall / own.wall).toFixed(0)} ×`,
    );
  } else cells.push('', '', '');
  print(`| ${cells.join(' | ')} |`);
}

/** Where all but a few incidents are. */
const middle = ((columns: readonly ('lon' | 'lat')[]) =>
  [0.02, 0.98].flatMap((share) =>
    columns.map((name) => {
      const values = Float64Array.from(incidents.sealed().flatMap((block) => [...block[name].subarray(0, block.n)]));
      return values.sort()[Math.floor(share * values.length)]!;
    }),
  ) as unknown as Box)(['lon', 'lat']);

const wants = (part: string) => wanted.length === 0 || wanted.includes(part);
const from = new Date(until.getTime() - 365 * 86_400_000);

async function benchHeat(): Promise<void> {
  const some = { category: '01', status: 'closed,revisited' };
  const [closed] = [['closed', 'revisited']];
  for (const [days, res, filter] of [
    [1, 9, {}],
    [30, 9, {}],
    [365, 8, {}],
    [365, 9, {}],
    [365, 10, {}],
    [365, 9, { category: '01' }],
    [365, 9, { status: 'closed,revisited' }],
    [365, 9, some],
    [365, 9, { under: await someDistrict() }],
  ] as [number, number, Record<string, string>][]) {
    const query = heatQuerySchema.parse({ res: String(res), last: `P${days}D`, ...filter });
    const since = new Date(NOW.getTime() - 30 * 60_000 - days * 86_400_000);
    const sql = () =>
      rival.query(HEAT_OF_EVENTS, [
        res,
        since,
        filter.category ? `${filter.category}%` : null,
        filter.status ? closed : null,
        filter.under ?? null,
      ]);
    const what = Object.entries(filter).map(([name, value]) => `, ${name} ${value}`);
    await line(`heat of ${days} days, resolution ${res}${what.join('')}`, () => heat(analysis, query), sql);
  }
  for (const [days, corners] of [
    [30, 20],
    [365, 20],
    [365, 200],
  ] as const) {
    const since = new Date(NOW.getTime() - 30 * 60_000 - days * 86_400_000);
    const ask = (round: number) =>
      heat(analysis, { ...heatQuerySchema.parse({ res: '9', last: `P${days}D` }), geometry: drawn(corners, round) });
    const sql = () => rival.query(HEAT_IN_AREA, [9, since, JSON.stringify(drawn(corners, 0))]);
    const what = `heat of ${days} days, resolution 9, in an area of ${corners} corners drawn`;
    await line(`${what} for the first time`, ask, sql);
    await line(`${what} before`, () => ask(0));
  }
  const wide = heatQuerySchema.parse({ res: '10', last: 'P365D' });
  const table = await heat(analysis, wide);
  await line(`${table.keys.length} cells as JSON`, () => threads.run(encodeCellsTask, { table, format: 'json' }));
}

/** An area with ragged sides around most incidents, another one for each number. */
function drawn(corners: number, number: number): Polygon {
  const [west, south, east, north] = middle;
  const ring = Array.from({ length: corners }, (_, i) => {
    const angle = (2 * Math.PI * i) / corners;
    // A share that looks random.
    const radius = 1 - 0.2 * ((Math.abs(Math.sin(i * 78.233 + number)) * 43758.5453) % 1);
    const [x, y] = [radius * Math.cos(angle), radius * Math.sin(angle)];
    return [((1 + x) / 2) * (east - west) + west, ((1 + y) / 2) * (north - south) + south];
  });
  return { type: 'Polygon', coordinates: [[...ring, ring[0]!]] };
}

async function someDistrict(): Promise<string> {
  const [row] = await db.query<{ code: string }>(
    `select code from grid where net = 'base' and level = 'district' order by code limit 1`,
  );
  return row!.code;
}

const SPOTS: HotspotQuery = {
  net: 'base',
  from,
  res: 9,
  k: 1,
  weights: 'binary',
  value: 'count',
  method: 'gistar',
  step: 'week',
  by: 'q',
};

async function benchHotspots(): Promise<void> {
  const begun = performance.now();
  const { area } = await hotspots(analysis, SPOTS, 'first');
  print(
    `| study area and disks, resolution 9, ${area.area.keys.length} cells, once | ${(performance.now() - begun).toFixed(0)} ms | | | |`,
  );
  await rival.query('drop table if exists bench_disk');
  const disks = disksWithin(area.area, SPOTS.k);
  await rival.query(FILL_DISKS, [area.area.cells, [...disks.start.slice(1)], [...disks.index]]);
  await rival.query('analyze bench_disk');
  // A version of its own each time, so that no answer is kept.
  await line(
    'Gi*, resolution 9',
    (round) => hotspots(analysis, SPOTS, `a${round}`),
    () => rival.query(GISTAR, [9, from]),
  );
  await line('local Moran’s I, resolution 9', (round) =>
    hotspots(analysis, { ...SPOTS, method: 'moran' }, `m${round}`),
  );
  const table = hotspotTable(await hotspots(analysis, SPOTS, 'first'));
  await line(`Gi* of ${table.keys.length} cells as JSON`, () =>
    threads.run(encodeCellsTask, { table, format: 'json' }),
  );
  const emerging = { ...SPOTS, method: 'emerging', res: 8 } as const;
  await line(
    'emerging, resolution 8, 52 weeks (SQL: the counts alone)',
    (round) => hotspots(analysis, emerging, `e${round}`),
    () => rival.query(WEEKS_OF_EVENTS, [8, from]),
  );
}

async function benchIndicators(): Promise<void> {
  const record = { ...statistics, figures: figuresFromRecord(rival) };
  for (const level of ['grid', 'community', 'street', 'district']) {
    const query = indicatorQuerySchema.parse({ level, from: from.toISOString() });
    await line(
      `indicators of every ${level}, 365 days, as JSON`,
      () => encodedIndicators(statistics, query),
      () => encodedIndicators(record, query),
      1,
    );
  }
  const query = indicatorQuerySchema.parse({ level: 'grid', from: from.toISOString() });
  const compared = { ...query, last: 'P30D', from: undefined, compare: 'previous' as const };
  await line(
    'indicators of every grid against the 30 days before',
    () => encodedIndicators(statistics, compared),
    () => encodedIndicators(record, compared),
    1,
  );
  const parts = { ...query, level: 'street', by: 'category' as const };
  await line(
    'indicators of every street by category',
    () => encodedIndicators(statistics, parts),
    () => encodedIndicators(record, parts),
    1,
  );
  const series = indicatorSeriesQuerySchema.parse({ level: 'street', step: 'week', from: from.toISOString() });
  await line(
    'indicators of every street, 52 weeks',
    () => encodedSeries(statistics, series),
    () => encodedSeries(record, series),
    1,
  );
}

async function benchChecks(): Promise<void> {
  const begun = performance.now();
  const { wall, processor, halt } = await time(1, () =>
    checkPlan(db, { net: 'base', at: NOW, profile: 'standard', timeZone: 'Asia/Shanghai' }),
  );
  print(
    `| checks of the plan | ${(wall / 1000).toFixed(1)} s | ${processor.toFixed(0)} ms | ${halt.toFixed(1)} ms | | | |`,
  );
  print(
    `load average ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')}; ${((performance.now() - begun) / 1000).toFixed(0)} s`,
  );
}

if (wants('heat')) await benchHeat();
if (wants('hotspots')) await benchHotspots();
if (wants('indicators')) await benchIndicators();
if (wants('checks')) await benchChecks();
clearInterval(keep);
await threads.stop();
await live.stop();
await rival.close();
await db.close();
