import { type Columns, columnsIn, type IncidentColumns } from './live-columns.ts';

/**
 * Rows of one block as they were at one moment, to be sent to a thread: shared memory and what could change in it.
 *
 * Whoever holds them reads exactly the incidents of that moment, whatever happens meanwhile: rows that come are beyond
 * `n`; rows that die are marked in a copy of the marks; forgotten owners are written elsewhere; compaction builds other
 * blocks and leaves these as they are. Only an owner that was not known may have become known, by the same plan.
 */
export interface PinnedRows {
  buffer: SharedArrayBuffer;
  capacity: number;
  owner: Int32Array;
  n: number;
  /** 1 where a row was dead; null: none was. */
  dead: Uint8Array | null;
  /** Of blocks in the order of `key`; false of the tail. */
  isSorted: boolean;
  /** Whether all rows lie in the period that was asked for. */
  isWithin: boolean;
}

/** The same with its columns. */
export interface Rows extends Omit<Columns, 'dead'>, Pick<PinnedRows, 'n' | 'dead' | 'isSorted' | 'isWithin'> {}

/** @param isWithin whether all rows lie in the period that is asked for */
export function pinRows(columns: IncidentColumns, isWithin: boolean): PinnedRows {
  const { buffer, capacity, owner, n, live, dead, rank } = columns;
  return {
    buffer,
    capacity,
    owner,
    n,
    dead: live === n ? null : Uint8Array.from(dead.subarray(0, n)),
    isSorted: rank !== undefined,
    isWithin,
  };
}

/** The columns of pinned rows. */
export function rowsOf({ buffer, capacity, ...pinned }: PinnedRows): Rows {
  return { ...columnsIn(buffer, capacity), ...pinned };
}
