import { keyAddresses } from '../addresses/keys.ts';
import type { Db, Queryable } from '../db/db.ts';
import { placeIncidents, placeSome } from '../incidents/place.ts';
import { type Change, currentPosition, look, type Position, readChanges } from './changes.ts';

/** Incidents whose owner is derived again in one transaction after a change of the plan. */
const PLAN_BATCH = 2_000;

/**
 * Keeps what the service derives (cells and owners of incidents, normalised addresses) true to the record, whoever
 * edited it. Reads call `catchUp` first, so that no answer rests on a stale derivation.
 */
export class Mirror {
  private readonly db: Db;
  private position: Position | undefined;
  private running: Promise<Position> | undefined;
  private planChanged = false;

  constructor(db: Db) {
    this.db = db;
  }

  /** Derive what is missing for everything that is committed now, and return where that is. */
  async catchUp(): Promise<Position> {
    if (this.position) {
      const { position, behind } = await look(this.db, this.position);
      if (!behind) {
        // Moves the cursor over transactions that changed nothing; never back when two looks overlap.
        if (!this.running) this.position = position;
        return position;
      }
    }
    // A run that began before this call may miss what this caller must see: wait for it, then run again.
    while (this.running) await this.running.catch(() => {});
    this.running = this.derive();
    try {
      return await this.running;
    } finally {
      this.running = undefined;
    }
  }

  /**
   * Derive the owners of incidents by the plan as it is now, after it was changed. Not part of `catchUp`: a change of one
   * grid makes every owner doubtful, and until they are derived again `incident_owner` finds them by the grids
   * themselves. In small transactions, so that readers come between.
   */
  async followPlan(): Promise<void> {
    while (this.planChanged) {
      this.planChanged = false;
      while ((await this.db.transaction((tx) => placeSome(tx, PLAN_BATCH))) === PLAN_BATCH);
    }
  }

  private derive(): Promise<Position> {
    return this.db
      .transaction(
        async (tx) => {
          const since = this.position;
          const set = since
            ? await readChanges(tx, since)
            : { reset: true as const, position: await currentPosition(tx) };
          if (set.reset) await deriveAll(tx);
          else {
            await deriveChanged(tx, set.changes);
            if (set.changes.some((change) => change.layer === 'grids')) this.planChanged = true;
          }
          return set.position;
        },
        { isolation: 'read committed' },
      )
      .then((position) => {
        this.position = position;
        return position;
      });
  }
}

async function deriveAll(tx: Queryable): Promise<void> {
  await placeIncidents(tx);
  await keyAddresses(tx);
}

async function deriveChanged(tx: Queryable, changes: Change[]): Promise<void> {
  const incidents = idsOf(changes, 'incidents');
  if (incidents === 'all') await placeIncidents(tx);
  else if (incidents.length > 0) await placeIncidents(tx, incidents);
  const addresses = idsOf(changes, 'addresses');
  if (addresses === 'all') await keyAddresses(tx);
  else if (addresses.length > 0) await keyAddresses(tx, addresses);
}

function idsOf(changes: Change[], layer: string): string[] | 'all' {
  const ids = new Set<string>();
  for (const change of changes) {
    if (change.layer !== layer) continue;
    if (change.id === null) return 'all';
    ids.add(change.id);
  }
  return [...ids];
}
