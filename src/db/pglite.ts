import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { startThread } from '../threads/start.ts';
import type { Db, Queryable, Row, TransactionOptions } from './db.ts';
import { type DirectoryLock, takeLock } from './lock.ts';
import { beginStatement, readInBatches } from './statements.ts';

export interface WorkerData {
  dataDir: string | undefined;
  dump: Uint8Array | undefined;
}

type Request =
  | { op: 'query'; text: string; values: readonly unknown[] }
  | { op: 'script'; text: string }
  | { op: 'copy'; target: string; chunk: string }
  | { op: 'listen' | 'unlisten'; channel: string }
  | { op: 'dump' | 'close' };
export type ToWorker = Request & { id: number };
export type FromWorker =
  | { ready: true }
  | { id: number; result: unknown }
  | { id: number; error: Record<string, unknown> }
  | { notify: string; payload: string };

export interface PgliteOptions {
  /** Directory of the database; absent: in memory. */
  dataDir?: string;
  /** A gzipped dump of a data directory to start from; only for a directory that does not exist yet. */
  dump?: Uint8Array;
}

/** The embedded database. Beside `Db`, it can dump its directory and tell its lock where the service listens. */
export interface PgliteDb extends Db {
  readonly dialect: 'pglite';
  /** The whole data directory as a gzipped tar file. */
  dump(): Promise<Uint8Array>;
  /** Write into the lock where this process answers HTTP, so that the command line can ask it. */
  announce(url: string): Promise<void>;
}

/**
 * Start PGlite with PostGIS in a worker thread, so that a slow statement does not stop the event loop.
 *
 * It has one connection: statements queue, and a transaction holds the queue until it ends. Inside `transaction` use
 * only the handed `tx`. It does not fsync: a power cut may lose what was just committed.
 *
 * @throws DirectoryInUse when another live process has the directory open
 */
export async function openPglite(options: PgliteOptions = {}): Promise<PgliteDb> {
  const dataDir = options.dataDir === undefined ? undefined : resolve(options.dataDir);
  if (dataDir !== undefined) await mkdir(dirname(dataDir), { recursive: true });
  const lock = dataDir === undefined ? undefined : await takeLock(dataDir);
  try {
    const thread = await openThread({ dataDir, dump: options.dump });
    return databaseOf(thread, lock);
  } catch (error) {
    await lock?.release();
    throw error;
  }
}

function databaseOf(thread: Thread, lock: DirectoryLock | undefined): PgliteDb {
  const queue = new Queue();
  const direct = queryableOf(thread);
  const transaction = <T>(work: (tx: Queryable) => Promise<T>, options: TransactionOptions = {}): Promise<T> =>
    queue.run(async () => {
      await direct.script(beginStatement(options));
      try {
        const result = await work(direct);
        await direct.script('commit');
        return result;
      } catch (error) {
        await direct.script('rollback').catch(() => {});
        throw error;
      }
    });
  return {
    dialect: 'pglite',
    query: (text, values) => queue.run(() => direct.query(text, values)),
    script: (text) => queue.run(() => direct.script(text)),
    copyIn: (target, chunks) => transaction((tx) => tx.copyIn(target, chunks)),
    cursor: (text, values, batch) => cursorOutside(queue, direct, text, values, batch),
    transaction,
    listen: async (channel, onNotify) => {
      thread.listeners.set(channel, onNotify);
      await queue.run(() => thread.ask({ op: 'listen', channel }));
      return async () => {
        thread.listeners.delete(channel);
        await queue.run(() => thread.ask({ op: 'unlisten', channel }));
      };
    },
    dump: () => queue.run(async () => (await thread.ask({ op: 'dump' })) as Uint8Array),
    announce: async (url) => lock?.announce(url),
    close: () =>
      queue.run(async () => {
        await thread.ask({ op: 'close' });
        await thread.worker.terminate();
        await lock?.release();
      }),
  };
}

function queryableOf(thread: Thread): Queryable {
  const query = async <R = Row>(text: string, values: readonly unknown[] = []): Promise<R[]> =>
    (await thread.ask({ op: 'query', text, values })) as R[];
  return {
    query,
    script: async (text) => {
      await thread.ask({ op: 'script', text });
    },
    copyIn: async (target, chunks) => {
      let rows = 0;
      for await (const chunk of chunks) rows += (await thread.ask({ op: 'copy', target, chunk })) as number;
      return rows;
    },
    cursor: (text, values, batch) => readInBatches(query, text, values, batch),
  };
}

/** A cursor lives in a transaction; the consumer's own statements must wait until it has read all or stopped. */
async function* cursorOutside<R>(
  queue: Queue,
  direct: Queryable,
  text: string,
  values: readonly unknown[],
  batch: number,
): AsyncIterable<R[]> {
  const leave = await queue.enter();
  try {
    await direct.script(beginStatement({ isolation: 'repeatable read', readOnly: true }));
    yield* direct.cursor<R>(text, values, batch);
  } finally {
    await direct.script('rollback').catch(() => {});
    leave();
  }
}

/** Lets one piece of work at a time into the connection, in the order of arrival. */
class Queue {
  private last: Promise<void> = Promise.resolve();

  /** Wait for the connection; call the returned function to leave it. */
  async enter(): Promise<() => void> {
    const before = this.last;
    let leave = () => {};
    this.last = new Promise((resolve) => {
      leave = resolve;
    });
    await before;
    return leave;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    const leave = await this.enter();
    try {
      return await work();
    } finally {
      leave();
    }
  }
}

interface Thread {
  worker: Worker;
  listeners: Map<string, (payload: string) => void>;
  ask(request: Request): Promise<unknown>;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

async function openThread(data: WorkerData): Promise<Thread> {
  const worker = startThread(new URL('./pglite-worker', import.meta.url), data);
  const waiting = new Map<number, Waiting>();
  const listeners = new Map<string, (payload: string) => void>();
  let nextId = 0;
  let failure: Error | undefined;
  const ask = (request: Request): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (failure) return reject(failure);
      const id = nextId++;
      waiting.set(id, { resolve, reject });
      worker.postMessage({ ...request, id });
    });
  const fail = (error: Error) => {
    failure = error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  await new Promise<void>((resolve, reject) => {
    worker.on('error', (error) => {
      fail(error as Error);
      reject(error);
    });
    worker.on('exit', (code) => fail(new Error(`the embedded database stopped (exit code ${code})`)));
    worker.on('message', (message: FromWorker) => {
      if ('ready' in message) return resolve();
      if ('notify' in message) return listeners.get(message.notify)?.(message.payload);
      const asked = waiting.get(message.id);
      waiting.delete(message.id);
      if ('error' in message) asked?.reject(revive(message.error));
      else asked?.resolve(message.result);
    });
  });
  return { worker, listeners, ask };
}

function revive(plain: Record<string, unknown>): Error {
  return Object.assign(new Error(String(plain.message)), plain);
}
