import type { Analysis } from '../heat/analysis.ts';
import type { OnRecord } from '../heat/cells.ts';
import type { Live } from '../live/live.ts';
import { packRows } from '../threads/pack.ts';
import { figuresInMemory } from './live.ts';
import { PlanEdges, placesInMemory } from './live-plan.ts';
import { figuresFromRecord, placesFromRecord, type Statistics } from './source.ts';
import type { Scope } from './tree.ts';

/** Groups of grids: about 250 bytes of JSON each. */
const MAX_GROUPS = 400_000;

/**
 * Statistics, from memory where there are live layers.
 *
 * @returns the same for each analysis and for each who wants to be told when a question goes to the record
 */
export function createStatistics(
  { db, cache, threads }: Analysis,
  live: Live | undefined,
  maxGroups = MAX_GROUPS,
): (analysis: Analysis, onRecord: OnRecord) => Statistics {
  const record = figuresFromRecord(db);
  const packed = gridPacker();
  if (!live) {
    const places = placesFromRecord(db, cache);
    return (analysis) => ({ ...analysis, packed, maxGroups, figures: record, places });
  }
  const edges = new PlanEdges(live);
  const figures = figuresInMemory(live, edges, threads, record);
  const places = placesInMemory(live, edges, db, cache);
  return (analysis, onRecord) => ({ ...analysis, packed, maxGroups, figures: figures(onRecord), places });
}

function gridPacker(): Statistics['packed'] {
  const packs = new WeakMap<Scope, Promise<SharedArrayBuffer[]>>();
  return (scope) => {
    const known = packs.get(scope) ?? packRows(scope.grids, (grid) => grid);
    packs.set(scope, known);
    return known;
  };
}
