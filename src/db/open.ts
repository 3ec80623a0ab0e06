import type { Config } from '../config.ts';
import type { Db } from './db.ts';
import { openPglite } from './pglite.ts';
import { openPostgres } from './postgres.ts';

/** Open the database that the configuration names: PostgreSQL, or the embedded one in its data directory. */
export async function openDatabase(
  config: Pick<Config, 'databaseUrl' | 'dataDir'>,
  onError?: (error: Error) => void,
): Promise<Db> {
  if (config.databaseUrl === undefined) return openPglite({ dataDir: config.dataDir });
  return openPostgres({ connectionString: config.databaseUrl, ...(onError && { onError }) });
}
