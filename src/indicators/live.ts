import { findOwners, type PinnedQuestion, pinRows, plainFilter } from '../heat/live-filter.ts';
import { Slices } from '../heat/slices.ts';
import type { IncidentFilter } from '../incidents/incidents.ts';
import type { Live } from '../live/live.ts';
import { microsOf } from '../live/micros.ts';
import { compareText } from '../live/order.ts';
import type { Runner } from '../threads/task.ts';
import { type CountColumns, countFiguresTask, type Parts } from './count.ts';
import type { Counts, LoopFigures } from './figures.ts';
import type { Breakdown } from './indicators.schema.ts';
import type { PlanEdges } from './live-plan.ts';
import type { FigureSource, PartCounts } from './source.ts';
import type { Scope } from './tree.ts';

/**
 * Figures from the incidents in memory, counted in a thread. What memory cannot tell is asked of the record: what lies
 * beyond its window, other nets than the base one, and moments of another plan.
 *
 * @param onRecord told of a question that goes to the record, before it is asked
 */
export function figuresInMemory(
  live: Live,
  plan: PlanEdges,
  threads: Runner,
  record: FigureSource,
  onRecord: () => Promise<void>,
): FigureSource {
  const byOwner = new WeakMap<Int32Array, Int32Array>();
  const rootsOf = (scope: Scope): Int32Array => {
    const known = byOwner.get(scope.roots);
    if (known?.length === live.layers.incidents.owners.count) return known;
    const roots = rootsByOwner(live, scope);
    byOwner.set(scope.roots, roots);
    return roots;
  };
  const count = ({ filter, rows }: PinnedQuestion, scope: Scope, parts: Parts | null) => {
    const roots = rootsOf(scope);
    const grids = scope.grids.length;
    return Promise.all(
      sharesOf(roots, Math.min(threads.size, grids)).map((share) =>
        threads.run(countFiguresTask, { rows, filter, roots: share, grids, parts }),
      ),
    );
  };
  return {
    async byGrid(filter, scope) {
      const pinned = await pinFilter(live, plan, filter);
      if (!pinned) return onRecord().then(() => record.byGrid(filter, scope));
      const found = new Array<(Counts & LoopFigures) | undefined>(scope.grids.length).fill(undefined);
      await eachFigures(await count(pinned, scope, null), (grid, _part, counts) => {
        found[grid] = counts;
      });
      return found;
    },
    async byStep(filter, scope, edges) {
      const pinned = await pinFilter(live, plan, filter);
      if (!pinned) return onRecord().then(() => record.byStep(filter, scope, edges));
      const parts: Parts = { by: 'step', edges: Float64Array.from(edges, microsOf) };
      const found = scope.grids.map(() => new Array<Counts | undefined>(edges.length - 1).fill(undefined));
      await eachFigures(await count(pinned, scope, parts), (grid, step, counts) => {
        found[grid]![step] = counts;
      });
      return found;
    },
    async byPart(filter, scope, breakdown) {
      const pinned = await pinFilter(live, plan, filter);
      if (!pinned) return onRecord().then(() => record.byPart(filter, scope, breakdown));
      const { parts, names } = partsOf(live, breakdown);
      const found = scope.grids.map((): PartCounts[] => []);
      await eachFigures(await count(pinned, scope, parts), (grid, part, counts) => {
        found[grid]!.push({ ...(names[part] ?? { key: null, name: null }), ...counts });
      });
      for (const own of found) own.sort((a, b) => b.incidents - a.incidents || compareKeys(a.key, b.key));
      return found;
    },
  };
}

/** The grids in equal shares, each for a thread of its own. */
function sharesOf(roots: Int32Array, count: number): Int32Array[] {
  if (count <= 1) return [roots];
  return Array.from({ length: count }, (_, share) => roots.map((root) => (root % count === share ? root : -1)));
}

/** Visit what threads have counted, letting requests in between. */
async function eachFigures(
  shares: readonly CountColumns[],
  visit: (grid: number, part: number, counts: Counts & LoopFigures) => void,
): Promise<void> {
  const slices = new Slices();
  for (const columns of shares) {
    for (let i = 0; i < columns.grid.length; i++) {
      visit(columns.grid[i]!, columns.part[i]!, figuresAt(columns, i));
      if (slices.isOver) await slices.pause();
    }
  }
}

/** Rows of a filter whose owners by the plan of its moment are those in memory. */
async function pinFilter(live: Live, plan: PlanEdges, filter: IncidentFilter): Promise<PinnedQuestion | undefined> {
  live.tick();
  if (filter.net !== 'base') return undefined;
  await findOwners(live);
  const [at, now] = [microsOf(filter.at), microsOf(live.at)];
  if (plan.countUntil('base', at) !== plan.countUntil('base', now)) return undefined;
  // The grids of the scope are all below `under`, so nothing else has to ask for it.
  return pinRows(live, plainFilter(live.layers, filter, at));
}

/** By number of an owner, the grid that it counts for. */
function rootsByOwner({ layers: { incidents } }: Live, { tree, roots }: Scope): Int32Array {
  const byOwner = new Int32Array(incidents.owners.count).fill(-1);
  for (let i = 0; i < roots.length; i++) {
    if (roots[i]! < 0) continue;
    const number = incidents.owners.find(tree.grids[i]!.code);
    if (number !== undefined) byOwner[number] = roots[i]!;
  }
  return byOwner;
}

type Named = Pick<PartCounts, 'key' | 'name'>;

function partsOf({ layers }: Live, breakdown: Breakdown): { parts: Parts; names: Named[] } {
  const { categories, incidents } = layers;
  if (breakdown === 'source' || breakdown === 'department') {
    const { words } = breakdown === 'source' ? incidents.sources : incidents.departments;
    const of = Int32Array.from(words.keys());
    return { parts: { by: breakdown, of, count: of.length }, names: words.map((key) => ({ key, name: key })) };
  }
  const numberOf = (code: string) => categories.codes.indexOf(code);
  const of = Int32Array.from(categories.codes, (code, number) => {
    return breakdown === 'class' ? numberOf(categories.parentOf(code) ?? code) : number;
  });
  const names = categories.codes.map((key) => ({ key, name: categories.nameOf(key) ?? null }));
  return { parts: { by: 'category', of, count: of.length }, names };
}

function compareKeys(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return compareText(a, b);
}

function figuresAt({ figures }: CountColumns, i: number): Counts & LoopFigures {
  const whole = (name: keyof Counts) => figures[name][i]!;
  const known = (name: keyof (Counts & LoopFigures)) => {
    const value = figures[name][i]!;
    return Number.isNaN(value) ? null : value;
  };
  return {
    incidents: whole('incidents'),
    closed: whole('closed'),
    void: whole('void'),
    mean_hours: known('mean_hours'),
    median_hours: known('median_hours'),
    p90_hours: known('p90_hours'),
    green: whole('green'),
    yellow: whole('yellow'),
    red: whole('red'),
    report_hours: known('report_hours'),
    triage_hours: known('triage_hours'),
    handle_hours: known('handle_hours'),
    close_hours: known('close_hours'),
    revisit_hours: known('revisit_hours'),
  };
}
