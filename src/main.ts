import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Logger, pino } from 'pino';
import { createAccess } from './access/access.ts';
import { sampleOf } from './addresses/addresses.ts';
import { AddressBook } from './addresses/live.ts';
import { createApp } from './app.ts';
import { type Config, isLoopback } from './config.ts';
import type { Db } from './db/db.ts';
import { migrate } from './db/migrate.ts';
import { openDatabase } from './db/open.ts';
import { type DemoReporter, isDemo, loadDemoIfEmpty } from './demo/load.ts';
import { createProgress, type Progress } from './import/progress.ts';
import { pruneChanges } from './live/changes.ts';
import { Live } from './live/live.ts';
import { createMetrics } from './live/metrics.ts';
import { Mirror } from './live/mirror.ts';
import { Threads } from './threads/threads.ts';

export interface Service {
  /** Where it answers. */
  url: string;
  db: Db;
  stop(): Promise<void>;
}

export interface StartOptions {
  log?: Logger;
  /** Told how far the demo has been loaded. */
  onDemo?: DemoReporter;
  /** Told that all is in memory, before anything is answered from it. */
  onLoaded?: () => void;
}

/** An import or a batch streams for as long as it takes; what sends its headers slowly is cut off all the same. */
const LONGEST_REQUEST = 6 * 3_600_000;

/**
 * Start the service: database, migrations, demo, what is derived, HTTP. Whatever fails undoes what came before it.
 *
 * @throws DirectoryInUse, ConfigError, or the database's own error
 */
export async function start(config: Config, options: StartOptions = {}): Promise<Service> {
  const log = options.log ?? pino({ level: config.logLevel });
  const db = await openDatabase(config, (error) => log.warn({ err: error }, 'a database connection broke'));
  const threads = new Threads(new URL('./thread', import.meta.url));
  try {
    await migrate(db);
    const embedded = config.databaseUrl === undefined;
    if (embedded && config.demo === 'auto') await loadDemoIfEmpty(db, config.timeZone, options.onDemo);
    const mirror = new Mirror(db);
    const metrics = createMetrics();
    const live = new Live(db, {
      timeZone: config.timeZone,
      now: () => new Date(),
      onError: (error) => log.warn({ err: error }, 'reading the change log failed; it is tried again'),
      onApplied: (_changes, seconds) => metrics.liveSeconds.observe(seconds),
    });
    const book = new AddressBook(db);
    // While one waits for the database, another makes something of what it has read. What the record has not derived yet,
    // the layers derive for themselves.
    await Promise.all([mirror.catchUp(), live.start(), book.start()]);
    options.onLoaded?.();
    threads.warm();
    const openDemo = embedded && isLoopback(config.host) && (await isDemo(db));
    const app = createApp({
      db,
      mirror,
      live,
      book,
      threads,
      access: createAccess(config.adminKey, openDemo),
      metrics,
      log,
      timeZone: config.timeZone,
      now: () => new Date(),
    });
    const server = await listen(createServer({ requestTimeout: LONGEST_REQUEST }, app), config);
    const url = urlOf(server, config.host);
    if ('announce' in db) await (db as Db & { announce(url: string): Promise<void> }).announce(url);
    const stopTending = tend(db, mirror, log);
    return { url, db, stop: () => stop(server, db, [threads, live, book], stopTending) };
  } catch (error) {
    await threads.stop();
    await db.close();
    throw error;
  }
}

/** Stop in the reverse order of the start: no new requests, the running ones end, then the database. */
async function stop(
  server: Server,
  db: Db,
  parts: { stop(): Promise<void> }[],
  stopTending: () => void,
): Promise<void> {
  stopTending();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const impatient = setTimeout(() => server.closeAllConnections(), 5_000);
  await closed;
  clearTimeout(impatient);
  for (const part of parts) await part.stop();
  await db.close();
}

function listen(server: Server, { host, port }: Config): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(server));
  });
}

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** What the record needs now and then: a change log of one day, and owners by the plan as it is. */
function tend(db: Db, mirror: Mirror, log: Logger): () => void {
  const every = (milliseconds: number, what: string, work: () => Promise<unknown>) =>
    setInterval(() => {
      work().catch((error: unknown) => log.warn({ err: error }, `${what} failed`));
    }, milliseconds).unref();
  const timers = [
    every(3_600_000, 'pruning the change log', () => pruneChanges(db)),
    every(5_000, 'deriving owners', () => mirror.followPlan()),
  ];
  return () => timers.forEach(clearInterval);
}

/**
 * By how much the heap of a thread grows, at most, before its garbage is collected. On a machine with much memory it would
 * be several times: the live layers are most of a heap that hardly changes.
 */
const HEAP_GROWTH = '--heap-growing-percent=30';

/**
 * Once all is read, and not before: nearly all that is read stays, and to look for garbage among it would cost a fifth of
 * the start. What it has left by then goes in one piece, some tenths of a second.
 */
function tidyHeap(): void {
  setFlagsFromString(HEAP_GROWTH);
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

/** The command `serve`: start, say where, and stop at a signal. */
export async function serveCommand(config: Config): Promise<void> {
  const log = pino({ level: config.logLevel }, pino.destination(2));
  const begun = performance.now();
  const reporters = new Map<string, Progress>();
  const onDemo: DemoReporter = (layer, done, total) => {
    const progress = reporters.get(layer) ?? createProgress(process.stderr, `demo: ${layer}`, { total });
    reporters.set(layer, progress);
    if (done < total) progress.update(done);
    else progress.finish(`${total} rows`);
  };
  const service = await start(config, { log, onDemo, onLoaded: tidyHeap });
  const stop = () => {
    service.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  process.stdout.write(`${await greeting(service, seconds)}\n`);
}

/** What a person who started the service sees first: where the map is, and requests that have an answer. */
async function greeting({ url, db }: Service, seconds: string): Promise<string> {
  const sample = await sampleOf(db);
  const requests = sample && [
    `  curl -G '${url}/locate' --data-urlencode 'address=${sample.text}'`,
    `  curl '${url}/locate?lon=${sample.lon}&lat=${sample.lat}&cameras=3'`,
    `  curl '${url}/heat?res=8&last=P30D'`,
  ];
  return [`wangge is ready after ${seconds} s`, `  map  ${url}/`, ...(requests ?? [])].join('\n');
}
