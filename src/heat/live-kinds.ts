import { LIGHTS, STATUSES } from '../incidents/incidents.schema.ts';
import { IS_CLOSED, OPEN_STATUSES } from '../incidents/live-columns.ts';
import { lightOf } from '../incidents/live-filter.ts';
import type { RowFilter } from '../incidents/live-mask.ts';
import type { PinnedRows, Rows } from '../incidents/live-rows.ts';
import { MICROS_PER_HOUR } from '../live/micros.ts';

/** The kind of a row is its category · `WIDTH` + its status: the next power of two, so that kinds have 16 bits. */
const WIDTH = 8;
const KINDS = 2 ** 16;
const NONE = LIGHTS.indexOf('none');

/** What the rows of a sorted block are, beside where and when. */
export interface BlockKinds {
  /** By row. */
  of: Uint16Array;
  /** Numbers of cells, kind after kind; within one in the order of rows. */
  cells: Int32Array;
  /** The kinds that occur, ascending. */
  present: Uint16Array;
  /** Where the run of each of them begins in `cells`; one more than kinds. */
  starts: Int32Array;
  /** Rows of open incidents, ascending: they alone have lights, which the clock changes. */
  open: Int32Array;
}

/** How long it took to close the incidents of a block. */
export interface BlockHours {
  /** In the order of `BlockKinds.cells`; 0 where there are none. */
  of: Float64Array;
  /** Rows without, ascending: not closed, or nobody knows when. */
  lacking: Int32Array;
}

/**
 * What is found once of each sorted block, when it is first needed: 6 bytes a row and 4 an open one for its kinds, 8 bytes
 * a row for its hours. It goes with the block.
 */
export class BlockIndex {
  /** Blocks are told apart by their memory. */
  readonly #kinds = new WeakMap<SharedArrayBuffer, BlockKinds | null>();
  readonly #hours = new WeakMap<SharedArrayBuffer, BlockHours>();

  /** @returns null where a category has a number that no kind has room for */
  kindsOf({ buffer }: PinnedRows, rows: Rows): BlockKinds | null {
    const known = this.#kinds.get(buffer);
    if (known !== undefined) return known;
    const kinds = makeKinds(rows);
    this.#kinds.set(buffer, kinds);
    return kinds;
  }

  hoursOf({ buffer }: PinnedRows, rows: Rows, kinds: BlockKinds): BlockHours {
    const known = this.#hours.get(buffer) ?? makeHours(rows, kinds);
    this.#hours.set(buffer, known);
    return known;
  }
}

/** By counting: some tenths of a millisecond for a block. */
function makeKinds({ n, category, status, cell }: Rows): BlockKinds | null {
  const of = new Uint16Array(n);
  let kinds = 0;
  for (let i = 0; i < n; i++) {
    const kind = category[i]! * WIDTH + status[i]!;
    of[i] = kind;
    kinds = Math.max(kinds, kind + 1);
  }
  if (kinds > KINDS) return null;
  const next = new Int32Array(kinds + 1);
  for (let i = 0; i < n; i++) next[of[i]! + 1]! += 1;
  const present: number[] = [];
  for (let kind = 0; kind < kinds; kind++) {
    if (next[kind + 1]! > 0) present.push(kind);
    next[kind + 1]! += next[kind]!;
  }
  const starts = Int32Array.from([...present.map((kind) => next[kind]!), n]);
  const cells = new Int32Array(n);
  for (let i = 0; i < n; i++) cells[next[of[i]!]!++] = cell[i]!;
  const open = rowsWhere(n, (i) => status[i]! < OPEN_STATUSES);
  return { of, cells, present: Uint16Array.from(present), starts, open };
}

/** From the occurrence of an incident to its closing; not a number where it is not closed, or nobody knows when. */
export function hoursOfRow(
  { status, closed, occurred }: Pick<Rows, 'status' | 'closed' | 'occurred'>,
  i: number,
): number {
  return IS_CLOSED[status[i]!] === 1 ? (closed[i]! - occurred[i]!) / MICROS_PER_HOUR : Number.NaN;
}

function makeHours(rows: Rows, { of, present, starts }: BlockKinds): BlockHours {
  const next = new Int32Array(KINDS);
  for (const [run, kind] of present.entries()) next[kind] = starts[run]!;
  const hours = new Float64Array(rows.n);
  for (let i = 0; i < rows.n; i++) {
    const own = hoursOfRow(rows, i);
    hours[next[of[i]!]!++] = Number.isNaN(own) ? 0 : own;
  }
  return { of: hours, lacking: rowsWhere(rows.n, (i) => Number.isNaN(hoursOfRow(rows, i))) };
}

/** Whether rows of a kind have hours. */
export function hasHours(kind: number): boolean {
  return IS_CLOSED[kind % WIDTH] === 1;
}

function rowsWhere(n: number, test: (row: number) => boolean): Int32Array {
  const rows: number[] = [];
  for (let i = 0; i < n; i++) if (test(i)) rows.push(i);
  return Int32Array.from(rows);
}

/** What a filter asks of a row beside where and when, answered by its kind as far as it can be. */
export class KindFilter {
  /** By kind, 1 where rows pass whatever their light; null: all rows do. */
  readonly wanted: Uint8Array | null;
  /** Whether rows of open incidents have to be tested one by one, beside those that are wanted. */
  readonly testsLights: boolean;
  readonly #filter: RowFilter;
  #unwanted: Uint8Array | undefined;

  constructor(filter: RowFilter) {
    const { categories, statuses, lights } = filter;
    this.#filter = filter;
    const ofOpen = lights ? LIGHTS.filter((_, light) => light !== NONE && lights[light] === 1).length : NONE;
    this.testsLights = ofOpen > 0 && ofOpen < NONE;
    this.wanted = categories || statuses || lights ? wantedKinds(filter, ofOpen === NONE) : null;
  }

  /** The other way round of `wanted`. */
  get unwanted(): Uint8Array {
    this.#unwanted ??= this.wanted ? this.wanted.map((own) => 1 - own) : new Uint8Array(KINDS);
    return this.#unwanted;
  }

  /** Whether a row passes. */
  passes(rows: Rows, i: number): boolean {
    const { categories, statuses, lights } = this.#filter;
    return (
      (!categories || categories[rows.category[i]!] === 1) &&
      (!statuses || statuses[rows.status[i]!] === 1) &&
      (!lights || lights[lightOf(this.#filter, rows, i)] === 1)
    );
  }
}

function wantedKinds({ categories, statuses, lights }: RowFilter, isOpenWanted: boolean): Uint8Array {
  const ofStatus = STATUSES.map((_, status) => {
    if (statuses && statuses[status] !== 1) return 0;
    if (status < OPEN_STATUSES) return Number(isOpenWanted);
    return lights ? lights[NONE]! : 1;
  });
  const wanted = new Uint8Array(KINDS);
  const count = Math.min(categories?.length ?? Infinity, KINDS / WIDTH);
  for (let category = 0; category < count; category++) {
    if (!categories || categories[category] === 1) wanted.set(ofStatus, category * WIDTH);
  }
  return wanted;
}
