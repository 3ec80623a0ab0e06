import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { Config } from '../config.ts';
import { holderOf } from '../db/lock.ts';
import { openDatabase } from '../db/open.ts';
import { UsageError } from '../errors.ts';
import { exportRows } from './export.ts';
import { LAYERS, type LayerName } from './fields.ts';
import type { Format } from './read/rows.ts';
import { formOf } from './read/source.ts';
import { type OutputRow, writeRows } from './write.ts';

/** The command `export`. While the embedded database is served, the rows come from the service. */
export async function exportCommand(
  config: Config,
  name: string,
  file: string,
  flags: { format?: Format },
): Promise<void> {
  if (!(LAYERS as string[]).includes(name))
    throw new UsageError(`there is no layer ${name}; there are: ${LAYERS.join(', ')}`);
  const layer = name as LayerName;
  const isStdout = file === '-';
  const form = isStdout ? { format: 'ndjson' as const, gzip: false } : formOf(file);
  const format = flags.format ?? form.format;
  if (format === undefined)
    throw new UsageError(`${file}: the name does not say the format; add --format csv, geojson or ndjson`);
  const holder = config.databaseUrl === undefined ? await holderOf(config.dataDir) : undefined;
  const db = holder?.url ? undefined : await openDatabase(config);
  const rows = db ? exportRows(db, layer) : pagesOf(holder!.url!, config.adminKey, layer);
  // Written beside and renamed, so that a file of this name is always a whole one.
  const part = `${file}.part`;
  try {
    const target = isStdout ? process.stdout : createWriteStream(part);
    const written = await writeRows(layer, rows, target, { format, gzip: form.gzip, end: !isStdout });
    if (!isStdout) await rename(part, file);
    process.stderr.write(`${layer}: ${written} rows written\n`);
  } catch (error) {
    if (!isStdout) await rm(part, { force: true });
    throw error;
  } finally {
    await db?.close();
  }
}

const PAGE = 5_000;

async function* pagesOf(url: string, key: string | undefined, layer: LayerName): AsyncIterable<OutputRow> {
  const headers: Record<string, string> = key === undefined ? {} : { Authorization: `Bearer ${key}` };
  let next: string | undefined = `/collections/${layer}/items?limit=${PAGE}`;
  while (next !== undefined) {
    const response: Response = await fetch(`${url}${next}`, { headers });
    const page = (await response.json()) as {
      features: OutputRow[];
      links: { rel: string; href: string }[];
      detail?: string;
    };
    if (!response.ok) throw new Error(page.detail ?? `the service at ${url} did not answer`);
    for (const { properties, geometry } of page.features) yield { properties, geometry };
    next = page.links.find((link) => link.rel === 'next')?.href;
  }
}
