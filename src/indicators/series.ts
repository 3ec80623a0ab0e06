import type { Analysis } from '../heat/analysis.ts';
import { closePeriod } from '../heat/series.ts';
import { edgesOfSteps, type StepPeriod, stepsTouching } from '../heat/steps.ts';
import { type CountFigures, type Counts, figuresOf, NO_COUNTS } from './figures.ts';
import type { IndicatorSeriesQuery } from './indicators.schema.ts';
import { FIGURES_BY_STEP } from './indicators.sql.ts';
import { askedScope, scopeValues } from './indicators.ts';

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

/**
 * Figures of every grid of a level through time, by when incidents occurred. Steps are those of the calendar, the first
 * and the last cut to the period.
 *
 * @throws HttpError 400 for what does not exist, or too many steps
 */
export async function indicatorSeries(analysis: Analysis, query: IndicatorSeriesQuery): Promise<IndicatorSeries> {
  const { step } = query;
  const { filter, scope } = await askedScope(analysis, query);
  const period = await closePeriod(analysis, { filter, res: 5 }, step);
  const steps = stepsTouching(period, step, analysis.zone, MAX_STEPS);
  const rows = await analysis.db.query<Counts & { code: string; step: number }>(FIGURES_BY_STEP, [
    ...scopeValues({ ...filter, period }, scope),
    edgesOfSteps(steps).map((edge) => edge.toISOString()),
  ]);
  const found = new Map(rows.map((row) => [`${row.step} ${row.code}`, row]));
  return {
    net: query.net,
    level: scope.level,
    at: filter.at,
    step,
    time_zone: analysis.zone.timeZone,
    ...period,
    grids: scope.grids.map(({ code, name }) => ({
      code,
      name,
      steps: steps.map((of, i) => ({ ...of, ...figuresOf(found.get(`${i} ${code}`) ?? NO_COUNTS) })),
    })),
  };
}
