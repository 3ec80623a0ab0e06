import type { Analysis } from '../heat/analysis.ts';
import type { Live } from '../live/live.ts';
import { packRows } from '../threads/pack.ts';
import { figuresInMemory } from './live.ts';
import { PlanEdges, placesInMemory } from './live-plan.ts';
import { figuresFromRecord, placesFromRecord, type Statistics } from './source.ts';
import type { Scope } from './tree.ts';

/** Groups of grids: about 250 bytes of JSON each. */
const MAX_GROUPS = 400_000;

/**
 * Statistics of an analysis, from memory where there are live layers.
 *
 * @param onRecord told of a question that goes to the record, before it is asked
 */
export function createStatistics(
  analysis: Analysis,
  live: Live | undefined,
  onRecord: () => Promise<void>,
  maxGroups = MAX_GROUPS,
): Statistics {
  const { db, cache, threads } = analysis;
  const record = figuresFromRecord(db);
  const packed = gridPacker();
  if (!live) return { ...analysis, packed, maxGroups, figures: record, places: placesFromRecord(db, cache) };
  const edges = new PlanEdges(live);
  return {
    ...analysis,
    packed,
    maxGroups,
    figures: figuresInMemory(live, edges, threads, record, onRecord),
    places: placesInMemory(live, edges, db, cache),
  };
}

function gridPacker(): Statistics['packed'] {
  const packs = new WeakMap<Scope, Promise<SharedArrayBuffer[]>>();
  return (scope) => {
    const known = packs.get(scope) ?? packRows(scope.grids, (grid) => grid);
    packs.set(scope, known);
    return known;
  };
}
