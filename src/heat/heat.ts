import { createHash } from 'node:crypto';
import type { Queryable } from '../db/db.ts';
import type { Box } from '../geo/bbox.ts';
import { cellTouchesBox } from '../geo/h3.ts';
import { type Period, periodOf } from '../incidents/incidents.schema.ts';
import { type IncidentFilter, resolveFilter } from '../incidents/incidents.ts';
import type { Analysis } from './analysis.ts';
import type { CellColumn, CellTable } from './cell-table.ts';
import { type CellQuestion, type CellTallies, cellsBySql } from './cells.ts';
import type { HeatQuery } from './heat.schema.ts';
import type { Measure, Tally } from './heat.sql.ts';
import { cellHouseholds, householdsAt } from './households.ts';
import type { StudyArea } from './stats/area.ts';
import type { Kernel } from './stats/kernel.ts';
import { smoothTask } from './stats-tasks.ts';
import { areaOfCells, disksOf, type KeyedArea, studyAreaOf } from './study.ts';

/** What a heat says beside its cells. */
export interface AboutHeat extends Period {
  res: number;
  measure: Measure;
  /** How the measure was smoothed, if it was. */
  kernel?: Kernel;
  k?: number;
}

/**
 * Count or measure incidents per H3 cell. Coarse cells are the parents of the stored ones of resolution 10; for 6–7 % of
 * points that is another cell than indexing the point at the coarse resolution would give. A box chooses cells, not
 * points: every cell that touches it, with its whole count, so that a number does not change when the map is moved. A
 * polygon chooses points, as `under` does.
 *
 * Hours are those from the occurrence to the closing of incidents that are closed or revisited.
 *
 * @returns `n`, the incidents of each cell, and the asked measure where it is not the plain count; of a box maybe more
 *   cells than touch it
 * @throws HttpError 400 for a period, category or grid that cannot be
 */
export async function heat(analysis: Analysis, query: HeatQuery): Promise<CellTable> {
  const now = analysis.now();
  const period = periodOf(query, now);
  const filter = await resolveFilter(analysis.db, query, period, now);
  const { res, measure, kernel, bbox } = query;
  const about: AboutHeat = { res, ...period, measure };
  const question: CellQuestion = { filter, res, polygon: query.geometry };
  if (kernel) {
    const k = query.k ?? 1;
    const smoothed = await smoothedCells(analysis, question, measure, kernel, k);
    return { about: { ...about, kernel, k }, res, ...smoothed };
  }
  const { keys, n, sum, of } = await fractionsOf(analysis, { ...question, box: bbox }, measure);
  const columns: CellColumn[] = [{ name: 'n', type: 'int', values: n }];
  if (measure !== 'count') columns.push(measureColumn(measure, quotients(sum, of)));
  return { about: { ...about }, res, keys, columns };
}

function measureColumn(measure: Measure, values: Float64Array): CellColumn {
  return { name: measure, jsonName: 'value', type: 'float', values };
}

/** A cell and its incidents. */
export interface HeatCell {
  cell: string;
  n: number;
}

/** The counts of a filter at a resolution in the cells that touch a box, ascending; from the record. */
export async function heatCells(
  db: Queryable,
  filter: IncidentFilter,
  res: number,
  tally: Tally,
  box?: Box,
): Promise<HeatCell[]> {
  const tallies = await cellsBySql(db).tally({ filter, res, box }, tally);
  const cells = tallies.map(({ cell, n }) => ({ cell, n }));
  return box ? cells.filter(({ cell }) => cellTouchesBox(cell, box)) : cells;
}

/** A measure per cell as a fraction; both of its parts add up over cells. */
type Fractions = Omit<CellTallies, 'of'> & { of: ArrayLike<number> | null };

async function fractionsOf(analysis: Analysis, question: CellQuestion, measure: Measure): Promise<Fractions> {
  if (measure !== 'per_1000_households') return analysis.cells.tallies(question, measure);
  const { net, at } = question.filter;
  const households = householdsAt(await cellHouseholds(analysis.db, analysis.cache, net, at), question.res);
  const counts = await analysis.cells.tallies(question, 'count');
  return {
    ...counts,
    sum: counts.sum.map((n) => 1000 * n),
    of: Float64Array.from(counts.keys, (key) => households.get(key) ?? 0),
  };
}

/** Not a number where nothing can be measured. */
function quotients(sum: Float64Array, of: ArrayLike<number> | null): Float64Array {
  return of ? sum.map((value, i) => (of[i]! > 0 ? value / of[i]! : Number.NaN)) : sum;
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
): Promise<Pick<CellTable, 'keys' | 'columns'>> {
  const fractions = await fractionsOf(analysis, question, measure);
  const keyed = await smoothingArea(analysis, question, fractions);
  const disks = await disksOf(analysis, keyed, k);
  const { area } = keyed;
  const counts = valuesOn(area, fractions, fractions.n);
  const isFraction = measure === 'mean_hours' || measure === 'per_1000_households';
  const values = [valuesOn(area, fractions, fractions.sum)];
  if (isFraction) values.push(await divisorsOn(analysis, question, measure, area, fractions));
  const [sums, ofs] = await analysis.threads.run(smoothTask, { values, disks, kernel, k });
  const measured = quotients(sums!, ofs ?? null);
  const shown = Uint32Array.from(area.keys.keys()).filter((i) => sums![i] !== 0 || counts[i] !== 0);
  return {
    keys: Float64Array.from(shown, (i) => area.keys[i]!),
    columns: [
      { name: 'n', type: 'int', values: Int32Array.from(shown, (i) => counts[i]!) },
      measureColumn(
        measure,
        Float64Array.from(shown, (i) => measured[i]!),
      ),
    ],
  };
}

/** Divisors of all cells, also those without incidents. */
async function divisorsOn(
  { db, cache }: Analysis,
  { filter, res }: CellQuestion,
  measure: Measure,
  area: StudyArea,
  fractions: Fractions,
): Promise<Float64Array> {
  if (measure !== 'per_1000_households') return valuesOn(area, fractions, fractions.of!);
  const households = householdsAt(await cellHouseholds(db, cache, filter.net, filter.at), res);
  return Float64Array.from(area.keys, (key) => households.get(key) ?? 0);
}

async function smoothingArea(
  analysis: Analysis,
  { filter, res }: CellQuestion,
  { keys }: Fractions,
): Promise<KeyedArea> {
  const { net, under, at } = filter;
  const study = await studyAreaOf(analysis, { net, under, at, res });
  const outside = keys.filter((key) => study.area.positionOf(key) < 0);
  if (outside.length === 0) return study;
  const all = Float64Array.from([...study.area.keys, ...outside]).sort();
  const name = createHash('sha256').update(new Uint8Array(outside.buffer)).digest('base64url');
  return areaOfCells(analysis, `${study.key} with ${name}`, all, res);
}

/** Values of cells in the order of an area; other cells are passed over. */
function valuesOn(area: StudyArea, { keys }: Fractions, values: ArrayLike<number>): Float64Array {
  const own = new Float64Array(area.keys.length);
  keys.forEach((key, i) => {
    const at = area.positionOf(key);
    if (at >= 0) own[at] = values[i]!;
  });
  return own;
}
