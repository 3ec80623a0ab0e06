import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { Config } from '../config.ts';
import { holderOf } from '../db/lock.ts';
import { migrate } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import { UsageError } from '../errors.ts';
import { LAYERS, type LayerName } from './fields.ts';
import { LINE } from './import.route.ts';
import {
  type ImportMode,
  type ImportOptions,
  ImportRefused,
  type ImportReport,
  importRows,
  type Reject,
} from './import.ts';
import { createRowMapper } from './map-row.ts';
import { type CRS_NAMES, loadMapping, type Mapping, parseMap, withMap } from './mapping.ts';
import { createProgress } from './progress.ts';
import { type Encoding, isFault, type RowFault } from './read/fault.ts';
import { type Format, readRows } from './read/rows.ts';
import { openSource, type Source } from './read/source.ts';
import type { SourceRow } from './row.ts';

export interface ImportFlags {
  crs?: (typeof CRS_NAMES)[number];
  map?: string;
  mapping?: string;
  encoding?: Encoding;
  format?: Format;
  mode: ImportMode;
  repair?: boolean;
  dryRun?: boolean;
  rejects?: string;
}

type Rows = AsyncIterable<SourceRow | RowFault>;

/** The command `import`. While the embedded database is served, the rows go to the service. */
export async function importCommand(config: Config, name: string, file: string, flags: ImportFlags): Promise<void> {
  if (!(LAYERS as string[]).includes(name))
    throw new UsageError(`there is no layer ${name}; there are: ${LAYERS.join(', ')}`);
  const layer = name as LayerName;
  const mapping = await mappingOf(layer, flags);
  const source = await openSource(file, { format: flags.format ?? mapping?.format });
  const encoding = flags.encoding ?? mapping?.encoding ?? 'utf8';
  const rows = mapRows(
    readRows(source.bytes, { format: source.format, gzip: source.gzip, encoding }),
    mapping,
    config.timeZone,
  );
  const progress = createProgress(
    process.stderr,
    `import ${layer}`,
    source.size === undefined ? {} : { total: source.size, unit: 'bytes' },
  );
  const rejects = flags.rejects === undefined ? undefined : await rejectFile(flags.rejects);
  const options: ImportOptions = {
    crs: flags.crs ?? mapping?.crs ?? 'wgs84',
    timeZone: config.timeZone,
    mode: flags.mode,
    repair: flags.repair ?? false,
    dryRun: flags.dryRun ?? false,
    nets: mapping?.nets ?? [],
    onProgress: (n) => progress.update(source.bytesRead(), `${n} rows`),
    ...(rejects && { onReject: rejects.write }),
  };
  try {
    const report = await run(config, layer, rows, options, source);
    progress.finish(`${report.read} rows`);
    process.stdout.write(`${describe(report)}\n`);
  } catch (error) {
    progress.stop();
    throw error;
  } finally {
    await rejects?.close();
  }
}

async function mappingOf(layer: LayerName, flags: ImportFlags): Promise<Mapping | undefined> {
  const mapping = flags.mapping === undefined ? undefined : await loadMapping(flags.mapping);
  if (mapping && mapping.layer !== layer) {
    throw new UsageError(`${flags.mapping} maps ${mapping.layer}, not ${layer}; import it as ${mapping.layer}`);
  }
  return flags.map === undefined ? mapping : withMap(mapping, layer, parseMap(flags.map));
}

async function* mapRows(rows: Rows, mapping: Mapping | undefined, timeZone: string): Rows {
  if (!mapping) return yield* rows;
  const map = createRowMapper(mapping, timeZone);
  for await (const row of rows) {
    if (isFault(row)) yield row;
    else {
      const mapped = map(row);
      yield mapped.ok
        ? mapped.row
        : { line: row.line, reason: mapped.reasons.join('; '), raw: JSON.stringify(row.properties) };
    }
  }
}

async function run(
  config: Config,
  layer: LayerName,
  rows: Rows,
  options: ImportOptions,
  source: Source,
): Promise<ImportReport> {
  const holder = config.databaseUrl === undefined ? await holderOf(config.dataDir) : undefined;
  if (holder?.url) return importOverHttp(holder.url, config.adminKey, layer, rows, options, source);
  const db = await openDatabase(config);
  try {
    await migrate(db);
    return await importRows(db, layer, rows, options);
  } finally {
    await db.close();
  }
}

/** Faults of reading and mapping stay here; the service gets and judges the rest. */
async function importOverHttp(
  url: string,
  key: string | undefined,
  layer: LayerName,
  rows: Rows,
  options: ImportOptions,
  source: Source,
): Promise<ImportReport> {
  const faults: Reject[] = [];
  let read = 0;
  let failure: unknown;
  async function* lines(): AsyncIterable<string> {
    try {
      for await (const row of rows) {
        read += 1;
        if (read % 1000 === 0) options.onProgress?.(read);
        if (isFault(row)) {
          faults.push({ line: row.line, reason: row.reason, row: row.raw });
          if (!options.onReject) throw new ImportRefused(layer, 1, faults);
        } else {
          const properties = { ...row.properties, [LINE]: row.line };
          yield `${JSON.stringify({ type: 'Feature', properties, geometry: row.geometry })}\n`;
        }
      }
    } catch (error) {
      failure = error;
      throw error;
    }
  }
  const query = new URLSearchParams({
    crs: options.crs,
    mode: options.mode ?? 'upsert',
    repair: String(options.repair ?? false),
    dry_run: String(options.dryRun ?? false),
    rejects: String(options.onReject !== undefined),
    ...(options.nets && options.nets.length > 0 && { nets: JSON.stringify(options.nets) }),
  });
  const response = await fetch(`${url}/import/${layer}?${query}`, {
    method: 'POST',
    body: Readable.toWeb(Readable.from(lines())) as ReadableStream,
    duplex: 'half',
    headers: { 'Content-Type': 'application/x-ndjson', ...(key !== undefined && { Authorization: `Bearer ${key}` }) },
  } as RequestInit).catch((error: unknown) => {
    throw failure ?? new Error(`the service at ${url} broke off: ${String((error as Error).cause ?? error)}`);
  });
  const answer = (await response.json()) as ImportReport & { rejects: Reject[]; detail?: string };
  if (!response.ok) throw new Error(answer.detail ?? `${source.name}: the service at ${url} refused it`);
  const { rejects, ...report } = answer;
  for (const reject of [...faults, ...rejects].sort((a, b) => a.line - b.line)) await options.onReject?.(reject);
  return { ...report, read, rejected: report.rejected + faults.length };
}

/** @throws when the file cannot be written, before anything is loaded */
async function rejectFile(path: string) {
  const stream = createWriteStream(path);
  await once(stream, 'open');
  return {
    write: async (reject: Reject): Promise<void> => {
      if (!stream.write(`${JSON.stringify(reject)}\n`)) await once(stream, 'drain');
    },
    close: () =>
      new Promise<void>((resolve, reject) => stream.end((error?: Error | null) => (error ? reject(error) : resolve()))),
  };
}

/** One line for the whole import, and one for each repair. */
function describe(report: ImportReport): string {
  const { layer, read, inserted, updated, unchanged, duplicates, rejected, removed, repaired, dryRun } = report;
  const counts = `${read} read: ${inserted} inserted, ${updated} updated, ${unchanged} unchanged, ${duplicates} duplicates, ${rejected} rejected`;
  const lines = [
    `${layer}: ${counts}${removed > 0 ? `; ${removed} removed` : ''}${dryRun ? ' (dry run, nothing kept)' : ''}`,
  ];
  for (const { line, area, parts, vertices, verticesBefore } of repaired) {
    lines.push(`  line ${line} repaired: ${verticesBefore} → ${vertices} vertices, ${parts} part(s), ${area} m²`);
  }
  return lines.join('\n');
}
