import type { Queryable } from '../db/db.ts';
import { type Box, cellTouchesBox } from '../geo/h3.ts';
import { type Period, periodOf } from '../incidents/incidents.schema.ts';
import { type IncidentFilter, resolveFilter } from '../incidents/incidents.ts';
import type { Analysis } from './analysis.ts';
import { type CellQuestion, type CellTally, cellsBySql } from './cells.ts';
import type { HeatQuery } from './heat.schema.ts';
import type { Measure, Tally } from './heat.sql.ts';
import { cellHouseholds, householdsAt } from './households.ts';
import { type Disks, disksWithin, type StudyArea, studyArea } from './stats/area.ts';
import { type Kernel, kernelWeights, smooth } from './stats/kernel.ts';
import { disksOf, studyAreaOf } from './study.ts';
import { type Column, type Table, tableOf } from './table.ts';

export interface HeatCell {
  /** H3 index as text. */
  cell: string;
  /** Incidents in the cell. */
  n: number;
  /** The asked measure, where it is not the plain count; null where nothing can be measured. */
  value?: number | null;
}

export interface Heat extends Period {
  res: number;
  measure: Measure;
  /** How the measure was smoothed, if it was. */
  kernel?: Kernel;
  k?: number;
  cells: HeatCell[];
}

/**
 * Count or measure incidents per H3 cell. Coarse cells are the parents of the stored ones of resolution 10; for 6–7 % of
 * points that is another cell than indexing the point at the coarse resolution would give. A box chooses cells, not
 * points: every cell that touches it, with its whole count, so that a number does not change when the map is moved. A
 * polygon chooses points, as `under` does.
 *
 * Hours are those from the occurrence to the closing of incidents that are closed or revisited.
 *
 * @throws HttpError 400 for a period, category or grid that cannot be
 */
export async function heat(analysis: Analysis, query: HeatQuery): Promise<Heat> {
  const now = analysis.now();
  const period = periodOf(query, now);
  const filter = await resolveFilter(analysis.db, query, period, now);
  const { res, measure, kernel, bbox } = query;
  const about = { res, ...period, measure };
  const question: CellQuestion = { filter, res, polygon: query.geometry };
  if (kernel) {
    const k = query.k ?? 1;
    const cells = await smoothedCells(analysis, question, measure, kernel, k);
    return { ...about, kernel, k, cells: touching(cells, bbox) };
  }
  const fractions = await fractionsOf(analysis, { ...question, box: bbox }, measure);
  const cells = fractions.map(({ cell, n, sum, of }) =>
    measure === 'count' ? { cell, n } : { cell, n, value: quotient(sum, of) },
  );
  return { ...about, cells: touching(cells, bbox) };
}

/** The counts of a filter at a resolution in the cells that touch a box, ascending. */
export async function heatCells(
  db: Queryable,
  filter: IncidentFilter,
  res: number,
  tally: Tally,
  box?: Box,
): Promise<HeatCell[]> {
  const tallies = await cellsBySql(db).tally({ filter, res, box }, tally);
  return touching(
    tallies.map(({ cell, n }) => ({ cell, n })),
    box,
  );
}

export function touching<C extends { cell: string }>(cells: C[], box: Box | undefined): C[] {
  return box ? cells.filter(({ cell }) => cellTouchesBox(cell, box)) : cells;
}

/** A measure per cell as a fraction; both of its parts add up over cells. */
async function fractionsOf(analysis: Analysis, question: CellQuestion, measure: Measure): Promise<CellTally[]> {
  if (measure !== 'per_1000_households') return analysis.cells.tally(question, measure);
  const { net, at } = question.filter;
  const households = householdsAt(await cellHouseholds(analysis.db, analysis.cache, net, at), question.res);
  const tallies = await analysis.cells.tally(question, 'count');
  return tallies.map((tally) => ({ ...tally, sum: tally.n * 1000, of: households.get(tally.cell) ?? 0 }));
}

function quotient(sum: number, of: number | null): number | null {
  if (of === null) return sum;
  return of > 0 ? sum / of : null;
}

/**
 * A measure after each cell shared it among its neighbours: both parts of a fraction are smoothed alone and keep their
 * totals. Shared among the cells of the study area and those that hold incidents outside it.
 */
async function smoothedCells(
  analysis: Analysis,
  question: CellQuestion,
  measure: Measure,
  kernel: Kernel,
  k: number,
): Promise<HeatCell[]> {
  const fractions = await fractionsOf(analysis, question, measure);
  const { area, disks } = await smoothingArea(analysis, question, fractions, k);
  const weights = kernelWeights(disks, kernel, k);
  const counts = valuesOn(area, fractions, ({ n }) => n);
  const sums = smooth(
    valuesOn(area, fractions, ({ sum }) => sum),
    disks,
    weights,
  );
  const isFraction = measure === 'mean_hours' || measure === 'per_1000_households';
  const ofs = isFraction
    ? smooth(await divisorsOn(analysis, question, measure, area, fractions), disks, weights)
    : null;
  const cells: HeatCell[] = [];
  area.cells.forEach((cell, i) => {
    if (sums[i] === 0 && counts[i] === 0) return;
    cells.push({ cell, n: counts[i]!, value: quotient(sums[i]!, ofs ? ofs[i]! : null) });
  });
  return cells;
}

/** Divisors of all cells, also those without incidents. */
async function divisorsOn(
  { db, cache }: Analysis,
  { filter, res }: CellQuestion,
  measure: Measure,
  area: StudyArea,
  fractions: CellTally[],
): Promise<Float64Array> {
  if (measure !== 'per_1000_households') return valuesOn(area, fractions, ({ of }) => of ?? 0);
  const households = householdsAt(await cellHouseholds(db, cache, filter.net, filter.at), res);
  return Float64Array.from(area.cells, (cell) => households.get(cell) ?? 0);
}

async function smoothingArea(
  { db, cache }: Analysis,
  { filter, res }: CellQuestion,
  tallies: CellTally[],
  k: number,
): Promise<{ area: StudyArea; disks: Disks }> {
  const { net, under, at } = filter;
  const study = await studyAreaOf(db, cache, { net, under, at, res });
  const outside = tallies.filter(({ cell }) => !study.area.position.has(cell));
  const disks = await disksOf(cache, study, k);
  if (outside.length === 0) return { area: study.area, disks };
  const area = studyArea([...study.area.cells, ...outside.map(({ cell }) => cell)].sort());
  return { area, disks: disksWithin(area, k) };
}

/** Values of cells in the order of an area; other cells are passed over. */
export function valuesOn<C extends { cell: string }>(
  { cells, position }: StudyArea,
  rows: readonly C[],
  numberOf: (row: C) => number,
): Float64Array {
  const values = new Float64Array(cells.length);
  for (const row of rows) {
    const at = position.get(row.cell);
    if (at !== undefined) values[at] = numberOf(row);
  }
  return values;
}

/** The cells as a table: `cell`, `n` and, named after itself, the measure. */
export function heatTable({ cells, ...about }: Heat): Table {
  const columns: Column<HeatCell>[] = [
    { name: 'cell', type: 'text', of: ({ cell }) => cell },
    { name: 'n', type: 'int', of: ({ n }) => n },
  ];
  if (about.measure !== 'count' || about.kernel) {
    columns.push({ name: about.measure, type: 'float', of: ({ value }) => value });
  }
  return tableOf(columns, cells, about);
}
