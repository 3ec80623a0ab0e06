import { HttpError } from '../errors.ts';
import { closePeriod } from '../heat/series.ts';
import { edgesOfSteps, type StepPeriod, stepsTouching } from '../heat/steps.ts';
import { type CountFigures, figuresOf, NO_COUNTS } from './figures.ts';
import type { IndicatorSeriesQuery } from './indicators.schema.ts';
import { askedScope } from './indicators.ts';
import type { Statistics } from './source.ts';

export interface IndicatorSeries extends StepPeriod {
  net: string;
  level: string;
  /** The moment of lights and of the plan. */
  at: Date;
  step: IndicatorSeriesQuery['step'];
  time_zone: string;
  grids: { code: string; name: string; steps: (StepPeriod & CountFigures)[] }[];
}

const MAX_STEPS = 2_000;
/** Figures of a grid at a step: about 300 bytes of JSON. */
const MAX_ROWS = 400_000;

/**
 * Figures of every grid of a level through time, by when incidents occurred. Steps are those of the calendar, the first
 * and the last cut to the period.
 *
 * @throws HttpError 400 for what does not exist, or too many steps
 */
export async function indicatorSeries(statistics: Statistics, query: IndicatorSeriesQuery): Promise<IndicatorSeries> {
  const { step } = query;
  const { zone, figures } = statistics;
  const { filter, scope } = await askedScope(statistics, query);
  const period = await closePeriod(statistics, { filter, res: 5 }, step);
  const steps = stepsTouching(period, step, zone, MAX_STEPS);
  refuseTooMany(steps.length * scope.grids.length);
  const counts = await figures.byStep({ ...filter, period }, scope, edgesOfSteps(steps));
  return {
    net: query.net,
    level: scope.level,
    at: filter.at,
    step,
    time_zone: zone.timeZone,
    ...period,
    grids: scope.grids.map(({ code, name }, grid) => ({
      code,
      name,
      steps: steps.map((of, i) => ({ ...of, ...figuresOf(counts[grid]![i] ?? NO_COUNTS) })),
    })),
  };
}

function refuseTooMany(rows: number): void {
  if (rows <= MAX_ROWS) return;
  throw new HttpError(400, `The series has ${rows} rows, over ${MAX_ROWS}: choose a longer step, or a part by under`, [
    { path: 'step', message: 'makes too many rows' },
  ]);
}
