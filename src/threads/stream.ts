/**
 * Items in groups: full ones while they flow, what there is when they pause, so that an item that is waited for is not
 * held back. What was read before an error comes before the error.
 *
 * @param size of a full group
 * @param patienceMs after the first item of a group
 */
export async function* chunksOf<T>(items: AsyncIterable<T>, size: number, patienceMs: number): AsyncGenerator<T[]> {
  const iterator = items[Symbol.asyncIterator]();
  let chunk: T[] = [];
  let next = reading(iterator);
  let timer: NodeJS.Timeout | undefined;
  let pause: Promise<undefined> | undefined;
  try {
    for (;;) {
      const read = await (pause ? Promise.race([next, pause]) : next);
      const isEnd = read !== undefined && ('error' in read || read.done === true);
      if (read !== undefined && !isEnd) {
        chunk.push(read.value as T);
        next = reading(iterator);
        pause ??= new Promise((resolve) => {
          timer = setTimeout(() => resolve(undefined), patienceMs);
        });
        if (chunk.length < size) continue;
      }
      clearTimeout(timer);
      pause = undefined;
      if (chunk.length > 0) yield chunk;
      chunk = [];
      if (!isEnd) continue;
      if ('error' in read) throw read.error;
      return;
    }
  } finally {
    clearTimeout(timer);
    endReading(iterator);
  }
}

/**
 * The results of some work on items, in their order, with a bounded number under way or waiting for their turn; no
 * further item is read until the consumer has taken what is done. Results before a broken item come before its error.
 */
export async function* inOrder<I, O>(
  items: AsyncIterable<I>,
  limit: number,
  work: (item: I) => Promise<O>,
): AsyncGenerator<O> {
  const iterator = items[Symbol.asyncIterator]();
  const running: Promise<O>[] = [];
  let next: Promise<Read<I>> | undefined = reading(iterator);
  let failure: { error: unknown } | undefined;
  try {
    while (next || running.length > 0) {
      const first = running[0]?.then((output) => ({ output }));
      const read = await race(running.length < limit ? next : undefined, first);
      if ('output' in read) {
        running.shift();
        yield read.output;
      } else if ('error' in read || read.done) {
        next = undefined;
        if ('error' in read) failure = read;
      } else {
        const result = work(read.value);
        // Whoever waits for it hears of the error; nobody may, when the consumer has gone.
        result.catch(() => {});
        running.push(result);
        next = reading(iterator);
      }
    }
    if (failure) throw failure.error;
  } finally {
    endReading(iterator);
  }
}

type Read<T> = IteratorResult<T, undefined> | { error: unknown };

function reading<T>(iterator: AsyncIterator<T>): Promise<Read<T>> {
  return iterator.next().catch((error: unknown) => ({ error }));
}

/** A read that is under way settles first; nobody waits for that. */
function endReading(iterator: AsyncIterator<unknown>): void {
  iterator.return?.().catch(() => {});
}

function race<A, B>(a: Promise<A> | undefined, b: Promise<B> | undefined): Promise<A | B> {
  return a && b ? Promise.race([a, b]) : (a ?? b!);
}
