/** The entry of the threads: every task and every state that they hold. */
import { serveTasks } from './threads/serve.ts';

serveTasks([], []);
