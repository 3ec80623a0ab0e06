import Flatbush from 'flatbush';
import { type Box, cellTouchesBox, hexagonRing } from '../geo/h3.ts';
import { type Period, periodOf } from '../incidents/incidents.schema.ts';
import { type IncidentFilter, type IncidentQuery, resolveFilter } from '../incidents/incidents.ts';
import type { Analysis } from './analysis.ts';
import { type EmergingAnswer, type EmergingCell, emergingOf } from './emerging.ts';
import { valuesOn } from './heat.ts';
import type { CUBE_STEPS, METHODS, VALUES, WEIGHTS } from './hotspots.schema.ts';
import { cellHouseholds, householdsAt } from './households.ts';
import { type Disks, studyArea } from './stats/area.ts';
import { benjaminiHochberg, type HotspotClass, hotspotClass } from './stats/fdr.ts';
import { getisOrdStar } from './stats/gistar.ts';
import { kernelWeights } from './stats/kernel.ts';
import { type Moments, momentsOf } from './stats/moments.ts';
import { localMoran, type MoranClass, moranClass } from './stats/moran.ts';
import { disksOf, type KeyedArea, studyAreaOf } from './study.ts';

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

/** One cell of the study area; null where the statistic is not defined. */
export interface HotspotCell {
  cell: string;
  /** Incidents. */
  n: number;
  /** Incidents per 1,000 households, when rates are asked for. */
  rate?: number;
  /** Local Moran's I. */
  i?: number | null;
  z: number | null;
  /** Two-sided, not adjusted. */
  p: number | null;
  /** Benjamini–Hochberg over all cells of the area. */
  q: number | null;
  class: HotspotClass | MoranClass;
}

export interface Hotspots extends Period {
  method: HotspotQuery['method'];
  res: number;
  k: number;
  weights: HotspotQuery['weights'];
  value: HotspotQuery['value'];
  area: AreaSummary;
  cells: HotspotCell[];
}

/** An answer with an index over its cells, for tiles and boxes. */
export interface HotspotAnalysis {
  answer: Hotspots | EmergingAnswer;
  cells: readonly (HotspotCell | EmergingCell)[];
  index: Flatbush | null;
}

/** The values of a study area and who is whose neighbour there. */
export interface Study {
  area: KeyedArea['area'];
  disks: Disks;
  weights: Float64Array | undefined;
  /** Of the cells when values are rates, in the order of the area. */
  households: Float64Array | undefined;
  withoutHouseholds: number | undefined;
}

/**
 * Hotspots over a fixed study area: the cells of the grid `under`, or of the whole net, zeros included. The same question
 * at the same version of the record is computed once.
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
        : await hotspotsOf(analysis, filter, query, study);
    return { answer, cells: answer.cells, index: indexOf(answer.cells) };
  });
}

async function studyOf({ db, cache }: Analysis, filter: IncidentFilter, query: HotspotQuery): Promise<Study> {
  const { res, k, weights, value } = query;
  const { net, under, at } = filter;
  let keyed = await studyAreaOf(db, cache, { net, under, at, res });
  let households: Float64Array | undefined;
  let withoutHouseholds: number | undefined;
  if (value === 'rate') {
    const whole = keyed;
    const shared = await cellHouseholds(db, cache, net, at);
    const byCell = householdsAt(shared, res);
    const lived = whole.area.cells.filter((cell) => (byCell.get(cell) ?? 0) > 0);
    const key = `${whole.key} lived in ${shared.key}`;
    keyed = { key, area: await cache.areas.get(key, async () => studyArea(lived)) };
    households = Float64Array.from(lived, (cell) => byCell.get(cell)!);
    withoutHouseholds = whole.area.cells.length - lived.length;
  }
  const disks = await disksOf(cache, keyed, k);
  const kernel = weights === 'binary' ? undefined : kernelWeights(disks, weights, k);
  return { area: keyed.area, disks, weights: kernel, households, withoutHouseholds };
}

async function hotspotsOf(
  { cells: source }: Analysis,
  filter: IncidentFilter,
  query: HotspotQuery,
  study: Study,
): Promise<Hotspots> {
  const { res, k, weights, value } = query;
  const method = query.method === 'moran' ? 'moran' : 'gistar';
  const tallies = await source.tally({ filter, res }, 'count');
  const counts = valuesOn(study.area, tallies, ({ n }) => n);
  const total = tallies.reduce((sum, { n }) => sum + n, 0);
  const values = rated(counts, study);
  const { moments, cells } = (method === 'moran' ? moranCells : gistarCells)(study, values, counts);
  const area = summaryOf(study, moments, total - sumOf(counts));
  return { method, res, ...filter.period, k, weights, value, area, cells };
}

/** Counts, or incidents per 1,000 households. */
export function rated(counts: Float64Array, { households }: Study): Float64Array {
  const at = households?.length;
  return at === undefined ? counts : counts.map((n, i) => (1000 * n) / households![i % at]!);
}

export function summaryOf(study: Study, { n, mean, sd }: Moments, outside: number): AreaSummary {
  return {
    cells: study.area.cells.length,
    mean: n > 0 ? mean : null,
    sd: n > 0 ? sd : null,
    outside,
    ...(study.withoutHouseholds !== undefined && { without_households: study.withoutHouseholds }),
  };
}

export function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}

interface Result {
  moments: Moments;
  cells: HotspotCell[];
}

function gistarCells(study: Study, values: Float64Array, counts: Float64Array): Result {
  const { moments, z, p } = getisOrdStar(values, study.disks, study.weights);
  const q = benjaminiHochberg(p);
  const cells = study.area.cells.map((cell, i) => ({
    ...describe(study, cell, values[i]!, counts[i]!),
    z: orNull(z[i]!),
    p: orNull(p[i]!),
    q: orNull(q[i]!),
    class: hotspotClass(z[i]!, q[i]!),
  }));
  return { moments, cells };
}

function moranCells(study: Study, values: Float64Array, counts: Float64Array): Result {
  const { i: local, z, p, quadrant } = localMoran(values, study.disks, study.weights);
  const q = benjaminiHochberg(p);
  const cells = study.area.cells.map((cell, i) => ({
    ...describe(study, cell, values[i]!, counts[i]!),
    i: orNull(local[i]!),
    z: orNull(z[i]!),
    p: orNull(p[i]!),
    q: orNull(q[i]!),
    class: moranClass(quadrant[i]!, q[i]!),
  }));
  return { moments: momentsOf(values), cells };
}

function describe({ households }: Study, cell: string, value: number, n: number) {
  return households ? { cell, n, rate: value } : { cell, n };
}

export function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

function indexOf(cells: readonly { cell: string }[]): Flatbush | null {
  if (cells.length === 0) return null;
  const index = new Flatbush(cells.length);
  for (const { cell } of cells) {
    const ring = hexagonRing(cell);
    const lons = ring.map(([lon]) => lon);
    const lats = ring.map(([, lat]) => lat);
    index.add(Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats));
  }
  index.finish();
  return index;
}

/** The cells of an analysis that touch a box, ascending; nothing about them depends on it. */
export function cellsInBox({ cells, index }: HotspotAnalysis, box: Box | undefined): HotspotAnalysis['cells'] {
  if (!box) return cells;
  if (!index) return [];
  return index
    .search(...(box as [number, number, number, number]))
    .sort((a, b) => a - b)
    .map((i) => cells[i]!)
    .filter(({ cell }) => cellTouchesBox(cell, box));
}
