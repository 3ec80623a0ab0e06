import { setImmediate } from 'node:timers/promises';
import type { Queryable } from '../db/db.ts';
import type { AnalysisCache } from '../heat/analysis.ts';
import { Lru } from '../heat/lru.ts';
import type { Live } from '../live/live.ts';
import { type Micros, microsOf } from '../live/micros.ts';
import { Slices } from '../threads/slices.ts';
import { type PlaceSource, sumByRoot } from './source.ts';
import { type Scope, Tree } from './tree.ts';

/** When the plans of nets change by themselves, found once for each state of the grids in memory. */
export class PlanEdges {
  readonly #live: Live;
  #edges: Map<string, Float64Array> | undefined;
  /** Counts the states. */
  state = 0;

  constructor(live: Live) {
    this.#live = live;
    live.onEdits(({ grids, cause }) => {
      if (!grids || cause === 'clock') return;
      this.#edges = undefined;
      this.state += 1;
    });
  }

  /** How many times the plan of a net has changed by itself up to a moment: equal numbers are one plan. */
  countUntil(net: string, at: Micros): number {
    this.#edges ??= this.#find();
    const edges = this.#edges.get(net);
    let count = 0;
    while (edges && count < edges.length && edges[count]! <= at) count += 1;
    return count;
  }

  #find(): Map<string, Float64Array> {
    const byNet = new Map<string, Set<number>>();
    for (const { net, validFrom, validTo } of this.#live.layers.grids.timed) {
      const edges = byNet.get(net) ?? new Set();
      byNet.set(net, edges.add(validFrom).add(validTo));
    }
    return new Map([...byNet].map(([net, edges]) => [net, Float64Array.from(edges).sort()]));
  }
}

/** Plans that are kept: about 400 bytes a grid. */
const MAX_GRIDS = 200_000;

/**
 * The plan and what is in it. Trees are read from the record, once for each state of the plan in memory; workers and
 * cameras are those of memory.
 */
export function placesInMemory(
  live: Live,
  edges: PlanEdges,
  db: Queryable,
  cache: Pick<AnalysisCache, 'cameras'>,
): PlaceSource {
  const edits = { cameras: 0, roster: 0 };
  live.onEdits(({ cameras, roster }) => {
    if (cameras) edits.cameras += 1;
    if (roster) edits.roster += 1;
  });
  const trees = new Lru<Tree>(MAX_GRIDS, (tree) => tree.grids.length);
  /** The last sums of a scope. */
  const sums = new WeakMap<Scope, { byOwner: ReadonlyMap<string, number>; sums: Int32Array }>();
  const duties = new WeakMap<Tree, { edits: number; duties: Promise<Duties> }>();
  const keyOf = (net: string, at: Date) => JSON.stringify([net, edges.state, edges.countUntil(net, microsOf(at))]);
  const dutiesOf = (net: string, tree: Tree): Promise<Duties> => {
    const known = duties.get(tree);
    if (known?.edits === edits.roster) return known.duties;
    const found = readDuties(live, net, tree);
    duties.set(tree, { edits: edits.roster, duties: found });
    return found;
  };
  return {
    treeOf: (net, at) => trees.get(keyOf(net, at), () => Tree.load(db, net, at)),
    async workers({ net, at }, scope) {
      const known = await dutiesOf(net, scope.tree);
      await setImmediate();
      return countWorkers(known, microsOf(at), scope);
    },
    async cameras({ net, at }, scope) {
      const key = JSON.stringify([keyOf(net, at), edits.cameras]);
      const byOwner = await cache.cameras.get(key, () => camerasByOwner(live, net, at));
      const known = sums.get(scope);
      if (known?.byOwner === byOwner) return known.sums;
      await setImmediate();
      const found = await sumByRoot(scope, byOwner);
      sums.set(scope, { byOwner, sums: found });
      return found;
    },
  };
}

/** Assignments to the grids of a tree, those of a worker beside each other. */
interface Duties {
  /** Position of the grid in the tree. */
  grid: Int32Array;
  worker: Int32Array;
  from: Float64Array;
  to: Float64Array;
}

async function readDuties(live: Live, net: string, tree: Tree): Promise<Duties> {
  const slices = new Slices();
  const { assignments } = live.layers.roster.snapshot();
  const found = dutiesFor(assignments.length);
  const numbers = new Map<string, number>();
  let n = 0;
  for (const assignment of assignments) {
    const grid = assignment.net === net ? tree.find(assignment.grid) : -1;
    if (grid < 0) continue;
    const { worker, validFrom, validTo } = assignment;
    const number = numbers.get(worker) ?? numbers.size;
    numbers.set(worker, number);
    found.grid[n] = grid;
    found.worker[n] = number;
    found.from[n] = validFrom ? microsOf(validFrom) : -Infinity;
    found.to[n] = validTo ? microsOf(validTo) : Infinity;
    n += 1;
    if (slices.isOver) await slices.pause();
  }
  await slices.pause();
  return byWorker(found, n, numbers.size);
}

function dutiesFor(n: number): Duties {
  return { grid: new Int32Array(n), worker: new Int32Array(n), from: new Float64Array(n), to: new Float64Array(n) };
}

/** The first `n` duties, those of a worker beside each other. */
function byWorker(duties: Duties, n: number, workers: number): Duties {
  const next = new Int32Array(workers + 1);
  for (let i = 0; i < n; i++) next[duties.worker[i]! + 1]! += 1;
  for (let worker = 0; worker < workers; worker++) next[worker + 1]! += next[worker]!;
  const sorted = dutiesFor(n);
  for (let i = 0; i < n; i++) {
    const worker = duties.worker[i]!;
    const at = next[worker]!++;
    sorted.grid[at] = duties.grid[i]!;
    sorted.worker[at] = worker;
    sorted.from[at] = duties.from[i]!;
    sorted.to[at] = duties.to[i]!;
  }
  return sorted;
}

function countWorkers({ grid, worker, from, to }: Duties, at: Micros, { roots, grids }: Scope): Int32Array {
  const counts = new Int32Array(grids.length);
  const last = new Int32Array(grids.length).fill(-1);
  for (let i = 0; i < grid.length; i++) {
    const root = roots[grid[i]!]!;
    if (root < 0 || from[i]! > at || to[i]! <= at || last[root] === worker[i]) continue;
    last[root] = worker[i]!;
    counts[root]! += 1;
  }
  return counts;
}

async function camerasByOwner(live: Live, net: string, at: Date): Promise<Map<string, number>> {
  const slices = new Slices();
  const { cameras, grids } = live.layers;
  const moment = microsOf(at);
  const byOwner = new Map<string, number>();
  for (const { lon, lat } of [...cameras]) {
    const owner = grids.ownerOf(net, lon, lat, moment)?.code;
    if (owner !== undefined) byOwner.set(owner, (byOwner.get(owner) ?? 0) + 1);
    if (slices.isOver) await slices.pause();
  }
  return byOwner;
}
