import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import type { Config } from '../config.ts';
import { holderOf } from '../db/lock.ts';
import { migrate } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import { UsageError } from '../errors.ts';
import { mergeSchema, type PlanChange, splitSchema } from './plan.schema.ts';
import { mergeGrids, type PlanContext, splitGrid } from './plan.ts';

export interface PlanFlags {
  net: string;
  at?: string;
}

/** A change as the body of its route, and what does it on a database. */
interface Change {
  path: string;
  body: { at?: Date | undefined };
  work(context: PlanContext): Promise<PlanChange>;
}

/**
 * The command `split`: divide a grid into the areas of a GeoJSON file, whose properties are the new grids' `code`,
 * `name`, `kind`, `households` and `population`.
 */
export async function splitCommand(
  config: Config,
  code: string,
  file: string,
  flags: PlanFlags & { carry?: string },
): Promise<void> {
  const { net, ...about } = flags;
  const body = parsed(splitSchema, { parts: await readParts(file), ...about });
  const path = `/grids/${encodeURIComponent(code)}/split`;
  print(await change(config, net, { path, body, work: (context) => splitGrid(context, code, body) }));
}

/** The command `merge`: make one grid of several. */
export async function mergeCommand(
  config: Config,
  codes: string[],
  { net, at, into, name }: PlanFlags & { into: string; name?: string },
): Promise<void> {
  const body = parsed(mergeSchema, { codes, into: { code: into, ...(name && { name }) }, ...(at && { at }) });
  print(await change(config, net, { path: '/grids/merge', body, work: (context) => mergeGrids(context, body) }));
}

async function readParts(file: string): Promise<unknown[]> {
  const text = await readFile(file, 'utf8');
  let value: { features?: unknown };
  try {
    value = JSON.parse(text) as typeof value;
  } catch (error) {
    throw new UsageError(`${file} is not JSON: ${(error as Error).message}`);
  }
  if (!Array.isArray(value?.features)) {
    throw new UsageError(`${file} is no GeoJSON FeatureCollection: give one feature for each new grid`);
  }
  return (value.features as { properties?: object; geometry?: unknown }[]).map((feature) => ({
    ...feature.properties,
    geometry: feature.geometry,
  }));
}

function parsed<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new UsageError(`${issue!.path.join('.')}: ${issue!.message}`);
}

/** While the embedded database is served, the service changes it. */
async function change(config: Config, net: string, { path, body, work }: Change): Promise<PlanChange> {
  const holder = config.databaseUrl === undefined ? await holderOf(config.dataDir) : undefined;
  if (holder?.url) return askService(`${holder.url}${path}?net=${encodeURIComponent(net)}`, config.adminKey, body);
  const db = await openDatabase(config);
  try {
    await migrate(db);
    return await db.transaction((tx) => work({ tx, net, at: body.at ?? new Date() }));
  } finally {
    await db.close();
  }
}

async function askService(url: string, key: string | undefined, body: unknown): Promise<PlanChange> {
  const response = await fetch(url, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', ...(key !== undefined && { Authorization: `Bearer ${key}` }) },
  });
  const answer = (await response.json()) as PlanChange & { detail?: string };
  if (!response.ok) throw new Error(answer.detail ?? `${url} refused it`);
  return answer;
}

function print({ closed, grids, children, assignments: { carried, open } }: PlanChange): void {
  const lines = [
    `closed ${closed.join(' ')}; new ${grids.map(({ code }) => code).join(' ')}`,
    `${children.length} grids below moved, ${carried.length} assignments carried over, ${open.length} open`,
    ...open.map(({ worker, grid, duty }) => `  open: ${worker} was ${duty} of ${grid}`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}
