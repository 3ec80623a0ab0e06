import { countFiguresTask } from './count.ts';
import { encodeIndicatorsTask, encodeSeriesTask } from './encode.ts';

/** What threads do for indicators. */
export const INDICATOR_TASKS = [countFiguresTask, encodeIndicatorsTask, encodeSeriesTask] as const;
