import type { Box } from '../geo/bbox.ts';
import { EXTENT, fractionOfLat, fractionOfLon, type Tile, tileOfPoint } from '../geo/tile.ts';
import type { Micros } from '../live/micros.ts';
import { STATUSES } from './incidents.schema.ts';
import { IdColumn } from './live-ids.ts';

/** The zoom whose tiles order the rows; every tile of a coarser zoom is one run of keys. */
export const KEY_ZOOM = 16;

/** World units of the key zoom: those of a coarser zoom are these, shifted. */
const UNITS = EXTENT * 2 ** KEY_ZOOM;

/** An owner that has not been looked for. */
export const UNKNOWN_OWNER = -2;
export const NO_OWNER = -1;
/** No source, or no department. */
export const NO_WORD = -1;

/** What is kept of an incident. Category, cell, owner, source and department are numbers of their dictionaries. */
export interface LiveIncident {
  id: string;
  lon: number;
  lat: number;
  occurred: Micros;
  /** NaN: none, as of all moments below. */
  due: Micros;
  closed: Micros;
  reported: Micros;
  triaged: Micros;
  handled: Micros;
  revisited: Micros;
  category: number;
  /** Position in `STATUSES`. */
  status: number;
  cell: number;
  /** Of net `base` as far as it is known. */
  owner: number;
  /** `NO_WORD`: none, as of the department. */
  source: number;
  department: number;
}

/** The columns that threads share; the owners have memory of their own, see `IncidentColumns.forgetOwners`. */
export interface Columns {
  lon: Float64Array;
  lat: Float64Array;
  occurred: Float64Array;
  due: Float64Array;
  closed: Float64Array;
  reported: Float64Array;
  triaged: Float64Array;
  handled: Float64Array;
  revisited: Float64Array;
  /** Morton number of the tile of `KEY_ZOOM` that owns the point. */
  key: Uint32Array;
  /** World units of `KEY_ZOOM`. */
  unitX: Uint32Array;
  unitY: Uint32Array;
  cell: Int32Array;
  source: Int32Array;
  department: Int32Array;
  category: Uint16Array;
  status: Uint8Array;
  dead: Uint8Array;
  owner: Int32Array;
}

interface Kind {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: SharedArrayBuffer, offset: number, length: number): Columns[keyof Columns];
}

/** The columns of one piece of memory, the widest first so that each begins at a multiple of its width. */
const KINDS: [Exclude<keyof Columns, 'owner'>, Kind][] = [
  ['lon', Float64Array],
  ['lat', Float64Array],
  ['occurred', Float64Array],
  ['due', Float64Array],
  ['closed', Float64Array],
  ['reported', Float64Array],
  ['triaged', Float64Array],
  ['handled', Float64Array],
  ['revisited', Float64Array],
  ['key', Uint32Array],
  ['unitX', Uint32Array],
  ['unitY', Uint32Array],
  ['cell', Int32Array],
  ['source', Int32Array],
  ['department', Int32Array],
  ['category', Uint16Array],
  ['status', Uint8Array],
  ['dead', Uint8Array],
];
export const COLUMN_NAMES = KINDS.map(([name]) => name);

const BYTES_IN_BUFFER = KINDS.reduce((sum, [, kind]) => sum + kind.BYTES_PER_ELEMENT, 0);

/** Bytes of a row in its columns with its owner and rank, without its id. */
export const BYTES_PER_ROW = BYTES_IN_BUFFER + 8;

/** The first statuses are those of open incidents. */
export const OPEN_STATUSES = STATUSES.indexOf('closed');
/** By number of a status, 1 for an incident that is done: void ones are neither open nor closed. */
export const IS_CLOSED = Uint8Array.from(STATUSES, (status) => Number(status === 'closed' || status === 'revisited'));

/** The columns that lie in a piece of shared memory, whoever made it. */
export function columnsIn(buffer: SharedArrayBuffer, capacity: number): Omit<Columns, 'owner'> {
  const columns: Partial<Record<keyof Columns, unknown>> = {};
  let offset = 0;
  for (const [name, kind] of KINDS) {
    columns[name] = new kind(buffer, offset, capacity);
    offset += capacity * kind.BYTES_PER_ELEMENT;
  }
  return columns as Omit<Columns, 'owner'>;
}

function sharedOwners(capacity: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4 * capacity));
}

/**
 * Incidents column by column, in memory that threads share. Rows are added at the end and never change but for `dead` and
 * the owners found.
 */
export class IncidentColumns implements Columns {
  n = 0;
  live = 0;
  readonly ids: IdColumn;
  buffer: SharedArrayBuffer;
  lon!: Float64Array;
  lat!: Float64Array;
  occurred!: Float64Array;
  due!: Float64Array;
  closed!: Float64Array;
  reported!: Float64Array;
  triaged!: Float64Array;
  handled!: Float64Array;
  revisited!: Float64Array;
  key!: Uint32Array;
  unitX!: Uint32Array;
  unitY!: Uint32Array;
  cell!: Int32Array;
  source!: Int32Array;
  department!: Int32Array;
  category!: Uint16Array;
  status!: Uint8Array;
  dead!: Uint8Array;
  owner: Int32Array;
  /** Whether any owner may be `UNKNOWN_OWNER`. */
  hasUnknownOwners = false;
  /** Of sorted columns: the place of a row in the order of ids. */
  rank: Uint32Array | undefined;

  constructor(capacity: number) {
    this.ids = new IdColumn(capacity);
    this.buffer = new SharedArrayBuffer(Math.max(1, capacity) * BYTES_IN_BUFFER);
    Object.assign(this, columnsIn(this.buffer, this.capacity));
    this.owner = sharedOwners(this.capacity);
  }

  /** Rows that there is room for. */
  get capacity(): number {
    return this.buffer.byteLength / BYTES_IN_BUFFER;
  }

  /** @returns the number of the row */
  push(row: LiveIncident): number {
    if (this.n === this.key.length) this.#grow();
    const i = this.n++;
    this.live += 1;
    this.ids.push(row.id);
    this.lon[i] = row.lon;
    this.lat[i] = row.lat;
    this.occurred[i] = row.occurred;
    this.due[i] = row.due;
    this.closed[i] = row.closed;
    this.reported[i] = row.reported;
    this.triaged[i] = row.triaged;
    this.handled[i] = row.handled;
    this.revisited[i] = row.revisited;
    const { x, y } = tileOfPoint(row.lon, row.lat, KEY_ZOOM);
    this.key[i] = morton(x, y);
    this.unitX[i] = Math.floor(fractionOfLon(row.lon) * UNITS);
    this.unitY[i] = Math.floor(fractionOfLat(row.lat) * UNITS);
    this.cell[i] = row.cell;
    this.source[i] = row.source;
    this.department[i] = row.department;
    this.category[i] = row.category;
    this.status[i] = row.status;
    this.owner[i] = row.owner;
    if (row.owner === UNKNOWN_OWNER) this.hasUnknownOwners = true;
    // Memory of a row may be used again.
    this.dead[i] = 0;
    return i;
  }

  row(i: number): LiveIncident {
    return {
      id: this.ids.textOf(i),
      lon: this.lon[i]!,
      lat: this.lat[i]!,
      occurred: this.occurred[i]!,
      due: this.due[i]!,
      closed: this.closed[i]!,
      reported: this.reported[i]!,
      triaged: this.triaged[i]!,
      handled: this.handled[i]!,
      revisited: this.revisited[i]!,
      category: this.category[i]!,
      status: this.status[i]!,
      cell: this.cell[i]!,
      owner: this.owner[i]!,
      source: this.source[i]!,
      department: this.department[i]!,
    };
  }

  kill(i: number): void {
    this.dead[i] = 1;
    this.live -= 1;
  }

  /** The first row whose key is not below one; only of sorted columns. */
  lowerBound(key: number): number {
    let from = 0;
    let to = this.n;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.key[middle]! < key) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  /**
   * Owners in a box have to be found again. They go to new memory: who reads the columns as they were (`pinned`) keeps the
   * owners of that plan.
   */
  forgetOwners([west, south, east, north]: Box): void {
    const { n, lon, lat } = this;
    let owner: Int32Array | undefined;
    for (let i = 0; i < n; i++) {
      if (!(lon[i]! >= west && lon[i]! <= east && lat[i]! >= south && lat[i]! <= north)) continue;
      owner ??= copyOf(this.owner, this.capacity);
      owner[i] = UNKNOWN_OWNER;
    }
    if (!owner) return;
    this.owner = owner;
    this.hasUnknownOwners = true;
  }

  #grow(): void {
    const { buffer, owner } = this;
    const old = columnsIn(buffer, this.capacity);
    const capacity = Math.max(1024, this.capacity * 2);
    this.buffer = new SharedArrayBuffer(capacity * BYTES_IN_BUFFER);
    Object.assign(this, columnsIn(this.buffer, capacity));
    for (const name of COLUMN_NAMES) this[name].set(old[name]);
    this.owner = copyOf(owner, capacity);
  }
}

function copyOf(owner: Int32Array, capacity: number): Int32Array {
  const copy = sharedOwners(capacity);
  copy.set(owner);
  return copy;
}

/** The keys of the points that a tile owns: from the first to before the second. */
export function keyRange({ z, x, y }: Tile): [from: number, to: number] {
  if (z > KEY_ZOOM) return keyRange({ z: KEY_ZOOM, x: x >> (z - KEY_ZOOM), y: y >> (z - KEY_ZOOM) });
  const span = 4 ** (KEY_ZOOM - z);
  const from = morton(x << (KEY_ZOOM - z), y << (KEY_ZOOM - z));
  return [from, from + span];
}

function morton(x: number, y: number): number {
  return (spread(x) | (spread(y) << 1)) >>> 0;
}

/** The 16 bits of a number at the even places. */
function spread(n: number): number {
  let bits = n;
  bits = (bits | (bits << 8)) & 0x00ff00ff;
  bits = (bits | (bits << 4)) & 0x0f0f0f0f;
  bits = (bits | (bits << 2)) & 0x33333333;
  return (bits | (bits << 1)) & 0x55555555;
}
