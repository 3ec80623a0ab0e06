import { HttpError } from '../errors.ts';
import type { IncidentFilter } from '../incidents/incidents.ts';
import type { Analysis } from './analysis.ts';
import { type AreaSummary, type HotspotQuery, orNull, rated, type Study, summaryOf } from './hotspots.ts';
import { closePeriod } from './series.ts';
import { EMERGING_PATTERNS, type Emerging, type EmergingClass, emergingHotspots } from './stats/emerging.ts';
import { edgesOfSteps, type StepPeriod, stepsWithin } from './steps.ts';

/** The 17 classes, hot ones first, each side in its order of precedence. */
export const EMERGING_CLASSES: readonly EmergingClass[] = [
  ...EMERGING_PATTERNS.map((pattern) => `${pattern}_hot` as const),
  ...EMERGING_PATTERNS.map((pattern) => `${pattern}_cold` as const),
  'none',
];

/** One cell through time. */
export interface EmergingCell {
  cell: string;
  /** Incidents of all steps. */
  n: number;
  class: EmergingClass;
  /** Mann–Kendall of the cell's Gi*: statistic, deviate and two-sided p. */
  s: number | null;
  z: number | null;
  p: number | null;
  /** Steps that were significantly hot, and cold. */
  hot: number;
  cold: number;
  /** Gi* of the last step. */
  last_z: number | null;
}

export interface EmergingAnswer extends StepPeriod {
  method: 'emerging';
  res: number;
  k: number;
  weights: HotspotQuery['weights'];
  value: HotspotQuery['value'];
  by: 'q' | 'p';
  step: HotspotQuery['step'];
  time_zone: string;
  /** The whole steps of the calendar inside the asked period; what lies outside them takes no part. */
  steps: StepPeriod[];
  /** Mean and deviation are those of the whole cube. */
  area: AreaSummary;
  cells: EmergingCell[];
}

const MAX_STEPS = 2_000;
/** Values of a cube: 8 bytes each, four times over while it is computed. */
const MAX_VALUES = 8_000_000;

/**
 * Emerging hotspots of a filter. Counts of months are taken as they are, although months differ in length.
 *
 * @throws HttpError 400 when the period has no two whole steps, or the cube is too large
 */
export async function emergingOf(
  analysis: Analysis,
  filter: IncidentFilter,
  query: HotspotQuery,
  study: Study,
): Promise<EmergingAnswer> {
  const { res, k, weights, value, by, step } = query;
  const { zone } = analysis;
  const { cells } = study.area;
  const steps = await wholeSteps(analysis, filter, query);
  if (steps.length * cells.length > MAX_VALUES) {
    throw new HttpError(400, `${cells.length} cells in ${steps.length} steps are too many: choose a coarser res`, [
      { path: 'res', message: 'makes too large a cube' },
    ]);
  }
  const [from, to] = [steps[0]!.from, steps.at(-1)!.to];
  const within = { ...filter, period: { from, to } };
  const counts = new Float64Array(steps.length * cells.length);
  let outside = 0;
  for (const { cell, step: t, n } of await analysis.cells.series({ filter: within, res }, edgesOfSteps(steps))) {
    const at = study.area.position.get(cell);
    if (at === undefined) outside += n;
    else counts[t * cells.length + at] = n;
  }
  const options = study.weights ? { weights: study.weights, by } : { by };
  const cube = emergingHotspots(rated(counts, study), study.disks, options);
  return {
    method: 'emerging',
    res,
    from,
    to,
    k,
    weights,
    value,
    by,
    step,
    time_zone: zone.timeZone,
    steps,
    area: summaryOf(study, cube.moments, outside),
    cells: cellsOfCube(cells, steps.length, counts, cube),
  };
}

/** The whole steps of the asked period; one without an end ends now, so the current step is not whole. */
async function wholeSteps(analysis: Analysis, filter: IncidentFilter, query: HotspotQuery): Promise<StepPeriod[]> {
  const { step, res } = query;
  const { from, to } = await closePeriod(analysis, { filter, res }, step);
  const end = filter.period.to ?? new Date(Math.min(to.getTime(), analysis.now().getTime()));
  const steps = from < end ? stepsWithin({ from, to: end }, step, analysis.zone, MAX_STEPS) : [];
  if (steps.length >= 2) return steps;
  throw new HttpError(400, `The period has no two whole steps of a ${step}: ask for a longer period or shorter steps`, [
    { path: 'step', message: 'fits less than twice into the period' },
  ]);
}

function cellsOfCube(cells: readonly string[], steps: number, counts: Float64Array, cube: Emerging): EmergingCell[] {
  const size = cells.length;
  return cells.map((cell, c) => {
    let n = 0;
    let hot = 0;
    let cold = 0;
    for (let t = 0; t < steps; t++) {
      n += counts[t * size + c]!;
      hot += cube.significant[t * size + c] === 1 ? 1 : 0;
      cold += cube.significant[t * size + c] === -1 ? 1 : 0;
    }
    const { s, z, p } = cube.trends[c]!;
    return {
      cell,
      n,
      class: cube.classes[c]!,
      s: orNull(s),
      z: orNull(z),
      p: orNull(p),
      hot,
      cold,
      last_z: orNull(cube.z[(steps - 1) * size + c]!),
    };
  });
}
