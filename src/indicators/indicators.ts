import { setImmediate } from 'node:timers/promises';
import { HttpError } from '../errors.ts';
import { type Period, periodOf } from '../incidents/incidents.schema.ts';
import { type IncidentFilter, resolveFilter } from '../incidents/incidents.ts';
import { type Findings, type Indicators, indicatorsOf, rowsFrom } from './answer.ts';
import { encodeIndicatorsTask, encodeInThreads } from './encode.ts';
import type { IndicatorQuery } from './indicators.schema.ts';
import { CATALOGUE } from './indicators.sql.ts';
import type { Statistics } from './source.ts';
import { type Scope, scopeOf } from './tree.ts';

/**
 * Figures of every grid of a level. Those of a grid are over all incidents that it or a grid below it owns: percentiles
 * are exact, not averaged.
 *
 * @throws HttpError 400 for what does not exist
 */
export async function indicators(statistics: Statistics, query: IndicatorQuery): Promise<Indicators> {
  const { findings } = await find(statistics, query);
  return { ...findings.about, grids: rowsFrom(indicatorsOf(findings)) };
}

/** The same in the asked form, written in threads: the rows of a city are more than requests can wait for. */
export async function encodedIndicators(statistics: Statistics, query: IndicatorQuery): Promise<Uint8Array> {
  const { findings, scope } = await find(statistics, query);
  const packed = { ...findings, grids: await statistics.packed(scope) };
  return encodeInThreads(statistics.threads, encodeIndicatorsTask, packed, query.format);
}

async function find(statistics: Statistics, query: IndicatorQuery): Promise<{ findings: Findings; scope: Scope }> {
  const { db, figures } = statistics;
  const { filter, scope } = await askedScope(statistics, query);
  const previous = query.compare && previousOf(filter);
  // Each has to make something ready when it is asked for the first time: requests get their turn in between.
  await setImmediate();
  const [counts, before, parts, { workers, cameras }, catalogue] = await Promise.all([
    figures.byGrid(filter, scope),
    previous && figures.byGrid({ ...filter, period: previous }, scope),
    query.by && figures.byPart(filter, scope, query.by),
    workersAndCameras(statistics, filter, scope),
    db.query<Indicators['catalogue']>(CATALOGUE),
  ]);
  if (parts)
    refuseTooMany(
      parts.columns.reduce((sum, { grid }) => sum + grid.length, 0),
      statistics.maxGroups,
    );
  const about: Findings['about'] = {
    net: query.net,
    level: scope.level,
    ...filter.period,
    at: filter.at,
    catalogue: catalogue[0]!,
    ...(previous && { previous }),
    ...(query.by && { by: query.by }),
  };
  const { sort, limit } = query;
  return { findings: { about, grids: scope.grids, cameras, workers, counts, before, parts, sort, limit }, scope };
}

async function workersAndCameras({ places }: Statistics, filter: IncidentFilter, scope: Scope) {
  await setImmediate();
  const workers = await places.workers(filter, scope);
  await setImmediate();
  return { workers, cameras: await places.cameras(filter, scope) };
}

function refuseTooMany(groups: number, most: number): void {
  if (groups <= most) return;
  throw new HttpError(400, `There are ${groups} groups, over ${most}: choose a higher level, or a part by under`, [
    { path: 'by', message: 'makes too many groups' },
  ]);
}

/** The incidents and the grids of a question. With a moment `at` and no end, the period ends there. */
export async function askedScope(
  { db, now, places }: Statistics,
  query: Pick<
    IndicatorQuery,
    'at' | 'from' | 'to' | 'last' | 'net' | 'under' | 'level' | 'category' | 'status' | 'light'
  >,
): Promise<{ filter: IncidentFilter; scope: Scope }> {
  const at = query.at ?? now();
  const period = periodOf(query, at);
  if (query.at && period.to === null) period.to = at;
  const filter = await resolveFilter(db, query, period, at);
  const asked = { net: query.net, under: filter.under, level: query.level, at: filter.at };
  return { filter, scope: await scopeOf(db, places.treeOf, asked) };
}

/** The period of equal length just before; one without an end ends at the moment that is asked for. */
function previousOf({ period, at }: IncidentFilter): Period {
  const { from } = period;
  if (from === null) {
    throw new HttpError(400, 'A period without a start has none before it: give from', [
      { path: 'compare', message: 'needs from or last' },
    ]);
  }
  const length = (period.to ?? at).getTime() - from.getTime();
  return { from: new Date(from.getTime() - length), to: from };
}
