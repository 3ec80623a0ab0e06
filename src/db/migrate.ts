import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Db, sql } from './db.ts';

const DIRECTORY = fileURLToPath(new URL('../../sql/', import.meta.url));

const CREATE_TABLE = sql`
  create table if not exists migration (
    id int primary key,
    name text not null,
    applied_at timestamptz not null default now()
  )`;

/** Any number that no other program uses for its advisory lock: "wangge" in ASCII. */
const LOCK = 0x77616e676765;

export interface Migration {
  id: number;
  name: string;
  text: string;
}

/** The numbered files of `sql/`, in order. */
export async function readMigrations(directory = DIRECTORY): Promise<Migration[]> {
  const names = (await readdir(directory)).filter((name) => /^\d{4}_.+\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => ({
      id: Number(name.slice(0, 4)),
      name: name.slice(5, -4),
      text: await readFile(`${directory}/${name}`, 'utf8'),
    })),
  );
}

/**
 * Apply the migrations that are missing, each in one transaction. Processes that start together wait for each other.
 *
 * @returns the names applied
 * @throws when the database was migrated by a newer version of the service
 */
export async function migrate(db: Db, migrations?: Migration[]): Promise<string[]> {
  const known = migrations ?? (await readMigrations());
  const applied: string[] = [];
  for (const migration of known) {
    const done = await db.transaction(async (tx) => {
      // Before the table: two `create table if not exists` at once collide too.
      await tx.query('select pg_advisory_xact_lock($1)', [LOCK]);
      await tx.script(CREATE_TABLE);
      const [newest] = await tx.query<{ id: number | null }>('select max(id) as id from migration');
      if ((newest?.id ?? 0) > known.at(-1)!.id) {
        throw new Error(
          `the database is at migration ${newest!.id}, this version knows ${known.at(-1)!.id}: upgrade it`,
        );
      }
      const rows = await tx.query(
        'insert into migration (id, name) values ($1, $2) on conflict do nothing returning id',
        [migration.id, migration.name],
      );
      if (rows.length > 0) await tx.script(migration.text);
      return rows.length > 0;
    });
    if (done) applied.push(migration.name);
  }
  return applied;
}
