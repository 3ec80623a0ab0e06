/** Doors between known doors: same road, same lane, same side (parity), both ends in one grid. */

import { LEVELS } from './parts.ts';
import type { Question } from './question.ts';
import type { AddressTable } from './table.ts';
import { BRACKET_METRES } from './thresholds.ts';

/** The nearest known doors below and above the one asked for, as rows; −1 where there is none. */
export interface Bracket {
  stem: number;
  /** The score of the road's name and divisions. */
  score: number;
  low: number;
  high: number;
}

/** Whether two places have the same answer, e.g. lie in one grid. */
export type SameGrid = (a: readonly [lon: number, lat: number], b: readonly [lon: number, lat: number]) => boolean;

export interface Interpolated {
  bracket: Bracket;
  lon: number;
  lat: number;
  /** The distance to the farther end: the door lies between the ends, but doors are not evenly spaced. */
  errorMetres: number;
}

/** Whether the row has a door of the side, and is none of the asked number. */
export function isOfSide(table: AddressTable, question: Question, row: number): boolean {
  const door = doorOf(table, row);
  const asked = question.door!.main;
  return door !== 0 && door !== asked && (door - asked) % 2 === 0;
}

/** The bracket of a stem's line of doors. */
export function bracketOf(table: AddressTable, stem: number, score: number, brackets: Map<string, Bracket>): Bracket {
  const key = lineKey(table, stem, table.stem.road.data[stem]!);
  let bracket = brackets.get(key);
  if (bracket === undefined) {
    bracket = { stem, score, low: -1, high: -1 };
    brackets.set(key, bracket);
  }
  bracket.score = Math.min(bracket.score, score);
  return bracket;
}

/** Narrows a bracket by a row of its line and side. */
export function narrow(table: AddressTable, question: Question, bracket: Bracket, row: number): void {
  const door = doorOf(table, row);
  if (door < question.door!.main) {
    if (bracket.low < 0 || door > doorOf(table, bracket.low)) bracket.low = row;
  } else if (bracket.high < 0 || door < doorOf(table, bracket.high)) bracket.high = row;
}

/** One line of doors: a road with its section and lane inside one city and district. */
function lineKey(table: AddressTable, stem: number, road: number): string {
  const scope = table.scopes.list[table.stem.scope.data[stem]!]!;
  const [section, lane, alley] = table.stem.parts.map((column) => column.data[stem]);
  return `${road},${section},${lane},${alley},${scope[LEVELS.indexOf('city')]},${scope[LEVELS.indexOf('district')]}`;
}

function doorOf(table: AddressTable, row: number): number {
  return table.doors[table.row.parts[0]!.data[row]!]?.main ?? 0;
}

/** The place of a door by the numbers of its neighbours, or null where they are too far apart or in different grids. */
export function interpolate(
  table: AddressTable,
  asked: number,
  bracket: Bracket,
  sameGrid?: SameGrid,
): Interpolated | null {
  const { low, high } = bracket;
  if (low < 0 || high < 0) return null;
  const from = [table.lon(low), table.lat(low)] as const;
  const to = [table.lon(high), table.lat(high)] as const;
  if (metresBetween(from, to) > BRACKET_METRES) return null;
  if (sameGrid !== undefined && !sameGrid(from, to)) return null;
  const share = (asked - doorOf(table, low)) / (doorOf(table, high) - doorOf(table, low));
  const lon = from[0] + (to[0] - from[0]) * share;
  const lat = from[1] + (to[1] - from[1]) * share;
  if (sameGrid !== undefined && !sameGrid(from, [lon, lat])) return null;
  const errorMetres = Math.max(metresBetween(from, [lon, lat]), metresBetween(to, [lon, lat]));
  return { bracket, lon, lat, errorMetres };
}

const METRES_PER_DEGREE = 111_195;

/** Equirectangular distance in metres: under 0.1 % off within a few kilometres. */
export function metresBetween(a: readonly [number, number], b: readonly [number, number]): number {
  const x = (b[0] - a[0]) * Math.cos(((a[1] + b[1]) / 2) * (Math.PI / 180));
  return METRES_PER_DEGREE * Math.hypot(x, b[1] - a[1]);
}
