import type { Task } from '../threads/task.ts';

/**
 * A task of a module that is loaded when the task first runs: what statistics and tables need takes a thread longer to
 * load than most tasks to run.
 *
 * @param name of the task
 */
function lazy<M extends Record<string, unknown>>(name: string, load: () => Promise<M>, task: keyof M) {
  // biome-ignore lint/suspicious/noExplicitAny: each task meets its own input only.
  const loaded = async () => (await load())[task] as Task<any, any>;
  return {
    name,
    run: async (input, held) => (await loaded()).run(input, held),
    loaded,
    // biome-ignore lint/suspicious/noExplicitAny: likewise.
  } satisfies Task<any, any> & { loaded: unknown };
}

const stats = () => import('./stats-tasks.ts');

/** What threads do for heat and hotspots. */
export const HEAT_TASKS = [
  lazy('study area', stats, 'areaTask'),
  lazy('study area of cells', stats, 'cellsTask'),
  lazy('disks', stats, 'disksTask'),
  lazy('gistar', stats, 'gistarTask'),
  lazy('moran', stats, 'moranTask'),
  lazy('emerging', stats, 'emergingTask'),
  lazy('smooth', stats, 'smoothTask'),
  lazy('compare', () => import('./compare.ts'), 'compareTask'),
  lazy('cells', () => import('./cell-table.ts'), 'encodeCellsTask'),
  lazy('table', () => import('./table.ts'), 'encodeTableTask'),
] as const;
