import type { Db, Queryable } from '../db/db.ts';
import { type Change, look, type Position } from '../live/changes.ts';
import { ChangeReader, type Follower } from '../live/reader.ts';
import type { Source } from '../threads/task.ts';
import { ADDRESSES_OF_IDS, ALL_ADDRESSES } from './live.sql.ts';
import { NORMALISE_VERSION } from './normalise.ts';
import {
  AddressIndex,
  type AddressRow,
  type Located,
  type LocateOptions,
  type NearAddress,
  type Suggestion,
  type TableMarks,
} from './search/index.ts';
import { ADDRESSES, type AddressNews } from './threads.ts';

const BATCH = 5_000;
/** Rows that a compaction copies before others get their turn. */
const SLICE = 2_000;
/** Versions that are remembered for threads; one that holds another takes the dictionaries anew. */
const MAX_TOLD = 1_000;

/** What a reader of the book may ask. */
export interface AddressReader {
  locate(text: string, options?: LocateOptions): Located;
  /** See `AddressIndex.nearest`. */
  nearest(point: readonly [lon: number, lat: number], metres: number): NearAddress | undefined;
}

type StoredRow = AddressRow & { normalised: string | null };

/**
 * The address book in memory, kept true by the change log. Readers call `catchUp` first; without `start` the
 * first call reads the book.
 * While another index is built beside the present one, both are held: twice the memory of the index.
 */
export class AddressBook implements AddressReader, Follower {
  readonly #db: Db;
  readonly #reader: ChangeReader;
  #index = new AddressIndex();
  /** Ids that changed since a compaction began; undefined while none is under way. */
  #changedMeanwhile: Set<string> | undefined;
  #compacting: Promise<void> | undefined;
  #isFollowing = false;
  /** Raised with every change, so that threads know whether they are behind. */
  #version = 0;
  /** What threads were told, by the version. */
  #told = new Map<number, TableMarks>();

  constructor(db: Db) {
    this.#db = db;
    this.#reader = new ChangeReader(db, this);
  }

  /** Number of addresses. */
  get size(): number {
    return this.#index.size;
  }

  /** Bytes held outside the V8 heap. */
  memory(): ReturnType<AddressIndex['memory']> {
    return this.#index.memory();
  }

  /** Where a text is, by the book as of the last `catchUp`. */
  locate(text: string, options?: LocateOptions): Located {
    return this.#index.locate(text, options);
  }

  /** The address nearest to a point, by the book as of the last `catchUp`. */
  nearest(point: readonly [lon: number, lat: number], metres: number): NearAddress | undefined {
    return this.#index.nearest(point, metres);
  }

  /** What brings threads to the book as of the last `catchUp`. */
  get source(): Source<AddressIndex, AddressNews> {
    const index = this.#index;
    const told = this.#told;
    const version = this.#version;
    return {
      holding: ADDRESSES,
      version,
      message: (held) => {
        const marks = held === undefined ? undefined : told.get(held);
        if (told.size >= MAX_TOLD) told.clear();
        told.set(version, index.marks);
        return { isWhole: marks === undefined, news: index.share(marks) };
      },
    };
  }

  /** Completions of a text, by the book as of the last `catchUp`. */
  suggest(text: string, limit?: number): Suggestion[] {
    return this.#index.suggest(text, limit);
  }

  /** Read the book and follow the change log, so that questions find it read already. */
  async start(): Promise<void> {
    await this.#reader.start();
    this.#isFollowing = true;
  }

  async stop(): Promise<void> {
    this.#isFollowing = false;
    await this.#reader.stop();
    await this.#compacting;
  }

  /** Show everything that was committed before the call, and return where that is. One statement when nothing changed. */
  async catchUp(): Promise<Position> {
    const since = this.#reader.position;
    if (since) {
      const { position, behind } = await look(this.#db, since);
      if (!behind) return position;
    }
    return this.#reader.refresh();
  }

  /** Whether the book follows the change log, and is ready without waiting. */
  get isFollowing(): boolean {
    return this.#isFollowing;
  }

  /** Be ready for questions: one that follows the change log is, another one catches up. */
  async ready(): Promise<void> {
    if (!this.#isFollowing) await this.catchUp();
  }

  /** Wait for a compaction that is under way. */
  async settled(): Promise<void> {
    await this.#compacting;
  }

  /** Read the whole book into another index; shown, it takes the place of this one. */
  async load(tx: Queryable): Promise<() => void> {
    const index = new AddressIndex();
    for await (const rows of tx.cursor<StoredRow>(ALL_ADDRESSES, [NORMALISE_VERSION], BATCH)) {
      for (const row of rows) index.add(rowOf(row), row.normalised ?? undefined);
    }
    index.finish();
    return () => this.#show(index);
  }

  /** Read changed addresses again. */
  async follow(tx: Queryable, changes: Change[]): Promise<() => void> {
    const ids = changedIds(changes);
    if (ids === 'all') return this.load(tx);
    if (ids.length === 0) return () => {};
    const rows = await tx.query<StoredRow>(ADDRESSES_OF_IDS, [NORMALISE_VERSION, ids]);
    return () => this.#replace(ids, new Map(rows.map((row) => [row.id, row])));
  }

  #replace(ids: readonly string[], stored: ReadonlyMap<string, StoredRow>): void {
    for (const id of ids) {
      const row = stored.get(id);
      if (row) this.#index.upsert(rowOf(row), row.normalised ?? undefined);
      else this.#index.remove(id);
      this.#changedMeanwhile?.add(id);
    }
    this.#version += 1;
    if (this.#index.needsCompaction) this.#compacting ??= this.#compact();
  }

  #show(index: AddressIndex): void {
    this.#index = index;
    this.#version += 1;
    this.#told = new Map();
  }

  /** Build an index without the tombstones beside the present one, in slices, then take over what changed meanwhile. */
  async #compact(): Promise<void> {
    const from = this.#index;
    const changed = new Set<string>();
    this.#changedMeanwhile = changed;
    const to = new AddressIndex();
    let copied = 0;
    await othersTurn();
    for (const row of from.rows()) {
      to.upsert(row);
      copied += 1;
      if (copied % SLICE === 0) await othersTurn();
    }
    to.finish();
    for (const id of changed) {
      const row = from.get(id);
      if (row) to.upsert(row);
      else to.remove(id);
    }
    // A book that was loaded in between is newer than what was copied.
    if (this.#index === from) this.#show(to);
    this.#changedMeanwhile = undefined;
    this.#compacting = undefined;
  }
}

function othersTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function rowOf({ id, text, lon, lat }: StoredRow): AddressRow {
  return { id, text, lon, lat };
}

function changedIds(changes: readonly Change[]): string[] | 'all' {
  const ids = new Set<string>();
  for (const change of changes) {
    if (change.layer !== 'addresses') continue;
    if (change.id === null) return 'all';
    ids.add(change.id);
  }
  return [...ids];
}
