import type { Config } from '../config.ts';
import { migrate } from './migrate.ts';
import { openDatabase } from './open.ts';

/** The command `migrate`. */
export async function migrateCommand(config: Config): Promise<void> {
  const db = await openDatabase(config);
  try {
    const applied = await migrate(db);
    process.stdout.write(applied.length > 0 ? `applied ${applied.join(', ')}\n` : 'nothing to apply\n');
  } finally {
    await db.close();
  }
}
