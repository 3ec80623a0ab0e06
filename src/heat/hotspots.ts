import type { Box } from '../geo/bbox.ts';
import { type Period, periodOf } from '../incidents/incidents.schema.ts';
import { type IncidentFilter, type IncidentQuery, resolveFilter } from '../incidents/incidents.ts';
import type { Analysis } from './analysis.ts';
import { type CellColumn, type CellTable, pickCells } from './cell-table.ts';
import { type AboutEmerging, emergingOf } from './emerging.ts';
import type { CUBE_STEPS, METHODS, VALUES, WEIGHTS } from './hotspots.schema.ts';
import { cellHouseholds, householdsAt } from './households.ts';
import type { Disks } from './stats/area.ts';
import { HOTSPOT_CLASSES } from './stats/fdr.ts';
import type { Moments } from './stats/moments.ts';
import { MORAN_CLASSES } from './stats/moran.ts';
import { gistarTask, moranTask, type SpotFigures } from './stats-tasks.ts';
import { areaOfCells, disksOf, type IndexedArea, type KeyedArea, positionsInBox, studyAreaOf } from './study.ts';

/** What an analysis is asked by. */
export interface HotspotQuery extends IncidentQuery {
  from?: Date | undefined;
  to?: Date | undefined;
  last?: string | undefined;
  res: number;
  k: number;
  weights: (typeof WEIGHTS)[number];
  value: (typeof VALUES)[number];
  method: (typeof METHODS)[number];
  /** Of the emerging analysis. */
  step: (typeof CUBE_STEPS)[number];
  by: 'q' | 'p';
}

/** What the statistics were computed over. */
export interface AreaSummary {
  /** n of the formulas. */
  cells: number;
  mean: number | null;
  /** Divided by n. */
  sd: number | null;
  /** Incidents of the question that lie in no cell of the area and take no part. */
  outside: number;
  /** For rates: cells of the area left out because nobody lives there. */
  without_households?: number;
}

/** What an analysis of one period says beside its cells. */
export interface AboutHotspots extends Period {
  method: 'gistar' | 'moran';
  res: number;
  k: number;
  weights: HotspotQuery['weights'];
  value: HotspotQuery['value'];
  area: AreaSummary;
}

/** An analysis; its columns are in the order of the study area. */
export interface StudyAnswer<A> {
  about: A;
  columns: CellColumn[];
}

/**
 * An answer over the cells of its study area. Rows have `n`, the incidents of the cell; `rate`, incidents per 1,000
 * households, when rates are asked for; `i`, local Moran's I; `z`, `p` two-sided and not adjusted, `q`
 * Benjamini–Hochberg over all cells, null where the statistic is not defined; and `class`.
 */
export interface HotspotAnalysis extends StudyAnswer<AboutHotspots | AboutEmerging> {
  area: IndexedArea;
}

/** The values of a study area and who is whose neighbour there. */
export interface Study {
  keyed: KeyedArea;
  disks: Disks;
  /** Of the cells when values are rates, in the order of the area. */
  households: Float64Array | undefined;
  withoutHouseholds: number | undefined;
}

/**
 * Hotspots over a fixed study area: the cells of the grid `under`, or of the whole net, zeros included. The same question
 * at the same version of the record is computed once, in a thread.
 *
 * @param version of the record, as in `Wangge-Version`
 * @throws HttpError 400 for what does not exist or is too much
 */
export async function hotspots(analysis: Analysis, query: HotspotQuery, version: string): Promise<HotspotAnalysis> {
  const now = analysis.now();
  const period = periodOf(query, now);
  const filter = await resolveFilter(analysis.db, query, period, now);
  const { res, k, weights, value, method, step, by } = query;
  const key = JSON.stringify([version, filter, res, k, weights, value, method, method === 'emerging' && [step, by]]);
  return analysis.cache.hotspots.get(key, async () => {
    const study = await studyOf(analysis, filter, query);
    const answer =
      method === 'emerging'
        ? await emergingOf(analysis, filter, query, study)
        : await hotspotsOf(analysis, filter, { ...query, method }, study);
    return { ...answer, area: study.keyed };
  });
}

async function studyOf(analysis: Analysis, filter: IncidentFilter, query: HotspotQuery): Promise<Study> {
  const { res, k, value } = query;
  const { net, under, at } = filter;
  const whole = await studyAreaOf(analysis, { net, under, at, res });
  if (value === 'count') {
    return {
      keyed: whole,
      disks: await disksOf(analysis, whole, k),
      households: undefined,
      withoutHouseholds: undefined,
    };
  }
  const shared = await cellHouseholds(analysis.db, analysis.cache, net, at);
  const byCell = householdsAt(shared, res);
  const lived = whole.area.keys.filter((key) => (byCell.get(key) ?? 0) > 0);
  const keyed = await areaOfCells(analysis, `${whole.key} lived in ${shared.key}`, lived, res);
  return {
    keyed,
    disks: await disksOf(analysis, keyed, k),
    households: lived.map((key) => byCell.get(key)!),
    withoutHouseholds: whole.area.keys.length - lived.length,
  };
}

async function hotspotsOf(
  { cells, threads }: Analysis,
  filter: IncidentFilter,
  query: HotspotQuery & { method: AboutHotspots['method'] },
  study: Study,
): Promise<StudyAnswer<AboutHotspots>> {
  const { res, k, weights, value, method } = query;
  const { counts, outside } = await cells.countsOn({ filter, res }, study.keyed.area);
  const task = method === 'moran' ? moranTask : gistarTask;
  const figures = await threads.run(task, valuesOfStudy(study, counts, query));
  const area = summaryOf(study, figures.moments, outside);
  return {
    about: { method, res, ...filter.period, k, weights, value, area },
    columns: columnsOf(figures, counts, query),
  };
}

/** What the statistics of a study are computed from. */
export function valuesOfStudy({ disks, households }: Study, counts: Float64Array, { weights, k }: HotspotQuery) {
  return { counts, households, disks, weights: weights === 'binary' ? undefined : { kernel: weights, k } };
}

export function summaryOf({ keyed, withoutHouseholds }: Study, { n, mean, sd }: Moments, outside: number): AreaSummary {
  return {
    cells: keyed.area.keys.length,
    mean: n > 0 ? mean : null,
    sd: n > 0 ? sd : null,
    outside,
    ...(withoutHouseholds !== undefined && { without_households: withoutHouseholds }),
  };
}

function columnsOf(figures: SpotFigures, counts: Float64Array, { value, method }: HotspotQuery): CellColumn[] {
  const columns: CellColumn[] = [{ name: 'n', type: 'int', values: counts }];
  if (value === 'rate') columns.push({ name: 'rate', type: 'float', values: figures.values });
  if (figures.i) columns.push({ name: 'i', type: 'float', values: figures.i });
  const words = method === 'moran' ? MORAN_CLASSES : HOTSPOT_CLASSES;
  return [
    ...columns,
    { name: 'z', type: 'float', values: figures.z },
    { name: 'p', type: 'float', values: figures.p },
    { name: 'q', type: 'float', values: figures.q },
    { name: 'class', type: 'text', values: figures.class, words },
  ];
}

/** An analysis as a table of all its cells. */
export function hotspotTable({ about, columns, area: { area } }: HotspotAnalysis): CellTable {
  return { about: { ...about }, res: area.res, keys: area.keys, columns };
}

/** An analysis as a table of those cells that touch a box, ascending; nothing about them depends on it. */
export function hotspotsInBox(analysis: HotspotAnalysis, box: Box): CellTable {
  return pickCells(hotspotTable(analysis), Uint32Array.from(positionsInBox(analysis.area, box)));
}
