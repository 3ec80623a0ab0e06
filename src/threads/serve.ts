import { constants, getPriority, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { Holdings } from './holdings.ts';
import type { Holding, Task } from './task.ts';
import { type FromThread, plain, type ToThread } from './threads.ts';

/**
 * What a thread of `Threads` does: run the tasks that it is asked for, one after another.
 *
 * @param tasks all that there are
 * @param holdings all that tasks may hold
 */
// biome-ignore lint/suspicious/noExplicitAny: each task meets its own input only.
export function serveTasks(tasks: readonly Task<any, any>[], holdings: readonly Holding<any, any>[]): void {
  giveWay();
  const port = parentPort!;
  const states = new Holdings();
  const taskOf = new Map(tasks.map((task) => [task.name, task]));
  const holdingOf = new Map(holdings.map((holding) => [holding.name, holding]));
  let last: Promise<void> = Promise.resolve();
  const answer = async (message: ToThread): Promise<void> => {
    if (message.op === 'accept') return states.accept(holdingOf.get(message.holding)!, message.message);
    const { id, task, input } = message;
    try {
      send({ id, output: await taskOf.get(task)!.run(input, states.held) });
    } catch (error) {
      send({ id, error: plain(error) });
    }
  };
  const send = (message: FromThread) => port.postMessage(message);
  port.on('message', (message: ToThread) => {
    // A holding that cannot take its message must stop the thread: its state is unknown from then on.
    last = last.then(() => answer(message));
  });
}

/** Let requests go first where cores are few. Only Linux has a priority of a thread: elsewhere it is the whole process'. */
function giveWay(): void {
  if (process.platform !== 'linux') return;
  const { PRIORITY_BELOW_NORMAL, PRIORITY_LOW } = constants.priority;
  setPriority(0, Math.min(getPriority() + PRIORITY_BELOW_NORMAL, PRIORITY_LOW));
}
