import { ByteWriter } from '../geo/bytes.ts';
import { LAYER, writeValue } from '../geo/mvt.ts';
import { EXTENT, type Tile } from '../geo/tile.ts';
import { ownPoint } from '../geo/tilegeometry.ts';
import { LIGHTS, STATUSES } from '../incidents/incidents.schema.ts';
import type { CategoryLayer } from '../incidents/live-categories.ts';
import { type IncidentColumns, KEY_ZOOM } from '../incidents/live-columns.ts';
import { type LiveFilter, lightOf } from '../incidents/live-filter.ts';
import { MICROS_PER_SECOND } from '../live/micros.ts';
import { MAX_POINTS } from './tiles.ts';

/** Properties that are words: the keys before that of the time. */
export const WORDS = 4;
/** In place of a word's number: an id is a text of its own unless it equals a word. */
export const OWN_TEXT = -1;

/** What the points of one tile are written by. */
export class Points {
  readonly filter: LiveFilter;
  readonly tile: Tile;
  readonly categories: CategoryLayer;
  readonly words: Words;

  constructor(filter: LiveFilter, tile: Tile, categories: CategoryLayer) {
    this.filter = filter;
    this.tile = tile;
    this.categories = categories;
    this.words = wordsOf(categories);
  }
}

/** What incidents are called by, each word with a number and encoded once. */
class Words {
  /** By number of a category, status and light, the number of its word. */
  readonly ofCategory: Int32Array;
  readonly ofStatus: Int32Array;
  readonly ofLight: Int32Array;
  /** By number of a word, its value in a layer; and the bytes of all. */
  readonly values: Uint8Array[] = [];
  readonly bytes: number;
  readonly #numbers = new Map<string, number>();

  constructor({ codes }: CategoryLayer) {
    this.ofCategory = Int32Array.from(codes, (code) => this.#add(code));
    this.ofStatus = Int32Array.from(STATUSES, (status) => this.#add(status));
    this.ofLight = Int32Array.from(LIGHTS, (light) => this.#add(light));
    this.bytes = this.values.reduce((sum, { length }) => sum + length, 0);
  }

  get count(): number {
    return this.values.length;
  }

  numberOf(text: string): number | undefined {
    return this.#numbers.get(text);
  }

  #add(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.values.length;
    this.#numbers.set(text, number);
    this.values.push(valueField(text));
    return number;
  }
}

const words = new WeakMap<CategoryLayer, Words>();

function wordsOf(categories: CategoryLayer): Words {
  const known = words.get(categories) ?? new Words(categories);
  words.set(categories, known);
  return known;
}

/** A value as it stands in a layer. */
function valueField(value: string): Uint8Array {
  const [own, field] = [new ByteWriter(), new ByteWriter()];
  writeValue(own, value);
  field.writerField(LAYER.value, own);
  return field.toBytes();
}

/**
 * What is written of some rows. Gathered in a loop that does nothing else, the processor fetches of several columns at
 * once; each of them is elsewhere in memory.
 */
export class Gathered {
  readonly x = new Int32Array(MAX_POINTS);
  readonly y = new Int32Array(MAX_POINTS);
  /** Of each row the words of its id (or `OWN_TEXT`), category, status and light. */
  readonly word = new Int32Array(WORDS * MAX_POINTS);
  readonly seconds = new Float64Array(MAX_POINTS);

  /** @param rows of which those from one place to before another are taken, at most as many as a tile may have */
  take(
    { filter, tile, categories, words }: Points,
    columns: IncidentColumns,
    rows: Uint32Array,
    from: number,
    to: number,
  ): void {
    const { x, y, word, seconds } = this;
    const { ofCategory, ofStatus, ofLight } = words;
    const { ids } = columns;
    for (let i = from; i < to; i++) {
      const row = rows[i]!;
      const at = WORDS * (i - from);
      word[at] = categories.mayBeWord(ids, row) ? (words.numberOf(ids.textOf(row)) ?? OWN_TEXT) : OWN_TEXT;
      word[at + 1] = ofCategory[columns.category[row]!]!;
      word[at + 2] = ofStatus[columns.status[row]!]!;
      word[at + 3] = ofLight[lightOf(filter, columns, row)]!;
      seconds[i - from] = Math.floor(columns.occurred[row]! / MICROS_PER_SECOND);
      x[i - from] = unitX(columns, row, tile);
      y[i - from] = unitY(columns, row, tile);
    }
  }
}

/** As `ownPoint`, from the stored units. */
export function unitX(columns: IncidentColumns, row: number, { x, y, z }: Tile): number {
  if (z > KEY_ZOOM) return ownPoint(columns.lon[row]!, columns.lat[row]!, { x, y, z }).parts[0]![0]!;
  return clampUnit((columns.unitX[row]! >>> (KEY_ZOOM - z)) - x * EXTENT);
}

export function unitY(columns: IncidentColumns, row: number, { x, y, z }: Tile): number {
  if (z > KEY_ZOOM) return ownPoint(columns.lon[row]!, columns.lat[row]!, { x, y, z }).parts[0]![1]!;
  return clampUnit((columns.unitY[row]! >>> (KEY_ZOOM - z)) - y * EXTENT);
}

/** What rounding puts beyond the last unit of a tile is at its edge. */
export function clampUnit(unit: number): number {
  return Math.min(Math.max(unit, 0), EXTENT - 1);
}
