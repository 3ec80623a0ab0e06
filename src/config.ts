import { z } from 'zod';

/** What a deployment can set. Parsed once; nothing else reads the environment. */
export interface Config {
  /** PostgreSQL connection string; absent: the embedded database under `dataDir`. */
  databaseUrl: string | undefined;
  /** Where the embedded database lives. */
  dataDir: string;
  host: string;
  port: number;
  /** IANA time zone in which duty hours and calendar dates are meant. */
  timeZone: string;
  logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /** `auto`: load the demo city into an empty embedded database. */
  demo: 'auto' | 'off';
  /** Bearer key for writes, telephone numbers and incident addresses. */
  adminKey: string | undefined;
}

/** A setting that cannot be used. The message names the variable and the cure. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

const timeZone = z.string().refine(
  (zone) => {
    try {
      new Intl.DateTimeFormat('en', { timeZone: zone });
      return true;
    } catch {
      return false;
    }
  },
  { message: 'is not an IANA time zone; use a name such as Asia/Shanghai' },
);

const environment = z.object({
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must look like postgres://user:password@host:5432/database')
    .optional(),
  DATA_DIR: z.string().min(1).default('.wangge'),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: z.coerce.number('must be a port number, 0 to 65535').int().min(0).max(65_535).default(3000),
  TIMEZONE: timeZone.default('Asia/Shanghai'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  DEMO: z.enum(['auto', 'off']).default('auto'),
  ADMIN_KEY: z.string().min(12, 'must have at least 12 characters').optional(),
});

/**
 * Parse the environment.
 *
 * @throws ConfigError naming each variable that cannot be used, or a host that would expose an unprotected service.
 */
export function parseConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(set);
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
  }
  const e = parsed.data;
  if (!isLoopback(e.HOST) && e.ADMIN_KEY === undefined) {
    throw new ConfigError(
      `HOST=${e.HOST} opens the service to other machines; set ADMIN_KEY too, or keep HOST=127.0.0.1`,
    );
  }
  return {
    databaseUrl: e.DATABASE_URL,
    dataDir: e.DATA_DIR,
    host: e.HOST,
    port: e.PORT,
    timeZone: e.TIMEZONE,
    logLevel: e.LOG_LEVEL,
    demo: e.DEMO,
    adminKey: e.ADMIN_KEY,
  };
}

/** Whether an address or host name reaches only this machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(host);
}
