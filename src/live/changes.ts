import { type Db, type Queryable, sql } from '../db/db.ts';

/**
 * How far a reader has read: everything that the snapshot sees, in this history of this cluster. After a restore or a
 * failover the history is another one and nothing that was read before can be trusted.
 */
export interface Position {
  system: string;
  timeline: number;
  /** Text of a `pg_snapshot`: numbers of transactions alone would lose rows, they do not commit in order. */
  snapshot: string;
}

/** A row of the change log: what to read again. */
export interface Change {
  layer: string;
  /** Net of a grid, region of an incident. */
  scope: string | null;
  /** Code or id; null: anything of the layer may have changed. */
  id: string | null;
  /** West, south, east, north of the old and the new place; null: no place, or everywhere. */
  box: [number, number, number, number] | null;
}

export type ChangeSet =
  | {
      reset: false;
      position: Position;
      changes: Change[];
      /** Seconds since the oldest of the changes was written. */
      age: number;
    }
  /** The log does not reach back to the position, or it is of another history: load everything again. */
  | { reset: true; position: Position };

const HERE = sql`
  select (select system_identifier::text from pg_control_system()) as system,
    (select timeline_id from pg_control_checkpoint()) as timeline,
    pg_current_snapshot()::text as snapshot`;

const SINCE = sql`
  select layer, scope, id, west, south, east, north,
    extract(epoch from clock_timestamp() - at)::float8 as age
  from change
  where xid >= pg_snapshot_xmin($1::pg_snapshot) and not pg_visible_in_snapshot(xid, $1::pg_snapshot)
  order by seq`;

const BEHIND = sql`
  ${HERE},
    exists (select from change
      where xid >= pg_snapshot_xmin($1::pg_snapshot) and not pg_visible_in_snapshot(xid, $1::pg_snapshot))
    or exists (select from change_pruned where below > '0' and below >= pg_snapshot_xmin($1::pg_snapshot)) as behind`;

const PRUNED = sql`select below > '0' and below >= pg_snapshot_xmin($1::pg_snapshot) as too_old from change_pruned`;

/** Where the record stands now. */
export async function currentPosition(db: Queryable): Promise<Position> {
  const [row] = await db.query<Position>(HERE);
  return row!;
}

/** Where the record stands now, and whether the log holds anything that a reader at `since` has not read. */
export async function look(db: Queryable, since: Position): Promise<{ position: Position; behind: boolean }> {
  const [row] = await db.query<Position & { behind: boolean }>(BEHIND, [since.snapshot], { prepare: true });
  const { behind, ...position } = row!;
  return { position, behind: behind || !continues(position, since) };
}

/**
 * Read what was committed after `since`, in whatever order the transactions committed. Use inside a `repeatable read`
 * transaction and read the changed rows in the same one: they are then exactly those of the returned position.
 */
export async function readChanges(tx: Queryable, since: Position): Promise<ChangeSet> {
  const position = await currentPosition(tx);
  if (!continues(position, since)) return { reset: true, position };
  const [pruned] = await tx.query<{ too_old: boolean }>(PRUNED, [since.snapshot]);
  if (pruned?.too_old) return { reset: true, position };
  const rows = await tx.query<ChangeRow>(SINCE, [since.snapshot]);
  const age = rows.reduce((oldest, row) => Math.max(oldest, row.age), 0);
  return { reset: false, position, changes: rows.map(toChange), age };
}

/** Forget changes older than `hours`; a reader that is still behind them gets a reset. */
export async function pruneChanges(db: Db, hours = 24): Promise<number> {
  const [row] = await db.query<{ n: number }>(sql`select prune_changes($1 * interval '1 hour') as n`, [hours]);
  return row!.n;
}

/** The position as the opaque text of the `Wangge-Version` header. */
export function encodePosition(position: Position): string {
  return Buffer.from(`${position.system}/${position.timeline}/${position.snapshot}`).toString('base64url');
}

type ChangeRow = Omit<Change, 'box'> & Record<'west' | 'south' | 'east' | 'north', number | null> & { age: number };

function toChange({ layer, scope, id, west, south, east, north }: ChangeRow): Change {
  const box = west === null ? null : ([west, south!, east!, north!] as Change['box']);
  return { layer, scope, id, box };
}

/** Transactions are numbered upwards: numbers that went back are of commits that a crash took away. */
function continues(now: Position, since: Position): boolean {
  const isSame = now.system === since.system && now.timeline === since.timeline;
  return isSame && nextTransaction(now) >= nextTransaction(since);
}

function nextTransaction({ snapshot }: Position): bigint {
  return BigInt(snapshot.split(':')[1]!);
}
