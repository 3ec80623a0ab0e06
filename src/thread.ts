/** The entry of the threads: every task and every state that they hold. */
import { HEAT_TASKS } from './heat/threads.ts';
import { INDICATOR_TASKS } from './indicators/threads.ts';
import { LOCATE_HOLDINGS, LOCATE_ROWS } from './locate/threads.ts';
import { serveTasks } from './threads/serve.ts';
import { cellTileTask } from './tiles/threads.ts';

serveTasks([LOCATE_ROWS, ...HEAT_TASKS, ...INDICATOR_TASKS, cellTileTask], [...LOCATE_HOLDINGS]);
