import { ByteWriter } from './bytes.ts';
import { EXTENT } from './tile.ts';

/** Geometry types of MVT. */
export const POINT = 1;
export const LINE = 2;
export const POLYGON = 3;
export type GeometryType = typeof POINT | typeof LINE | typeof POLYGON;

/**
 * Geometry in a tile's units, y downwards, each part a flat list x0, y0, x1, y1 …
 * Points: one part with all points. Lines: a part for each, no position twice in a row. Polygons: rings without their
 * last point repeated, each exterior of positive area (`ringArea`) followed by its holes of negative area.
 */
export interface TileGeometry {
  type: GeometryType;
  parts: readonly (Int32Array | readonly number[])[];
}

export type PropertyValue = string | number | boolean;

export interface TileFeature extends TileGeometry {
  /** Null and undefined stand for an absent property. */
  properties: Readonly<Record<string, PropertyValue | null | undefined>>;
}

export interface TileLayer {
  name: string;
  /** Units across the tile, 4096 by default. */
  extent?: number;
  features: readonly TileFeature[];
}

const MOVE_TO = 1;
/** The command that moves to one position. */
export const MOVE_TO_ONE = (1 << 3) | MOVE_TO;
const LINE_TO = 2;
const CLOSE_PATH = 7;
/** The command that closes a ring. */
export const CLOSE_RING = (1 << 3) | CLOSE_PATH;

/** Field numbers of MVT 2.1. */
export const TILE = { layer: 3 } as const;
export const LAYER = { name: 1, feature: 2, key: 3, value: 4, extent: 5, version: 15 } as const;
export const FEATURE = { tags: 2, type: 3, geometry: 4 } as const;
export const VALUE = { string: 1, double: 3, uint: 5, sint: 6, bool: 7 } as const;

/**
 * Encode a Mapbox Vector Tile, version 2.1. Equal input gives equal bytes; layers without features are left out, so a
 * tile without any is zero bytes long. Features get no ids.
 *
 * @throws RangeError when two layers share a name or a property is not a finite number
 */
export function encodeTile(layers: readonly TileLayer[]): Uint8Array {
  const names = new Set<string>();
  const tile = new ByteWriter(4096);
  for (const layer of layers) {
    if (names.has(layer.name))
      throw new RangeError(`layer ${layer.name} is there twice: a tile's layers need names of their own`);
    names.add(layer.name);
    writeLayer(tile, layer);
  }
  return tile.toBytes();
}

/**
 * Twice the area of a ring by the surveyor's formula: positive for an exterior ring in a tile, where y runs down.
 *
 * @param first where its first position lies in the list, and `last` its last: by default it is the whole list
 */
export function ringArea(ring: ArrayLike<number>, first = 0, last = ring.length - 2): number {
  let area = 0;
  let x = ring[last]!;
  let y = ring[last + 1]!;
  for (let i = first; i <= last; i += 2) {
    const nextX = ring[i]!;
    const nextY = ring[i + 1]!;
    area += x * nextY - nextX * y;
    x = nextX;
    y = nextY;
  }
  return area;
}

function writeLayer(tile: ByteWriter, layer: TileLayer): void {
  const dictionary = new Dictionary();
  const body = new ByteWriter(4096);
  body.varintField(LAYER.version, 2);
  body.textField(LAYER.name, layer.name);
  const writer = new FeatureWriter(dictionary);
  let written = 0;
  for (const feature of layer.features) {
    if (feature.parts.length === 0) continue;
    writer.write(body, feature);
    written += 1;
  }
  if (written === 0) return;
  for (const key of dictionary.keys.keys()) body.textField(LAYER.key, key);
  const scratch = new ByteWriter();
  for (const value of dictionary.values.keys()) {
    scratch.clear();
    writeValue(scratch, value);
    body.writerField(LAYER.value, scratch);
  }
  body.varintField(LAYER.extent, layer.extent ?? EXTENT);
  tile.writerField(TILE.layer, body);
}

/** The keys and values of a layer in the order of their first use. A Map tells '1', 1 and true apart. */
class Dictionary {
  readonly keys = new Map<string, number>();
  readonly values = new Map<PropertyValue, number>();

  key(key: string): number {
    return indexIn(this.keys, key);
  }

  value(value: PropertyValue): number {
    return indexIn(this.values, value);
  }
}

function indexIn<T>(indexes: Map<T, number>, entry: T): number {
  let index = indexes.get(entry);
  if (index === undefined) {
    index = indexes.size;
    indexes.set(entry, index);
  }
  return index;
}

class FeatureWriter {
  readonly #dictionary: Dictionary;
  readonly #feature = new ByteWriter();
  readonly #packed = new ByteWriter();

  constructor(dictionary: Dictionary) {
    this.#dictionary = dictionary;
  }

  write(body: ByteWriter, feature: TileFeature): void {
    this.#feature.clear();
    this.#writeTags(feature.properties);
    this.#feature.varintField(FEATURE.type, feature.type);
    this.#packed.clear();
    writeCommands(this.#packed, feature);
    this.#feature.writerField(FEATURE.geometry, this.#packed);
    body.writerField(LAYER.feature, this.#feature);
  }

  #writeTags(properties: TileFeature['properties']): void {
    this.#packed.clear();
    for (const key in properties) {
      const value = properties[key];
      if (value === null || value === undefined) continue;
      this.#packed.varint(this.#dictionary.key(key));
      this.#packed.varint(this.#dictionary.value(value));
    }
    if (this.#packed.length > 0) this.#feature.writerField(FEATURE.tags, this.#packed);
  }
}

/** A value as the message of its own. */
export function writeValue(writer: ByteWriter, value: PropertyValue): void {
  if (typeof value === 'string') writer.textField(VALUE.string, value);
  else if (typeof value === 'boolean') writer.varintField(VALUE.bool, value ? 1 : 0);
  else writeNumber(writer, value);
}

function writeNumber(writer: ByteWriter, value: number): void {
  if (!Number.isFinite(value))
    throw new RangeError('a property is not a finite number: leave it out or give it as text');
  if (!Number.isSafeInteger(value)) writer.doubleField(VALUE.double, value);
  else if (value >= 0) writer.varintField(VALUE.uint, value);
  // Zigzag of a negative number n is −2n − 1; beyond 2^52 that would leave the safe integers.
  else if (value >= -(2 ** 52)) writer.varintField(VALUE.sint, -2 * value - 1);
  else writer.doubleField(VALUE.double, value);
}

/** The commands of a geometry, as they are packed in a feature. */
export function writeCommands(writer: ByteWriter, { type, parts }: TileGeometry): void {
  const cursor = { x: 0, y: 0 };
  for (const part of parts) {
    const count = part.length / 2;
    if (type === POINT) {
      writer.varint(command(MOVE_TO, count));
      writePositions(writer, part, 0, cursor);
    } else {
      writer.varint(command(MOVE_TO, 1));
      writePositions(writer, part, 0, cursor, 2);
      writer.varint(command(LINE_TO, count - 1));
      writePositions(writer, part, 2, cursor);
      if (type === POLYGON) writer.varint(command(CLOSE_PATH, 1));
    }
  }
}

/** The command for lines to so many positions. */
export function lineTo(count: number): number {
  return command(LINE_TO, count);
}

function command(id: number, count: number): number {
  return id | (count << 3);
}

function writePositions(
  writer: ByteWriter,
  part: TileGeometry['parts'][number],
  from: number,
  cursor: { x: number; y: number },
  to = part.length,
): void {
  let { x, y } = cursor;
  for (let i = from; i < to; i += 2) {
    const nextX = part[i]!;
    const nextY = part[i + 1]!;
    writer.zigzag(nextX - x);
    writer.zigzag(nextY - y);
    x = nextX;
    y = nextY;
  }
  cursor.x = x;
  cursor.y = y;
}
