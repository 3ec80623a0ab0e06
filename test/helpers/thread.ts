/** The entry of threads in tests of the pool. */
import { getPriority } from 'node:os';
import { HttpError } from '../../src/errors.ts';
import { serveTasks } from '../../src/threads/serve.ts';
import type { Holding, Task } from '../../src/threads/task.ts';

const SUM: Holding<number, number> = { name: 'sum', accept: (held = 0, message) => held + message };

const add: Task<number, number> = { name: 'add', run: (n, held) => n + held(SUM) };

const fail: Task<string, never> = {
  name: 'fail',
  run: (how) => {
    if (how === 'http') throw new HttpError(400, 'bad');
    if (how === 'exit') process.exit(3);
    throw new RangeError('far');
  },
};

const priority: Task<null, number> = { name: 'priority', run: () => getPriority() };

serveTasks([add, fail, priority], [SUM]);
