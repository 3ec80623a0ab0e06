import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AddressBook } from '../addresses/live.ts';
import { CameraLayer } from '../cameras/live.ts';
import type { Config } from '../config.ts';
import type { Db } from '../db/db.ts';
import { holderOf } from '../db/lock.ts';
import { migrate } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import { UsageError } from '../errors.ts';
import { GridLayer } from '../grids/live.ts';
import { createProgress } from '../import/progress.ts';
import type { Format } from '../import/read/rows.ts';
import { readRows } from '../import/read/rows.ts';
import { openSource, type Source } from '../import/read/source.ts';
import { CategoryLayer } from '../incidents/live-categories.ts';
import { encodePosition } from '../live/changes.ts';
import { Mirror } from '../live/mirror.ts';
import { Threads } from '../threads/threads.ts';
import { RosterLayer } from '../workers/live.ts';
import { type BatchDefaults, locateBatch } from './batch.ts';
import { livePlan } from './live.ts';
import { sqlPlan } from './plan.ts';
import type { BatchFormat } from './results.ts';
import { answerInThreads, type PlanOwner, SharedPlan } from './threads.ts';

const DEFAULTS: BatchDefaults = { crs: 'wgs84', net: 'base', limit: 5, cameras: 0 };

/** The command `locate`: every row of a file with its answer. */
export async function locateCommand(
  config: Config,
  file: string,
  out: string,
  flags: { format?: Format },
): Promise<void> {
  const source = await openSource(file, { format: flags.format });
  const { format } = source;
  if (format === 'geojson') throw new UsageError(`${file}: locate reads csv or ndjson, not geojson`);
  const total = source.size === undefined ? {} : { total: source.size, unit: 'bytes' };
  const progress = createProgress(process.stderr, 'locate', total);
  const target = out === '-' ? process.stdout : createWriteStream(out);
  try {
    const tell = (lines: number) => progress.update(source.bytesRead(), `${lines} lines`);
    const texts = count(await answers(config, source, format), tell);
    await pipeline(Readable.from(texts), target, { end: out !== '-' });
    progress.finish();
  } catch (error) {
    progress.stop();
    throw error;
  }
}

async function answers(config: Config, source: Source, format: BatchFormat): Promise<AsyncIterable<string>> {
  const holder = config.databaseUrl === undefined ? await holderOf(config.dataDir) : undefined;
  return holder?.url ? askService(holder.url, config.adminKey, source, format) : askDatabase(config, source, format);
}

async function* askDatabase(config: Config, source: Source, format: BatchFormat): AsyncIterable<string> {
  const db = await openDatabase(config);
  const threads = new Threads(new URL('../thread', import.meta.url));
  try {
    await migrate(db);
    const version = encodePosition(await new Mirror(db).catchUp());
    const book = new AddressBook(db);
    await book.catchUp();
    const owner = { layers: await loadPlan(db, config.timeZone), onEdits: () => () => {} };
    const context = {
      plan: livePlan(owner, sqlPlan(db)),
      book,
      timeZone: config.timeZone,
      now: new Date(),
      withPhone: true,
      version,
    };
    const answer = answerInThreads({ threads, book, plan: new SharedPlan(owner) }, () => context);
    const rows = readRows(source.bytes, { format, gzip: source.gzip, encoding: 'utf8' });
    yield* locateBatch(rows, { defaults: DEFAULTS, format, atOnce: threads.size + 1 }, answer);
  } finally {
    await threads.stop();
    await db.close();
  }
}

/** The layers that the plan needs; incidents and streets are none of them. */
export function loadPlan(db: Db, timeZone: string): Promise<PlanOwner['layers']> {
  return db.transaction(
    async (tx) => ({
      categories: await CategoryLayer.load(tx),
      grids: await GridLayer.load(tx),
      cameras: await CameraLayer.load(tx),
      roster: await RosterLayer.load(tx, timeZone),
    }),
    { isolation: 'repeatable read', readOnly: true },
  );
}

async function* askService(
  url: string,
  key: string | undefined,
  source: Source,
  format: BatchFormat,
): AsyncIterable<string> {
  const response = await fetch(`${url}/locate/batch`, {
    method: 'POST',
    body: Readable.toWeb(Readable.from(source.bytes)) as ReadableStream,
    duplex: 'half',
    headers: {
      'Content-Type': format === 'csv' ? 'text/csv' : 'application/x-ndjson',
      ...(source.gzip && { 'Content-Encoding': 'gzip' }),
      ...(key !== undefined && { Authorization: `Bearer ${key}` }),
    },
  } as RequestInit);
  if (!response.ok) throw new Error(((await response.json()) as { detail?: string }).detail ?? `${url} refused it`);
  const decoder = new TextDecoder();
  for await (const chunk of response.body!) yield decoder.decode(chunk, { stream: true });
}

/** Tell how many lines have gone out. */
async function* count(texts: AsyncIterable<string>, tell: (lines: number) => void): AsyncIterable<string> {
  let lines = 0;
  for await (const text of texts) {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
    tell(lines);
    yield text;
  }
}
