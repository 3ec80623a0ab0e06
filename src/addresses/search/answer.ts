/** Decides: found, ambiguous or not found. It prefers to say that it does not know. */

import type { Components } from '../parse.ts';
import { explainGroup, explainInterpolated, round } from './explain.ts';
import { type Bracket, interpolate, metresBetween, type SameGrid } from './interpolate.ts';
import type { Candidate, Located, Match } from './match.ts';
import { LEVELS } from './parts.ts';
import { ask, lookUpExact, lookUpLike, type Question } from './question.ts';
import { type Group, type Scan, scan } from './scan.ts';
import type { AddressTable } from './table.ts';
import * as T from './thresholds.ts';

export interface LocateOptions {
  /** Whether two places have the same answer; without it nothing is told about borders. */
  sameGrid?: SameGrid;
  /** Most candidates to list. */
  limit?: number;
}

const NOTHING: Located = { status: 'not_found', match: null, candidates: [], complete: false };

export function answer(
  table: AddressTable,
  normalised: string,
  components: Components,
  options: LocateOptions,
): Located {
  if (normalised === '') return NOTHING;
  const question = ask(table, normalised, components);
  lookUpExact(table, question);
  let result = scan(table, question);
  const placed = decide(table, question, result, options, true);
  // A name that the book knows where it was said is not misspelt: similar names may then only be offered.
  const isKnownName = result.bestStem >= T.FOUND;
  if (placed?.status === 'found' || (placed !== null && isKnownName && (result.groups[0]?.score ?? 0) >= T.FOUND))
    return placed;
  lookUpLike(table, question);
  result = scan(table, question);
  const decided = decide(table, question, result, options, !isKnownName);
  return decided ?? placed ?? area(table, question, options) ?? NOTHING;
}

/** The decision over what was scanned; with `mayFind` false the best is only offered. */
function decide(
  table: AddressTable,
  question: Question,
  result: Scan,
  options: LocateOptions,
  mayFind: boolean,
): Located | null {
  const limit = options.limit ?? T.MAX_CANDIDATES;
  const [best] = result.groups;
  if (best === undefined || best.score < T.FOUND) {
    const between = betweenDoors(table, question, result, options);
    if (between !== null && mayFind) return between;
  }
  if (best === undefined) return offerBrackets(table, question, result, limit);
  const { rivals, same } = separate(table, result.groups);
  const margin = best.score - (rivals[0]?.score ?? 0);
  const isPlace = spread(table, best) <= T.SAME_PLACE_METRES || isOneGrid(table, best, options.sameGrid);
  if (mayFind && !result.truncated && best.score >= T.FOUND && margin >= T.MARGIN && isPlace) {
    const match = asMatch(table, question, best, margin, [...same, ...rivals], limit);
    return { status: 'found', match, candidates: [], complete: true };
  }
  const offered = offer(table, question, [best, ...rivals, ...same], isPlace, limit);
  const candidates = best.score < T.FOUND ? merge(offered, nearDoors(table, question, result), limit) : offered;
  const complete = mayFind && !result.truncated && isComplete(table, best, rivals, candidates.length < limit);
  return { status: 'ambiguous', match: null, candidates, complete };
}

function asMatch(
  table: AddressTable,
  question: Question,
  best: Group,
  margin: number,
  others: Group[],
  limit: number,
): Match {
  const listed = others
    .slice(0, limit)
    .map((group) => ({ id: table.id(group.row), text: table.text(group.row), score: round(group.score) }));
  return { ...explainGroup(table, question, best), margin: round(margin), others: listed };
}

/** Other places than the best group's, and other groups of the same place. */
function separate(table: AddressTable, groups: readonly Group[]): { rivals: Group[]; same: Group[] } {
  const [best, ...others] = groups;
  const rivals: Group[] = [];
  const same: Group[] = [];
  for (const group of others) (isSamePlace(table, best!, group) ? same : rivals).push(group);
  return { rivals, same };
}

function isSamePlace(table: AddressTable, a: Group, b: Group): boolean {
  const apart = metresBetween(centre(a), centre(b));
  if (isSameAddress(table, a, b)) return apart <= T.SAME_ADDRESS_METRES;
  return Math.max(apart, spread(table, a), spread(table, b)) <= T.SAME_PLACE_METRES;
}

/** The same door or building under compatible divisions: one record says less than the other. */
function isSameAddress(table: AddressTable, a: Group, b: Group): boolean {
  const { stem, row } = table;
  if (stem.parts.some((column) => column.data[a.stem] !== column.data[b.stem])) return false;
  const [scopeA, scopeB] = [table.scopes.list[stem.scope.data[a.stem]!]!, table.scopes.list[stem.scope.data[b.stem]!]!];
  if (LEVELS.some((_, i) => scopeA[i]! > 0 && scopeB[i]! > 0 && scopeA[i] !== scopeB[i])) return false;
  const equal = (part: number) => {
    const value = row.parts[part]!.data[a.row]!;
    return value > 0 && value === row.parts[part]!.data[b.row] && (((a.varies | b.varies) >> part) & 1) === 0;
  };
  const sameRoad = stem.road.data[a.stem]! > 0 && stem.road.data[a.stem] === stem.road.data[b.stem];
  const sameName = stem.name.data[a.stem]! > 0 && stem.name.data[a.stem] === stem.name.data[b.stem];
  return (sameRoad && equal(0)) || (sameName && equal(1));
}

function centre(group: Group): [number, number] {
  return [group.sumLon / group.count, group.sumLat / group.count];
}

/** The diagonal of the group's bounds in metres. */
function spread(table: AddressTable, group: Group): number {
  const [west, east, south, north] = group.extremes;
  return metresBetween([table.lon(west), table.lat(south)], [table.lon(east), table.lat(north)]);
}

function isOneGrid(table: AddressTable, group: Group, sameGrid?: SameGrid): boolean {
  if (sameGrid === undefined) return false;
  return (
    spread(table, group) <= T.BRACKET_METRES &&
    group.extremes.every((row) => sameGrid(centre(group), [table.lon(row), table.lat(row)]))
  );
}

/** Everything that comes near the best is listed, and the best leaves open only which of these places it is. */
function isComplete(table: AddressTable, best: Group, rivals: readonly Group[], isListed: boolean): boolean {
  if (best.score < T.FOUND || !isListed) return false;
  return [best, ...rivals].every(
    (group) => group.score < best.score - T.MARGIN || spread(table, group) <= T.BRACKET_METRES,
  );
}

/** Candidates of an ambiguous answer; a group that is spread out is offered by its outermost rows. */
function offer(
  table: AddressTable,
  question: Question,
  groups: readonly Group[],
  isPlace: boolean,
  limit: number,
): Candidate[] {
  const candidates: Candidate[] = [];
  const seen = new Set<string | null>();
  const push = (candidate: Candidate) => {
    if (candidates.length >= limit || seen.has(candidate.id)) return;
    seen.add(candidate.id);
    candidates.push(candidate);
  };
  groups.forEach((group, i) => {
    push(explainGroup(table, question, group));
    if (i === 0 && !isPlace) for (const row of group.extremes) push(explainGroup(table, question, group, row));
  });
  return candidates;
}

function betweenDoors(table: AddressTable, question: Question, result: Scan, options: LocateOptions): Located | null {
  if (question.door === null) return null;
  const lines = rank(result).filter((line) => line.score * T.INTERPOLATED >= T.FOUND);
  const [best, next] = lines;
  if (best === undefined) return null;
  const margin = best.score - (next?.score ?? 0);
  const found = interpolate(table, question.door.main, best, options.sameGrid);
  if (found === null || margin < T.MARGIN) return null;
  const candidate = explainInterpolated(table, question, found, best.score * T.INTERPOLATED);
  return {
    status: 'found',
    match: { ...candidate, margin: round(margin), others: [] },
    candidates: [],
    complete: true,
  };
}

function rank(result: Scan): Bracket[] {
  return [...result.brackets.values()].sort((a, b) => b.score - a.score);
}

/** The number is unknown: the doors on both sides are what can be offered. */
function offerBrackets(table: AddressTable, question: Question, result: Scan, limit: number): Located | null {
  const candidates = merge([], nearDoors(table, question, result), limit);
  return candidates.length === 0 ? null : { status: 'ambiguous', match: null, candidates, complete: false };
}

function nearDoors(table: AddressTable, question: Question, result: Scan): Candidate[] {
  return rank(result)
    .filter((bracket) => bracket.score * T.NAME_ONLY >= T.CANDIDATE)
    .flatMap((bracket) =>
      [bracket.low, bracket.high].flatMap((row) => (row >= 0 ? [near(table, question, bracket, row)] : [])),
    );
}

function merge(a: readonly Candidate[], b: readonly Candidate[], limit: number): Candidate[] {
  return [...a, ...b].sort((x, y) => y.score - x.score).slice(0, limit);
}

function near(table: AddressTable, question: Question, bracket: Bracket, row: number): Candidate {
  const group: Group = {
    ...bracket,
    outcomes: 0,
    count: 1,
    row,
    varies: 0,
    sumLon: 0,
    sumLat: 0,
    extremes: [row, row, row, row],
  };
  const candidate = explainGroup(table, question, { ...group, score: bracket.score * T.NAME_ONLY }, row);
  const found = table.words.texts[table.row.parts[0]!.data[row]!]!;
  return {
    ...candidate,
    level: 'street',
    contradicted: { ...candidate.contradicted, number: { asked: question.components.number!, found } },
  };
}

/** Only divisions were said: an area is no place, so it is offered and never found. */
function area(table: AddressTable, question: Question, options: LocateOptions): Located | null {
  if (question.slots.length > 0 || question.divisions.every((division) => division <= 0)) return null;
  const fitting = table.scopes.list.flatMap((scope, i) =>
    question.divisions.every((division, level) => division === 0 || division === scope[level]) &&
    table.scopes.extents[i]!.count > 0
      ? [i]
      : [],
  );
  if (fitting.length === 0) return null;
  fitting.sort((a, b) => table.scopes.extents[b]!.count - table.scopes.extents[a]!.count);
  const candidates = fitting
    .slice(0, options.limit ?? T.MAX_CANDIDATES)
    .map((scope) => areaCandidate(table, question, scope));
  return { status: 'ambiguous', match: null, candidates, complete: false };
}

function areaCandidate(table: AddressTable, question: Question, scope: number): Candidate {
  const extent = table.scopes.extents[scope]!;
  const said = LEVELS.filter((level) => question.components[level] !== undefined);
  return {
    id: null,
    text: [...table.scopes.list[scope]!].map((division) => table.scopes.divisions.texts[division]!).join(''),
    lon: (extent.west + extent.east) / 2,
    lat: (extent.south + extent.north) / 2,
    level: 'area',
    score: round(T.NAME_ONLY),
    matched: Object.fromEntries(said.map((level) => [level, question.components[level]!])),
    missing: {},
    contradicted: {},
  };
}
