/**
 * Speed and memory of the address index, beside pg_trgm over the same addresses:
 * `BENCH_DATABASE_URL=postgres://… npx tsx --expose-gc test/bench/addresses.ts` over a database that holds the demo city,
 * and without the variable over a seeded synthetic book with fewer stems and more names, alone. One line per kind of noise.
 * Times of single questions are of the processor; those of the rival and of the batch are of the clock, so run it on a
 * quiet machine. The tables of the database are left alone: the rival has a schema of its own.
 */
import { cpus, loadavg } from 'node:os';
import { ALL_ADDRESSES } from '../../src/addresses/live.sql.ts';
import { AddressBook } from '../../src/addresses/live.ts';
import { NORMALISE_VERSION } from '../../src/addresses/normalise.ts';
import { AddressIndex, type AddressRow } from '../../src/addresses/search/index.ts';
import type { Db } from '../../src/db/db.ts';
import { openPostgres } from '../../src/db/postgres.ts';
import { locateBatch } from '../../src/locate/batch.ts';
import { livePlan } from '../../src/locate/live.ts';
import { loadPlan } from '../../src/locate/locate.command.ts';
import { sqlPlan } from '../../src/locate/plan.ts';
import { answerInThreads, SharedPlan } from '../../src/locate/threads.ts';
import { Threads } from '../../src/threads/threads.ts';
import { addressBook, CITY } from '../helpers/address-book.ts';
import { NOISES, pick, type Random, seeded } from '../helpers/noise.ts';

const PER_KIND = 1000;
/** The rival takes about a second for each. */
const RIVAL_PER_KIND = 3;
const TYPED = 500;
const BATCH_ROWS = 50_000;
const MILLION = 1e6;
const KINDS: typeof NOISES = { clean: (text) => text, ...NOISES };
const print = (line: string) => process.stdout.write(`${line}\n`);

type StoredRow = AddressRow & { normalised?: string | null };

function quantile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)]!;
}

/** Of the processor, whatever else the machine does; includes what the collector of garbage does meanwhile. */
function millisecondsSince(begun: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1000;
}

async function* storedRows(db: Db): AsyncGenerator<StoredRow> {
  // The cursor lives in a transaction, so the rows are taken out of it first.
  const rows: StoredRow[] = [];
  await db.transaction(async (tx) => {
    for await (const some of tx.cursor<StoredRow>(ALL_ADDRESSES, [NORMALISE_VERSION], 5_000)) rows.push(...some);
  });
  yield* rows;
}

/** Bytes outside the V8 heap, and in it where `--expose-gc` lets it be measured. */
function bytesOf(index: AddressIndex, heapBefore: number): { outside: number; heap: number } {
  global.gc?.();
  const { rows, texts, names } = index.memory();
  return { outside: rows + texts + names, heap: process.memoryUsage().heapUsed - heapBefore };
}

/** Build the index in two halves: what the second adds is what further addresses cost. */
async function build(rows: StoredRow[]): Promise<AddressIndex> {
  const index = new AddressIndex();
  global.gc?.();
  const heap = process.memoryUsage().heapUsed;
  const half = rows.length >> 1;
  let seconds = 0;
  const add = (from: number, to: number) => {
    const begun = performance.now();
    for (let i = from; i < to; i++) index.add(rows[i]!, rows[i]!.normalised ?? undefined);
    index.finish();
    seconds += (performance.now() - begun) / 1000;
    return bytesOf(index, heap);
  };
  const first = add(0, half);
  const all = add(half, rows.length);
  const { rows: columns, texts, names } = index.memory();
  const each = (bytes: number) => (bytes / index.size).toFixed(0);
  print(`${index.size} addresses, ${index.stems} stems built in ${seconds.toFixed(1)} s`);
  print(
    `bytes an address: columns ${each(columns)}, texts with ids ${each(texts)}, names ${each(names)}, V8 heap ${each(all.heap)}`,
  );
  const growth = (all.outside + all.heap - first.outside - first.heap) / (rows.length - half);
  const tenMillion = all.outside + all.heap + growth * (10 * MILLION - index.size);
  print(
    `the second half took ${growth.toFixed(0)} bytes an address, so 10 million would take ${(tenMillion / MILLION).toFixed(0)} MB`,
  );
  return index;
}

function isNear(row: AddressRow, place: { lon: number; lat: number } | undefined): boolean {
  return place !== undefined && Math.hypot(place.lon - row.lon, place.lat - row.lat) < 0.001;
}

function measureKind(index: AddressIndex, questions: readonly { row: AddressRow; text: string }[]): number[] {
  const count = { found: 0, first: 0, ambiguous: 0, not_found: 0, wrong: 0 };
  const times = questions.map(({ row, text }) => {
    const begun = process.cpuUsage();
    const located = index.locate(text);
    const time = millisecondsSince(begun);
    const isRight = isNear(row, located.match ?? located.candidates[0]);
    if (isRight) count.first++;
    if (located.status !== 'found') count[located.status]++;
    else if (isRight) count.found++;
    else count.wrong++;
    return time;
  });
  const { found, first, ambiguous, not_found, wrong } = count;
  const quantiles = [0.5, 0.99].map((share) => quantile(times, share).toFixed(3));
  print([...[found, first, ambiguous, not_found, wrong].map((n) => String(n)), ...quantiles].join(' | '));
  return times;
}

function measureSuggestions(index: AddressIndex, sample: readonly AddressRow[]): void {
  const times: number[] = [];
  for (const { text } of sample.slice(0, TYPED)) {
    for (let length = 1; length <= text.length; length += 2) {
      for (const from of [0, 3]) {
        const begun = process.cpuUsage();
        index.suggest(text.slice(from, from + length));
        times.push(millisecondsSince(begun));
      }
    }
  }
  print(`suggest: p50 ${quantile(times, 0.5).toFixed(3)} ms, p99 ${quantile(times, 0.99).toFixed(3)} ms`);
}

/** pg_trgm over the same table, by GIN and the threshold 0.3, the best by similarity. */
async function measureRival(db: Db, questionsOf: (kind: string) => readonly { row: AddressRow; text: string }[]) {
  await db.script(`
    create extension if not exists pg_trgm;
    drop schema if exists bench_trgm cascade;
    create schema bench_trgm;
    create table bench_trgm.address as select id, text, st_x(geom) as lon, st_y(geom) as lat from address;
    create index on bench_trgm.address using gin (text gin_trgm_ops);
    analyze bench_trgm.address`);
  try {
    const times: number[] = [];
    let right = 0;
    for (const kind of Object.keys(KINDS)) {
      for (const { row, text } of questionsOf(kind).slice(0, RIVAL_PER_KIND)) {
        const begun = performance.now();
        const [best] = await db.query<AddressRow>(
          'select lon, lat from bench_trgm.address where text % $1 order by similarity(text, $1) desc limit 1',
          [text],
        );
        times.push(performance.now() - begun);
        if (isNear(row, best)) right++;
      }
    }
    const [p50, p99] = [quantile(times, 0.5).toFixed(0), quantile(times, 0.99).toFixed(0)];
    print(`pg_trgm, ${times.length} of the questions: right first ${right}, p50 ${p50} ms, p99 ${p99} ms`);
  } finally {
    await db.script('drop schema bench_trgm cascade');
  }
}

/** Whole answers, with grid and people on duty, as `npx wangge locate FILE` makes them. */
async function measureBatch(db: Db, texts: readonly string[]): Promise<void> {
  const book = new AddressBook(db);
  await book.catchUp();
  const owner = { layers: await loadPlan(db, 'Asia/Shanghai'), onEdits: () => () => {} };
  const about = { timeZone: 'Asia/Shanghai', now: new Date(), withPhone: true, version: '' };
  const context = { ...about, plan: livePlan(owner, sqlPlan(db)), book };
  const threads = new Threads(new URL('../../src/thread', import.meta.url));
  const answer = answerInThreads({ threads, book, plan: new SharedPlan(owner) }, () => context);
  const defaults = { crs: 'wgs84', net: 'base', limit: 5, cameras: 0 } as const;
  const run = async (n: number) => {
    async function* rows() {
      for (let i = 0; i < n; i++)
        yield { line: i + 1, properties: { address: texts[i % texts.length]! }, geometry: null };
    }
    const begun = performance.now();
    for await (const _ of locateBatch(rows(), { defaults, format: 'ndjson', atOnce: threads.size + 1 }, answer));
    return n / ((performance.now() - begun) / 1000);
  };
  await run(threads.size * 1_000);
  const before = process.memoryUsage().rss;
  print(`batch: ${(await run(BATCH_ROWS)).toFixed(0)} addresses a second in ${threads.size} threads`);
  print(
    `resident with book, plan and threads: ${(Math.max(before, process.memoryUsage().rss) / MILLION).toFixed(0)} MB`,
  );
  await threads.stop();
}

function askedBy(sample: readonly AddressRow[], random: Random) {
  const asked = new Map<string, { row: AddressRow; text: string }[]>();
  for (const [kind, noise] of Object.entries(KINDS)) {
    const rows = Array.from({ length: PER_KIND }, () => pick(random, sample));
    asked.set(
      kind,
      rows.map((row) => ({ row, text: noise(row.text, random) })),
    );
  }
  return asked;
}

const url = process.env.BENCH_DATABASE_URL;
const db = url === undefined ? undefined : openPostgres({ connectionString: url });
print(`${cpus().length} × ${cpus()[0]?.model}; load ${loadavg()[0]!.toFixed(1)}`);
const rows: StoredRow[] = [];
if (db) for await (const row of storedRows(db)) rows.push(row);
else rows.push(...addressBook(CITY, 7));
const index = await build(rows);
const random = seeded(1);
const sample = Array.from({ length: 5_000 }, () => pick(random, rows));
rows.length = 0;
const asked = askedBy(sample, random);
print('kind | right found | right first | ambiguous | not found | wrong | p50 ms | p99 ms');
const times: number[] = [];
for (const [kind, questions] of asked) {
  process.stdout.write(`${kind} | `);
  times.push(...measureKind(index, questions));
}
const perSecond = (1000 * times.length) / times.reduce((sum, time) => sum + time, 0);
print(
  `all: p50 ${quantile(times, 0.5).toFixed(3)} ms, p99 ${quantile(times, 0.99).toFixed(3)} ms, ${perSecond.toFixed(0)} a second on one core`,
);
measureSuggestions(index, sample);
if (db) {
  await measureRival(db, (kind) => asked.get(kind)!);
  await measureBatch(
    db,
    [...asked.values()].flat().map(({ text }) => text),
  );
  await db.close();
}
