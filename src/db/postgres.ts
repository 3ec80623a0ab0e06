import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { type Db, type Queryable, type QueryOptions, type Row, sql, type TransactionOptions } from './db.ts';
import { beginStatement, readInBatches } from './statements.ts';

/** SQLSTATEs after which the same transaction may succeed: serialization failure, deadlock. */
const RETRY = new Set(['40001', '40P01']);
const RETRIES = 3;

const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, Number);
types.setTypeParser(pg.types.builtins.NUMERIC, Number);
types.setTypeParser(pg.types.builtins.DATE, (text) => text);

export interface PostgresOptions {
  connectionString: string;
  /** Connections of the pool. */
  max?: number;
  /** Told of a broken idle connection; the pool replaces it. */
  onError?: (error: Error) => void;
}

/** Open a pool on PostgreSQL. The first connection is made by the first query. */
export function openPostgres(options: PostgresOptions): Db {
  const { connectionString, max = 10, onError = () => {} } = options;
  // Compiling a plan costs more than these statements take.
  const pool = new pg.Pool({ connectionString, max, types, application_name: 'wangge', options: '-c jit=off' });
  pool.on('error', onError);
  const queryable = queryableOf(pool);
  return {
    dialect: 'postgres',
    query: queryable.query,
    script: queryable.script,
    copyIn: (target, chunks) => withClient(pool, (client) => queryableOf(client).copyIn(target, chunks)),
    cursor: (text, values, batch) =>
      cursorOutside((work, transaction) => runTransaction(pool, work, transaction), text, values, batch),
    transaction: (work, transaction) => runTransaction(pool, work, transaction),
    listen: (channel, onNotify, onLost) => listen(connectionString, channel, onNotify, onLost),
    close: () => pool.end(),
  };
}

function queryableOf(client: pg.Pool | pg.ClientBase): Queryable {
  const query = async <R = Row>(
    text: string,
    values: readonly unknown[] = [],
    options?: QueryOptions,
  ): Promise<R[]> => {
    const result = await client.query({ text, values: [...values], ...(options?.prepare && { name: planName(text) }) });
    return result.rows as R[];
  };
  return {
    query,
    script: async (text) => {
      await client.query(text);
    },
    copyIn: async (target, chunks) => {
      const stream = (client as pg.ClientBase).query(copyFrom(`copy ${target} from stdin`));
      await pipeline(Readable.from(chunks), stream);
      return stream.rowCount ?? 0;
    },
    cursor: (text, values, batch) => readInBatches(query, text, values, batch),
  };
}

/** A name is a plan's identity in one connection: the same text, the same name. */
function planName(text: string): string {
  return createHash('sha1').update(text).digest('base64url');
}

async function withClient<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  const onError = () => {
    broken = true;
  };
  client.on('error', onError);
  try {
    return await work(client);
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

async function runTransaction<T>(
  pool: pg.Pool,
  work: (tx: Queryable) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await withClient(pool, (client) => oneTransaction(client, work, options));
    } catch (error) {
      // Only a transaction without side effects outside the database may be tried again: a read.
      if (attempt > RETRIES || !options.readOnly || !RETRY.has((error as { code?: string }).code ?? '')) throw error;
    }
  }
}

async function oneTransaction<T>(
  client: pg.PoolClient,
  work: (tx: Queryable) => Promise<T>,
  options: TransactionOptions,
): Promise<T> {
  await client.query(beginStatement(options));
  try {
    const result = await work(queryableOf(client));
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
}

async function* cursorOutside<R>(
  transaction: Db['transaction'],
  text: string,
  values: readonly unknown[],
  batch: number,
): AsyncIterable<R[]> {
  // The consumer pulls from inside an open transaction: hand batches over one by one.
  const channel = new Handover<R[]>();
  const done = transaction(
    async (tx) => {
      for await (const rows of tx.cursor<R>(text, values, batch)) if (!(await channel.put(rows))) return;
    },
    { isolation: 'repeatable read', readOnly: true },
  ).then(
    () => channel.end(),
    (error: unknown) => channel.end(error),
  );
  try {
    yield* channel;
  } finally {
    channel.stop();
    await done;
  }
}

/** One item at a time from a producer to a consumer, each waiting for the other. */
class Handover<T> implements AsyncIterable<T> {
  private items: T[] = [];
  private finished = false;
  private stopped = false;
  private failure: unknown;
  private wakeConsumer: () => void = () => {};
  private wakeProducer: () => void = () => {};

  /** @returns false when the consumer has gone */
  async put(item: T): Promise<boolean> {
    this.items.push(item);
    this.wakeConsumer();
    while (this.items.length > 0 && !this.stopped) {
      await new Promise<void>((resolve) => {
        this.wakeProducer = resolve;
      });
    }
    return !this.stopped;
  }

  end(failure?: unknown): void {
    this.finished = true;
    this.failure = failure;
    this.wakeConsumer();
  }

  stop(): void {
    this.stopped = true;
    this.wakeProducer();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    for (;;) {
      const item = this.items.shift();
      if (item !== undefined) {
        yield item;
        this.wakeProducer();
      } else if (this.finished) {
        if (this.failure !== undefined) throw this.failure;
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.wakeConsumer = resolve;
        });
      }
    }
  }
}

const RECONNECT_MS = [50, 100, 250, 500, 1000];

async function listen(
  connectionString: string,
  channel: string,
  onNotify: (payload: string) => void,
  onLost: () => void = () => {},
): Promise<() => Promise<void>> {
  let client: pg.Client | undefined;
  let stopped = false;
  let attempt = 0;
  const connect = async (): Promise<void> => {
    const next = new pg.Client({ connectionString, application_name: 'wangge listen', keepAlive: true });
    let lost = false;
    const reconnect = () => {
      if (lost || stopped) return;
      lost = true;
      onLost();
      const wait = RECONNECT_MS[Math.min(attempt++, RECONNECT_MS.length - 1)];
      setTimeout(() => void connect().catch(() => {}), wait);
    };
    next.on('error', reconnect);
    next.on('end', reconnect);
    next.on('notification', (message) => onNotify(message.payload ?? ''));
    try {
      await next.connect();
      await next.query(sql`listen ${next.escapeIdentifier(channel)}`);
    } catch (error) {
      if (attempt === 0 && client === undefined) {
        stopped = true;
        await next.end().catch(() => {});
        throw error;
      }
      reconnect();
      return;
    }
    const again = client !== undefined;
    client = next;
    attempt = 0;
    if (again) onLost();
  };
  await connect();
  return async () => {
    stopped = true;
    await client?.end();
  };
}
