import { setTimeout } from 'node:timers/promises';
import { CameraLayer, type LiveCamera } from '../cameras/live.ts';
import type { Db, Queryable } from '../db/db.ts';
import { GridLayer } from '../grids/live.ts';
import type { LiveGrid } from '../grids/live-grid.ts';
import { DEFAULT_WINDOW, IncidentLayer, type IncidentWindow } from '../incidents/live.ts';
import { CategoryLayer } from '../incidents/live-categories.ts';
import type { LiveIncident } from '../incidents/live-columns.ts';
import { type OwnerFinder, rememberingOwners } from '../incidents/live-filter.ts';
import { type LiveStreet, StreetLayer } from '../tiles/live-streets.ts';
import { RosterLayer, type RosterRows } from '../workers/live.ts';
import { type Change, encodePosition, type Position } from './changes.ts';
import type { Edit } from './edits.ts';
import { boxesOfBase, type Reread, readAgain } from './follow.ts';
import { type Micros, microsOf, startOfMinute } from './micros.ts';
import { ChangeReader, type ReaderOptions } from './reader.ts';

/** What became visible at once. `all`: anything of the layer may be different. */
export interface LiveEdits {
  cause: 'data' | 'clock';
  grids?: Edit<LiveGrid>[] | 'all';
  cameras?: Edit<LiveCamera>[] | 'all';
  streets?: Edit<LiveStreet>[] | 'all';
  /** Of the clock: those whose light changed, as before and after at once. */
  incidents?: Edit<LiveIncident>[] | 'all';
  /** Names, limits or classes of incidents changed. */
  categories?: true;
  roster?: RosterRows | 'all';
  /** Of the clock: a new hour began, from which `last` counts. */
  hour?: true;
}

export interface LiveOptions extends ReaderOptions {
  timeZone: string;
  now(): Date;
  window?: IncidentWindow;
  /** Told when a follower of edits failed. */
  onError?: (error: unknown) => void;
}

/** Together some five seconds. */
const CATCH_UP_ATTEMPTS = 14;

/** A second passes between two looks; more means that the record cannot be read. */
const LAG_TO_SAY = 3;

/** All layers at one position of the record. */
export interface Layers {
  categories: CategoryLayer;
  grids: GridLayer;
  cameras: CameraLayer;
  streets: StreetLayer;
  roster: RosterLayer;
  incidents: IncidentLayer;
}

/**
 * What the service answers from: every layer in memory, at one position of the change log and one minute of the clock.
 * Both move between requests, never within what runs without waiting.
 */
export class Live {
  #layers: Layers | undefined;
  #at: Date;
  #version = '';
  #compaction: NodeJS.Timeout | undefined;
  #clock: NodeJS.Timeout | undefined;
  readonly #options: LiveOptions;
  readonly #reader: ChangeReader;
  readonly #listeners = new Set<(edits: LiveEdits) => void>();

  constructor(db: Db, options: LiveOptions) {
    this.#options = options;
    this.#at = startOfMinute(options.now());
    const follower = {
      load: (tx: Queryable) => this.#load(tx),
      follow: (tx: Queryable, changes: Change[]) => this.#follow(tx, changes),
    };
    this.#reader = new ChangeReader(db, follower, options);
  }

  /** Load all layers, follow the change log and the clock. */
  async start(): Promise<void> {
    await this.#reader.start();
    this.#wakeAtNextMinute();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#clock);
    clearTimeout(this.#compaction);
    await this.#reader.stop();
  }

  get layers(): Layers {
    if (!this.#layers) throw new Error('the live layers have not been loaded: start() first');
    return this.#layers;
  }

  /** The minute that answers are of. */
  get at(): Date {
    return this.#at;
  }

  get position(): Position {
    return this.#reader.position!;
  }

  /** Where the layers last changed, as the text of `Wangge-Version`: equal texts are equal layers. */
  get version(): string {
    return this.#version;
  }

  /** Seconds since it was last certain that nothing is missing. */
  get lag(): number {
    return this.#reader.lagAt(performance.now());
  }

  /**
   * The lag as answers have to say it; undefined while nobody needs to know.
   *
   * @param moment of `performance.now()`, if it is known: to read the clock is a good part of a hot read
   */
  lagToSay(moment = performance.now()): string | undefined {
    const lag = this.#reader.lagAt(moment);
    return lag > LAG_TO_SAY ? String(Math.round(lag)) : undefined;
  }

  /**
   * Resolves when everything that was committed before the call is visible here: what a write waits for. A connection
   * that breaks meanwhile is tried again for some seconds.
   */
  async caughtUp(): Promise<Position> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#reader.refresh();
      } catch (error) {
        if (attempt === CATCH_UP_ATTEMPTS) throw error;
        await setTimeout(attempt * 50);
      }
    }
  }

  /** Owners of incidents by the grids in memory. */
  get owners(): OwnerFinder {
    const { grids, incidents } = this.layers;
    return rememberingOwners(grids, incidents.owners);
  }

  /**
   * Hear of edits after they are visible and before anything else runs.
   *
   * @returns a function that ends it
   */
  onEdits(listener: (edits: LiveEdits) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Bring the clock to its minute. Cheap when it is there already; every answer calls it. */
  tick(): void {
    const at = startOfMinute(this.#options.now());
    if (at.getTime() === this.#at.getTime()) return;
    const before = this.#at;
    this.#at = at;
    if (this.#layers) this.#tell(editsOfClock(this.#layers, before, at));
  }

  async #load(tx: Queryable): Promise<() => void> {
    const { timeZone, window = DEFAULT_WINDOW } = this.#options;
    const at = microsOf(this.#at);
    const categories = await CategoryLayer.load(tx);
    const layers: Layers = {
      categories,
      grids: await GridLayer.load(tx),
      cameras: await CameraLayer.load(tx),
      streets: await StreetLayer.load(tx),
      roster: await RosterLayer.load(tx, timeZone),
      incidents: await IncidentLayer.load(tx, categories, window, at),
    };
    return () => {
      this.#layers = layers;
      this.#version = encodePosition(this.position);
      this.#forgetOwnersSince(at);
      this.#tell({
        cause: 'data',
        grids: 'all',
        cameras: 'all',
        streets: 'all',
        incidents: 'all',
        categories: true,
        roster: 'all',
      });
    };
  }

  async #follow(tx: Queryable, changes: Change[]): Promise<() => void> {
    const { timeZone, window = DEFAULT_WINDOW } = this.#options;
    const at = microsOf(this.#at);
    const reread: Reread = await readAgain(tx, changes, this.layers, { timeZone, window, at });
    return () => {
      const edits = reread.apply(this.layers);
      if (edits) this.#version = encodePosition(this.position);
      this.#forgetOwnersSince(at);
      this.#compact();
      if (edits) this.#tell(edits);
    };
  }

  /** Owners were read as of a minute; the clock may have gone on while they were. */
  #forgetOwnersSince(at: Micros): void {
    const { grids, incidents } = this.layers;
    const now = microsOf(this.#at);
    if (now !== at) incidents.forgetOwners(boxesOfBase(grids.beginningOrEnding(at, now)));
  }

  #tell(edits: LiveEdits): void {
    for (const listener of this.#listeners) listener(edits);
  }

  /**
   * One block at a time, and rest in between: a change takes several turns from its commit to a tile, and a block in each
   * of them would make it late.
   *
   * @param rest milliseconds to wait
   */
  #compact(rest = 0): void {
    if (this.#compaction || !this.layers.incidents.needsCompaction) return;
    this.#compaction = globalThis.setTimeout(() => {
      this.#compaction = undefined;
      const begun = performance.now();
      this.layers.incidents.compactStep();
      this.#compact(COMPACTION_REST * (performance.now() - begun));
    }, rest);
  }

  #wakeAtNextMinute(): void {
    const wait = 60_000 - (this.#options.now().getTime() % 60_000);
    this.#clock = globalThis.setTimeout(() => {
      this.tick();
      this.#wakeAtNextMinute();
    }, wait);
    this.#clock.unref();
  }
}

/** Rest after a block is compacted, in times that it took. */
const COMPACTION_REST = 4;

const HOUR: Micros = 3_600_000_000;

/** What the clock alone changes: lights, beginnings and ends of grids, and where `last` begins. */
function editsOfClock({ incidents, grids }: Layers, before: Date, after: Date): LiveEdits {
  const [from, to] = [microsOf(before), microsOf(after)];
  if (to < from) return { cause: 'clock', grids: 'all', incidents: 'all', hour: true };
  incidents.forgetBefore(to);
  const lights = [...incidents.changingLights(from, to)].map((row) => ({ before: row, after: row }));
  const turned = grids.beginningOrEnding(from, to);
  incidents.forgetOwners(boxesOfBase(turned));
  return {
    cause: 'clock',
    ...(lights.length > 0 && { incidents: lights }),
    ...(turned.length > 0 && { grids: turned.map((grid) => ({ before: grid, after: grid })) }),
    ...(Math.floor(from / HOUR) !== Math.floor(to / HOUR) && { hour: true as const }),
  };
}
