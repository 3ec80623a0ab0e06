/** A parsed question made ready for scoring: words looked up in the book and each name with the names it may mean. */
import { divisionStem, readDivisions } from '../divisions.ts';
import { type Door, isRange, readDoor } from '../doors.ts';
import type { Components } from '../parse.ts';
import { doorKey } from './aliases.ts';
import type { NameHit } from './names.ts';
import { LEVELS, roomOf, STEM_PARTS, TAIL_PARTS } from './parts.ts';
import type { AddressTable } from './table.ts';
import { ALIAS, INSIDE } from './thresholds.ts';

export type SlotKind = 'road' | 'estate' | 'place';

/** One name that was said, and the names of the book it may mean. */
export interface Slot {
  kind: SlotKind;
  text: string;
  hits: Map<number, NameHit>;
}

export interface Question {
  text: string;
  components: Components;
  /** Ids of the divisions said, by level: 0 unsaid, −1 unknown to the book. */
  divisions: number[];
  /** Ids of section, lane, alley, phase and group. */
  stemParts: number[];
  /** Ids of number, building, unit and room. */
  tail: number[];
  door: Door | null;
  range: boolean;
  slots: Slot[];
  /** The ids of a door that an estate is known by: its number is then matched by the estate. */
  aliasNumber: number;
}

export function ask(table: AddressTable, text: string, components: Components): Question {
  const { words } = table;
  const { divisions } = table.scopes;
  const said: Components = { ...components };
  const slots = slotsOf(table, said);
  const door = said.number === undefined ? null : readDoor(said.number);
  return {
    text,
    components: said,
    divisions: LEVELS.map((level) =>
      divisions.find(said[level] === undefined ? undefined : divisionStem(said[level]!)),
    ),
    stemParts: STEM_PARTS.map((part) => words.find(said[part])),
    tail: TAIL_PARTS.map((part) => words.find(part === 'room' ? roomOf(said) : said[part])),
    door,
    range: door !== null && isRange(said.number!, door),
    slots,
    aliasNumber: 0,
  };
}

function slotsOf(table: AddressTable, components: Components): Slot[] {
  const slots: Slot[] = [];
  for (const kind of ['road', 'estate', 'place'] as const) {
    const text = components[kind];
    if (text !== undefined) slots.push({ kind, text: stripDivisions(table, text, components), hits: new Map() });
  }
  const { community } = components;
  if (slots.length === 0 && community !== undefined) {
    const hasNumber = (components.number ?? components.building) !== undefined;
    const text = divisionStem(community);
    if (hasNumber || table.names.find(text) > 0) slots.push({ kind: 'place', text, hits: new Map() });
  }
  return slots;
}

/** Takes known divisions without their kind off the front of an unknown name: 杭州西湖文三路 is 文三路 in 西湖. */
function stripDivisions(table: AddressTable, text: string, components: Components): string {
  let rest = text;
  for (let cut = 2; cut <= 6 && rest.length - cut >= 2; ) {
    if (table.names.find(rest) > 0) return rest;
    const level = levelOf(table, rest.slice(0, cut), components);
    if (level === null) cut++;
    else {
      components[level] = rest.slice(0, cut);
      rest = rest.slice(cut).replace(/^[省市区县镇乡]|^街道/, '');
      cut = 2;
    }
  }
  return table.names.find(rest) > 0 || rest === text ? rest : restore(text, rest);
}

/** Without a known name behind it, the longer text says more. */
function restore(text: string, rest: string): string {
  return rest.length >= 3 ? rest : text;
}

function levelOf(table: AddressTable, name: string, components: Components): (typeof LEVELS)[number] | null {
  const id = table.scopes.divisions.find(name);
  if (id <= 0) return null;
  const position = table.scopes.list.find((scope) => scope.includes(id))?.indexOf(id) ?? -1;
  const level = LEVELS[position];
  return level !== undefined && components[level] === undefined ? level : null;
}

/** Enters the names as they are written, and the other names of the same estate. */
export function lookUpExact(table: AddressTable, question: Question): void {
  for (const slot of question.slots) addHits(slot, table.names.exact(slot.text));
  addAliases(table, question);
}

/** Enters similar names, and names found anywhere in the text. */
export function lookUpLike(table: AddressTable, question: Question): void {
  for (const slot of question.slots) {
    if (slot.kind === 'place' && question.slots.length > 1) continue;
    addHits(slot, table.names.like(slot.text));
  }
  const inside = table.names.inside(question.text).filter((hit) => !isDivisions(table.names.text(hit.name)));
  if (question.slots.length === 0 && inside.length > 0)
    question.slots.push({ kind: 'place', text: question.text, hits: new Map() });
  for (const slot of question.slots) {
    const within = inside.filter((hit) => slot.text.includes(table.names.text(hit.name)));
    const usable = within.length > 0 || question.slots.length > 1 ? within : inside;
    addHits(
      slot,
      usable.map((hit) => ({ ...hit, similarity: insideSimilarity(slot.text, table.names.text(hit.name)) })),
    );
  }
  if (question.slots.length === 0) flatFallback(table, question);
  addAliases(table, question);
}

/** No structure at all: the bigrams of the whole text against all names. */
function flatFallback(table: AddressTable, question: Question): void {
  const hits = table.names.like(question.text).filter((hit) => !isDivisions(table.names.text(hit.name)));
  if (hits.length > 0)
    question.slots.push({ kind: 'place', text: question.text, hits: new Map(hits.map((hit) => [hit.name, hit])) });
}

/** A record of nothing but divisions is meant by its own name only: a similar or longer text names another place. */
function isDivisions(name: string): boolean {
  return readDivisions(name, 0, {}) === name.length;
}

function addHits(slot: Slot, hits: readonly NameHit[]): void {
  for (const hit of hits) {
    const known = slot.hits.get(hit.name);
    if (known === undefined || known.similarity < hit.similarity) slot.hits.set(hit.name, hit);
  }
}

/** 朝阳路12号3栋 also means building 3 of the estate behind that door, and the estate's buildings those behind its door. */
function addAliases(table: AddressTable, question: Question): void {
  const [road, estate] = [slotOf(question, 'road'), slotOf(question, 'estate')];
  const { number } = question.components;
  const isInside = question.tail.some((part, i) => i > 0 && part !== 0);
  if (road !== undefined && estate === undefined && number !== undefined && isInside) {
    for (const hit of [...road.hits.values()]) {
      const estates = table.aliases.estatesAt.get(doorKey(hit.name, question.stemParts, number));
      for (const name of estates ?? []) addHits(road, [{ name, similarity: hit.similarity * ALIAS, via: 'alias' }]);
    }
  }
  if (estate !== undefined && road === undefined && number === undefined) addDoors(table, question, estate);
}

function addDoors(table: AddressTable, question: Question, estate: Slot): void {
  for (const hit of [...estate.hits.values()]) {
    const doors = table.aliases.doorsOf.get(hit.name);
    if (doors?.size !== 1) continue;
    const [road, , , , number] = [...doors][0]!.split(',');
    question.aliasNumber = table.words.find(number);
    addHits(estate, [{ name: Number(road), similarity: hit.similarity * ALIAS, via: 'alias' }]);
  }
}

export function slotOf(question: Question, kind: SlotKind): Slot | undefined {
  return question.slots.find((slot) => slot.kind === kind);
}

/** How far a name that was found inside a longer one is trusted: by how much of it the name explains. */
export function insideSimilarity(asked: string, name: string): number {
  return INSIDE * Math.min(1, 0.5 + name.length / (2 * asked.length));
}
