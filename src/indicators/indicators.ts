import { HttpError } from '../errors.ts';
import { Slices } from '../heat/slices.ts';
import { type Period, periodOf } from '../incidents/incidents.schema.ts';
import { type IncidentFilter, resolveFilter } from '../incidents/incidents.ts';
import { compareText } from '../live/order.ts';
import {
  type Change,
  type CountFigures,
  type Counts,
  changeOf,
  figuresOf,
  type GridFigures,
  type LoopFigures,
  NO_COUNTS,
  ratio,
} from './figures.ts';
import type { Breakdown, IndicatorQuery } from './indicators.schema.ts';
import { CATALOGUE } from './indicators.sql.ts';
import type { PartCounts, Statistics } from './source.ts';
import { type Scope, scopeOf, type TreeGrid } from './tree.ts';

/** Figures of one class, category, source or department; null: not stated. */
export type Group = CountFigures & { key: string | null; name: string | null };

export interface Indicator extends GridFigures, Partial<Change> {
  code: string;
  name: string;
  level: string;
  parent: string | null;
  /** Place in the order asked for; equal figures share a place, those without one have none. */
  rank?: number | null;
  groups?: Group[];
}

export interface Indicators extends Period {
  net: string;
  level: string;
  /** The moment of lights, of the plan and of the duty roster. */
  at: Date;
  /** The period that changes are measured against. */
  previous?: Period;
  by?: Breakdown;
  /** Classes and items of incidents that the catalogue knows. */
  catalogue: { classes: number; items: number };
  grids: Indicator[];
}

/**
 * Figures of every grid of a level. Those of a grid are over all incidents that it or a grid below it owns: percentiles
 * are exact, not averaged.
 *
 * @throws HttpError 400 for what does not exist
 */
export async function indicators(statistics: Statistics, query: IndicatorQuery): Promise<Indicators> {
  const { db, figures } = statistics;
  const { filter, scope } = await askedScope(statistics, query);
  let grids = await gridFigures(statistics, filter, scope);
  const about: Omit<Indicators, 'grids'> = {
    net: query.net,
    level: scope.level,
    ...filter.period,
    at: filter.at,
    catalogue: (await db.query<Indicators['catalogue']>(CATALOGUE))[0]!,
  };
  if (query.compare) {
    about.previous = previousOf(filter);
    const before = await figures.byGrid({ ...filter, period: about.previous }, scope);
    grids = grids.map((grid, i) => ({ ...grid, ...changeOf(grid, figuresOf(before[i] ?? NO_COUNTS)) }));
  }
  if (query.by) {
    about.by = query.by;
    const parts = await figures.byPart(filter, scope, query.by);
    grids = grids.map((grid, i) => ({ ...grid, groups: parts[i]!.map(groupOf) }));
  }
  return { ...about, grids: ranked(grids, query.sort).slice(0, query.limit) };
}

function groupOf({ key, name, ...counts }: PartCounts): Group {
  return { key, name, ...figuresOf(counts) };
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

async function gridFigures(
  { figures, places }: Statistics,
  filter: IncidentFilter,
  scope: Scope,
): Promise<Indicator[]> {
  const counts = await figures.byGrid(filter, scope);
  const workers = await places.workers(filter, scope);
  const cameras = await places.cameras(filter, scope);
  const slices = new Slices();
  const grids: Indicator[] = [];
  for (const [i, grid] of scope.grids.entries()) {
    grids.push(describe(grid, counts[i] ?? NO_COUNTS, cameras[i]!, workers[i]!));
    if (slices.isOver) await slices.pause();
  }
  return grids;
}

function describe(grid: TreeGrid, counts: Counts & LoopFigures, cameras: number, workers: number): Indicator {
  const { code, name, level, parent, households, population } = grid;
  const { report_hours, triage_hours, handle_hours, close_hours, revisit_hours } = counts;
  return {
    code,
    name,
    level,
    parent,
    ...figuresOf(counts),
    report_hours,
    triage_hours,
    handle_hours,
    close_hours,
    revisit_hours,
    households,
    population,
    per_1000_households: ratio(1000 * counts.incidents, households),
    cameras,
    workers,
    incidents_per_worker: ratio(counts.incidents, workers),
  };
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

/** In the asked order; ties, and without an order all, by code in byte order. Grids without the figure come last. */
function ranked(grids: Indicator[], sort: IndicatorQuery['sort']): Indicator[] {
  // As a scope is.
  const byCode = [...grids];
  if (!sort) return byCode;
  if (sort.by === 'code') return sort.descending ? byCode.reverse() : byCode;
  if (sort.by === 'name') {
    byCode.sort((a, b) => compareText(a.name, b.name));
    return sort.descending ? byCode.reverse() : byCode;
  }
  const figure = (grid: Indicator) => grid[sort.by as keyof GridFigures];
  const sign = sort.descending ? -1 : 1;
  byCode.sort((a, b) => {
    const [x, y] = [figure(a), figure(b)];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    return sign * (x - y);
  });
  let rank = 0;
  return byCode.map((grid, i) => {
    if (i === 0 || figure(grid) !== figure(byCode[i - 1]!)) rank = i + 1;
    return { ...grid, rank: figure(grid) === null ? null : rank };
  });
}
