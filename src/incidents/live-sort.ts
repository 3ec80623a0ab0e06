import { COLUMN_NAMES, IncidentColumns } from './live-columns.ts';
import { POSITIONS, type RowsOf, ranksOf } from './live-order.ts';

/** Where the rows of several sources come to lie. */
interface Moves {
  /** By position in the concatenated sources. */
  source: Uint32Array;
  row: Uint32Array;
  newRow: Uint32Array;
}

/** The living rows of several columns by key, in columns of just their size. */
export function sortedColumns(sources: readonly RowsOf[]): IncidentColumns {
  const total = sources.reduce((sum, { rows }) => sum + rows.length, 0);
  const moves: Moves = {
    source: new Uint32Array(total),
    row: new Uint32Array(total),
    newRow: new Uint32Array(total),
  };
  const order = orderOf(sources, moves);
  const sorted = new IncidentColumns(total);
  sorted.n = total;
  sorted.live = total;
  for (let i = 0; i < total; i++) moves.newRow[order[i]! % POSITIONS] = i;
  for (let i = 0; i < total; i++) {
    const position = order[i]! % POSITIONS;
    sorted.ids.copy(sources[moves.source[position]!]!.columns.ids, moves.row[position]!);
  }
  sorted.ids.trim();
  sorted.hasUnknownOwners = sources.some(({ columns }) => columns.hasUnknownOwners);
  for (const name of [...COLUMN_NAMES, 'owner'] as const) {
    const from = sources.map(({ columns }) => columns[name]);
    MOVERS[sorted[name].BYTES_PER_ELEMENT]!(sorted[name], from, moves);
  }
  sorted.rank = ranksOf(sources, moves.newRow);
  return sorted;
}

/** Key and position in one number, so that the sort is that of numbers; blocks stay below 2^21 rows. */
function orderOf(sources: readonly RowsOf[], { source, row }: Moves): Float64Array {
  const order = new Float64Array(source.length);
  let n = 0;
  for (const [s, { columns, rows }] of sources.entries()) {
    for (const i of rows) {
      source[n] = s;
      row[n] = i;
      order[n] = columns.key[i]! * POSITIONS + n;
      n += 1;
    }
  }
  return order.sort();
}

type Mover = (target: ArrayBufferView, from: readonly ArrayBufferView[], moves: Moves) => void;

/**
 * Values are moved as the bytes that they are. One function for each width: one for all would see four kinds of arrays,
 * which costs several times as much.
 */
const MOVERS: Record<number, Mover> = {
  8: (target, from, { source, row, newRow }) => {
    const to = new Float64Array(target.buffer, target.byteOffset, target.byteLength / 8);
    const values = from.map((array) => new Float64Array(array.buffer, array.byteOffset, array.byteLength / 8));
    for (let i = 0; i < newRow.length; i++) to[newRow[i]!] = values[source[i]!]![row[i]!]!;
  },
  4: (target, from, { source, row, newRow }) => {
    const to = new Uint32Array(target.buffer, target.byteOffset, target.byteLength / 4);
    const values = from.map((array) => new Uint32Array(array.buffer, array.byteOffset, array.byteLength / 4));
    for (let i = 0; i < newRow.length; i++) to[newRow[i]!] = values[source[i]!]![row[i]!]!;
  },
  2: (target, from, { source, row, newRow }) => {
    const to = new Uint16Array(target.buffer, target.byteOffset, target.byteLength / 2);
    const values = from.map((array) => new Uint16Array(array.buffer, array.byteOffset, array.byteLength / 2));
    for (let i = 0; i < newRow.length; i++) to[newRow[i]!] = values[source[i]!]![row[i]!]!;
  },
  1: (target, from, { source, row, newRow }) => {
    const to = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
    const values = from.map((array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    for (let i = 0; i < newRow.length; i++) to[newRow[i]!] = values[source[i]!]![row[i]!]!;
  },
};
