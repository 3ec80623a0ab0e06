import pg from 'pg';

/** Name the databases of this run, and drop them after it. */
export default function setup(): () => Promise<void> {
  const run = `wangge_test_${process.pid}`;
  process.env.TEST_RUN = run;
  return async () => {
    if (!process.env.TEST_DATABASE_URL) return;
    const admin = new pg.Client({ connectionString: process.env.TEST_DATABASE_URL });
    await admin.connect();
    const { rows } = await admin.query<{ name: string }>(
      'select datname as name from pg_database where starts_with(datname, $1)',
      [`${run}_`],
    );
    for (const { name } of rows) await admin.query(`drop database if exists ${pg.escapeIdentifier(name)} with (force)`);
    await admin.end();
  };
}
