import { HttpError } from '../errors.ts';
import { closePeriod } from '../heat/series.ts';
import { edgesOfSteps, stepsTouching } from '../heat/steps.ts';
import { rowsFrom } from './answer.ts';
import { encodeInThreads, encodeSeriesTask } from './encode.ts';
import type { IndicatorSeriesQuery } from './indicators.schema.ts';
import { askedScope } from './indicators.ts';
import { type IndicatorSeries, type SeriesFindings, seriesOf } from './series-answer.ts';
import type { Statistics } from './source.ts';
import type { Scope } from './tree.ts';

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
  const { findings } = await find(statistics, query);
  return { ...findings.about, grids: rowsFrom(seriesOf(findings)) };
}

/** The same in the asked form, written in threads. */
export async function encodedSeries(statistics: Statistics, query: IndicatorSeriesQuery): Promise<Uint8Array> {
  const { findings, scope } = await find(statistics, query);
  const packed = { ...findings, grids: await statistics.packed(scope) };
  return encodeInThreads(statistics.threads, encodeSeriesTask, packed, query.format);
}

async function find(
  statistics: Statistics,
  query: IndicatorSeriesQuery,
): Promise<{ findings: SeriesFindings; scope: Scope }> {
  const { step, net } = query;
  const { zone, figures } = statistics;
  const { filter, scope } = await askedScope(statistics, query);
  const period = await closePeriod(statistics, { filter, res: 5 }, step);
  const steps = stepsTouching(period, step, zone, MAX_STEPS);
  refuseTooMany(steps.length * scope.grids.length);
  const counts = await figures.byStep({ ...filter, period }, scope, edgesOfSteps(steps));
  const about = { net, level: scope.level, at: filter.at, step, time_zone: zone.timeZone, ...period };
  return { findings: { about, grids: scope.grids, steps, counts }, scope };
}

function refuseTooMany(rows: number): void {
  if (rows <= MAX_ROWS) return;
  throw new HttpError(400, `The series has ${rows} rows, over ${MAX_ROWS}: choose a longer step, or a part by under`, [
    { path: 'step', message: 'makes too many rows' },
  ]);
}
