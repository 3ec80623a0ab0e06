import { getPriority } from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import { packRows, unpackRows } from '../../src/threads/pack.ts';
import { chunksOf, inOrder } from '../../src/threads/stream.ts';
import type { Holding, Source, Task } from '../../src/threads/task.ts';
import { Threads } from '../../src/threads/threads.ts';

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function* numbers(to: number, each: () => unknown = () => {}): AsyncGenerator<number> {
  for (let i = 0; i < to; i++) {
    await each();
    yield i;
  }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe('chunks', () => {
  test('are full while items flow, and together are the items', async () => {
    const chunks = await all(chunksOf(numbers(10), 4, 1_000));
    expect(chunks).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ]);
    expect(await all(chunksOf(numbers(0), 4, 1_000))).toEqual([]);
  });

  test('do not hold an item back when the next is late', async () => {
    let go = () => {};
    const later = new Promise<void>((resolve) => {
      go = resolve;
    });
    let n = 0;
    const chunks = chunksOf(
      numbers(2, () => (n++ === 1 ? later : undefined)),
      4,
      5,
    );
    expect((await chunks.next()).value).toEqual([0]);
    go();
    expect((await chunks.next()).value).toEqual([1]);
    expect((await chunks.next()).done).toBe(true);
  });

  test('what was read before an error comes before it', async () => {
    const source = numbers(9, () => {
      if (++n > 6) throw new Error('broken');
    });
    let n = 0;
    const chunks = chunksOf(source, 4, 1_000);
    expect((await chunks.next()).value).toEqual([0, 1, 2, 3]);
    expect((await chunks.next()).value).toEqual([4, 5]);
    await expect(chunks.next()).rejects.toThrow('broken');
  });
});

describe('in order', () => {
  test('results keep the order of their items, however long each takes, and few are under way', async () => {
    let running = 0;
    let most = 0;
    const results = inOrder(numbers(40), 3, async (i) => {
      most = Math.max(most, ++running);
      await wait((i * 7) % 5);
      running -= 1;
      return i * 2;
    });
    expect(await all(results)).toEqual(Array.from({ length: 40 }, (_, i) => i * 2));
    expect(most).toBe(3);
  });

  test('nothing further is read while the consumer takes nothing', async () => {
    let read = 0;
    const source = numbers(100, () => {
      read += 1;
    });
    const results = inOrder(source, 3, async (i) => i);
    await results.next();
    await wait(20);
    expect(read).toBeLessThanOrEqual(5);
    await results.return(undefined);
  });

  test('a consumer that goes ends the source', async () => {
    let ended = false;
    async function* source() {
      try {
        yield* numbers(100);
      } finally {
        ended = true;
      }
    }
    for await (const result of inOrder(source(), 2, async (i) => i)) if (result === 5) break;
    await wait(5);
    expect(ended).toBe(true);
  });

  test('results before a broken item come before its error; failed work is an error', async () => {
    let n = 0;
    const seen: number[] = [];
    const results = inOrder(
      numbers(5, () => {
        if (n++ === 3) throw new Error('broken');
      }),
      8,
      async (i) => i,
    );
    const take = async () => {
      for await (const result of results) seen.push(result);
    };
    await expect(take()).rejects.toThrow('broken');
    expect(seen).toEqual([0, 1, 2]);
    const failing = inOrder(numbers(5), 2, async (i) => {
      if (i === 2) throw new Error('no work');
      return i;
    });
    await expect(all(failing)).rejects.toThrow('no work');
  });
});

test('packed rows are read back', async () => {
  const rows = Array.from({ length: 4_321 }, (_, i) => ({ i, text: `门牌${i}` }));
  const parts = await packRows(rows, ({ i, text }) => [i, text]);
  expect(unpackRows(parts, ([i, text]: [number, string]) => ({ i, text }))).toEqual(rows);
});

describe('a pool', () => {
  let threads: Threads | undefined;
  afterEach(() => threads?.stop());

  /** As `test/helpers/thread.ts` serves them. */
  const add: Task<number, number> = { name: 'add', run: () => 0 };
  const priority: Task<null, number> = { name: 'priority', run: () => 0 };
  const fail: Task<string, never> = {
    name: 'fail',
    run: () => {
      throw new Error();
    },
  };
  const SUM: Holding<number, number> = { name: 'sum', accept: () => 0 };
  const start = (size: number, idleMs?: number) => {
    threads = new Threads(new URL('../helpers/thread', import.meta.url), size, idleMs);
    return threads;
  };

  test('brings each thread to the state that a task needs, once', async () => {
    const pool = start(2);
    const messages: (number | undefined)[] = [];
    const source = (version: number): Source<number, number> => ({
      holding: SUM,
      version,
      message: (held) => {
        messages.push(held);
        return version - (held ?? 0);
      },
    });
    const run = (version: number) => Promise.all([1, 2].map((n) => pool.run(add, n, [source(version)])));
    expect(await run(10)).toEqual([11, 12]);
    expect(await run(10)).toEqual([11, 12]);
    expect(await run(17)).toEqual([18, 19]);
    expect(messages).toEqual([undefined, undefined, 10, 10]);
  });

  test('errors come back by their words, and the thread goes on', async () => {
    const pool = start(1);
    await expect(pool.run(fail, 'http')).rejects.toMatchObject({ name: 'HttpError', status: 400, message: 'bad' });
    await expect(pool.run(fail, 'range')).rejects.toMatchObject({ name: 'RangeError', message: 'far' });
    const source: Source<number, number> = { holding: SUM, version: 5, message: () => 5 };
    expect(await pool.run(add, 1, [source])).toBe(6);
  });

  test('a thread that breaks fails what it ran, and another takes its place', async () => {
    const pool = start(1);
    await expect(pool.run(fail, 'exit')).rejects.toThrow(/stopped/);
    const source: Source<number, number> = { holding: SUM, version: 5, message: () => 5 };
    expect(await pool.run(add, 2, [source])).toBe(7);
  });

  test('threads without work end, and start again with it', async () => {
    const pool = start(1, 30);
    const source: Source<number, number> = {
      holding: SUM,
      version: 5,
      message: (held) => (held === undefined ? 5 : 0),
    };
    expect(await pool.run(add, 1, [source])).toBe(6);
    expect(pool.running).toBe(1);
    await wait(120);
    expect(pool.running).toBe(0);
    expect(await pool.run(add, 1, [source])).toBe(6);
  });

  test('kept warm are there before there is work, and new ones after a time without it', async () => {
    const pool = start(2, 30);
    pool.warm();
    expect(pool.running).toBe(2);
    const held: (number | undefined)[] = [];
    const source: Source<number, number> = {
      holding: SUM,
      version: 5,
      message: (version) => {
        held.push(version);
        return 5;
      },
    };
    expect(await pool.run(add, 1, [source])).toBe(6);
    await wait(120);
    expect(pool.running).toBe(2);
    expect(await Promise.all([2, 3].map((n) => pool.run(add, n, [source])))).toEqual([7, 8]);
    expect(held).toEqual([undefined, undefined, undefined]);
  });

  test('nothing runs after the stop', async () => {
    const pool = start(1);
    await pool.stop();
    await expect(pool.run(add, 1)).rejects.toThrow(/stopped/);
  });

  test.skipIf(process.platform !== 'linux')('gives way to the thread that answers requests', async () => {
    const own = getPriority();
    expect(await start(1).run(priority, null)).toBeGreaterThan(own);
    expect(getPriority()).toBe(own);
  });
});
