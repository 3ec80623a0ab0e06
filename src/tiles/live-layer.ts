import { ByteWriter, putVarint, zigzagOf } from '../geo/bytes.ts';
import {
  FEATURE,
  LAYER,
  MOVE_TO_ONE,
  POLYGON,
  TILE,
  type TileGeometry,
  VALUE,
  writeCommands,
  writeValue,
} from '../geo/mvt.ts';
import { EXTENT, type Tile } from '../geo/tile.ts';
import type { DrawnShape } from '../live/shape.ts';
import type { Sheet } from '../live/sheet.ts';
import type { TileTexts } from '../live/texts.ts';
import { NumberIndexes, PlaceIndexes } from './live-numbers.ts';

const VALUE_FIELD = (LAYER.value << 3) | 2;
const FEATURE_FIELD = (LAYER.feature << 3) | 2;
const TAGS_FIELD = (FEATURE.tags << 3) | 2;
const GEOMETRY_FIELD = (FEATURE.geometry << 3) | 2;
/** Bytes of a feature beside its properties and its geometry, at most. */
const MOST_OF_FEATURE = 20;
/** Bytes of a value that is a whole number, at most. */
const MOST_OF_NUMBER = 16;
/** Keys of a layer, at most: an index of one takes a byte. */
const MAX_KEYS = 32;
/** Texts whose encoded form is kept, about 150 bytes each. */
const MAX_ENCODED = 50_000;

/**
 * Writes the layers of tiles feature by feature. The bytes are those of `encodeTile` for the same features, without an
 * object for each; the room that it has grown to is used again for the next layer.
 */
export class LayerWriter {
  readonly #layer = new ByteWriter(1 << 16);
  readonly #values = new ByteWriter(1 << 14);
  readonly #feature = new ByteWriter(1 << 12);
  readonly #packed = new ByteWriter(1 << 12);
  readonly #value = new ByteWriter(256);
  readonly #indexes = new Map<string, number>();
  readonly #numbers = new NumberIndexes();
  /** By number of a text. */
  readonly #texts = new PlaceIndexes();
  /** By key, the number of the text of the last feature and its index. */
  readonly #lastTexts = new Int32Array(MAX_KEYS);
  readonly #lastIndexes = new Int32Array(MAX_KEYS);
  readonly #encoded = new Map<string, Uint8Array>();
  readonly #keyIndexes: number[] = [];
  readonly #usedKeys: string[] = [];
  #keys: readonly string[] = [];
  #valueCount = 0;
  #features = 0;

  /** @param keys of all properties that features may have */
  begin(name: string, keys: readonly string[]): void {
    for (const writer of [this.#layer, this.#values]) writer.clear();
    this.#indexes.clear();
    this.#numbers.clear();
    this.#texts.clear();
    this.#lastTexts.fill(-1);
    this.#keys = keys;
    this.#keyIndexes.length = 0;
    this.#usedKeys.length = 0;
    this.#valueCount = 0;
    this.#features = 0;
    beginLayer(this.#layer, name);
    this.#packed.clear();
  }

  /** Property number `key` of the coming feature; null: it has none. */
  property(key: number, value: string | number | null): void {
    if (value !== null) this.propertyAt(key, this.indexOf(value));
  }

  /** Property number `key` of the coming feature by the index of its value. */
  propertyAt(key: number, index: number): void {
    this.#packed.varint(this.#useKey(key));
    this.#packed.varint(index);
  }

  /** The index of a key, in the order of first use. */
  #useKey(key: number): number {
    const known = this.#keyIndexes[key];
    if (known !== undefined) return known;
    const index = this.#usedKeys.push(this.#keys[key]!) - 1;
    this.#keyIndexes[key] = index;
    return index;
  }

  /** The index of a value, new if it is not there. */
  indexOf(value: string | number): number {
    if (typeof value === 'number') return this.#indexOfNumber(value);
    const known = this.#indexes.get(value);
    if (known !== undefined) return known;
    this.#indexes.set(value, this.#valueCount);
    const encoded = this.#encoded.get(value);
    if (encoded) this.#values.sliceField(LAYER.value, encoded, 0, encoded.length);
    else this.#encode(value);
    return this.#valueCount++;
  }

  /** The index of a number, new if it is not there. */
  #indexOfNumber(value: number): number {
    const known = this.#numbers.getOrPut(value, this.#valueCount);
    if (known >= 0) return known;
    if (value >= 0 && value < 2 ** 31 && Number.isInteger(value)) this.#putWhole(value);
    else {
      this.#value.clear();
      writeValue(this.#value, value);
      this.#values.writerField(LAYER.value, this.#value);
    }
    return this.#valueCount++;
  }

  /** As `writeValue` a whole number. */
  #putWhole(value: number): void {
    const bytes = this.#values.room(MOST_OF_NUMBER);
    const start = this.#values.length;
    bytes[start] = VALUE_FIELD;
    bytes[start + 2] = VALUE.uint << 3;
    const end = putVarint(bytes, start + 3, value);
    bytes[start + 1] = end - start - 2;
    this.#values.moveTo(end);
  }

  /**
   * All properties of the coming feature by the numbers of their texts in a dictionary, as then all of the layer's are;
   * none where a number is below zero.
   *
   * @param at where in the list the number of the first key lies
   */
  texts(texts: TileTexts, numbers: Int32Array, at: number): void {
    const bytes = this.#packed.room(6 * this.#keys.length);
    let end = this.#packed.length;
    for (let key = 0; key < this.#keys.length; key++) {
      const number = numbers[at + key]!;
      if (number < 0) continue;
      // Most texts of a feature are those of the one before it.
      if (number !== this.#lastTexts[key]) {
        this.#lastTexts[key] = number;
        this.#lastIndexes[key] = this.#indexOfText(texts, number);
      }
      bytes[end++] = this.#useKey(key);
      end = putVarint(bytes, end, this.#lastIndexes[key]!);
    }
    this.#packed.moveTo(end);
  }

  #indexOfText(texts: TileTexts, number: number): number {
    const known = this.#texts.getOrPut(number, this.#valueCount);
    if (known >= 0) return known;
    texts.writeTo(this.#values, number);
    return this.#valueCount++;
  }

  /** Write the feature with the properties so far. */
  feature(geometry: TileGeometry): void {
    this.#endProperties(geometry.type);
    writeCommands(this.#packed, geometry);
    this.#endFeature();
  }

  /** Write what a tile shows of a shape with the properties so far. */
  shape(shape: DrawnShape | TileGeometry, tile: Tile): void {
    if ('commands' in shape) {
      const { type, x, y, commands } = shape;
      this.#beginDrawn(type, x - tile.x * EXTENT, y - tile.y * EXTENT, commands.length);
      this.#layer.slice(commands, 0, commands.length);
    } else this.feature(shape);
  }

  /** Write a polygon by its commands in the tile with the properties so far. */
  polygon(commands: ByteWriter): void {
    this.#beginGeometry(POLYGON, commands.length);
    this.#layer.writer(commands);
  }

  /** Write a polygon of a sheet with the properties so far. */
  drawn(sheet: Sheet, slot: number, tile: Tile): void {
    const x = sheet.x(slot) - tile.x * EXTENT;
    const y = sheet.y(slot) - tile.y * EXTENT;
    const length = sheet.lengthOf(slot);
    this.#beginDrawn(POLYGON, x, y, length);
    this.#layer.part(sheet.commands, sheet.startOf(slot), length);
  }

  /** A feature with the properties so far up to its commands after the move to where it begins. */
  #beginDrawn(type: number, x: number, y: number, length: number): void {
    this.#beginGeometry(type, 1 + lengthOfVarint(zigzagOf(x)) + lengthOfVarint(zigzagOf(y)) + length);
    const layer = this.#layer;
    const bytes = layer.room(0);
    let n = layer.length;
    bytes[n] = MOVE_TO_ONE;
    n = putVarint(bytes, n + 1, zigzagOf(x));
    layer.moveTo(putVarint(bytes, n, zigzagOf(y)));
  }

  /** A feature with the properties so far, straight into the layer up to its geometry of a known length. */
  #beginGeometry(type: number, length: number): void {
    const tags = this.#packed.length;
    const bytes = this.#layer.room(tags + length + MOST_OF_FEATURE);
    const tagsField = tags === 0 ? 0 : 1 + lengthOfVarint(tags) + tags;
    let n = this.#layer.length;
    bytes[n] = FEATURE_FIELD;
    // The type takes two bytes, and the kind of the geometry's field one.
    n = putVarint(bytes, n + 1, tagsField + 2 + 1 + lengthOfVarint(length) + length);
    if (tags > 0) {
      bytes[n] = TAGS_FIELD;
      this.#layer.moveTo(putVarint(bytes, n + 1, tags));
      this.#layer.writer(this.#packed);
      n = this.#layer.length;
    }
    bytes[n] = FEATURE.type << 3;
    bytes[n + 1] = type;
    bytes[n + 2] = GEOMETRY_FIELD;
    this.#layer.moveTo(putVarint(bytes, n + 3, length));
    this.#packed.clear();
    this.#features += 1;
  }

  /** The layer's bytes in a tile; empty without features. */
  finish(): Uint8Array {
    if (this.#features === 0) return new Uint8Array(0);
    return endLayer(this.#layer, this.#usedKeys, this.#values);
  }

  /** Text beyond ASCII is slow to encode: what was encoded is kept. */
  #encode(value: string): void {
    this.#value.clear();
    writeValue(this.#value, value);
    this.#values.writerField(LAYER.value, this.#value);
    if (this.#value.length - 2 === value.length) return;
    if (this.#encoded.size >= MAX_ENCODED) this.#encoded.clear();
    this.#encoded.set(value, this.#value.toBytes());
  }

  #endProperties(type: number): void {
    this.#feature.clear();
    if (this.#packed.length > 0) this.#feature.writerField(FEATURE.tags, this.#packed);
    this.#feature.varintField(FEATURE.type, type);
    this.#packed.clear();
  }

  #endFeature(): void {
    this.#feature.writerField(FEATURE.geometry, this.#packed);
    this.#layer.writerField(LAYER.feature, this.#feature);
    this.#packed.clear();
    this.#features += 1;
  }
}

/** What stands before the features of a layer. */
export function beginLayer(layer: ByteWriter, name: string): void {
  layer.varintField(LAYER.version, 2);
  layer.textField(LAYER.name, name);
}

/**
 * What stands after the features of a layer.
 *
 * @param values written as fields of the layer; their room is used for the tile
 * @returns the layer's bytes in a tile
 */
export function endLayer(layer: ByteWriter, keys: readonly string[], values: ByteWriter): Uint8Array {
  for (const key of keys) layer.textField(LAYER.key, key);
  layer.writer(values);
  layer.varintField(LAYER.extent, EXTENT);
  values.clear();
  values.writerField(TILE.layer, layer);
  return values.toBytes();
}

function lengthOfVarint(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
}
