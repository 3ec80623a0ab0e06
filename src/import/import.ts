import { area as areaOf } from '@turf/turf';
import type { Geometry } from 'geojson';
import { keyAddresses } from '../addresses/keys.ts';
import { NORMALISE_VERSION } from '../addresses/normalise.ts';
import { type Db, isDatabaseError, type Queryable } from '../db/db.ts';
import { describeFault } from '../geo/polygon.ts';
import { cellAt } from '../incidents/place.ts';
import { CHECKS, settle } from './checks.sql.ts';
import type { LayerName } from './fields.ts';
import type { ImportMode } from './import.schema.ts';
import * as statements from './import.sql.ts';
import { declareNets, inferLevels, type NetDeclaration } from './levels.ts';
import type { RowFault } from './read/fault.ts';
import type { SourceRow } from './row.ts';
import { type StageOptions, stageRows } from './stage.ts';
import { TABLES } from './tables.ts';

export type { ImportMode };

export interface ImportOptions extends Omit<StageOptions, 'placeByAddress'> {
  mode?: ImportMode;
  /** Mend faulty polygons (ST_MakeValid) and report what that changed. */
  repair?: boolean;
  /** Do everything but keep nothing. */
  dryRun?: boolean;
  nets?: readonly NetDeclaration[];
  /** Takes bad rows, so that the rest is loaded; absent: one bad row refuses the whole import. */
  onReject?: (reject: Reject) => void | Promise<void>;
}

export interface Reject {
  /** Physical line of the source where the row starts, from 1. */
  line: number;
  reason: string;
  /** The row as it was read, an object or, where it could not be split into fields, text. */
  row: unknown;
}

export interface Repair {
  line: number;
  /** Square metres after the repair. */
  area: number;
  parts: number;
  verticesBefore: number;
  vertices: number;
}

/** What became of every row: read = inserted + updated + unchanged + duplicates + rejected. */
export interface ImportReport {
  layer: LayerName;
  read: number;
  inserted: number;
  updated: number;
  unchanged: number;
  /** Rows that say again what an earlier row of the file said. */
  duplicates: number;
  rejected: number;
  /** Rows of the record that `replace` removed. */
  removed: number;
  repaired: Repair[];
  dryRun: boolean;
}

/** Rows were bad and nothing was loaded. Carries the first reasons. */
export class ImportRefused extends Error {
  override name = 'ImportRefused';
  readonly rejected: number;
  readonly rejects: Reject[];
  constructor(layer: LayerName, rejected: number, rejects: Reject[]) {
    const [first] = rejects;
    super(
      `${layer}: ${rejected} of the rows cannot be loaded, so none was: line ${first?.line}: ${first?.reason}` +
        `${rejected > 1 ? ` (and ${rejected - 1} more)` : ''}; mend them, or send them to a file with --rejects`,
    );
    this.rejected = rejected;
    this.rejects = rejects;
  }
}

/** How many reasons an `ImportRefused` carries. */
const REASONS = 100;

/** Undoes a dry run. */
class DryRun extends Error {}

/**
 * Load rows into a layer: into a staging table by COPY, checked there, merged by one statement, all in one transaction.
 * The same rows twice change nothing.
 *
 * @throws ImportRefused when rows are bad and nobody takes the rejects
 * @throws ReadError when the source breaks off; nothing is loaded then
 */
export async function importRows(
  db: Db,
  layer: LayerName,
  rows: AsyncIterable<SourceRow | RowFault> | Iterable<SourceRow | RowFault>,
  options: ImportOptions,
): Promise<ImportReport> {
  let report: ImportReport | undefined;
  try {
    await db.transaction(async (tx) => {
      report = await loadRows(tx, layer, rows, options);
      if (options.dryRun) throw new DryRun();
    });
  } catch (error) {
    if (!(error instanceof DryRun)) throw error;
  }
  return report!;
}

/** The same in an open transaction, which is to be rolled back when this throws, and of a dry run. */
export async function loadRows(
  tx: Queryable,
  layer: LayerName,
  rows: AsyncIterable<SourceRow | RowFault> | Iterable<SourceRow | RowFault>,
  options: ImportOptions,
): Promise<ImportReport> {
  const { mode = 'upsert', repair = false, dryRun = false } = options;
  const table = TABLES[layer];
  // What refers to a grid may be removed before what it refers to is there again.
  await tx.script('set constraints all deferred');
  const read = await stageRows(tx, layer, table, rows, { ...options, placeByAddress: true });
  await tx.script('analyze stage');
  await declareNets(tx, options.nets ?? []);
  const repaired = await check(tx, layer, mode, repair);
  const counts = await refuseOrReport(tx, layer, options);
  const { moved, plan } = layer === 'incidents' ? await derive(tx) : NOT_DERIVED;
  const remove = () => (mode === 'replace' ? countOf(tx, statements.removeOthers(table)) : 0);
  // An old version of a grid must make room for the new one; other rows are referred to until the new ones are there.
  const early = layer === 'grids' ? await remove() : 0;
  const [merged] = await tx.query<{ inserted: number; updated: number }>(statements.merge(table));
  const late = layer === 'grids' ? 0 : await remove();
  if (plan) {
    await tx.query(statements.KEEP_PLACES, [plan.version, plan.from, plan.to]);
    await tx.script(statements.FORGET_DERIVED);
  }
  if (layer === 'addresses') await tx.query(statements.KEEP_KEYS, [NORMALISE_VERSION]);
  if (merged!.inserted + merged!.updated > 1000) await analyze(tx, layer);
  // Faults that only a commit would show must show in a dry run too.
  await tx.script('set constraints all immediate; drop table stage');
  const { rejected, duplicates } = counts;
  return {
    layer,
    read,
    inserted: merged!.inserted - moved,
    updated: merged!.updated + moved,
    unchanged: counts.good - merged!.inserted - merged!.updated,
    duplicates,
    rejected,
    removed: early + late,
    repaired,
    dryRun,
  };
}

/** Without figures on what was just written, checks at the end and the first reads would look for rows by reading all. */
async function analyze(tx: Queryable, layer: LayerName): Promise<void> {
  const beside: Partial<Record<LayerName, string>> = {
    grids: ', grid_code, level',
    incidents: ', incident_key, incident_place',
    addresses: ', address_key',
  };
  await tx.script(`analyze ${TABLES[layer].table}${beside[layer] ?? ''}`);
}

/** Mark every row that cannot be loaded with its reason. */
async function check(tx: Queryable, layer: LayerName, mode: ImportMode, repair: boolean): Promise<Repair[]> {
  const table = TABLES[layer];
  if (table.geometry?.type === 'Point') await placeByAddress(tx);
  const repaired =
    table.geometry && table.geometry.type !== 'Point' ? await checkShapes(tx, repair && layer === 'grids') : [];
  await tx.query(statements.findDuplicates(table));
  if (layer === 'grids') await inferLevels(tx);
  for (const statement of CHECKS[layer] ?? []) await tx.query(statement);
  await settleRows(tx, settle(layer, mode));
  if (mode === 'append') await tx.query(statements.findExisting(table));
  return repaired;
}

async function placeByAddress(tx: Queryable): Promise<void> {
  const [bare] = await tx.query<{ found: boolean }>(statements.WITHOUT_POINT);
  if (!bare!.found) return;
  // Addresses that were edited by hand have no key yet.
  await keyAddresses(tx);
  await tx.query(statements.PLACE_BY_ADDRESS);
}

async function settleRows(tx: Queryable, marks: string[]): Promise<void> {
  let marked: number;
  do {
    marked = 0;
    for (const mark of marks) marked += await countOf(tx, mark);
  } while (marked > 0);
}

async function checkShapes(tx: Queryable, repair: boolean): Promise<Repair[]> {
  const repaired = repair ? await repairShapes(tx) : [];
  const faulty = await tx.query<{ n: number; reason: string; x: number | null; y: number | null; geometry: string }>(
    statements.FAULTY_SHAPES,
  );
  const reasons = faulty.map(({ reason, x, y, geometry }) => {
    const at: [number, number] | null = x === null ? null : [x, y!];
    const fault = describeFault(reason, at, JSON.parse(geometry) as Geometry);
    return `geometry: ${fault}${repair ? '; it could not be repaired, draw it anew' : ''}`;
  });
  await tx.query(statements.SET_REASONS, [faulty.map((row) => row.n), reasons]);
  return repaired;
}

async function repairShapes(tx: Queryable): Promise<Repair[]> {
  const rows = await tx.query<Omit<Repair, 'area'> & { geometry: string }>(statements.REPAIR_SHAPES);
  // Not by the database: its area on the sphere ends in an error for shapes around a pole.
  return rows
    .map(({ geometry, ...row }) => ({ ...row, area: Math.round(areaOf(JSON.parse(geometry) as Geometry)) }))
    .filter((row) => row.area > 0)
    .sort((a, b) => a.line - b.line);
}

interface Counts {
  rejected: number;
  duplicates: number;
  good: number;
}

async function refuseOrReport(tx: Queryable, layer: LayerName, { onReject }: ImportOptions): Promise<Counts> {
  const [counts] = await tx.query<Counts>(statements.COUNTS);
  if (counts!.rejected === 0) return counts!;
  if (!onReject) {
    const rejects = await tx.query<Reject>(`${statements.rejects(TABLES[layer])} limit ${REASONS}`);
    throw new ImportRefused(layer, counts!.rejected, rejects);
  }
  for await (const batch of tx.cursor<Reject>(statements.rejects(TABLES[layer]), [], 1000)) {
    for (const reject of batch) await onReject(reject);
  }
  return counts!;
}

/** The plan by which owners were found, and how long it holds. */
interface PlanPeriod {
  version: number;
  from: string | null;
  to: string | null;
}

const NOT_DERIVED = { moved: 0, plan: undefined };

/**
 * What the service derives of incidents must be known before their keys are.
 *
 * @returns how many incidents of the record were taken out of another region, and the plan
 */
async function derive(tx: Queryable): Promise<{ moved: number; plan: PlanPeriod }> {
  const at = new Date();
  // Before the owners: if somebody changes the plan meanwhile, they count as found by the old one and are found again.
  const [plan] = await tx.query<PlanPeriod>(statements.PLAN, [at]);
  const bare = await tx.query<{ n: number; x: number; y: number }>(statements.WITHOUT_CELL);
  await tx.query(statements.SET_CELLS, [bare.map((p) => p.n), bare.map((p) => cellAt(p.x, p.y).toString())]);
  await findOwners(tx, at);
  await tx.script(statements.CREATE_DERIVED);
  await tx.query(statements.ADD_DERIVED, [at]);
  await tx.script('analyze stage_derived');
  return { moved: await countOf(tx, statements.REMOVE_FROM_OTHER_REGIONS), plan: plan! };
}

async function findOwners(tx: Queryable, at: Date): Promise<void> {
  await tx.script(statements.CREATE_POINTS);
  for (const { id } of await tx.query<{ id: string }>(statements.LEVELS_UP)) {
    const [found] = await tx.query<{ n: number }>(statements.ADD_OWNERS, [id, at]);
    if (found!.n > 0) await tx.script(statements.KEEP_POINTS_LEFT);
  }
}

async function countOf(tx: Queryable, statement: string): Promise<number> {
  const [row] = await tx.query<{ n: number }>(statement);
  return row!.n;
}

/** A refusal of the database in the words of an import. */
export function explainDatabaseError(error: unknown): string | undefined {
  if (!isDatabaseError(error)) return undefined;
  return error.detail ? `${error.message}: ${error.detail}` : error.message;
}
