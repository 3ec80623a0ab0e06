import { ByteWriter } from '../geo/bytes.ts';
import { FEATURE, LAYER, MOVE_TO_ONE, POINT, VALUE, writeValue } from '../geo/mvt.ts';
import { EXTENT, type Tile } from '../geo/tile.ts';
import { ownPoint } from '../geo/tilegeometry.ts';
import { LIGHTS, STATUSES } from '../incidents/incidents.schema.ts';
import type { CategoryLayer } from '../incidents/live-categories.ts';
import { type IncidentColumns, KEY_ZOOM } from '../incidents/live-columns.ts';
import { type LiveFilter, lightOf } from '../incidents/live-filter.ts';
import type { IdColumn } from '../incidents/live-ids.ts';
import { MICROS_PER_SECOND } from '../live/micros.ts';
import { beginLayer, endLayer } from './live-layer.ts';
import { NumberIndexes } from './live-numbers.ts';
import { MAX_POINTS } from './tiles.ts';

/** The properties of a point, and of the point of a cell. */
export const POINT_KEYS = ['id', 'category', 'status', 'light', 'occurred'];
export const CELL_KEYS = ['cell', 'n'];

/** The first bytes of a feature, of the value of an id, of seconds and of a feature's geometry; lengths lie between. */
const FEATURE_HEAD = (LAYER.feature << 3) | 2 | (((FEATURE.tags << 3) | 2) << 16);
const TEXT_HEAD = (LAYER.value << 3) | 2 | (((VALUE.string << 3) | 2) << 16);
const SECONDS_HEAD = (LAYER.value << 3) | 2 | (6 << 8) | ((VALUE.uint << 3) << 16) | (0x80 << 24);
const POINT_HEAD = (FEATURE.type << 3) | (POINT << 8) | (((FEATURE.geometry << 3) | 2) << 16);
/** The least number whose varint takes five bytes. */
const LEAST_OF_FIVE = 2 ** 28;
/** Properties that are words: the keys before that of the time. */
const WORDS = 4;
/** In place of a word's number: an id is a text of its own unless it equals a word. */
const OWN_TEXT = -1;
/** Bytes of a feature, and of the values that it may bring beside words, at most. */
const [MOST_OF_FEATURE, MOST_OF_VALUES] = [64, 96];

/**
 * Writes the incidents of a tile point by point, straight from their columns. The bytes are those of `encodeTile` for the
 * same features.
 */
export class PointLayer {
  readonly #layer = new ByteWriter(1 << 16);
  readonly #values = new ByteWriter(1 << 16);
  readonly #value = new ByteWriter(128);
  readonly #gathered = new Gathered();
  readonly #numbers = new NumberIndexes();
  /** By number of a word, its index; -1: it is not there yet. */
  #byWord = new Int32Array(0);
  #keys: readonly string[] = POINT_KEYS;
  #valueCount = 0;
  #isEmpty = true;

  /** Forget the layer before. */
  begin(keys: readonly string[]): void {
    this.#keys = keys;
    this.#layer.clear();
    this.#values.clear();
    this.#numbers.clear();
    this.#byWord.fill(-1);
    this.#valueCount = 0;
    this.#isEmpty = true;
    beginLayer(this.#layer, 'incidents');
  }

  /**
   * Write some rows of columns in the order of a list, from one place in it to before another. What changes from value to
   * value is in variables of the loop: looked up in objects each time, it would take a tenth longer.
   */
  add(points: Points, columns: IncidentColumns, rows: Uint32Array, from: number, to: number): void {
    const { x, y, word, seconds } = this.#gathered;
    const { words } = points;
    this.#gathered.take(points, columns, rows, from, to);
    if (this.#byWord.length < words.count) this.#byWord = new Int32Array(words.count).fill(-1);
    const byWord = this.#byWord;
    const n = to - from;
    const view = this.#layer.viewOf(n * MOST_OF_FEATURE);
    const values = this.#values.viewOf(n * MOST_OF_VALUES + words.bytes);
    let end = this.#layer.length;
    let valuesEnd = this.#values.length;
    let count = this.#valueCount;
    for (let i = 0; i < n; i++) {
      const start = end;
      // Tags first, behind room for what says how long feature and tags are: a byte each, as they are short.
      end += 4;
      for (let key = 0; key < WORDS; key++) {
        const own = word[WORDS * i + key]!;
        let index = own === OWN_TEXT ? -1 : byWord[own]!;
        if (index < 0) {
          index = count++;
          if (own === OWN_TEXT) valuesEnd = putId(values, valuesEnd, columns.ids, rows[from + i]!);
          else {
            byWord[own] = index;
            valuesEnd = words.put(values, valuesEnd, own);
          }
        }
        end = putTag(view, end, key, index);
      }
      let index = this.#numbers.getOrPut(seconds[i]!, count);
      if (index < 0) {
        index = count++;
        valuesEnd = this.#putNumber(values, valuesEnd, seconds[i]!);
      }
      end = putTag(view, end, WORDS, index);
      const tags = end - start - 4;
      end = putPoint(view, end, x[i]!, y[i]!);
      view.setUint32(start, FEATURE_HEAD | ((end - start - 2) << 8) | (tags << 24), true);
    }
    this.#layer.moveTo(end);
    this.#values.moveTo(valuesEnd);
    this.#valueCount = count;
    if (n > 0) this.#isEmpty = false;
  }

  /** Write the point of a cell; cells come once. */
  addCell(cell: string, n: number, x: number, y: number): void {
    const view = this.#layer.viewOf(MOST_OF_FEATURE);
    const start = this.#layer.length;
    let end = putTag(view, start + 4, 0, this.#indexOfCell(cell));
    end = putTag(view, end, 1, this.#indexOfNumber(n));
    const tags = end - start - 4;
    end = putPoint(view, end, x, y);
    view.setUint32(start, FEATURE_HEAD | ((end - start - 2) << 8) | (tags << 24), true);
    this.#layer.moveTo(end);
    this.#isEmpty = false;
  }

  /** The layer's bytes in a tile; empty without features. */
  finish(): Uint8Array {
    return this.#isEmpty ? new Uint8Array(0) : endLayer(this.#layer, this.#keys, this.#values);
  }

  /** Cells are numbers of 15 hexadecimal digits. */
  #indexOfCell(cell: string): number {
    const { length } = cell;
    const view = this.#values.viewOf(MOST_OF_VALUES);
    const start = this.#values.length;
    view.setUint32(start, TEXT_HEAD | ((length + 2) << 8) | (length << 24), true);
    for (let i = 0; i < length; i++) view.setUint8(start + 4 + i, cell.charCodeAt(i));
    this.#values.moveTo(start + 4 + length);
    return this.#valueCount++;
  }

  #indexOfNumber(number: number): number {
    const known = this.#numbers.getOrPut(number, this.#valueCount);
    if (known >= 0) return known;
    const view = this.#values.viewOf(MOST_OF_VALUES);
    this.#values.moveTo(this.#putNumber(view, this.#values.length, number));
    return this.#valueCount++;
  }

  /** A number as it stands in a layer; there has to be room. @returns where the next value goes */
  #putNumber(view: DataView, at: number, number: number): number {
    if (number >= LEAST_OF_FIVE && number < 2 ** 31) return putSeconds(view, at, number);
    const [value, values] = [this.#value, this.#values];
    value.clear();
    writeValue(value, number);
    values.moveTo(at);
    values.writerField(LAYER.value, value);
    return values.length;
  }
}

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
  /** Of all values. */
  readonly bytes: number;
  readonly #values: Uint8Array[] = [];
  readonly #numbers = new Map<string, number>();

  constructor({ codes }: CategoryLayer) {
    this.ofCategory = Int32Array.from(codes, (code) => this.#add(code));
    this.ofStatus = Int32Array.from(STATUSES, (status) => this.#add(status));
    this.ofLight = Int32Array.from(LIGHTS, (light) => this.#add(light));
    this.bytes = this.#values.reduce((sum, { length }) => sum + length, 0);
  }

  get count(): number {
    return this.#values.length;
  }

  numberOf(text: string): number | undefined {
    return this.#numbers.get(text);
  }

  /** A word as its value stands in a layer. @returns where the next value goes */
  put(view: DataView, at: number, word: number): number {
    return putBytes(view, at, this.#values[word]!);
  }

  #add(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#values.length;
    this.#numbers.set(text, number);
    this.#values.push(valueField(text));
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

// Several bytes are written as one little-endian number. Bytes of it beyond what is meant are written over by what follows.

/** The index of a key, which takes a byte, and that of its value. */
function putTag(view: DataView, at: number, key: number, index: number): number {
  if (index < 0x80) {
    view.setUint16(at, key | (index << 8), true);
    return at + 2;
  }
  // Values are at most three to a point: their indexes fit three bytes.
  view.setUint32(at, key | (((index & 0x7f) | 0x80) << 8) | (varintOf(index >>> 7) << 16), true);
  return at + (index < 0x4000 ? 3 : 4);
}

/** An id as its value stands in a layer. @returns where the next value goes */
function putId(view: DataView, at: number, ids: IdColumn, row: number): number {
  const length = ids.lengthOf(row);
  // Ids are at most 64 bytes long, so that their length takes one.
  view.setUint32(at, TEXT_HEAD | ((length + 2) << 8) | (length << 24), true);
  return ids.writeTo(view, at + 4, row);
}

/** As `writeValue` a whole number whose varint takes five bytes. @returns where the next value goes */
function putSeconds(view: DataView, at: number, seconds: number): number {
  view.setUint32(at, SECONDS_HEAD | ((seconds & 0x7f) << 24), true);
  const middle = ((seconds >>> 7) & 0x7f) | (((seconds >>> 14) & 0x7f) << 8) | (((seconds >>> 21) & 0x7f) << 16);
  view.setUint32(at + 4, middle | ((seconds >>> 28) << 24) | 0x808080, true);
  return at + 8;
}

function putBytes(view: DataView, at: number, bytes: Uint8Array): number {
  for (let i = 0; i < bytes.length; i++) view.setUint8(at + i, bytes[i]!);
  return at + bytes.length;
}

/** The type and geometry of a feature. */
function putPoint(view: DataView, at: number, x: number, y: number): number {
  view.setUint32(at, POINT_HEAD, true);
  view.setUint8(at + 4, MOVE_TO_ONE);
  const end = putUnit(view, putUnit(view, at + 5, x), y);
  view.setUint8(at + 3, end - at - 4);
  return end;
}

/** A unit of the tile, zigzagged: at most two bytes. */
function putUnit(view: DataView, at: number, unit: number): number {
  const zigzag = unit << 1;
  view.setUint16(at, varintOf(zigzag), true);
  return at + (zigzag < 0x80 ? 1 : 2);
}

/** A number below 2^14 as the one or two bytes of its varint. */
function varintOf(number: number): number {
  return number < 0x80 ? number : (number & 0x7f) | 0x80 | ((number >>> 7) << 8);
}

/**
 * What is written of some rows. Gathered in a loop that does nothing else, the processor fetches of several columns at
 * once; each of them is elsewhere in memory.
 */
class Gathered {
  readonly x = new Int32Array(MAX_POINTS);
  readonly y = new Int32Array(MAX_POINTS);
  /** Of the id, the category, the status and the light of each; or `OWN_TEXT`. */
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
