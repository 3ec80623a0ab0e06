import { expect, test } from 'vitest';
import { HEAT_TASKS } from '../../src/heat/threads.ts';

test.each(HEAT_TASKS.map((task) => [task.name, task] as const))(
  'the task %s is the one that is loaded for it',
  async (name, task) => {
    expect((await task.loaded()).name).toBe(name);
  },
);

test('no two tasks share a name', () => {
  expect(new Set(HEAT_TASKS.map(({ name }) => name)).size).toBe(HEAT_TASKS.length);
});
