import { HttpError } from '../errors.ts';
import type { Analysis } from '../heat/analysis.ts';
import { PLAN_KEY } from '../heat/study.sql.ts';
import { compareBytes } from '../http.ts';
import { type Period, periodOf } from '../incidents/incidents.schema.ts';
import { filterValues, type IncidentFilter, resolveFilter } from '../incidents/incidents.ts';
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
import {
  CAMERAS_BY_OWNER,
  CAMERAS_KEY,
  CATALOGUE,
  FIGURES_BY_GRID,
  figuresBySql,
  WORKERS_BY_GRID,
} from './indicators.sql.ts';
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
export async function indicators(analysis: Analysis, query: IndicatorQuery): Promise<Indicators> {
  const { db } = analysis;
  const { filter, scope } = await askedScope(analysis, query);
  const counts = await countsByGrid(analysis, filter, scope);
  const figures = await gridFigures(analysis, filter, scope, counts);
  const answer: Indicators = {
    net: query.net,
    level: scope.level,
    ...filter.period,
    at: filter.at,
    catalogue: (await db.query<Indicators['catalogue']>(CATALOGUE))[0]!,
    grids: figures,
  };
  if (query.compare) {
    answer.previous = previousOf(filter);
    const before = await countsByGrid(analysis, { ...filter, period: answer.previous }, scope);
    answer.grids = figures.map((grid) => ({
      ...grid,
      ...changeOf(grid, figuresOf(before.get(grid.code) ?? NO_COUNTS)),
    }));
  }
  if (query.by) {
    answer.by = query.by;
    const groups = await groupsByGrid(analysis, filter, scope, query.by);
    answer.grids = answer.grids.map((grid) => ({ ...grid, groups: groups.get(grid.code) ?? [] }));
  }
  answer.grids = ranked(answer.grids, query.sort).slice(0, query.limit);
  return answer;
}

/** The incidents and the grids of a question. With a moment `at` and no end, the period ends there. */
export async function askedScope(
  { db, now }: Analysis,
  query: Pick<
    IndicatorQuery,
    'at' | 'from' | 'to' | 'last' | 'net' | 'under' | 'level' | 'category' | 'status' | 'light'
  >,
): Promise<{ filter: IncidentFilter; scope: Scope }> {
  const at = query.at ?? now();
  const period = periodOf(query, at);
  if (query.at && period.to === null) period.to = at;
  const filter = await resolveFilter(db, query, period, at);
  const scope = await scopeOf(db, { net: query.net, under: filter.under, level: query.level, at: filter.at });
  return { filter, scope };
}

/**
 * The values of the statements over a scope. Its grids are all below `under`, so nothing else has to ask for it; in other
 * nets than the base one, where owners are not kept, its polygon still spares the search for most of them.
 */
export function scopeValues(filter: IncidentFilter, { owners, roots }: Scope): unknown[] {
  const asked = filter.net === 'base' ? { ...filter, under: null } : filter;
  return [...filterValues(asked), owners, roots];
}

async function countsByGrid(
  { db }: Analysis,
  filter: IncidentFilter,
  scope: Scope,
): Promise<Map<string, Counts & LoopFigures>> {
  const rows = await db.query<Counts & LoopFigures & { code: string }>(FIGURES_BY_GRID, scopeValues(filter, scope));
  return new Map(rows.map(({ code, ...counts }) => [code, counts]));
}

async function gridFigures(
  analysis: Analysis,
  filter: IncidentFilter,
  scope: Scope,
  counts: Map<string, Counts & LoopFigures>,
): Promise<Indicator[]> {
  const { owners, roots } = scope;
  const workers = await analysis.db.query<Count>(WORKERS_BY_GRID, [filter.net, filter.at, owners, roots]);
  const workersOf = new Map(workers.map(({ code, n }) => [code, n]));
  const camerasOf = await camerasByGrid(analysis, filter, scope);
  return scope.grids.map((grid) =>
    describe(grid, counts.get(grid.code) ?? NO_COUNTS, camerasOf.get(grid.code) ?? 0, workersOf.get(grid.code) ?? 0),
  );
}

interface Count {
  code: string;
  n: number;
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

/** Cameras that a grid or one below owns by their place. */
async function camerasByGrid(
  { db, cache }: Analysis,
  { net, at }: IncidentFilter,
  { owners, roots }: Scope,
): Promise<Map<string, number>> {
  const key = JSON.stringify([net, await db.query(PLAN_KEY, [net, at]), await db.query(CAMERAS_KEY)]);
  const byOwner = await cache.cameras.get(key, async () => {
    const rows = await db.query<Count>(CAMERAS_BY_OWNER, [net, at]);
    return new Map(rows.map(({ code, n }) => [code, n]));
  });
  const byGrid = new Map<string, number>();
  owners.forEach((owner, i) => {
    byGrid.set(roots[i]!, (byGrid.get(roots[i]!) ?? 0) + (byOwner.get(owner) ?? 0));
  });
  return byGrid;
}

async function groupsByGrid(
  { db }: Analysis,
  filter: IncidentFilter,
  scope: Scope,
  breakdown: Breakdown,
): Promise<Map<string, Group[]>> {
  type GroupRow = Counts & { code: string; key: string | null; name: string | null };
  const rows = await db.query<GroupRow>(figuresBySql(breakdown), scopeValues(filter, scope));
  const groups = new Map<string, Group[]>(scope.grids.map(({ code }) => [code, []]));
  for (const row of rows) groups.get(row.code)!.push({ key: row.key, name: row.name, ...figuresOf(row) });
  return groups;
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
  const byCode = [...grids].sort((a, b) => compareBytes(a.code, b.code));
  if (!sort) return byCode;
  if (sort.by === 'code') return sort.descending ? byCode.reverse() : byCode;
  if (sort.by === 'name') {
    byCode.sort((a, b) => compareBytes(a.name, b.name));
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
