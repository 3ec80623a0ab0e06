import type { FlatRing } from '../geo/rings.ts';

const POLYGON = 3;
const MULTIPOLYGON = 6;
const LINESTRING = 2;

/** Where numbers are put. */
type TakeFloats = (length: number) => Float64Array;

/** Reads well-known binary (OGC 06-103r4), two-dimensional, in the byte order that each part names. */
class WkbReader {
  readonly #view: DataView;
  readonly #take: TakeFloats;
  #at = 0;
  #littleEndian = true;

  constructor(bytes: Uint8Array, take: TakeFloats = (length) => new Float64Array(length)) {
    this.#take = take;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Byte order and type of the next geometry. */
  header(): number {
    this.#littleEndian = this.#view.getUint8(this.#at) === 1;
    this.#at += 1;
    return this.count();
  }

  count(): number {
    const value = this.#view.getUint32(this.#at, this.#littleEndian);
    this.#at += 4;
    return value;
  }

  positions(): Float64Array {
    const flat = this.#take(2 * this.count());
    for (let i = 0; i < flat.length; i++, this.#at += 8) flat[i] = this.#view.getFloat64(this.#at, this.#littleEndian);
    return flat;
  }

  rings(): FlatRing[] {
    return Array.from({ length: this.count() }, () => this.positions());
  }
}

/**
 * The polygons of a Polygon or MultiPolygon: exterior first, then holes.
 *
 * @param take makes the arrays of the rings
 * @throws RangeError for another type
 */
export function polygonsOfWkb(bytes: Uint8Array, take?: TakeFloats): FlatRing[][] {
  const reader = new WkbReader(bytes, take);
  const type = reader.header();
  if (type === POLYGON) return [reader.rings()];
  if (type !== MULTIPOLYGON) throw new RangeError(`WKB type ${type} is no polygon`);
  return Array.from({ length: reader.count() }, () => {
    reader.header();
    return reader.rings();
  });
}

/** @throws RangeError when the geometry is no LineString */
export function lineOfWkb(bytes: Uint8Array): Float64Array {
  const reader = new WkbReader(bytes);
  const type = reader.header();
  if (type !== LINESTRING) throw new RangeError(`WKB type ${type} is no line`);
  return reader.positions();
}
