import { ByteWriter } from '../geo/bytes.ts';
import { FEATURE, LAYER, MOVE_TO_ONE, POINT, VALUE, writeValue } from '../geo/mvt.ts';
import type { IncidentColumns } from '../incidents/live-columns.ts';
import type { IdColumn } from '../incidents/live-ids.ts';
import { beginLayer, endLayer } from './live-layer.ts';
import { NumberIndexes } from './live-numbers.ts';
import { Gathered, OWN_TEXT, type Points, WORDS } from './live-point-rows.ts';

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
/** Bytes before its tags: they begin with how long feature and tags are, a byte each, as both are short. */
const HEAD_OF_FEATURE = 4;
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
      end += HEAD_OF_FEATURE;
      for (let key = 0; key < WORDS; key++) {
        const own = word[WORDS * i + key]!;
        let index = own === OWN_TEXT ? -1 : byWord[own]!;
        if (index < 0) {
          index = count++;
          if (own === OWN_TEXT) valuesEnd = putId(values, valuesEnd, columns.ids, rows[from + i]!);
          else {
            byWord[own] = index;
            valuesEnd = putBytes(values, valuesEnd, words.values[own]!);
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
      end = endFeature(view, start, end, x[i]!, y[i]!);
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
    const end = putTag(view, start + HEAD_OF_FEATURE, 0, this.#indexOfCell(cell));
    const tagsEnd = putTag(view, end, 1, this.#indexOfNumber(n));
    this.#layer.moveTo(endFeature(view, start, tagsEnd, x, y));
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
    const start = putTextHead(view, this.#values.length, length);
    for (let i = 0; i < length; i++) view.setUint8(start + i, cell.charCodeAt(i));
    this.#values.moveTo(start + length);
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
  return ids.writeTo(view, putTextHead(view, at, ids.lengthOf(row)), row);
}

/** What is before a text of few bytes, as ids and cells are: its length takes one byte. @returns where the text goes */
function putTextHead(view: DataView, at: number, length: number): number {
  view.setUint32(at, TEXT_HEAD | ((length + 2) << 8) | (length << 24), true);
  return at + 4;
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

/** What is behind the tags of a feature, and before them. @returns where the next feature goes */
function endFeature(view: DataView, start: number, tagsEnd: number, x: number, y: number): number {
  const end = putPoint(view, tagsEnd, x, y);
  view.setUint32(start, FEATURE_HEAD | ((end - start - 2) << 8) | ((tagsEnd - start - HEAD_OF_FEATURE) << 24), true);
  return end;
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
