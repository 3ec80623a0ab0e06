import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { createAccess } from '../../src/access/access.ts';
import { createApp } from '../../src/app.ts';
import type { Db } from '../../src/db/db.ts';
import { createMetrics } from '../../src/live/metrics.ts';
import { Mirror } from '../../src/live/mirror.ts';
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
}

/** The whole application over a database, on a free port of this machine. */
export async function startService(db: Db, options: TestServiceOptions = {}): Promise<TestService> {
  const app = createApp({
    db,
    mirror: new Mirror(db),
    access: createAccess('adminKey' in options ? options.adminKey : ADMIN_KEY, options.openDemo ?? false),
    metrics: createMetrics(),
    log: pino({ level: 'silent' }),
    timeZone: 'Asia/Shanghai',
    now: options.now ?? (() => DEMO_NOW),
  });
  const server: Server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
