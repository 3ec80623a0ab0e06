import type { OnRecord } from '../heat/cells.ts';
import { findOwners, type PinnedQuestion, pinRows, plainFilter } from '../heat/live-filter.ts';
import type { IncidentFilter } from '../incidents/incidents.ts';
import type { Live } from '../live/live.ts';
import { microsOf } from '../live/micros.ts';
import type { Runner } from '../threads/task.ts';
import type { CountColumns } from './columns.ts';
import { countFiguresTask, type Parts } from './count.ts';
import type { Breakdown } from './indicators.schema.ts';
import type { PlanEdges } from './live-plan.ts';
import type { FigureSource, PartName } from './source.ts';
import type { Scope } from './tree.ts';

/**
 * Figures from the incidents in memory, counted in a thread. What memory cannot tell is asked of the record: what lies
 * beyond its window, other nets than the base one, and moments of another plan.
 *
 * @returns the same figures for each who wants to be told when a question goes to the record
 */
export function figuresInMemory(
  live: Live,
  plan: PlanEdges,
  threads: Runner,
  record: FigureSource,
): (onRecord: OnRecord) => FigureSource {
  const byOwner = new WeakMap<Int32Array, Int32Array>();
  const rootsOf = (scope: Scope): Int32Array => {
    const known = byOwner.get(scope.roots);
    if (known?.length === live.layers.incidents.owners.count) return known;
    const roots = rootsByOwner(live, scope);
    byOwner.set(scope.roots, roots);
    return roots;
  };
  const count = ({ filter, rows }: PinnedQuestion, scope: Scope, parts: Parts | null): Promise<CountColumns[]> => {
    const grids = scope.grids.length;
    const shares = sharesOf(rootsOf(scope), grids, Math.min(threads.size, grids));
    return Promise.all(shares.map((roots) => threads.run(countFiguresTask, { rows, filter, roots, grids, parts })));
  };
  return (onRecord) => ({
    async byGrid(filter, scope) {
      const pinned = await pinFilter(live, plan, filter);
      return pinned ? count(pinned, scope, null) : onRecord().then(() => record.byGrid(filter, scope));
    },
    async byStep(filter, scope, edges) {
      const pinned = await pinFilter(live, plan, filter);
      if (!pinned) return onRecord().then(() => record.byStep(filter, scope, edges));
      return count(pinned, scope, { by: 'step', edges: Float64Array.from(edges, microsOf) });
    },
    async byPart(filter, scope, breakdown) {
      const pinned = await pinFilter(live, plan, filter);
      if (!pinned) return onRecord().then(() => record.byPart(filter, scope, breakdown));
      const { parts, names } = partsOf(live, breakdown);
      return { names, columns: await count(pinned, scope, parts) };
    },
  });
}

/** Shares of the grids of a thread: few enough that grids beside each other, whose incidents are too, are in one. */
const RUNS = 16;

/** The grids in shares of about the same number of incidents, each for a thread of its own. */
function sharesOf(roots: Int32Array, grids: number, count: number): Int32Array[] {
  if (count <= 1) return [roots];
  const run = Math.ceil(grids / (RUNS * count));
  return Array.from({ length: count }, (_, share) =>
    roots.map((root) => (root >= 0 && Math.floor(root / run) % count === share ? root : -1)),
  );
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

/** The last name is that of incidents that state none. */
function partsOf({ layers }: Live, breakdown: Breakdown): { parts: Parts; names: PartName[] } {
  const { categories, incidents } = layers;
  if (breakdown === 'source' || breakdown === 'department') {
    const { words } = breakdown === 'source' ? incidents.sources : incidents.departments;
    const of = Int32Array.from(words.keys());
    return {
      parts: { by: breakdown, of, count: of.length },
      names: [...words.map((key) => ({ key, name: key })), NONE],
    };
  }
  const numberOf = (code: string) => categories.codes.indexOf(code);
  const of = Int32Array.from(categories.codes, (code, number) => {
    return breakdown === 'class' ? numberOf(categories.parentOf(code) ?? code) : number;
  });
  const names = categories.codes.map((key) => ({ key, name: categories.nameOf(key) ?? null }));
  return { parts: { by: 'category', of, count: of.length }, names: [...names, NONE] };
}

const NONE: PartName = { key: null, name: null };
