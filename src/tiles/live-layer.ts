import { ByteWriter } from '../geo/bytes.ts';
import { FEATURE, LAYER, POINT, TILE, type TileGeometry, writeCommands, writeValue } from '../geo/mvt.ts';
import { EXTENT, type Tile } from '../geo/tile.ts';
import type { IdColumn } from '../incidents/live-ids.ts';
import type { DrawnShape } from '../live/shape.ts';

const MOVE_TO_ONE = (1 << 3) | 1;
const TEXT_VALUE = 1;
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
  readonly #indexes = new Map<string | number, number>();
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
    this.#keys = keys;
    this.#keyIndexes.length = 0;
    this.#usedKeys.length = 0;
    this.#valueCount = 0;
    this.#features = 0;
    this.#layer.varintField(LAYER.version, 2);
    this.#layer.textField(LAYER.name, name);
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
    const known = this.#indexes.get(value);
    if (known !== undefined) return known;
    this.#indexes.set(value, this.#valueCount);
    const encoded = typeof value === 'string' ? this.#encoded.get(value) : undefined;
    if (encoded) this.#values.sliceField(LAYER.value, encoded, 0, encoded.length);
    else this.#encode(value);
    return this.#valueCount++;
  }

  /** The index of an id that no other value of the layer equals. */
  indexOfId(ids: IdColumn, row: number): number {
    this.#value.clear();
    this.#value.sliceField(TEXT_VALUE, ids.bytes, ids.startOf(row), ids.lengthOf(row));
    this.#values.writerField(LAYER.value, this.#value);
    return this.#valueCount++;
  }

  /** Write the feature with the properties so far. */
  feature(geometry: TileGeometry): void {
    this.#endProperties(geometry.type);
    writeCommands(this.#packed, geometry);
    this.#endFeature();
  }

  /** Write a point with the properties so far. */
  point(x: number, y: number): void {
    this.#endProperties(POINT);
    this.#packed.varint(MOVE_TO_ONE);
    this.#packed.zigzag(x);
    this.#packed.zigzag(y);
    this.#endFeature();
  }

  /** Write a point that has all properties, by the indexes of their values in the order of the keys. */
  wholePoint(indexes: ArrayLike<number>, x: number, y: number): void {
    if (this.#features === 0) for (let key = 0; key < indexes.length; key++) this.#useKey(key);
    let tags = indexes.length;
    for (let key = 0; key < indexes.length; key++) tags += lengthOfVarint(indexes[key]!);
    const geometry = 1 + lengthOfVarint(zigzagOf(x)) + lengthOfVarint(zigzagOf(y));
    const layer = this.#layer;
    layer.varint((LAYER.feature << 3) | 2);
    // Lengths of one byte: a handful of small numbers.
    layer.varint(tags + geometry + 6);
    layer.varint((FEATURE.tags << 3) | 2);
    layer.varint(tags);
    for (let key = 0; key < indexes.length; key++) {
      layer.varint(key);
      layer.varint(indexes[key]!);
    }
    layer.varintField(FEATURE.type, POINT);
    layer.varint((FEATURE.geometry << 3) | 2);
    layer.varint(geometry);
    layer.varint(MOVE_TO_ONE);
    layer.zigzag(x);
    layer.zigzag(y);
    this.#features += 1;
  }

  /** Write what a tile shows of a shape with the properties so far. */
  shape(shape: DrawnShape | TileGeometry, tile: Tile): void {
    if (!('commands' in shape)) {
      this.feature(shape);
      return;
    }
    this.#endProperties(shape.type);
    this.#packed.varint(MOVE_TO_ONE);
    this.#packed.zigzag(shape.x - tile.x * EXTENT);
    this.#packed.zigzag(shape.y - tile.y * EXTENT);
    this.#packed.slice(shape.commands, 0, shape.commands.length);
    this.#endFeature();
  }

  /** The layer's bytes in a tile; empty without features. */
  finish(): Uint8Array {
    if (this.#features === 0) return new Uint8Array(0);
    for (const key of this.#usedKeys) this.#layer.textField(LAYER.key, key);
    this.#layer.writer(this.#values);
    this.#layer.varintField(LAYER.extent, EXTENT);
    this.#values.clear();
    this.#values.writerField(TILE.layer, this.#layer);
    return this.#values.toBytes();
  }

  /** Text beyond ASCII is slow to encode: what was encoded is kept. */
  #encode(value: string | number): void {
    this.#value.clear();
    writeValue(this.#value, value);
    this.#values.writerField(LAYER.value, this.#value);
    if (typeof value !== 'string' || this.#value.length - 2 === value.length) return;
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

function zigzagOf(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

function lengthOfVarint(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
}
