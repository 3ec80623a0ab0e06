import { benjaminiHochberg } from './fdr.ts';
import { getisOrdStarOfSteps } from './gistar.ts';
import type { Moments } from './moments.ts';
import { type Neighbours, rowCount } from './neighbours.ts';
import { mannKendall, type Trend } from './trend.ts';

/** Patterns of one side (hot or cold) through time, in their order of precedence; `historical` alone is not hot now. */
export const EMERGING_PATTERNS = [
  'new',
  'consecutive',
  'intensifying',
  'persistent',
  'diminishing',
  'sporadic',
  'oscillating',
  'historical',
] as const;

type Pattern = (typeof EMERGING_PATTERNS)[number];

/** The 17 classes of an emerging hot spot analysis. */
export type EmergingClass = `${Pattern}_hot` | `${Pattern}_cold` | 'none';

/** The pattern of one side, or null. `sign` is 1 for hot and −1 for cold, `trend` is towards this side when positive. */
function patternOfSide(steps: ArrayLike<number>, sign: number, trend: number): Pattern | null {
  const total = steps.length;
  let count = 0;
  let finalRun = 0;
  let opposite = false;
  for (let step = 0; step < total; step++) {
    const here = steps[step] === sign;
    count += here ? 1 : 0;
    finalRun = here ? finalRun + 1 : 0;
    if (steps[step] === -sign) opposite = true;
  }
  if (count === 0) return null;
  // in whole numbers: 90 % of the steps exactly is still "at least 90 %"
  const mostly = 10 * count >= 9 * total;
  if (finalRun === 0) return mostly ? 'historical' : null;
  if (count === 1) return 'new';
  if (mostly) return trend > 0 ? 'intensifying' : trend < 0 ? 'diminishing' : 'persistent';
  if (count === finalRun) return 'consecutive';
  return opposite ? 'oscillating' : 'sporadic';
}

/**
 * The class of one cell (categories of the Emerging Hot Spot Analysis tool of ArcGIS). Hot patterns are asked first, so
 * a cell that fits both sides, such as one cold for years and hot in its final step, has the hot class.
 *
 * @param steps per step 1 (significantly hot), −1 (significantly cold) or 0, oldest first
 * @param trend 1 for a significant rise, −1 for a significant fall, 0 for no significant trend
 */
export function emergingClass(steps: ArrayLike<number>, trend: number): EmergingClass {
  const hot = patternOfSide(steps, 1, trend);
  if (hot) return `${hot}_hot`;
  const cold = patternOfSide(steps, -1, -trend);
  return cold ? `${cold}_cold` : 'none';
}

/** All of them, hot ones first, each side in its order of precedence. */
export const EMERGING_CLASSES: readonly EmergingClass[] = [
  ...EMERGING_PATTERNS.map((pattern) => `${pattern}_hot` as const),
  ...EMERGING_PATTERNS.map((pattern) => `${pattern}_cold` as const),
  'none',
];

/** How an emerging hot spot analysis decides. */
export interface EmergingOptions {
  /** one weight per entry of the neighbours; absent: all 1 */
  weights?: Float64Array;
  /** level of the steps and of the trend, 0.05 if absent */
  alpha?: number;
  /**
   * what is compared with `alpha` in a step: `q` (default), the Benjamini–Hochberg value over all cells and steps, as
   * the classes of a single period; `p`, the unadjusted one. The trend is always judged by its own p.
   */
  by?: 'q' | 'p';
}

/** An emerging hot spot analysis. */
export interface Emerging {
  /** of the whole cube */
  moments: Moments;
  /** Gi* step by step: that of cell c at step t is `z[t * cells + c]` */
  z: Float64Array;
  /** 1 hot, −1 cold, 0 neither, laid out as `z` */
  significant: Int8Array;
  /** Mann–Kendall of the z of every cell */
  trends: Trend[];
  classes: EmergingClass[];
}

/** The series of one cell out of a matrix laid out step by step, copied into `into`. */
function seriesOf<T extends Float64Array | Int8Array>(matrix: T, cells: number, cell: number, into: T): T {
  for (let step = 0; step < into.length; step++) into[step] = matrix[step * cells + cell]!;
  return into;
}

/** Far above what rounding does to a z, far below any difference of counts. */
const ROUNDING = 1e-9;

/**
 * Make values equal that differ by rounding only. Weighted sums of a cell's neighbours that are equal as numbers may be
 * added up in another order from step to step; a trend has to see them as ties.
 *
 * @param series changed in place
 */
function levelRounding(series: Float64Array): Float64Array {
  const sorted = series.slice().sort();
  const levels = new Map<number, number>();
  for (let i = 1; i < sorted.length; i++) {
    const [below, value] = [sorted[i - 1]!, sorted[i]!];
    if (value > below && value - below < ROUNDING) levels.set(value, levels.get(below) ?? below);
  }
  if (levels.size > 0) for (let i = 0; i < series.length; i++) series[i] = levels.get(series[i]!) ?? series[i]!;
  return series;
}

/**
 * Emerging hot spots: Gi* per step over the mean and deviation of the whole cube, no neighbours in time; a Mann–Kendall
 * trend of each cell's Gi*; and one of 17 classes per cell.
 *
 * @param x counts step by step, oldest first: the value of cell c at step t is `x[t * cells + c]`; every step of equal
 *   length, zeros included
 * @param neighbours one row per cell, itself included
 */
export function emergingHotspots(x: Float64Array, neighbours: Neighbours, options: EmergingOptions = {}): Emerging {
  const { weights, alpha = 0.05, by = 'q' } = options;
  const cells = rowCount(neighbours);
  const { moments, z, p } = getisOrdStarOfSteps(x, cells, neighbours, weights);
  const judged = by === 'q' ? benjaminiHochberg(p) : p;
  const significant = Int8Array.from(z, (value, i) => (judged[i]! <= alpha ? Math.sign(value) : 0));
  const steps = cells === 0 ? 0 : x.length / cells;
  const zs = new Float64Array(steps);
  const signs = new Int8Array(steps);
  const trends: Trend[] = [];
  const classes: EmergingClass[] = [];
  for (let cell = 0; cell < cells; cell++) {
    const trend = mannKendall(levelRounding(seriesOf(z, cells, cell, zs)));
    trends.push(trend);
    const direction = trend.p <= alpha ? Math.sign(trend.s) : 0;
    classes.push(emergingClass(seriesOf(significant, cells, cell, signs), direction));
  }
  return { moments, z, significant, trends, classes };
}
