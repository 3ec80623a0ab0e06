import { EXTENT, fractionOfLat, fractionOfLon, type Tile, tileOfPoint } from '../geo/tile.ts';
import type { Micros } from '../live/micros.ts';
import { STATUSES } from './incidents.schema.ts';
import { IdColumn } from './live-ids.ts';
import { POSITIONS, type RowsOf, ranksOf } from './live-order.ts';

/** The zoom whose tiles order the rows; every tile of a coarser zoom is one run of keys. */
export const KEY_ZOOM = 16;

/** World units of the key zoom: those of a coarser zoom are these, shifted. */
const UNITS = EXTENT * 2 ** KEY_ZOOM;

/** An owner that has not been looked for. */
export const UNKNOWN_OWNER = -2;
export const NO_OWNER = -1;

/** What is kept of an incident. Category, cell and owner are numbers of their dictionaries. */
export interface LiveIncident {
  id: string;
  lon: number;
  lat: number;
  occurred: Micros;
  /** NaN: none. */
  due: Micros;
  /** NaN: none. */
  closed: Micros;
  category: number;
  /** Position in `STATUSES`. */
  status: number;
  cell: number;
  /** Of net `base` as far as it is known. */
  owner: number;
}

/** Bytes of a row in its columns, without its id. */
export const BYTES_PER_ROW = 73;

/** The first statuses are those of open incidents. */
export const OPEN_STATUSES = STATUSES.indexOf('closed');

/** Incidents column by column. Rows are added at the end and never change but for `dead` and the owners found. */
export class IncidentColumns {
  n = 0;
  live = 0;
  readonly ids: IdColumn;
  lon: Float64Array;
  lat: Float64Array;
  occurred: Float64Array;
  due: Float64Array;
  closed: Float64Array;
  /** Morton number of the tile of `KEY_ZOOM` that owns the point. */
  key: Uint32Array;
  /** World units of `KEY_ZOOM`. */
  unitX: Uint32Array;
  unitY: Uint32Array;
  cell: Int32Array;
  category: Uint16Array;
  status: Uint8Array;
  dead: Uint8Array;
  owner: Int32Array;
  /** Of sorted columns: the place of a row in the order of ids. */
  rank: Uint32Array | undefined;

  constructor(capacity: number) {
    this.ids = new IdColumn(capacity);
    this.lon = new Float64Array(capacity);
    this.lat = new Float64Array(capacity);
    this.occurred = new Float64Array(capacity);
    this.due = new Float64Array(capacity);
    this.closed = new Float64Array(capacity);
    this.key = new Uint32Array(capacity);
    this.unitX = new Uint32Array(capacity);
    this.unitY = new Uint32Array(capacity);
    this.cell = new Int32Array(capacity);
    this.category = new Uint16Array(capacity);
    this.status = new Uint8Array(capacity);
    this.dead = new Uint8Array(capacity);
    this.owner = new Int32Array(capacity);
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
    const { x, y } = tileOfPoint(row.lon, row.lat, KEY_ZOOM);
    this.key[i] = morton(x, y);
    this.unitX[i] = Math.floor(fractionOfLon(row.lon) * UNITS);
    this.unitY[i] = Math.floor(fractionOfLat(row.lat) * UNITS);
    this.cell[i] = row.cell;
    this.category[i] = row.category;
    this.status[i] = row.status;
    this.owner[i] = row.owner;
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
      category: this.category[i]!,
      status: this.status[i]!,
      cell: this.cell[i]!,
      owner: this.owner[i]!,
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

  #grow(): void {
    const capacity = Math.max(1024, this.key.length * 2);
    for (const name of COLUMN_NAMES) {
      const old = this[name];
      const larger = new (old.constructor as new (length: number) => typeof old)(capacity);
      larger.set(old);
      Object.assign(this, { [name]: larger });
    }
  }

  /** The living rows of several columns by key, in columns of just their size. */
  static sorted(sources: readonly RowsOf[]): IncidentColumns {
    const total = sources.reduce((sum, { rows }) => sum + rows.length, 0);
    const from = new Uint32Array(total);
    const row = new Uint32Array(total);
    const order = new Float64Array(total);
    let n = 0;
    for (const [s, { columns, rows }] of sources.entries()) {
      for (const i of rows) {
        from[n] = s;
        row[n] = i;
        // Key and position in one number, so that the sort is that of numbers; blocks stay below 2^21 rows.
        order[n] = columns.key[i]! * POSITIONS + n;
        n += 1;
      }
    }
    order.sort();
    const sorted = new IncidentColumns(total);
    sorted.n = total;
    sorted.live = total;
    const newRow = new Uint32Array(total);
    for (let i = 0; i < total; i++) newRow[order[i]! % POSITIONS] = i;
    for (let i = 0; i < total; i++) {
      const position = order[i]! % POSITIONS;
      sorted.ids.copy(sources[from[position]!]!.columns.ids, row[position]!);
    }
    sorted.ids.trim();
    for (const name of COLUMN_NAMES) {
      const target = sorted[name];
      for (let i = 0; i < total; i++) target[newRow[i]!] = sources[from[i]!]!.columns[name][row[i]!]!;
    }
    sorted.rank = ranksOf(sources, newRow);
    return sorted;
  }
}

const COLUMN_NAMES = [
  'lon',
  'lat',
  'occurred',
  'due',
  'closed',
  'key',
  'unitX',
  'unitY',
  'cell',
  'category',
  'status',
  'dead',
  'owner',
] as const;

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
