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

  /** Write some rows of columns in the order of a list, from one place in it to before another. */
  add(points: Points, columns: IncidentColumns, rows: Uint32Array, from: number, to: number): void {
    const { x, y, category, status, light, seconds } = this.#gathered;
    const { words } = points;
    this.#gathered.take(points, columns, rows, from, to);
    if (this.#byWord.length < words.count) this.#byWord = new Int32Array(words.count).fill(-1);
    const view = this.#layer.viewOf((to - from) * MOST_OF_FEATURE);
    let end = this.#layer.length;
    for (let i = from; i < to; i++) {
      const start = end;
      // Tags first, behind room for what says how long feature and tags are: a byte each, as they are short.
      end = putTag(view, start + 4, 0, this.#indexOfId(points, columns.ids, rows[i]!));
      end = putTag(view, end, 1, this.#indexOfWord(words, words.ofCategory[category[i - from]!]!));
      end = putTag(view, end, 2, this.#indexOfWord(words, words.ofStatus[status[i - from]!]!));
      end = putTag(view, end, 3, this.#indexOfWord(words, words.ofLight[light[i - from]!]!));
      end = putTag(view, end, 4, this.#indexOfNumber(seconds[i - from]!));
      const tags = end - start - 4;
      end = putPoint(view, end, x[i - from]!, y[i - from]!);
      view.setUint32(start, FEATURE_HEAD | ((end - start - 2) << 8) | (tags << 24), true);
    }
    this.#layer.moveTo(end);
    if (to > from) this.#isEmpty = false;
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

  #indexOfId({ categories, words }: Points, ids: IdColumn, row: number): number {
    const word = categories.mayBeWord(ids, row) ? words.numberOf(ids.textOf(row)) : undefined;
    if (word !== undefined) return this.#indexOfWord(words, word);
    const length = ids.lengthOf(row);
    const view = this.#values.viewOf(MOST_OF_VALUES);
    const start = this.#values.length;
    // Ids are at most 64 bytes long, so that their length takes one.
    view.setUint32(start, TEXT_HEAD | ((length + 2) << 8) | (length << 24), true);
    this.#values.moveTo(ids.writeTo(view, start + 4, row));
    return this.#valueCount++;
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

  #indexOfWord({ values }: Words, word: number): number {
    const known = this.#byWord[word]!;
    if (known >= 0) return known;
    this.#byWord[word] = this.#valueCount;
    const value = values[word]!;
    this.#values.slice(value, 0, value.length);
    return this.#valueCount++;
  }

  #indexOfNumber(number: number): number {
    const known = this.#numbers.getOrPut(number, this.#valueCount);
    if (known >= 0) return known;
    if (number >= LEAST_OF_FIVE && number < 2 ** 31) this.#putSeconds(number);
    else this.#putValue(number);
    return this.#valueCount++;
  }

  /** As `writeValue` a whole number whose varint takes five bytes. */
  #putSeconds(seconds: number): void {
    const view = this.#values.viewOf(MOST_OF_VALUES);
    const start = this.#values.length;
    view.setUint32(start, SECONDS_HEAD | ((seconds & 0x7f) << 24), true);
    const middle = ((seconds >>> 7) & 0x7f) | (((seconds >>> 14) & 0x7f) << 8) | (((seconds >>> 21) & 0x7f) << 16);
    view.setUint32(start + 4, middle | ((seconds >>> 28) << 24) | 0x808080, true);
    this.#values.moveTo(start + 8);
  }

  #putValue(value: number): void {
    this.#value.clear();
    writeValue(this.#value, value);
    this.#values.writerField(LAYER.value, this.#value);
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
  /** By number of a word, its value in a layer. */
  readonly values: Uint8Array[] = [];
  /** By number of a category, status and light, the number of its word. */
  readonly ofCategory: Int32Array;
  readonly ofStatus: Int32Array;
  readonly ofLight: Int32Array;
  readonly #numbers = new Map<string, number>();

  constructor({ codes }: CategoryLayer) {
    this.ofCategory = Int32Array.from(codes, (code) => this.#put(code));
    this.ofStatus = Int32Array.from(STATUSES, (status) => this.#put(status));
    this.ofLight = Int32Array.from(LIGHTS, (light) => this.#put(light));
  }

  get count(): number {
    return this.values.length;
  }

  numberOf(text: string): number | undefined {
    return this.#numbers.get(text);
  }

  #put(text: string): number {
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
  readonly category = new Int32Array(MAX_POINTS);
  readonly status = new Int32Array(MAX_POINTS);
  readonly light = new Int32Array(MAX_POINTS);
  readonly seconds = new Float64Array(MAX_POINTS);

  /** @param rows of which those from one place to before another are taken, at most as many as a tile may have */
  take({ filter, tile }: Points, columns: IncidentColumns, rows: Uint32Array, from: number, to: number): void {
    const { x, y, category, status, light, seconds } = this;
    for (let i = from; i < to; i++) {
      const row = rows[i]!;
      category[i - from] = columns.category[row]!;
      status[i - from] = columns.status[row]!;
      seconds[i - from] = Math.floor(columns.occurred[row]! / MICROS_PER_SECOND);
      light[i - from] = lightOf(filter, columns, row);
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
