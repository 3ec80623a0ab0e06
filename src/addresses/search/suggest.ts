/** Completions while typing: names by their beginning (as written, in pinyin, by initials), then addresses. */
import { type Divisions, divisionStem, readDivisions } from '../divisions.ts';
import { type Components, parse } from '../parse.ts';
import type { Suggestion } from './match.ts';
import { LEVELS, roomOf, STEM_PARTS, TAIL_PARTS } from './parts.ts';
import type { AddressTable } from './table.ts';

/** Names and rows read for one list. */
const MAX_NAMES = 400;
const MAX_ROWS = 20_000;
/** New names are searched one by one until there are this many; then they are sorted in. */
const MAX_UNSORTED = 2000;

/** Names in the order of their text, pinyin and initials. About 12 bytes a name. */
export class NamePrefixes {
  private readonly table: AddressTable;
  private sorted = 0;
  private orders: { key: (name: number) => string; names: Uint32Array }[] = [];

  constructor(table: AddressTable) {
    this.table = table;
  }

  /** Sorts the names; called when a book has been read, and again when many were added. */
  sort(): void {
    const { names } = this.table;
    names.spell();
    this.sorted = names.count;
    const keys = [
      (name: number) => names.text(name),
      (name: number) => names.spellings[name]!,
      (name: number) => names.initials[name]!,
    ];
    this.orders = keys.map((key) => ({ key, names: sortedBy(this.sorted, key) }));
  }

  /** Ids of names that begin with `prefix`, shortest first. */
  find(prefix: string): number[] {
    const { names } = this.table;
    if (names.count - this.sorted > MAX_UNSORTED || this.sorted === 0) this.sort();
    const found = new Set<number>();
    const isLatin = /^[0-9A-Z]+$/.test(prefix);
    for (const order of isLatin ? this.orders : this.orders.slice(0, 1)) collect(order, prefix, found);
    names.spell();
    for (let name = this.sorted; name < names.count; name++) {
      const keys = [names.text(name), ...(isLatin ? [names.spellings[name]!, names.initials[name]!] : [])];
      if (keys.some((key) => key.startsWith(prefix))) found.add(name);
    }
    return [...found].sort((a, b) => names.text(a).length - names.text(b).length || a - b);
  }
}

function sortedBy(count: number, key: (name: number) => string): Uint32Array {
  const names = Array.from({ length: Math.max(count - 1, 0) }, (_, i) => i + 1);
  names.sort((a, b) => {
    const [keyA, keyB] = [key(a), key(b)];
    return keyA < keyB ? -1 : keyA > keyB ? 1 : a - b;
  });
  return Uint32Array.from(names);
}

function collect(
  order: { key: (name: number) => string; names: Uint32Array },
  prefix: string,
  into: Set<number>,
): void {
  let [low, high] = [0, order.names.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (order.key(order.names[middle]!) < prefix) low = middle + 1;
    else high = middle;
  }
  const end = Math.min(order.names.length, low + MAX_NAMES);
  for (let i = low; i < end && order.key(order.names[i]!).startsWith(prefix); i++) into.add(order.names[i]!);
}

interface Typed {
  divisions: Divisions;
  name: string;
  /** What follows the name; its last part is unfinished. */
  components: Components;
  hasTail: boolean;
}

/** Completions of a normalised text, at most `limit`: names first while none is complete, then its addresses. */
export function suggest(table: AddressTable, prefixes: NamePrefixes, normalised: string, limit: number): Suggestion[] {
  const typed = read(table, normalised);
  if (typed === null) return [];
  const names = typed.hasTail ? exactName(table, typed.name) : prefixes.find(typed.name);
  const suggestions: Suggestion[] = [];
  const budget = { rows: MAX_ROWS };
  for (const name of names) {
    if (suggestions.length >= limit || budget.rows <= 0) break;
    if (typed.hasTail) addAddresses(table, typed, name, limit, suggestions, budget);
    else addName(table, typed, name, limit, suggestions, budget);
  }
  return suggestions;
}

function read(table: AddressTable, normalised: string): Typed | null {
  const divisions: Divisions = {};
  const start = readDivisions(normalised, 0, divisions);
  const rest = normalised.slice(start);
  if (rest === '') return null;
  const components = parse(rest);
  const latin = /^([A-Z]+(?: [A-Z]+)*?)(?: ?\d.*)?$/.exec(rest)?.[1]?.replace(/ /g, '');
  const written = latin ?? components.estate ?? components.road ?? components.place ?? /^[^\d]+/.exec(rest)?.[0];
  if (written === undefined) return null;
  const hasTail = /\d/.test(rest) && table.names.find(rest) <= 0;
  return { divisions, name: hasTail ? written : (latin ?? rest), components, hasTail };
}

function exactName(table: AddressTable, text: string): number[] {
  const exact = table.names.find(text);
  return exact > 0 ? [exact] : table.names.like(text).map((hit) => hit.name);
}

function isInside(table: AddressTable, stem: number, divisions: Divisions): boolean {
  const scope = table.scopes.list[table.stem.scope.data[stem]!]!;
  return LEVELS.every((level, i) => {
    const said = divisions[level];
    return said === undefined || scope[i] === 0 || table.scopes.divisions.texts[scope[i]!] === divisionStem(said);
  });
}

/** One suggestion per scope of the name, at its first living row. */
function addName(
  table: AddressTable,
  typed: Typed,
  name: number,
  limit: number,
  into: Suggestion[],
  budget: { rows: number },
): void {
  const scopes = new Set<string>();
  table.forStems(name, (stem) => {
    if (into.length >= limit || budget.rows-- <= 0) return false;
    if (!isInside(table, stem, typed.divisions)) return true;
    const scope = scopeText(table, stem);
    const row = firstRow(table, stem);
    if (row < 0 || scopes.has(scope)) return true;
    scopes.add(scope);
    into.push({
      text: scope + table.names.text(name),
      kind: 'name',
      id: table.id(row),
      lon: table.lon(row),
      lat: table.lat(row),
    });
    return true;
  });
}

function scopeText(table: AddressTable, stem: number): string {
  const scope = table.scopes.list[table.stem.scope.data[stem]!]!;
  return table.scopes.divisions.texts[scope[2]!]!;
}

function firstRow(table: AddressTable, stem: number): number {
  for (let link = table.stem.firstRow.data[stem]!; link !== 0; link = table.row.next.data[link - 1]!) {
    if (table.isAlive(link - 1)) return link - 1;
  }
  return -1;
}

function addAddresses(
  table: AddressTable,
  typed: Typed,
  name: number,
  limit: number,
  into: Suggestion[],
  budget: { rows: number },
): void {
  const rows: number[] = [];
  const asked = askedParts(typed.components);
  table.forStems(name, (stem) => {
    if (budget.rows <= 0 || !isInside(table, stem, typed.divisions)) return budget.rows > 0;
    for (
      let link = table.stem.firstRow.data[stem]!;
      link !== 0 && budget.rows-- > 0;
      link = table.row.next.data[link - 1]!
    ) {
      if (table.isAlive(link - 1) && begins(table, stem, link - 1, asked)) rows.push(link - 1);
    }
    return true;
  });
  rows.sort((a, b) => doorOf(table, a) - doorOf(table, b) || a - b);
  const seen = new Set(into.map((suggestion) => suggestion.text));
  for (const row of rows) {
    if (into.length >= limit) return;
    const text = table.text(row);
    if (seen.has(text)) continue;
    seen.add(text);
    into.push({ text, kind: 'address', id: table.id(row), lon: table.lon(row), lat: table.lat(row) });
  }
}

/** The typed parts in their order; only the last may be unfinished. */
function askedParts(components: Components): string[] {
  const values = [...STEM_PARTS, ...TAIL_PARTS].map(
    (part) => (part === 'room' ? roomOf(components) : components[part]) ?? '',
  );
  return values;
}

function begins(table: AddressTable, stem: number, row: number, asked: readonly string[]): boolean {
  const ids = [
    ...table.stem.parts.map((column) => column.data[stem]!),
    ...table.row.parts.map((column) => column.data[row]!),
  ];
  const last = asked.findLastIndex((value) => value !== '');
  return asked.every((value, i) => {
    const recorded = table.words.texts[ids[i]!]!;
    return value === '' || (i === last ? recorded.startsWith(value) : recorded === value);
  });
}

function doorOf(table: AddressTable, row: number): number {
  return table.doors[table.row.parts[0]!.data[row]!]?.main ?? 0;
}
