/** The entry of the threads: every task and every state that they hold. */
import { HEAT_TASKS } from './heat/threads.ts';
import { countFiguresTask } from './indicators/count.ts';
import { LOCATE_HOLDINGS, LOCATE_ROWS } from './locate/threads.ts';
import { serveTasks } from './threads/serve.ts';

serveTasks([LOCATE_ROWS, ...HEAT_TASKS, countFiguresTask], [...LOCATE_HOLDINGS]);
