import type { Db, Queryable } from '../db/db.ts';
import { type Change, currentPosition, look, type Position, readChanges } from './changes.ts';

/** Takes what the reader reads. Both answer a function that makes it visible, called after the transaction has ended. */
export interface Follower {
  /** Read everything. */
  load(tx: Queryable): Promise<() => void>;
  /** Read again what changed. */
  follow(tx: Queryable, changes: Change[]): Promise<() => void>;
}

export interface ReaderOptions {
  /** Between looks without a hint, in milliseconds. */
  pollMs?: number;
  /** Told of a read that failed; it is tried again. */
  onError?: (error: unknown) => void;
  /** Told, after they are visible, of changes and how old the oldest of them was, in seconds. */
  onApplied?: (changes: number, seconds: number) => void;
}

const CHANNEL = 'wangge_change';
const RETRY_MS = [50, 100, 250, 500, 1_000];

/**
 * Follows the change log. NOTIFY makes it look at once; it looks by itself every second too, and after a lost
 * connection. Each read is one repeatable-read transaction that ends in a position; what the followers hold is exactly
 * the record at that position.
 */
export class ChangeReader {
  readonly #db: Db;
  readonly #follower: Follower;
  readonly #options: Required<ReaderOptions>;
  #position: Position | undefined;
  #running: Promise<Position> | undefined;
  #next: Promise<Position> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopListening: (() => Promise<void>) | undefined;
  #stopped = false;
  #failures = 0;
  #confirmedAt = 0;
  #needsLoad = false;

  constructor(db: Db, follower: Follower, options: ReaderOptions = {}) {
    this.#db = db;
    this.#follower = follower;
    this.#options = { pollMs: 1_000, onError: () => {}, onApplied: () => {}, ...options };
  }

  /** Load everything and begin to follow. */
  async start(): Promise<void> {
    // Listen first: what is committed while loading then raises a hint.
    this.#stopListening = await this.#db.listen(
      CHANNEL,
      () => this.#lookSoon(),
      () => this.#lookSoon(),
    );
    await this.refresh();
    this.#schedule(this.#options.pollMs);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running?.catch(() => {});
    await this.#stopListening?.();
  }

  /** Where the followers are; undefined before they have loaded. */
  get position(): Position | undefined {
    return this.#position;
  }

  /** Seconds since it was last certain that nothing is missing, at a moment of `performance.now()`. */
  lagAt(moment: number): number {
    return this.#position ? (moment - this.#confirmedAt) / 1_000 : Infinity;
  }

  /** Read everything anew with the next refresh. */
  invalidate(): void {
    this.#needsLoad = true;
  }

  /** Resolves when everything that was committed before the call is visible. */
  refresh(): Promise<Position> {
    // A read that runs already may have begun before the caller's commit.
    if (!this.#running) return this.#run();
    this.#next ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        return this.#run();
      });
    return this.#next;
  }

  #run(): Promise<Position> {
    const run = this.#read().finally(() => {
      this.#running = undefined;
    });
    this.#running = run;
    return run;
  }

  async #read(): Promise<Position> {
    const begun = performance.now();
    let count = 0;
    let oldest = 0;
    const { position, show } = await this.#db.transaction(
      async (tx) => {
        const set =
          this.#position && !this.#needsLoad
            ? await readChanges(tx, this.#position)
            : { reset: true as const, position: await currentPosition(tx) };
        if (set.reset) return { position: set.position, show: await this.#follower.load(tx) };
        count = set.changes.length;
        oldest = set.age;
        const show = count > 0 ? await this.#follower.follow(tx, set.changes) : () => {};
        return { position: set.position, show };
      },
      { isolation: 'repeatable read', readOnly: true },
    );
    this.#needsLoad = false;
    this.#position = position;
    show();
    this.#confirmedAt = begun;
    this.#failures = 0;
    if (count > 0) this.#options.onApplied(count, oldest + (performance.now() - begun) / 1_000);
    return position;
  }

  #lookSoon(): void {
    if (!this.#stopped) this.refresh().catch((error: unknown) => this.#failed(error));
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#poll(), ms);
    this.#timer.unref();
  }

  async #poll(): Promise<void> {
    try {
      await this.#look();
      this.#schedule(this.#options.pollMs);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** One statement when nothing has changed, as nearly always. */
  async #look(): Promise<void> {
    const since = this.#position;
    if (!since || this.#running) return void (await this.refresh());
    const begun = performance.now();
    const { position, behind } = await look(this.#db, since);
    if (behind) return void (await this.refresh());
    if (this.#position !== since || this.#running) return;
    this.#position = position;
    this.#confirmedAt = begun;
    this.#failures = 0;
  }

  #failed(error: unknown): void {
    if (this.#stopped) return;
    this.#options.onError(error);
    this.#schedule(RETRY_MS[Math.min(this.#failures++, RETRY_MS.length - 1)]!);
  }
}
