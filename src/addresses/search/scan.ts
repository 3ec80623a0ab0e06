/** Walks the stems that the names point to and gathers, per stem, the rows that fit the question equally well. */
import { type Bracket, bracketOf, isOfSide, narrow } from './interpolate.ts';
import type { Question } from './question.ts';
import { type StemEvidence, scoreStem, scoreTail, type TailEvidence } from './score.ts';
import type { AddressTable } from './table.ts';
import * as T from './thresholds.ts';

/** Rows of one stem with the same evidence: a room, a whole building, or a road of which no more was said. */
export interface Group {
  stem: number;
  score: number;
  outcomes: number;
  count: number;
  /** The lowest row; its parts stand for all where `varies` has no bit (1 number, 2 building, 4 unit, 8 room). */
  row: number;
  varies: number;
  sumLon: number;
  sumLat: number;
  /** The rows farthest west, east, south and north. */
  extremes: [number, number, number, number];
}

export interface Scan {
  groups: Group[];
  /** Doors on both sides of the one that was asked for, by road. */
  brackets: Map<string, Bracket>;
  /** The best evidence of names, divisions and lanes alone. */
  bestStem: number;
  /** A ceiling was reached, so what was found may not be the best. */
  truncated: boolean;
}

/** Scores everything that the hits of the question's names reach. */
export function scan(table: AddressTable, question: Question): Scan {
  const result: Scan = { groups: [], brackets: new Map(), bestStem: 0, truncated: false };
  const seen = new Set<number>();
  const budget = { stems: T.MAX_STEMS, rows: T.MAX_ROWS };
  for (const slot of question.slots) {
    for (const name of slot.hits.keys()) {
      table.forStems(name, (stem) => {
        if (seen.has(stem)) return true;
        seen.add(stem);
        if (budget.stems-- <= 0 || budget.rows <= 0) return false;
        const evidence = scoreStem(table, question, stem);
        if (evidence === null) return true;
        result.bestStem = Math.max(result.bestStem, evidence.score);
        // No row can be worth more than its stem.
        if (evidence.score < T.CANDIDATE) return true;
        budget.rows -= scanRows(table, question, stem, evidence, result);
        return true;
      });
    }
  }
  result.truncated = budget.stems <= 0 || budget.rows <= 0;
  result.groups.sort((a, b) => b.score - a.score || a.row - b.row);
  result.groups.length = Math.min(result.groups.length, T.MAX_GROUPS);
  return result;
}

function scanRows(table: AddressTable, question: Question, stem: number, evidence: StemEvidence, result: Scan): number {
  const tail: TailEvidence = { factor: 0, outcomes: 0, isOtherDoor: false };
  const { next, nextRun } = table.row;
  const wantsBracket = question.door !== null && !question.range && table.stem.road.data[stem] !== 0;
  let bracket: Bracket | undefined;
  let group: Group | null = null;
  let read = 0;
  for (let link = table.stem.firstRow.data[stem]!; link !== 0 && read < T.MAX_ROWS; read++) {
    const row = link - 1;
    link = next.data[row]!;
    if (!table.isAlive(row)) continue;
    scoreTail(table, question, row, evidence.alias, tail);
    if (tail.factor === 0) {
      if (wantsBracket && isOfSide(table, question, row)) {
        bracket ??= bracketOf(table, stem, evidence.score, result.brackets);
        narrow(table, question, bracket, row);
      }
      if (tail.isOtherDoor) link = nextRun.data[row]!;
      continue;
    }
    const score = capped(question, evidence, tail);
    if (group === null || score > group.score + 1e-9) group = newGroup(stem, row, score, tail.outcomes);
    else if (score < group.score - 1e-9) continue;
    extend(table, group, row);
  }
  if (group !== null && group.score >= T.CANDIDATE) result.groups.push(group);
  table.rowsRead += read;
  return read;
}

/** A road without a number is no address, and a doubtful name alone no proof. */
function capped(question: Question, evidence: StemEvidence, tail: TailEvidence): number {
  const score = evidence.score * tail.factor;
  const number = tail.outcomes & 7;
  const building = (tail.outcomes >> 3) & 7;
  const placed = number === 1 || number === 5 || building === 1;
  const needsNumber = !evidence.named || question.tail[0] !== 0 || question.tail[1] !== 0;
  const base = placed || !needsNumber ? score : score * T.NAME_ONLY;
  return evidence.lone ? Math.min(base, T.LONE_TYPO) : base;
}

function newGroup(stem: number, row: number, score: number, outcomes: number): Group {
  return { stem, score, outcomes, count: 0, row, varies: 0, sumLon: 0, sumLat: 0, extremes: [row, row, row, row] };
}

function extend(table: AddressTable, group: Group, row: number): void {
  const { parts, lon, lat } = table.row;
  for (let i = 0; i < parts.length; i++) if (parts[i]!.data[row] !== parts[i]!.data[group.row]) group.varies |= 1 << i;
  group.count++;
  group.row = Math.min(group.row, row);
  group.sumLon += table.lon(row);
  group.sumLat += table.lat(row);
  const [west, east, south, north] = group.extremes;
  if (lon.data[row]! < lon.data[west]!) group.extremes[0] = row;
  if (lon.data[row]! > lon.data[east]!) group.extremes[1] = row;
  if (lat.data[row]! < lat.data[south]!) group.extremes[2] = row;
  if (lat.data[row]! > lat.data[north]!) group.extremes[3] = row;
}
