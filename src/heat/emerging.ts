import { HttpError } from '../errors.ts';
import type { IncidentFilter } from '../incidents/incidents.ts';
import type { Analysis } from './analysis.ts';
import type { CellColumn } from './cell-table.ts';
import {
  type AreaSummary,
  type HotspotQuery,
  type Study,
  type StudyAnswer,
  summaryOf,
  valuesOfStudy,
} from './hotspots.ts';
import { closePeriod } from './series.ts';
import { EMERGING_CLASSES } from './stats/emerging.ts';
import { type EmergingFigures, emergingTask } from './stats-tasks.ts';
import { edgesOfSteps, type StepPeriod, stepsWithin } from './steps.ts';

/** What an emerging analysis says beside its cells. */
export interface AboutEmerging extends StepPeriod {
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
): Promise<StudyAnswer<AboutEmerging>> {
  const { res, k, weights, value, by, step } = query;
  const { zone, threads } = analysis;
  const { area } = study.keyed;
  const steps = await wholeSteps(analysis, filter, query);
  const cells = area.keys.length;
  if (steps.length * cells > MAX_VALUES) {
    throw new HttpError(400, `${cells} cells in ${steps.length} steps are too many: choose a coarser res`, [
      { path: 'res', message: 'makes too large a cube' },
    ]);
  }
  const [from, to] = [steps[0]!.from, steps.at(-1)!.to];
  const question = { filter: { ...filter, period: { from, to } }, res };
  const { counts, outside } = await analysis.cells.cubeOn(question, area, edgesOfSteps(steps));
  const figures = await threads.run(emergingTask, { ...valuesOfStudy(study, counts, query), by });
  const about: AboutEmerging = {
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
    area: summaryOf(study, figures.moments, outside),
  };
  return { about, columns: columnsOf(figures) };
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

/** Incidents of all steps; the class; Mann–Kendall of the cell's Gi*; steps that were significant; Gi* of the last. */
function columnsOf(figures: EmergingFigures): CellColumn[] {
  return [
    { name: 'n', type: 'int', values: figures.n },
    { name: 'class', type: 'text', values: figures.class, words: EMERGING_CLASSES },
    { name: 's', type: 'int', values: figures.s },
    { name: 'z', type: 'float', values: figures.z },
    { name: 'p', type: 'float', values: figures.p },
    { name: 'hot', type: 'int', values: figures.hot },
    { name: 'cold', type: 'int', values: figures.cold },
    { name: 'last_z', type: 'float', values: figures.lastZ },
  ];
}
