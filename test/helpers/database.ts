import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { Db } from '../../src/db/db.ts';
import { migrate } from '../../src/db/migrate.ts';
import { openPglite, type PgliteDb } from '../../src/db/pglite.ts';
import { openPostgres } from '../../src/db/postgres.ts';
import { loadDemo } from '../../src/demo/load.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CACHE = join(ROOT, 'node_modules/.cache/wangge');

/** PostgreSQL to test on; absent: the embedded database. */
export const TEST_DATABASE_URL = process.env.TEST_DATABASE_URL;

/** The moment at which tests over the demo ask: half an hour after its last incident's day. */
export const DEMO_UNTIL = new Date('2026-11-01T00:00:00+08:00');
export const DEMO_NOW = new Date('2026-11-01T00:30:20+08:00');
export const DEMO_SEED = 1;

const opened = new Map<string, Promise<Db>>();

/** A database with the demo county, for reading only. Opened once for the whole run. */
export function demoDatabase(): Promise<Db> {
  return once('demo', (db) =>
    loadDemo(db, { size: 'county', seed: DEMO_SEED, until: DEMO_UNTIL }, 'Asia/Shanghai').then(() => {}),
  );
}

/** A migrated database that a test file may fill as it likes; emptied each time it is asked for. */
export async function scratchDatabase(): Promise<Db> {
  const db = await once('scratch', async () => {});
  await emptyDatabase(db);
  return db;
}

/** The connection string of a database of this run, for tests that need connections of their own. PostgreSQL only. */
export function urlOf(name: 'demo' | 'scratch'): string {
  const url = new URL(TEST_DATABASE_URL!);
  url.pathname = `/${process.env.TEST_RUN}_${name}`;
  return url.href;
}

function once(name: 'demo' | 'scratch', fill: (db: Db) => Promise<void>): Promise<Db> {
  const existing = opened.get(name);
  if (existing) return existing;
  const db = TEST_DATABASE_URL ? createOnServer(name, fill) : openFromDump(name, fill);
  opened.set(name, db);
  return db;
}

/** Remove every row but what the migrations put there. */
export async function emptyDatabase(db: Db): Promise<void> {
  await db.script(`
    truncate incident, incident_place, incident_key, address, address_key, camera, street, assignment, worker,
      category, holiday, grid, grid_code, plan, change, idempotency;
    delete from net where id <> 'base';
    delete from level where net = 'base';
    insert into level (net, id, name, rank) values ('base', 'city', '市', 0), ('base', 'district', '区县', 1),
      ('base', 'street', '镇街', 2), ('base', 'area', '管区', 3), ('base', 'community', '社区/村', 4),
      ('base', 'grid', '网格', 5), ('base', 'microgrid', '微网格', 6);
    update change_pruned set below = '0';
    update setting set value = 'district' where key = 'region_level';
    delete from setting where key <> 'region_level';`);
}

async function createOnServer(name: 'demo' | 'scratch', fill: (db: Db) => Promise<void>): Promise<Db> {
  const admin = new pg.Client({ connectionString: TEST_DATABASE_URL });
  await admin.connect();
  const database = new URL(urlOf(name)).pathname.slice(1);
  await admin.query(`drop database if exists ${database} with (force)`);
  await admin.query(`create database ${database} template template0 encoding 'UTF8'`);
  await admin.end();
  const db = openPostgres({ connectionString: urlOf(name) });
  await migrate(db);
  await fill(db);
  return db;
}

/** Creating a cluster takes half a minute and filling it as long: do it once for a state of the sources. */
async function openFromDump(name: string, fill: (db: Db) => Promise<void>): Promise<PgliteDb> {
  const path = join(CACHE, `${name}-${await fingerprint()}.tar.gz`);
  const dump = await readFile(path).catch(() => undefined);
  if (dump) return openPglite({ dump });
  const db = await openPglite();
  await migrate(db);
  await fill(db);
  await mkdir(CACHE, { recursive: true });
  await writeFile(`${path}.part`, await db.dump());
  await rename(`${path}.part`, path);
  return db;
}

/** What the content of a dump depends on. */
async function fingerprint(): Promise<string> {
  const hash = createHash('sha256').update(DEMO_UNTIL.toISOString());
  for (const folder of ['sql', 'src/demo', 'src/import', 'data/demo', 'src/addresses']) {
    const names = (await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    );
    const paths = names.map((entry) => join(entry.parentPath, entry.name)).sort();
    for (const path of paths) hash.update(path.slice(ROOT.length)).update(await readFile(path));
  }
  hash.update(await readFile(join(ROOT, 'node_modules/@electric-sql/pglite/package.json')));
  return hash.digest('hex').slice(0, 16);
}
