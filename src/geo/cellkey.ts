import { lowerBound } from './ascending.ts';

/**
 * H3 cells of one resolution as numbers that fit a double: the 52 bits below the resolution, base cell and digits, which
 * are the last 13 digits of the text. Keys of one resolution are ordered as their texts are.
 */
export type CellKey = number;

const DIGITS = 13;

/** The key of a cell given as h3-js does, in hexadecimal. */
export function keyOfCell(cell: string): CellKey {
  return Number.parseInt(cell.slice(-DIGITS), 16);
}

/** The text of a key at its resolution. */
export function cellOfKey(key: CellKey, res: number): string {
  return `8${res.toString(16)}${key.toString(16).padStart(DIGITS, '0')}`;
}

/** The key of the ancestor at a resolution: digits below it are unused, which is 7. */
export function parentKey(key: CellKey, res: number): CellKey {
  const below = 8 ** (15 - res);
  return Math.floor(key / below) * below + (below - 1);
}

/** The position of a key in ascending keys, −1 where it is not one of them. */
export function findKey(keys: Float64Array, key: CellKey): number {
  const position = lowerBound(keys, key);
  return keys[position] === key ? position : -1;
}
