/**
 * An address into its components, by a grammar of numbers and their unit words. Names are what stands between numbers,
 * so reordered parts parse as well as ordered ones. Nothing is guessed: a part that is not said is absent, and no text
 * defaults to a city.
 */
import { type Divisions, readDivisions } from './divisions.ts';
import { parseLatin } from './latin.ts';
import { type NamePart, splitNames } from './names.ts';

export interface Components extends Divisions {
  road?: string;
  /** The number of 段. */
  section?: string;
  /** The number of 巷, with the direction of a named one (`东2`). */
  lane?: string;
  /** The number of 弄. */
  alley?: string;
  /** The number of a villagers' 组, each of which counts its doors from 1. */
  group?: string;
  /** `12`, `12-3`, or a range `1~30`; `31-60` may be either. */
  number?: string;
  estate?: string;
  /** The number of 期, a phase of an estate. */
  phase?: string;
  building?: string;
  unit?: string;
  floor?: string;
  room?: string;
  /** A shop, landmark or other name that is neither road nor estate. */
  place?: string;
  /** The other road of a crossing. */
  crossing?: string;
  /** What no rule took. */
  rest?: string;
}

type Unit = '栋' | '单元' | '层' | '室' | '号' | '巷' | '弄' | '段' | '期' | '邻' | '组' | '';

const PART_OF: Readonly<Record<Exclude<Unit, ''>, keyof Components>> = {
  栋: 'building',
  单元: 'unit',
  层: 'floor',
  室: 'room',
  号: 'number',
  巷: 'lane',
  弄: 'alley',
  段: 'section',
  期: 'phase',
  邻: 'neighbourhood',
  组: 'group',
};

const DIVISION_WORD = /[省市区县镇乡旗盟州村里]|街道|员会|居委会|村委会/;

const TOKEN =
  /([0-9A-Z]+(?:[-~ ][0-9A-Z]+)*|(?:[甲乙丙丁戊己庚辛东西南北主](?=栋)))(栋|单元|层|室|号(?!线|桥|路)|巷|弄|段|期|邻|组)?/g;

/** Components of a normalised text (see `normalise`). Linear in its length. */
export function parse(normalised: string): Components {
  if (!/[\u3400-\u9fff]/.test(normalised)) return parseLatin(normalised);
  const parser = new Parser(normalised);
  TOKEN.lastIndex = 0;
  for (let m = TOKEN.exec(normalised); m !== null; m = TOKEN.exec(normalised)) {
    parser.token(m.index, m[1]!, (m[2] ?? '') as Unit, TOKEN.lastIndex);
  }
  return parser.finish();
}

class Parser {
  private readonly components: Components = {};
  private readonly text: string;
  /** Where the name that is being read begins. */
  private nameStart = 0;
  /** The part before the present position: it tells what a bare number is. */
  private last: keyof Components | null = null;
  /** 东 of 东2巷, a lane that is named by its direction. */
  private lanePrefix = '';

  constructor(text: string) {
    this.text = text;
  }

  token(start: number, value: string, unit: Unit, end: number): void {
    const words = /^((?:[A-Z]{3,}(?: [A-Z]+)*))(?: ?(\d.*))?$/.exec(value);
    if (words !== null || (unit === '' && !/^\d/.test(value))) {
      if (words?.[2] === undefined) return;
      this.numberToken(start + value.length - words[2].length, words[2], unit, end);
    } else this.numberToken(start, value, unit, end);
  }

  private numberToken(start: number, value: string, unit: Unit, end: number): void {
    this.name(start, unit);
    if (unit === '') this.bare(value.split(/[- ]/), value);
    else this.assign(unit, value);
    this.nameStart = end;
  }

  private assign(unit: Exclude<Unit, ''>, value: string): void {
    const part = PART_OF[unit];
    const pieces = value.split('-');
    if (unit === '室' && pieces.length > 1) this.bare(pieces, value);
    else if (unit === '号' && this.isInside()) this.set('room', value);
    else this.set(part, unit === '巷' ? this.lanePrefix + value : value);
  }

  /** A bare `3-2-501` behind an estate is building, unit, room; behind a road the first number is the door. */
  private bare(pieces: string[], value: string): void {
    const numbers = pieces.filter((piece) => piece !== '');
    if (this.components.number === undefined && this.isAtRoad()) {
      this.set('number', numbers.length <= 2 ? value : numbers[0]!);
      if (numbers.length <= 2) return;
      numbers.shift();
    }
    if (this.isInside()) this.tail(numbers);
    else if (numbers.length > 1) {
      this.set('building', numbers[0]!);
      this.tail(numbers.slice(1));
    } else this.set(numbers[0]!.length >= 3 || this.last === 'number' ? 'room' : 'building', numbers[0]!);
  }

  private tail(numbers: string[]): void {
    if (numbers.length > 1 && this.components.unit === undefined) this.set('unit', numbers[0]!);
    if (numbers.length > 0) this.set('room', numbers[numbers.length - 1]!);
  }

  /** Behind a building, unit or floor 4号 is a door inside. */
  private isInside(): boolean {
    return this.last === 'building' || this.last === 'unit' || this.last === 'floor';
  }

  private isAtRoad(): boolean {
    const { last } = this;
    return last === 'road' || last === 'section' || last === 'lane' || last === 'alley' || last === 'group';
  }

  private set(part: keyof Components, value: string): void {
    if (this.components[part] === undefined) this.components[part] = value;
    this.last = part;
  }

  /** The name between the last number and `end`; `next` is the unit word that follows. */
  private name(end: number, next: Unit | null): void {
    if (end <= this.nameStart) return;
    const start = this.divisions(end);
    if (start >= end) return;
    const stop = next === null ? this.trailingDivisions(start, end) : end;
    for (const part of splitNames(this.text.slice(start, stop).trim())) this.place(part, next);
  }

  /**
   * Reads two or more divisions that end the text behind a name, as in a reordered address: the most that can be read,
   * from as late as they can be. Returns where they begin.
   */
  private trailingDivisions(start: number, end: number): number {
    if (!DIVISION_WORD.test(this.text.slice(start + 2, end))) return end;
    const count = (components: Divisions) => Object.keys(components).length;
    let most: Divisions = this.components;
    let begin = end;
    for (let position = start + 2; position < end - 3; position++) {
      const read: Divisions = { ...this.components };
      if (readDivisions(this.text, position, read) < end || count(read) < count(this.components) + 2) continue;
      if (count(read) < count(most)) continue;
      most = read;
      begin = position;
    }
    Object.assign(this.components, most);
    return begin;
  }

  /** Reads divisions where one of their words occurs in the name; a 邻 stands behind its number. */
  private divisions(end: number): number {
    const isLikely = DIVISION_WORD.test(this.text.slice(this.nameStart, end));
    return isLikely ? readDivisions(this.text, this.nameStart, this.components) : this.nameStart;
  }

  private place(part: NamePart, next: Unit | null): void {
    const { components } = this;
    const inside = next === '栋' || next === '单元' || next === '室' || next === '期';
    if (part.kind === 'road') this.road(part.name);
    else if (part.kind === 'direction' && next === '巷') this.lanePrefix = part.name;
    else if (components.road === undefined && (next === '段' || next === '巷')) this.set('road', part.name);
    else if (components.estate === undefined && (part.kind === 'estate' || inside)) this.set('estate', part.name);
    else if (components.place === undefined) this.set('place', part.name);
    else components.rest = (components.rest ?? '') + part.name;
  }

  private road(name: string): void {
    if (this.components.road === undefined) this.set('road', name);
    else if (this.components.number === undefined && this.components.crossing === undefined) this.set('crossing', name);
    else this.components.rest = (this.components.rest ?? '') + name;
  }

  finish(): Components {
    this.name(this.text.length, null);
    return this.components;
  }
}
