import type { Period } from '../incidents/incidents.schema.ts';
import { compareText } from '../live/order.ts';
import { type CountColumns, type CountedFigures, figuresAt } from './columns.ts';
import { type Change, type CountFigures, changeOf, figuresOf, type GridFigures, NO_COUNTS, ratio } from './figures.ts';
import type { Breakdown, IndicatorQuery } from './indicators.schema.ts';
import type { PartColumns, PartName } from './source.ts';
import type { TreeGrid } from './tree.ts';

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

/** What an answer is made of. All lists are by position of a grid. */
export interface Findings {
  about: Omit<Indicators, 'grids'>;
  /** By code. */
  grids: readonly TreeGrid[];
  cameras: ArrayLike<number>;
  workers: ArrayLike<number>;
  counts: readonly CountColumns[];
  /** Of the period before. */
  before: readonly CountColumns[] | undefined;
  parts: PartColumns | undefined;
  sort: IndicatorQuery['sort'];
  limit: number | undefined;
}

/** Rows that are made when they are asked for: with all their groups they may be many. */
export interface LazyRows<T> {
  count: number;
  row(i: number): T;
}

/** Rows `[from, to)`; default: all. */
export function rowsFrom<T>({ count, row }: LazyRows<T>, from = 0, to = count): T[] {
  return Array.from({ length: to - from }, (_, i) => row(from + i));
}

/** The grids in their order. */
export function indicatorsOf(findings: Findings): LazyRows<Indicator> {
  const { grids, before, parts, sort, limit } = findings;
  const found = findingsByGrid(findings.counts, grids.length);
  const foundBefore = before && findingsByGrid(before, grids.length);
  const groups = parts && groupsByGrid(parts, grids.length);
  const rows = grids.map((grid, i) => {
    const row = describe(grid, found[i] ?? NO_COUNTS, findings.cameras[i]!, findings.workers[i]!);
    if (foundBefore) Object.assign(row, changeOf(row, figuresOf(foundBefore[i] ?? NO_COUNTS)));
    return { row, position: i };
  });
  const chosen = ranked(rows, sort).slice(0, limit);
  return {
    count: chosen.length,
    row(i) {
      const { row, position } = chosen[i]!;
      return groups ? { ...row, groups: groups(position) } : row;
    },
  };
}

/** The rows of grids that are not divided; undefined where a grid has no incidents. */
function findingsByGrid(shares: readonly CountColumns[], grids: number): (CountedFigures | undefined)[] {
  const found = new Array<CountedFigures | undefined>(grids).fill(undefined);
  for (const columns of shares) {
    for (const [i, grid] of columns.grid.entries()) found[grid] = figuresAt(columns, i);
  }
  return found;
}

/** Finds the groups of a grid, the most incidents first, then by key in byte order. */
function groupsByGrid({ names, columns }: PartColumns, grids: number): (grid: number) => Group[] {
  const rows = Array.from({ length: grids }, (): [CountColumns, number][] => []);
  for (const share of columns) {
    for (const [i, grid] of share.grid.entries()) rows[grid]!.push([share, i]);
  }
  return (grid) =>
    rows[grid]!.map(([share, i]) => groupOf(names[share.part[i]!]!, figuresAt(share, i))).sort(
      (a, b) => b.incidents - a.incidents || compareKeys(a.key, b.key),
    );
}

function groupOf({ key, name }: PartName, counts: CountedFigures): Group {
  return { key, name, ...figuresOf(counts) };
}

function compareKeys(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return compareText(a, b);
}

function describe(grid: TreeGrid, counts: CountedFigures, cameras: number, workers: number): Indicator {
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

interface Placed {
  row: Indicator;
  position: number;
}

/** In the asked order; ties, and without an order all, by code in byte order. Grids without the figure come last. */
function ranked(byCode: Placed[], sort: IndicatorQuery['sort']): Placed[] {
  if (!sort) return byCode;
  if (sort.by === 'code') return sort.descending ? byCode.reverse() : byCode;
  if (sort.by === 'name') {
    byCode.sort((a, b) => compareText(a.row.name, b.row.name));
    return sort.descending ? byCode.reverse() : byCode;
  }
  const figure = ({ row }: Placed) => row[sort.by as keyof GridFigures];
  const sign = sort.descending ? -1 : 1;
  byCode.sort((a, b) => {
    const [x, y] = [figure(a), figure(b)];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    return sign * (x - y);
  });
  let rank = 0;
  for (const [i, placed] of byCode.entries()) {
    if (i === 0 || figure(placed) !== figure(byCode[i - 1]!)) rank = i + 1;
    placed.row.rank = figure(placed) === null ? null : rank;
  }
  return byCode;
}
