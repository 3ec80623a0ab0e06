/** Turns a group of rows into a candidate with its reasons. */
import type { Interpolated } from './interpolate.ts';
import type { Candidate, MatchLevel } from './match.ts';
import { LEVELS, STEM_PARTS, TAIL_PARTS } from './parts.ts';
import type { Question } from './question.ts';
import type { Group } from './scan.ts';
import { CONTRADICTED, LOOSE, MATCHED, type Outcome, outcomeOf } from './score.ts';
import type { AddressTable } from './table.ts';

type Reasons = Pick<Candidate, 'matched' | 'missing' | 'contradicted'>;

/** A candidate for the whole group, or for one `row` of it. */
export function explainGroup(table: AddressTable, question: Question, group: Group, row?: number): Candidate {
  const representative = row ?? group.row;
  const single = row !== undefined || group.count === 1;
  return {
    id: table.id(representative),
    text: table.text(representative),
    lon: single ? table.lon(representative) : group.sumLon / group.count,
    lat: single ? table.lat(representative) : group.sumLat / group.count,
    level: levelOf(table, question, group),
    score: round(group.score),
    ...reasons(table, question, group, representative),
  };
}

export function tailOutcome(group: Group, part: number): Outcome {
  return ((group.outcomes >> (3 * part)) & 7) as Outcome;
}

function levelOf(table: AddressTable, question: Question, group: Group): MatchLevel {
  const fits = (part: number) => {
    const outcome = tailOutcome(group, part);
    return outcome === MATCHED || outcome === LOOSE;
  };
  const isFloor = question.components.room === undefined;
  if (fits(3) && !isFloor && group.varies === 0) return 'room';
  if (fits(2) && (group.varies & 0b111) === 0) return 'unit';
  if (fits(1)) return 'building';
  if (fits(0)) return question.range ? 'interpolated' : 'number';
  return nameLevel(table, question, group);
}

function nameLevel(table: AddressTable, question: Question, group: Group): MatchLevel {
  const name = table.stem.name.data[group.stem]!;
  return name > 0 && question.slots.some((slot) => slot.hits.has(name)) ? 'estate' : 'street';
}

function reasons(table: AddressTable, question: Question, group: Group, row: number): Reasons {
  const into: Reasons = { matched: {}, missing: {}, contradicted: {} };
  const { stem } = group;
  const scope = table.scopes.list[table.stem.scope.data[stem]!]!;
  LEVELS.forEach((level, i) => {
    const outcome = outcomeOf(question.divisions[i]!, scope[i]!);
    put(into, level, outcome, question.components[level], table.scopes.divisions.texts[scope[i]!]);
  });
  STEM_PARTS.forEach((part, i) => {
    const recorded = table.stem.parts[i]!.data[stem]!;
    put(
      into,
      part,
      outcomeOf(question.stemParts[i]!, recorded),
      question.components[part],
      table.words.texts[recorded],
    );
  });
  putNames(table, question, stem, into);
  TAIL_PARTS.forEach((part, i) => {
    const recorded = table.row.parts[i]!.data[row]!;
    const varies = ((group.varies >> i) & 1) === 1;
    const outcome = tailOutcome(group, i);
    const asked = question.tail[i] === 0 ? undefined : (question.components[part] ?? question.components.floor);
    if (outcome === CONTRADICTED) into.missing[part] = { asked: asked ?? '' };
    else if (!varies || outcome !== 2) put(into, part, outcome, asked, table.words.texts[recorded]);
  });
  return into;
}

function putNames(table: AddressTable, question: Question, stem: number, into: Reasons): void {
  const road = table.stem.road.data[stem]!;
  const name = table.stem.name.data[stem]!;
  for (const slot of question.slots) {
    const hit =
      [slot.kind === 'road' ? road : name, slot.kind === 'road' ? name : road].find((id) => slot.hits.has(id)) ?? 0;
    const recorded = slot.kind === 'road' ? road : name;
    const part = hit === 0 ? slot.kind : hit === road ? 'road' : 'estate';
    if (hit > 0) into.matched[part] = table.names.text(hit);
    else if (recorded === 0 || slot.kind === 'place') into.missing[part] = { asked: slot.text };
    else into.contradicted[part] = { asked: slot.text, found: table.names.text(recorded) };
  }
  if (road > 0 && into.matched.road === undefined && into.contradicted.road === undefined)
    into.missing.road ??= { found: table.names.text(road) };
  if (name > 0 && into.matched.estate === undefined && into.contradicted.estate === undefined) {
    into.missing.estate ??= { found: table.names.text(name) };
  }
}

function put(into: Reasons, part: string, outcome: Outcome, asked = '', found = ''): void {
  if (outcome === MATCHED || outcome === LOOSE) into.matched[part] = found === '' ? asked : found;
  else if (outcome === CONTRADICTED) into.contradicted[part] = { asked, found };
  else if (outcome === 2) into.missing[part] = { found };
  else if (outcome === 3) into.missing[part] = { asked };
}

/** The candidate for a door between two known ones. */
export function explainInterpolated(
  table: AddressTable,
  question: Question,
  found: Interpolated,
  score: number,
): Candidate {
  const { bracket } = found;
  const group: Group = {
    stem: bracket.stem,
    score,
    outcomes: 0,
    count: 1,
    row: bracket.low,
    varies: 0,
    sumLon: 0,
    sumLat: 0,
    extremes: [0, 0, 0, 0],
  };
  const why = reasons(table, question, group, bracket.low);
  why.missing.number = { asked: question.components.number ?? '' };
  const { section, lane, alley, number } = question.components;
  const parts = [section && `${section}段`, lane && `${lane}巷`, alley && `${alley}弄`, `${number}号`];
  return {
    id: null,
    text: table.names.text(table.stem.road.data[bracket.stem]!) + parts.filter(Boolean).join(''),
    lon: found.lon,
    lat: found.lat,
    level: 'interpolated',
    score: round(score),
    ...why,
    bracket: { from: table.id(bracket.low), to: table.id(bracket.high), errorMetres: Math.ceil(found.errorMetres) },
  };
}

export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
