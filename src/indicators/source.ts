import type { Queryable } from '../db/db.ts';
import type { Analysis, AnalysisCache } from '../heat/analysis.ts';
import { PLAN_KEY } from '../heat/study.sql.ts';
import { filterValues, type IncidentFilter } from '../incidents/incidents.ts';
import { Slices } from '../threads/slices.ts';
import { type CountColumns, type CountedFigures, columnsOfRows } from './columns.ts';
import type { Counts } from './figures.ts';
import type { Breakdown } from './indicators.schema.ts';
import {
  CAMERAS_BY_OWNER,
  CAMERAS_KEY,
  FIGURES_BY_GRID,
  FIGURES_BY_STEP,
  figuresBySql,
  WORKERS_BY_GRID,
} from './indicators.sql.ts';
import { type Scope, Tree } from './tree.ts';

/** A class, category, source or department; null: not stated. */
export interface PartName {
  key: string | null;
  name: string | null;
}

/** Figures of the parts that the incidents of grids are divided into. */
export interface PartColumns {
  /** By position of a part. */
  names: PartName[];
  columns: CountColumns[];
}

/**
 * Where figures come from: the record by SQL, or memory that is kept true to it. Grids are by position in `scope.grids`;
 * each has its rows in one of the columns.
 */
export interface FigureSource {
  byGrid(filter: IncidentFilter, scope: Scope): Promise<CountColumns[]>;
  /** By step; the filter's period lies between the outer edges. */
  byStep(filter: IncidentFilter, scope: Scope, edges: readonly Date[]): Promise<CountColumns[]>;
  byPart(filter: IncidentFilter, scope: Scope, breakdown: Breakdown): Promise<PartColumns>;
}

/** Where the plan and what is in it come from; likewise. */
export interface PlaceSource {
  treeOf(net: string, at: Date): Promise<Tree>;
  /** Workers who serve a grid or one below, each counted once. */
  workers(filter: IncidentFilter, scope: Scope): Promise<ArrayLike<number>>;
  /** Cameras that a grid or one below owns by their place. */
  cameras(filter: IncidentFilter, scope: Scope): Promise<ArrayLike<number>>;
}

/** What indicators need of the running service. */
export interface Statistics extends Analysis {
  figures: FigureSource;
  places: PlaceSource;
  /** Groups that one answer may have. */
  maxGroups: number;
  /** The grids of a scope for threads, packed once. */
  packed(scope: Scope): Promise<SharedArrayBuffer[]>;
}

/** Figures by SQL. */
export function figuresFromRecord(db: Queryable): FigureSource {
  const positionsOf = ({ grids }: Scope) => new Map(grids.map(({ code }, i) => [code, i]));
  return {
    async byGrid(filter, scope) {
      const rows = await db.query<CountedFigures & { code: string }>(FIGURES_BY_GRID, valuesOf(filter, scope));
      const position = positionsOf(scope);
      return [columnsOfRows(rows.map(({ code, ...counts }) => ({ grid: position.get(code)!, part: 0, ...counts })))];
    },
    async byStep(filter, scope, edges) {
      const values = [...valuesOf(filter, scope), edges.map((edge) => edge.toISOString())];
      const rows = await db.query<Counts & { code: string; step: number }>(FIGURES_BY_STEP, values);
      const position = positionsOf(scope);
      const counted = rows.map(({ code, step, ...counts }) => ({ grid: position.get(code)!, part: step, ...counts }));
      return [columnsOfRows(counted)];
    },
    async byPart(filter, scope, breakdown) {
      const rows = await db.query<Counts & PartName & { code: string }>(
        figuresBySql(breakdown),
        valuesOf(filter, scope),
      );
      const position = positionsOf(scope);
      const numbers = new Map<string | null, number>();
      const names: PartName[] = [];
      const counted = rows.map(({ code, key, name, ...counts }) => {
        if (!numbers.has(key)) numbers.set(key, names.push({ key, name }) - 1);
        return { grid: position.get(code)!, part: numbers.get(key)!, ...counts };
      });
      return { names, columns: [columnsOfRows(counted)] };
    },
  };
}

/**
 * The values of the statements over a scope. Its grids are all below `under`, so nothing else has to ask for it; in other
 * nets than the base one, where owners are not kept, its polygon still spares the search for most of them.
 */
function valuesOf(filter: IncidentFilter, scope: Scope): unknown[] {
  const asked = filter.net === 'base' ? { ...filter, under: null } : filter;
  return [...filterValues(asked), ...ownersOf(scope)];
}

/** Codes of grids, and at the same positions the codes of those that they count for. */
function ownersOf({ tree, roots, grids }: Scope): [string[], string[]] {
  const owners = tree.grids.filter((_, i) => roots[i]! >= 0).map(({ code }) => code);
  return [owners, [...roots].filter((root) => root >= 0).map((root) => grids[root]!.code)];
}

interface Count {
  code: string;
  n: number;
}

/** The plan by SQL. */
export function placesFromRecord(db: Queryable, cache: Pick<AnalysisCache, 'cameras'>): PlaceSource {
  return {
    treeOf: (net, at) => Tree.load(db, net, at),
    async workers({ net, at }, scope) {
      const rows = await db.query<Count>(WORKERS_BY_GRID, [net, at, ...ownersOf(scope)]);
      const found = new Map(rows.map(({ code, n }) => [code, n]));
      return scope.grids.map(({ code }) => found.get(code) ?? 0);
    },
    async cameras({ net, at }, scope) {
      const key = JSON.stringify([net, await db.query(PLAN_KEY, [net, at]), await db.query(CAMERAS_KEY)]);
      const byOwner = await cache.cameras.get(key, async () => {
        const rows = await db.query<Count>(CAMERAS_BY_OWNER, [net, at]);
        return new Map(rows.map(({ code, n }) => [code, n]));
      });
      return sumByRoot(scope, byOwner);
    },
  };
}

/** What grids have, added up for those that they count for. */
export async function sumByRoot(
  { tree, roots, grids }: Scope,
  byCode: ReadonlyMap<string, number>,
): Promise<Int32Array> {
  const slices = new Slices();
  const sums = new Int32Array(grids.length);
  for (const [code, n] of byCode) {
    const root = roots[tree.find(code)] ?? -1;
    if (root >= 0) sums[root]! += n;
    if (slices.isOver) await slices.pause();
  }
  return sums;
}
