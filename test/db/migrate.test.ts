import { expect, test } from 'vitest';
import { migrate, readMigrations } from '../../src/db/migrate.ts';
import { scratchDatabase } from '../helpers/database.ts';

test('migrating again applies nothing', async () => {
  expect(await migrate(await scratchDatabase())).toEqual([]);
});

test('a database of a newer version is refused with the cure', async () => {
  const known = await readMigrations();
  await expect(migrate(await scratchDatabase(), known.slice(0, -1))).rejects.toThrow(/upgrade it/);
});
