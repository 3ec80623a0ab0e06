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
  households: number | null;
  population: number | null;
}

/** The grids that figures are about, and every grid below them with the one that it counts for. */
export interface Scope {
  level: string;
  grids: TreeGrid[];
  /** Codes of grids, and at the same positions the codes of those of `grids` that they count for. */
  owners: string[];
  roots: string[];
}

/**
 * The grids of a level, in `under` where it is given. Without a level: the children of `under`, or the grids on top.
 *
 * @throws HttpError 400 for a net, level or grid that does not exist
 */
export async function scopeOf(
  db: Queryable,
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
  const tree = await db.query<TreeGrid>(TREE, [net, at, under]);
  const chosen = level ?? usualLevel(tree, under);
  const grids = tree.filter((grid) => grid.level === chosen);
  return { level: chosen, grids: sumResidents(grids, tree), ...ownersBelow(grids, tree) };
}

/** The level of the first child of `under`, of the grid itself when it has none, or of the top. */
function usualLevel(tree: TreeGrid[], under: string | null): string {
  const child = under === null ? undefined : tree.find(({ parent }) => parent === under);
  return child?.level ?? tree[0]?.level ?? '';
}

function ownersBelow(grids: TreeGrid[], tree: TreeGrid[]): { owners: string[]; roots: string[] } {
  const rootOf = new Map(grids.map(({ code }) => [code, code]));
  // Parents come before their children: ranks ascend.
  for (const { code, parent } of tree) {
    const root = parent === null ? undefined : rootOf.get(parent);
    if (root !== undefined && !rootOf.has(code)) rootOf.set(code, root);
  }
  return { owners: [...rootOf.keys()], roots: [...rootOf.values()] };
}

/** Households and population of a grid that states none are the sums of its children's. */
function sumResidents(grids: TreeGrid[], tree: TreeGrid[]): TreeGrid[] {
  const totals = new Map(tree.map((grid) => [grid.code, { ...grid }]));
  for (const field of ['households', 'population'] as const) {
    const sums = new Map<string, number>();
    for (const { code, parent } of [...tree].reverse()) {
      const own = totals.get(code)!;
      own[field] ??= sums.get(code) ?? null;
      if (parent !== null && own[field] !== null) sums.set(parent, (sums.get(parent) ?? 0) + own[field]);
    }
  }
  return grids.map(({ code }) => totals.get(code)!);
}
