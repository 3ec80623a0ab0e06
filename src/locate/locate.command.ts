import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AddressBook } from '../addresses/live.ts';
import type { Config } from '../config.ts';
import { holderOf } from '../db/lock.ts';
import { migrate } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import { UsageError } from '../errors.ts';
import { createProgress } from '../import/progress.ts';
import type { Format } from '../import/read/rows.ts';
import { readRows } from '../import/read/rows.ts';
import { openSource, type Source } from '../import/read/source.ts';
import { encodePosition } from '../live/changes.ts';
import { Mirror } from '../live/mirror.ts';
import { type BatchDefaults, type BatchFormat, locateRows, writeResults } from './batch.ts';
import { locate } from './locate.ts';
import { sqlPlan } from './plan.ts';

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
    const lines = count(await answers(config, source, format), (n) => progress.update(source.bytesRead(), `${n} rows`));
    await pipeline(Readable.from(lines), target, { end: out !== '-' });
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
  try {
    await migrate(db);
    const version = encodePosition(await new Mirror(db).catchUp());
    const book = new AddressBook(db);
    await book.catchUp();
    const context = {
      db,
      plan: sqlPlan(db),
      book,
      timeZone: config.timeZone,
      now: new Date(),
      withPhone: true,
      version,
    };
    const rows = readRows(source.bytes, { format, gzip: source.gzip, encoding: 'utf8' });
    yield* writeResults(
      locateRows(rows, DEFAULTS, (request) => locate(context, request)),
      format,
    );
  } finally {
    await db.close();
  }
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

async function* count(lines: AsyncIterable<string>, tell: (n: number) => void): AsyncIterable<string> {
  let n = 0;
  for await (const line of lines) {
    n += 1;
    if (n % 100 === 0) tell(n);
    yield line;
  }
}
