import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { createAccess } from '../../src/access/access.ts';
import { AddressBook } from '../../src/addresses/live.ts';
import { createApp } from '../../src/app.ts';
import type { Db } from '../../src/db/db.ts';
import type { IncidentWindow } from '../../src/incidents/live.ts';
import { Live } from '../../src/live/live.ts';
import { createMetrics } from '../../src/live/metrics.ts';
import { Mirror } from '../../src/live/mirror.ts';
import type { Runner } from '../../src/threads/task.ts';
import { Threads } from '../../src/threads/threads.ts';
import { DEMO_NOW } from './database.ts';

/** A key that opens everything in tests. */
export const ADMIN_KEY = 'test-key-of-the-admin';

export interface TestService {
  /** Where it listens. */
  url: string;
  close(): Promise<void>;
}

export interface TestServiceOptions {
  /** The clock; default: the moment of the demo. */
  now?: () => Date;
  adminKey?: string | undefined;
  openDemo?: boolean;
  /** Default: one over the database, read when it is first asked. */
  book?: AddressBook;
  /** Default: threads of its own, stopped with it. */
  threads?: Runner;
  /** Of the incidents in memory; default: that of the service. */
  window?: IncidentWindow;
}

/** The whole application over a database, on a free port of this machine. */
export async function startService(db: Db, options: TestServiceOptions = {}): Promise<TestService> {
  const now = options.now ?? (() => DEMO_NOW);
  const live = new Live(db, { timeZone: 'Asia/Shanghai', now, ...(options.window && { window: options.window }) });
  await live.start();
  const threads = new Threads(new URL('../../src/thread', import.meta.url));
  const app = createApp({
    db,
    live,
    threads: options.threads ?? threads,
    mirror: new Mirror(db),
    book: options.book ?? new AddressBook(db),
    access: createAccess('adminKey' in options ? options.adminKey : ADMIN_KEY, options.openDemo ?? false),
    metrics: createMetrics(),
    log: pino({ level: 'silent' }),
    timeZone: 'Asia/Shanghai',
    now,
  });
  // A test that wrote past the service asks at once: let the service see it first.
  const server: Server = createServer((req, res) => {
    live.caughtUp().then(
      () => app(req, res),
      (error: Error) => res.destroy(error),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await threads.stop();
      await live.stop();
    },
  };
}
