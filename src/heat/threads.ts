import { encodeCellsTask } from './cell-table.ts';
import { compareTask } from './compare.ts';
import { areaTask, cellsTask, disksTask, emergingTask, gistarTask, moranTask, smoothTask } from './stats-tasks.ts';
import { encodeTableTask } from './table.ts';

/** What threads do for heat and hotspots. */
export const HEAT_TASKS = [
  areaTask,
  cellsTask,
  disksTask,
  gistarTask,
  moranTask,
  emergingTask,
  smoothTask,
  compareTask,
  encodeCellsTask,
  encodeTableTask,
] as const;
