import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { DirectoryInUse, holderOf } from '../db/lock.ts';
import { migrate } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import { UsageError } from '../errors.ts';
import { createProgress, type Progress } from '../import/progress.ts';
import { writeRows } from '../import/write.ts';
import { type DemoOptions, type DemoSize, generateDemo } from './demo.ts';
import { loadDemo, startOfDay } from './load.ts';

export interface DemoFlags {
  size: DemoSize;
  seed: number;
  until?: string;
  out?: string;
}

/** The command `demo`. */
export async function demoCommand(config: Config, flags: DemoFlags): Promise<void> {
  const options = { size: flags.size, seed: flags.seed, until: untilOf(flags.until, config.timeZone) };
  if (flags.out !== undefined) return writeDemo(options, flags.out);
  const holder = config.databaseUrl === undefined ? await holderOf(config.dataDir) : undefined;
  if (holder) throw new DirectoryInUse(config.dataDir, holder);
  const db = await openDatabase(config);
  try {
    await migrate(db);
    const bars = new Map<string, Progress>();
    const reports = await loadDemo(db, options, config.timeZone, (layer, done, total) => {
      const bar = bars.get(layer) ?? createProgress(process.stderr, layer, { total });
      bars.set(layer, bar);
      if (done < total) bar.update(done);
      else bar.finish(`${total} rows`);
    });
    for (const { layer, inserted, updated, unchanged } of reports) {
      process.stdout.write(`${layer}: ${inserted} inserted, ${updated} updated, ${unchanged} unchanged\n`);
    }
  } finally {
    await db.close();
  }
}

async function writeDemo(options: DemoOptions, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const { layer, rows } of generateDemo(options).layers) {
    const target = createWriteStream(join(directory, `${layer}.ndjson`));
    async function* output() {
      yield* rows();
    }
    const written = await writeRows(layer, output(), target, { format: 'ndjson', gzip: false });
    process.stdout.write(`${layer}: ${written} rows\n`);
  }
}

/** The demo's incidents end with a day: the asked one, or yesterday. */
function untilOf(day: string | undefined, timeZone: string): Date {
  if (day === undefined) return startOfDay(new Date(), timeZone);
  const noon = new Date(`${day}T12:00:00Z`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(noon.getTime())) {
    throw new UsageError(`--until ${day} is not a day; write YYYY-MM-DD`);
  }
  return startOfDay(new Date(noon.getTime() + 86_400_000), timeZone);
}
