import type { AddressBook } from '../addresses/live.ts';
import { ADDRESSES } from '../addresses/threads.ts';
import { noSuchGrid } from '../grids/grids.ts';
import type { LiveGrid } from '../grids/live-grid.ts';
import type { CategoryLayer } from '../incidents/live-categories.ts';
import type { Edit } from '../live/edits.ts';
import type { LiveEdits } from '../live/live.ts';
import type { Holding, Runner, Source, Task } from '../threads/task.ts';
import { answerChunk, type BatchChunk, NeedsRecord } from './batch.ts';
import { livePlan, type PlanLayers } from './live.ts';
import type { LocateContext } from './locate.ts';
import type { Plan } from './plan.ts';
import { applyEdit, gridEdit, layersOf, type PlanEdit, type PlanSnapshot, snapshotOf } from './snapshot.ts';
import { type AnswerWriter, answerWriter } from './writer.ts';

/** Changes that are kept beside a snapshot before another one is taken. */
const MAX_EDITS = 5_000;

/** A plan, and what has changed in it, or in what the thread holds already. */
interface PlanNews {
  snapshot: PlanSnapshot | undefined;
  edits: PlanEdit[];
  /** Each category with those above it. */
  categories: Map<string, string[]>;
}

/** The plan in a thread: what has been worked out of it is kept while it changes. */
interface HeldPlan {
  layers: PlanLayers;
  plan: Plan;
  write: AnswerWriter;
}

const PLAN: Holding<HeldPlan, PlanNews> = {
  name: 'plan',
  accept(held, { snapshot, edits, categories }) {
    const before = snapshot ? layersOf(snapshot) : held!.layers;
    for (const edit of edits) applyEdit(before, edit);
    const layers = Object.assign(before, { categories: { chainOf: (code: string) => categories.get(code) ?? [] } });
    if (held) return Object.assign(held, { layers });
    const live = { layers };
    return Object.assign(live, { plan: livePlan(live, NO_RECORD), write: answerWriter() });
  },
};

/** Layers of a plan that may change. */
export interface PlanOwner {
  readonly layers: PlanLayers & { categories: CategoryLayer };
  onEdits(listener: (edits: LiveEdits) => void): () => void;
}

/** The plan for threads: a snapshot, taken when it is first asked for, and the changes since. */
export class SharedPlan {
  readonly #owner: PlanOwner;
  #snapshot: { plan: PlanSnapshot; version: number } | undefined;
  #taking: Promise<void> | undefined;
  /** Since the snapshot that is held or being taken. */
  #edits: PlanEdit[] = [];
  #version = 0;

  constructor(owner: PlanOwner) {
    this.#owner = owner;
    owner.onEdits((edits) => this.#hear(edits));
  }

  /** What brings threads to the plan as it is. */
  async source(): Promise<Source<HeldPlan, PlanNews>> {
    while (!this.#snapshot) {
      this.#taking ??= this.#take();
      await this.#taking;
    }
    const { plan, version } = this.#snapshot;
    const edits = this.#edits;
    return {
      holding: PLAN,
      version: this.#version,
      message: (held) => {
        const isBehind = held === undefined || held < version;
        const since = isBehind ? edits : edits.slice(held - version);
        return { snapshot: isBehind ? plan : undefined, edits: since, categories: this.#categories() };
      },
    };
  }

  async #take(): Promise<void> {
    const edits: PlanEdit[] = [];
    this.#edits = edits;
    const version = this.#version;
    const plan = await snapshotOf(this.#owner.layers);
    this.#taking = undefined;
    // A layer that was read anew meanwhile is not in it.
    if (this.#edits === edits) this.#snapshot = { plan, version };
  }

  #hear({ cause, grids, cameras, roster, categories }: LiveEdits): void {
    if (cause === 'clock' || !(grids || cameras || roster || categories)) return;
    this.#version += 1;
    if (grids === 'all' || cameras === 'all' || roster === 'all' || this.#edits.length >= MAX_EDITS) {
      this.#edits = [];
      this.#snapshot = undefined;
    } else if (this.#snapshot || this.#taking) {
      const edit: PlanEdit = {};
      if (grids) edit.grids = gridEdit(keysOf(grids), afters(grids));
      if (cameras) edit.cameras = { codes: codesOf(cameras), cameras: afters(cameras) };
      if (roster) edit.roster = roster;
      this.#edits.push(edit);
    }
  }

  #categories(): Map<string, string[]> {
    const { categories } = this.#owner.layers;
    return new Map(categories.codes.map((code) => [code, categories.chainOf(code)]));
  }
}

function afters<T>(edits: readonly Edit<T>[]): T[] {
  return edits.flatMap(({ after }) => after ?? []);
}

function codesOf(edits: readonly Edit<{ code: string }>[]): string[] {
  return [...new Set(edits.flatMap(({ before, after }) => [before?.code ?? [], after?.code ?? []].flat()))];
}

function keysOf(edits: readonly Edit<LiveGrid>[]): { net: string; code: string }[] {
  const grids = edits.flatMap(({ before, after }) => [before, after].flatMap((grid) => grid ?? []));
  return [...new Map(grids.map(({ net, code }) => [`${net}\n${code}`, { net, code }])).values()];
}

/** What only the record knows; a thread holds no database. */
const NO_RECORD: Plan = {
  ...refusing(),
  requireGrid: async (net, code) => {
    throw noSuchGrid(net, code);
  },
};

function refusing(): Omit<Plan, 'requireGrid'> {
  const refuse = async () => {
    throw new NeedsRecord('only the record knows');
  };
  return {
    ownerOf: refuse,
    ownersOf: refuse,
    chainOf: refuse,
    nearestGrid: refuse,
    workersOnDuty: refuse,
    nearestCameras: refuse,
  };
}

/** A chunk of a batch and what its answers depend on beside book and plan. */
export interface LocateChunk extends BatchChunk {
  about: Omit<LocateContext, 'plan' | 'book'>;
}

/** Answer some rows of a batch; see `answerChunk`. It needs the sources of the book and the plan. */
export const LOCATE_ROWS: Task<LocateChunk, (string | null)[]> = {
  name: 'locate rows',
  run: ({ about, ...chunk }, held) => {
    const { plan, write } = held(PLAN);
    return answerChunk({ ...about, plan, book: held(ADDRESSES) }, chunk, write);
  },
};

/**
 * Answers chunks of a batch in threads; single rows that need the record are answered here.
 *
 * @param contextNow what a single question would be answered from at the moment of the call
 */
export function answerInThreads(
  { threads, book, plan }: { threads: Runner; book: AddressBook; plan: SharedPlan },
  contextNow: () => LocateContext,
): (chunk: BatchChunk) => Promise<string[]> {
  return async (chunk) => {
    const planSource = await plan.source();
    const { plan: _plan, book: _book, ...about } = contextNow();
    const texts = await threads.run(LOCATE_ROWS, { ...chunk, about }, [book.source, planSource]);
    for (const [i, text] of texts.entries()) {
      if (text === null) [texts[i] = null] = await answerChunk(contextNow(), { ...chunk, rows: [chunk.rows[i]!] });
    }
    return texts as string[];
  };
}

/** What threads of this task hold. */
export const LOCATE_HOLDINGS = [ADDRESSES, PLAN] as const;
