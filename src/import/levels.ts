import type { Queryable } from '../db/db.ts';
import { groupBy } from '../db/rows.ts';
import { ADD_NET, DECLARE_LEVEL, DECLARE_NET, LEVEL_ORDER, NEW_NETS } from './checks.sql.ts';

/** A net with its levels from the top down. */
export interface NetDeclaration {
  id: string;
  name: string;
  levels: { id: string; name: string }[];
}

/** Write declared nets and levels; levels that the net has beside them stay. */
export async function declareNets(tx: Queryable, nets: readonly NetDeclaration[]): Promise<void> {
  for (const net of nets) {
    await tx.query(DECLARE_NET, [net.id, net.name]);
    for (const [rank, level] of net.levels.entries())
      await tx.query(DECLARE_LEVEL, [net.id, level.id, level.name, rank]);
  }
}

/**
 * Give nets that have no levels yet those of the staged grids: a parent's level stands above its child's; levels
 * without such an order stand as they come in the file.
 */
export async function inferLevels(tx: Queryable): Promise<void> {
  const found = await tx.query<{ net: string; level: string }>(NEW_NETS);
  if (found.length === 0) return;
  const order = await tx.query<{ net: string; above: string; below: string }>(LEVEL_ORDER);
  for (const [net, rows] of groupBy(found, (row) => row.net)) {
    await tx.query(ADD_NET, [net]);
    const levels = rows.map((row) => row.level);
    const pairs = order.filter((pair) => pair.net === net);
    for (const [rank, id] of sortLevels(levels, pairs).entries()) await tx.query(DECLARE_LEVEL, [net, id, id, rank]);
  }
}

/** Levels from the top down. A circle is cut where the file begins; its rows then fail for their parents. */
export function sortLevels(levels: string[], pairs: { above: string; below: string }[]): string[] {
  const left = [...levels];
  const sorted: string[] = [];
  while (left.length > 0) {
    const isTop = (level: string) => !pairs.some(({ above, below }) => below === level && left.includes(above));
    const next = Math.max(0, left.findIndex(isTop));
    sorted.push(...left.splice(next, 1));
  }
  return sorted;
}
