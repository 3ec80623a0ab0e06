import { setImmediate } from 'node:timers/promises';
import type { Queryable } from '../db/db.ts';
import { HttpError } from '../errors.ts';
import { requireGrid } from '../grids/grids.ts';
import { LEVELS, TREE } from './tree.sql.ts';

export interface TreeGrid {
  code: string;
  name: string;
  level: string;
  rank: number;
  parent: string | null;
  /** Where a grid states none, the sum of its children's. */
  households: number | null;
  population: number | null;
}

/** Scopes of a tree that are kept: 4 bytes a grid of the tree and 8 a grid of the scope. */
const MAX_SCOPES = 30;
/** Rows that are read at once: what is done to them takes a millisecond or two. */
const BATCH = 1_000;

/** The plan of a net at a moment: parents come before their children, grids of a level ascend by code. */
export class Tree {
  readonly grids: readonly TreeGrid[];
  /** By position of a grid, that of its parent; −1: none. */
  readonly parents: Int32Array;
  readonly #positions: ReadonlyMap<string, number>;
  readonly #scopes = new Map<string, Scope>();

  private constructor(grids: readonly TreeGrid[], positions: ReadonlyMap<string, number>) {
    this.grids = grids;
    this.#positions = positions;
    this.parents = Int32Array.from(grids, ({ parent }) => (parent === null ? -1 : this.find(parent)));
  }

  /** Read the plan, letting requests in between. */
  static async load(db: Queryable, net: string, at: Date): Promise<Tree> {
    const grids: TreeGrid[] = [];
    const positions = new Map<string, number>();
    for await (const rows of db.cursor<TreeGrid>(TREE, [net, at], BATCH)) {
      for (const row of rows) positions.set(row.code, grids.push(row) - 1);
      await setImmediate();
    }
    const tree = new Tree(grids, positions);
    await setImmediate();
    sumResidents(grids, tree.parents);
    await setImmediate();
    return tree;
  }

  /** The grids of a level, of all or of those under one; without a level the usual one, see `scopeOf`. */
  scope(under: string | null, level: string | undefined): Scope {
    const key = JSON.stringify([under, level]);
    const known = this.#scopes.get(key);
    if (known) return known;
    const isAsked = below(this, under);
    const chosen = level ?? usualLevel(this, under, isAsked);
    const scope = { level: chosen, tree: this, ...rootsOf(this, chosen, isAsked) };
    if (this.#scopes.size >= MAX_SCOPES) this.#scopes.clear();
    this.#scopes.set(key, scope);
    return scope;
  }

  /** The position of a grid, −1 of one that is not there. */
  find(code: string): number {
    return this.#positions.get(code) ?? -1;
  }
}

/** State for grids that say nothing themselves what their children add up to. */
function sumResidents(rows: TreeGrid[], parents: Int32Array): void {
  for (const field of ['households', 'population'] as const) {
    const sums = new Float64Array(rows.length).fill(Number.NaN);
    for (let i = rows.length - 1; i >= 0; i--) {
      const own = rows[i]!;
      if (own[field] === null && !Number.isNaN(sums[i]!)) own[field] = sums[i]!;
      const parent = parents[i]!;
      if (parent >= 0 && own[field] !== null) {
        sums[parent] = (Number.isNaN(sums[parent]!) ? 0 : sums[parent]!) + own[field];
      }
    }
  }
}

/** The grids that figures are about, and the grids of the whole plan that count for them. */
export interface Scope {
  level: string;
  /** By code. */
  grids: TreeGrid[];
  tree: Tree;
  /** By position in the tree, the position in `grids` of the grid that it counts for: itself or one above; −1: none. */
  roots: Int32Array;
}

/**
 * The grids of a level, in `under` where it is given. Without a level: the children of `under`, or the grids on top.
 *
 * @param treeOf reads the plan of a net
 * @throws HttpError 400 for a net, level or grid that does not exist
 */
export async function scopeOf(
  db: Queryable,
  treeOf: (net: string, at: Date) => Promise<Tree>,
  { net, under, level, at }: { net: string; under: string | null; level: string | undefined; at: Date },
): Promise<Scope> {
  if (under !== null) await requireGrid(db, net, under, at);
  const levels = (await db.query<{ id: string }>(LEVELS, [net])).map(({ id }) => id);
  if (levels.length === 0) {
    throw new HttpError(400, `There is no net ${net}`, [{ path: 'net', message: `${net} does not exist` }]);
  }
  if (level !== undefined && !levels.includes(level)) {
    throw new HttpError(400, `Net ${net} has no level ${level}; there are: ${levels.join(', ')}`, [
      { path: 'level', message: `must be out of: ${levels.join(', ')}` },
    ]);
  }
  return (await treeOf(net, at)).scope(under, level);
}

/** By position, whether a grid is `under` or one below it; null: all are. */
function below({ grids, parents }: Tree, under: string | null): Uint8Array | null {
  if (under === null) return null;
  const isBelow = new Uint8Array(grids.length);
  for (let i = 0; i < grids.length; i++) {
    if (grids[i]!.code === under || (parents[i]! >= 0 && isBelow[parents[i]!] === 1)) isBelow[i] = 1;
  }
  return isBelow;
}

/** The level of the first child of `under`, of the grid itself when it has none, or of the top. */
function usualLevel({ grids }: Tree, under: string | null, isAsked: Uint8Array | null): string {
  const child = under === null ? undefined : grids.find(({ parent }) => parent === under);
  const first = child ?? grids[isAsked ? isAsked.indexOf(1) : 0];
  return first?.level ?? '';
}

function rootsOf({ grids, parents }: Tree, level: string, isAsked: Uint8Array | null): Pick<Scope, 'grids' | 'roots'> {
  const roots = new Int32Array(grids.length).fill(-1);
  const chosen: TreeGrid[] = [];
  for (let i = 0; i < grids.length; i++) {
    if (isAsked && isAsked[i] === 0) continue;
    if (grids[i]!.level === level) roots[i] = chosen.push(grids[i]!) - 1;
    else if (parents[i]! >= 0) roots[i] = roots[parents[i]!]!;
  }
  return { grids: chosen, roots };
}
