import { availableParallelism } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import type { ResourceLimits, Worker } from 'node:worker_threads';
import { HttpError } from '../errors.ts';
import { startThread } from './start.ts';
import type { Runner, Sources, Task } from './task.ts';

export type ToThread =
  | { op: 'accept'; holding: string; message: unknown }
  | { op: 'run'; id: number; task: string; input: unknown };
export type FromThread = { id: number } & ({ output: unknown } | { error: PlainError });

/** An error on its way between threads. */
export interface PlainError {
  name: string;
  message: string;
  stack?: string | undefined;
  /** Of an `HttpError`. */
  http?: Pick<HttpError, 'status' | 'faults' | 'headers'> | undefined;
}

interface Waiting {
  resolve(output: unknown): void;
  reject(error: Error): void;
}

interface Thread {
  worker: Worker;
  waiting: Map<number, Waiting>;
  /** Whether it has answered anything: one that breaks before would break again. */
  hasAnswered: boolean;
  /** Versions of the holdings that it was brought to. */
  versions: Map<string, number>;
  /** Ends it after a time without work. */
  end?: NodeJS.Timeout | undefined;
}

/** A thread holds up to some hundred megabytes of what it was brought to; without work it goes after this time. */
const IDLE_MS = 60_000;

/** Threads that are kept without work: one takes 45 MB. */
const MAX_WARM = 2;

/** Megabytes that a thread may take, at least. In batches over a million addresses it takes less than 250. */
const LEAST_LIMIT = 512;
/** Of what the process may take, a thread's share. */
const SHARE = 1 / 4;

/** Less than a thread may take by default: then its garbage is collected earlier, at no cost that could be measured. */
function limits(): ResourceLimits {
  const share = (getHeapStatistics().heap_size_limit * SHARE) / 2 ** 20;
  return { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: Math.round(Math.max(LEAST_LIMIT, share)) };
}

/**
 * A pool of threads for `Task`s. Threads start when they are needed and end when there was nothing to do for a while, but
 * for those that are kept warm; one that breaks fails what it was running, and another takes its place.
 */
export class Threads implements Runner {
  readonly #entry: URL;
  readonly #size: number;
  readonly #idleMs: number;
  readonly #threads: Thread[] = [];
  #nextId = 0;
  #isStopped = false;
  #warm = 0;

  /**
   * @param entry the module that lists the tasks, without its extension
   * @param size of the pool; default: as many as there are processors
   * @param idleMs after which a thread without work ends
   */
  constructor(entry: URL, size = availableParallelism(), idleMs = IDLE_MS) {
    this.#entry = entry;
    this.#size = size;
    this.#idleMs = idleMs;
  }

  /** How many tasks run at once. */
  get size(): number {
    return this.#size;
  }

  /** How many threads there are now. */
  get running(): number {
    return this.#threads.length;
  }

  /**
   * Start threads now, at most two, and keep as many: to start one and to load what it does takes up to a second, which
   * the first question would have to wait for. One that ends gives back what it holds: a new one takes its place.
   */
  warm(): void {
    this.#warm = Math.min(this.#size, MAX_WARM);
    this.#keepWarm();
  }

  #keepWarm(): void {
    while (!this.#isStopped && this.#threads.length < this.#warm) this.#start().worker.unref();
  }

  /**
   * Run a task in the thread that has least to do.
   *
   * @throws what the task throws; `HttpError` as such, anything else by name, message and stack
   */
  async run<I, O>(task: Task<I, O>, input: I, sources: Sources = []): Promise<O> {
    if (this.#isStopped) throw new Error('the threads have been stopped');
    const thread = this.#idlest();
    clearTimeout(thread.end);
    for (const source of sources) {
      const { name } = source.holding;
      const version = thread.versions.get(name);
      if (version === source.version) continue;
      post(thread, { op: 'accept', holding: name, message: source.message(version) });
      thread.versions.set(name, source.version);
    }
    const id = this.#nextId++;
    return new Promise<O>((resolve, reject) => {
      thread.waiting.set(id, { resolve: resolve as (output: unknown) => void, reject });
      thread.worker.ref();
      post(thread, { op: 'run', id, task: task.name, input });
    });
  }

  /** What is running fails. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #idlest(): Thread {
    const idle = this.#threads.find(({ waiting }) => waiting.size === 0);
    if (idle) return idle;
    if (this.#threads.length < this.#size) return this.#start();
    return this.#threads.reduce((least, thread) => (thread.waiting.size < least.waiting.size ? thread : least));
  }

  #start(): Thread {
    const thread: Thread = {
      worker: startThread(this.#entry, undefined, limits()),
      waiting: new Map(),
      hasAnswered: false,
      versions: new Map(),
    };
    const fail = (error: Error) => {
      const at = this.#threads.indexOf(thread);
      if (at >= 0) this.#threads.splice(at, 1);
      for (const { reject } of thread.waiting.values()) reject(error);
      thread.waiting.clear();
      if (at >= 0 && thread.hasAnswered) this.#keepWarm();
    };
    thread.worker.on('message', (message: FromThread) => {
      thread.hasAnswered = true;
      settle(thread, message);
      if (thread.waiting.size > 0) return;
      clearTimeout(thread.end);
      thread.end = setTimeout(() => this.#end(thread), this.#idleMs).unref();
    });
    thread.worker.on('error', (error) => fail(withCure(error as Error)));
    thread.worker.on('exit', (code) => fail(new Error(`a thread stopped (exit code ${code})`)));
    this.#threads.push(thread);
    return thread;
  }

  #end(thread: Thread): void {
    const at = this.#threads.indexOf(thread);
    if (at >= 0) this.#threads.splice(at, 1);
    void thread.worker.terminate();
    this.#keepWarm();
  }
}

function withCure(error: Error): Error {
  if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_OUT_OF_MEMORY') return error;
  const cure = 'start with a larger NODE_OPTIONS=--max-old-space-size, a thread may take a quarter of it';
  return new Error(`a thread ran out of memory: ${cure}`, { cause: error });
}

function post({ worker }: Thread, message: ToThread): void {
  worker.postMessage(message);
}

function settle({ worker, waiting }: Thread, message: FromThread): void {
  const asked = waiting.get(message.id);
  waiting.delete(message.id);
  // A thread without work must not keep the process alive.
  if (waiting.size === 0) worker.unref();
  if ('error' in message) asked?.reject(revive(message.error));
  else asked?.resolve(message.output);
}

/** The other way round of `revive`. */
export function plain(error: unknown): PlainError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message, stack } = error;
  if (!(error instanceof HttpError)) return { name, message, stack };
  const { status, faults, headers } = error;
  return { name, message, stack, http: { status, faults, headers } };
}

function revive({ name, message, stack, http }: PlainError): Error {
  if (http) return new HttpError(http.status, message, http.faults, http.headers);
  return Object.assign(new Error(message), { name, stack });
}
