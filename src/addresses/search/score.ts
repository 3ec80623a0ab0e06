/** The evidence for one stem and for one row, as factors from 0 (vetoed) to 1. */
import { divisionStem } from '../divisions.ts';
import type { Door } from '../doors.ts';
import type { NameHit } from './names.ts';
import { LEVELS } from './parts.ts';
import type { Question, Slot } from './question.ts';
import type { AddressTable } from './table.ts';
import * as T from './thresholds.ts';

/** How a part that was said compares with the part recorded. */
export const ABSENT = 0;
export const MATCHED = 1;
export const UNSAID = 2;
export const UNRECORDED = 3;
export const CONTRADICTED = 4;
export const LOOSE = 5;
export type Outcome = 0 | 1 | 2 | 3 | 4 | 5;

export function outcomeOf(asked: number, recorded: number): Outcome {
  if (asked === 0) return recorded === 0 ? ABSENT : UNSAID;
  if (recorded === 0) return UNRECORDED;
  return asked === recorded ? MATCHED : CONTRADICTED;
}

export interface StemEvidence {
  score: number;
  /** Reached through the other name of an estate. */
  alias: NameHit | null;
  /** A misspelt, partial or spelled name with no division near enough that agrees. */
  lone: boolean;
  /** The name of the estate or place itself was said, not only its road. */
  named: boolean;
}

const STEM_FACTORS: readonly (readonly [unsaid: number, unrecorded: number])[] = [
  [T.UNSAID_SECTION, T.UNSAID_SECTION],
  [T.UNSAID_LANE, 0],
  [T.UNSAID_LANE, 0],
  [T.UNSAID_SECTION, T.UNSAID_SECTION],
  [T.UNSAID_LANE, T.UNRECORDED],
];

/** Names, divisions and the parts of the stem; null where they rule the stem out. */
export function scoreStem(table: AddressTable, question: Question, stem: number): StemEvidence | null {
  let score = 1;
  for (let i = 0; i < STEM_FACTORS.length && score > 0; i++) {
    const outcome = outcomeOf(question.stemParts[i]!, table.stem.parts[i]!.data[stem]!);
    if (outcome === CONTRADICTED) return null;
    if (outcome === UNSAID) score *= STEM_FACTORS[i]![0];
    if (outcome === UNRECORDED) score *= STEM_FACTORS[i]![1];
  }
  if (score === 0) return null;
  const names = scoreNames(table, question, stem);
  if (names === null) return null;
  const scope = scoreScope(table, question, stem);
  return {
    score: score * names.score * scope.score,
    alias: names.alias,
    lone: scope.agrees < names.needs,
    named: names.named,
  };
}

interface NameEvidence {
  score: number;
  alias: NameHit | null;
  named: boolean;
  /** The index of the coarsest division that has to agree, 0 for none. */
  needs: number;
}

function scoreNames(table: AddressTable, question: Question, stem: number): NameEvidence | null {
  const evidence: NameEvidence = { score: 1, alias: null, named: false, needs: 0 };
  let matched = 0;
  for (const slot of question.slots) {
    const hit = hitOf(table, slot, stem);
    if (hit === null) {
      evidence.score *= missedName(table, slot, stem);
      continue;
    }
    matched++;
    evidence.score *= hit.similarity;
    if (hit.via === 'alias') evidence.alias = hit;
    else if (hit.via !== 'exact') evidence.needs = Math.max(evidence.needs, needed(hit));
    if (hit.name === table.stem.name.data[stem]) evidence.named = true;
  }
  return matched === 0 ? null : evidence;
}

const DISTRICT = LEVELS.indexOf('district');
const STREET = LEVELS.indexOf('street');

/** A full spelling in pinyin is as good as the name; initials and parts are not. */
function needed(hit: NameHit): number {
  if (hit.via === 'pinyin' && hit.similarity >= T.PINYIN) return 0;
  return hit.via === 'typo' && hit.similarity < T.SMALL_SLIP ? STREET : DISTRICT;
}

function hitOf(table: AddressTable, slot: Slot, stem: number): NameHit | null {
  const name = slot.hits.get(table.stem.name.data[stem]!);
  const road = slot.hits.get(table.stem.road.data[stem]!);
  if (name === undefined) return road ?? null;
  return road !== undefined && road.similarity >= name.similarity ? road : name;
}

/** A trailing shop or landmark costs nothing; another road or estate than the recorded one costs half. */
function missedName(table: AddressTable, slot: Slot, stem: number): number {
  if (slot.kind === 'place') return 1;
  const recorded = slot.kind === 'road' ? table.stem.road.data[stem]! : table.stem.name.data[stem]!;
  return recorded === 0 ? T.UNRECORDED : T.CONTRADICTED_NAME;
}

function scoreScope(table: AddressTable, question: Question, stem: number): { score: number; agrees: number } {
  const scope = table.scopes.list[table.stem.scope.data[stem]!]!;
  let score = 1;
  let agrees = 0;
  for (let i = 0; i < LEVELS.length; i++) {
    const outcome = outcomeOf(question.divisions[i]!, scope[i]!);
    if (outcome === CONTRADICTED) score *= contradiction(table, question, i, scope[i]!);
    else if (outcome === MATCHED) agrees = i;
  }
  return { score, agrees };
}

function contradiction(table: AddressTable, question: Question, level: number, recorded: number): number {
  const name = LEVELS[level]!;
  const isTypo =
    question.divisions[level] === -1 &&
    differsInOne(divisionStem(question.components[name]!), table.scopes.divisions.texts[recorded]!);
  return isTypo ? T.DIVISION_TYPO : T.CONTRADICTED_DIVISION[name];
}

function differsInOne(a: string, b: string): boolean {
  if (a.length !== b.length || a.length < 2) return false;
  let different = 0;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) different++;
  return different === 1;
}

/** The outcome of each part of a tail in 3 bits, number first, and its factor. */
export interface TailEvidence {
  factor: number;
  outcomes: number;
  /** The number or building rules the row out, and with it every row of the same number and building. */
  isOtherDoor: boolean;
}

/** Writes the evidence for a row's tail; the factor is 0 where a number rules it out. `into` is reused: this is hot. */
export function scoreTail(
  table: AddressTable,
  question: Question,
  row: number,
  alias: NameHit | null,
  into: TailEvidence,
): void {
  const { parts } = table.row;
  const building = parts[1]!.data[row]!;
  const asked = question.tail;
  into.factor = 0;
  into.isOtherDoor = true;
  const first = scoreNumber(table, question, parts[0]!.data[row]!, building, alias);
  if (first.factor === 0) return;
  const second = first.tookBuilding ? ABSENT : outcomeOf(asked[1]!, building);
  if (second === CONTRADICTED) return;
  into.isOtherDoor = false;
  const known = first.outcome === MATCHED || first.outcome === LOOSE || second === MATCHED;
  const third = outcomeOf(asked[2]!, parts[2]!.data[row]!);
  const fourth = outcomeOf(asked[3]!, parts[3]!.data[row]!);
  if (!known && (third === CONTRADICTED || fourth === CONTRADICTED)) return;
  into.outcomes = first.outcome | (second << 3) | (third << 6) | (fourth << 9);
  into.factor = first.factor * plain(second) * detail(third, T.UNKNOWN_UNIT) * detail(fourth, T.UNKNOWN_ROOM);
}

function plain(outcome: Outcome): number {
  if (outcome === UNSAID) return T.UNSAID;
  return outcome === UNRECORDED ? T.UNRECORDED : 1;
}

function detail(outcome: Outcome, contradicted: number): number {
  return outcome === CONTRADICTED ? contradicted : plain(outcome);
}

interface NumberEvidence {
  factor: number;
  outcome: Outcome;
  /** 3号 was said where the book has 3栋, or the other way round. */
  tookBuilding: boolean;
}

// Made once, since a question scores thousands of numbers.
const OTHER = evidence(0, CONTRADICTED);
const EXACT = evidence(1, MATCHED);
const NEITHER = evidence(1, ABSENT);
const NOT_SAID = evidence(T.UNSAID, UNSAID);
const NOT_RECORDED = evidence(T.UNRECORDED, UNRECORDED);
const IN_RANGE = evidence(T.LOOSE_NUMBER, LOOSE);
const AS_BUILDING = evidence(T.LOOSE_NUMBER, LOOSE, true);
const SUBNUMBER = evidence(T.OTHER_SUBNUMBER, LOOSE);
const BOTH_SUBNUMBERS = evidence(T.OTHER_SUBNUMBER * T.OTHER_SUBNUMBER, LOOSE);

function scoreNumber(
  table: AddressTable,
  question: Question,
  number: number,
  building: number,
  alias: NameHit | null,
): NumberEvidence {
  const asked = question.tail[0]!;
  const askedBuilding = question.tail[1]!;
  if (question.aliasNumber > 0 && alias !== null) return number === question.aliasNumber ? EXACT : OTHER;
  if (asked === 0 && askedBuilding !== 0 && number !== 0 && building === 0) {
    return askedBuilding === number ? AS_BUILDING : OTHER;
  }
  if (asked === 0) return number === 0 ? NEITHER : NOT_SAID;
  if (number !== 0) return scoreDoor(question, asked, number, table.doors[number] ?? null);
  if (alias !== null) return EXACT;
  if (askedBuilding === 0 && building !== 0) return asked === building ? AS_BUILDING : OTHER;
  return NOT_RECORDED;
}

function scoreDoor(question: Question, asked: number, recorded: number, door: Door | null): NumberEvidence {
  if (asked === recorded) return EXACT;
  const said = question.door;
  if (said === null || door === null) return OTHER;
  if (question.range) return door.main >= said.main && door.main <= said.to ? IN_RANGE : OTHER;
  if (said.main === door.main) return said.sub > 0 && door.sub > 0 ? BOTH_SUBNUMBERS : SUBNUMBER;
  return withinRecorded(said.main, door);
}

/** A recorded `9~13` holds the doors of its side; `9-13` may be a sub-number, so it says less. */
function withinRecorded(said: number, door: Door): NumberEvidence {
  if (said <= door.main || said > door.to || (door.to - door.main) % 2 !== (said - door.main) % 2) return OTHER;
  return door.sub > 0 ? SUBNUMBER : IN_RANGE;
}

function evidence(factor: number, outcome: Outcome, tookBuilding = false): NumberEvidence {
  return { factor, outcome, tookBuilding };
}
