const encoder = new TextEncoder();

/** Ids are at most 64 bytes of UTF-8. */
export const MAX_ID_BYTES = 64;
/** Bytes behind the last id, so that ids can be read four bytes at a time. */
const SLACK = 3;

/**
 * Ids as UTF-8 one after another, so that a million of them are a few objects to the garbage collector instead of a
 * million: 8 bytes an id beside its own.
 */
export class IdColumn {
  #bytes: Uint8Array;
  /** Of the same memory. */
  #view: DataView;
  /** Where each id ends. */
  #ends: Uint32Array;
  #hashes: Uint32Array;
  #n = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity * 16 + SLACK);
    this.#view = new DataView(this.#bytes.buffer);
    this.#ends = new Uint32Array(capacity);
    this.#hashes = new Uint32Array(capacity);
  }

  get byteLength(): number {
    return this.#bytes.length + this.#ends.byteLength + this.#hashes.byteLength;
  }

  push(id: string): void {
    this.#reserve(MAX_ID_BYTES);
    const start = this.startOf(this.#n);
    this.#end(start + encoder.encodeInto(id, this.#bytes.subarray(start)).written);
  }

  /** Add an id of another column. */
  copy(from: IdColumn, i: number): void {
    const start = from.startOf(i);
    const length = from.#ends[i]! - start;
    this.#reserve(length);
    const own = this.startOf(this.#n);
    for (let k = 0; k < length; k++) this.#bytes[own + k] = from.#bytes[start + k]!;
    this.#end(own + length);
  }

  /** The id as text. */
  textOf(i: number): string {
    return Buffer.from(this.#bytes.buffer, this.startOf(i), this.lengthOf(i)).toString();
  }

  startOf(i: number): number {
    return i === 0 ? 0 : this.#ends[i - 1]!;
  }

  lengthOf(i: number): number {
    return this.#ends[i]! - this.startOf(i);
  }

  /** A byte of an id, -1 behind its end. */
  byteAt(i: number, at: number): number {
    const place = this.startOf(i) + at;
    return place < this.#ends[i]! ? this.#bytes[place]! : -1;
  }

  /** Of the bytes, see `hashOf`. */
  hashOf(i: number): number {
    return this.#hashes[i]!;
  }

  /** Write the bytes of an id and up to three more, for which there must be room. @returns where the id ends */
  writeTo(target: DataView, at: number, i: number): number {
    const start = this.startOf(i);
    const length = this.#ends[i]! - start;
    const view = this.#view;
    for (let k = 0; k < length; k += 4) target.setUint32(at + k, view.getUint32(start + k, true), true);
    return at + length;
  }

  /** Room for just what is there. */
  trim(): void {
    this.#use(this.#bytes.slice(0, this.startOf(this.#n) + SLACK));
    this.#ends = this.#ends.slice(0, this.#n);
    this.#hashes = this.#hashes.slice(0, this.#n);
  }

  /** Order of two ids by their bytes. */
  static compare(a: IdColumn, i: number, b: IdColumn, j: number): number {
    const startA = a.startOf(i);
    const startB = b.startOf(j);
    const lengthA = a.#ends[i]! - startA;
    const lengthB = b.#ends[j]! - startB;
    for (let k = 0, length = Math.min(lengthA, lengthB); k < length; k++) {
      const difference = a.#bytes[startA + k]! - b.#bytes[startB + k]!;
      if (difference !== 0) return difference;
    }
    return lengthA - lengthB;
  }

  #end(end: number): void {
    const start = this.startOf(this.#n);
    this.#ends[this.#n] = end;
    this.#hashes[this.#n] = hashOf(this.#bytes, start, end);
    this.#n += 1;
  }

  #use(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }

  #reserve(more: number): void {
    const needed = this.startOf(this.#n) + more + SLACK;
    if (needed > this.#bytes.length) this.#use(grown(this.#bytes, Math.max(needed, this.#bytes.length * 2)));
    if (this.#n < this.#ends.length) return;
    const capacity = Math.max(1_024, this.#ends.length * 2);
    this.#ends = grown(this.#ends, capacity);
    this.#hashes = grown(this.#hashes, capacity);
  }
}

function grown<A extends Uint8Array | Uint32Array | Uint16Array>(array: A, length: number): A {
  const larger = new (array.constructor as new (length: number) => A)(length);
  larger.set(array);
  return larger;
}

/** FNV-1a (Fowler, Noll, Vo), 32 bits. */
export function hashOf(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash >>> 0;
}

/** Where a row is. */
export interface RowRef {
  /** Number of its block. */
  serial: number;
  row: number;
}

/** Serial numbers that stand for a slot without a row. */
const [EMPTY, GONE] = [0xffff, 0xfffe];
export const MAX_SERIAL = GONE;

/** Rows by the hash of their id: a table of open addresses, 6 bytes a slot, at most two thirds full. */
export class IdTable {
  #serials = new Uint16Array(1_024).fill(EMPTY);
  #rows = new Uint32Array(1_024);
  #used = 0;
  size = 0;
  readonly #hashOfRow: (serial: number, row: number) => number;

  /** @param hashOfRow of the id of a row that is in the table */
  constructor(hashOfRow: (serial: number, row: number) => number) {
    this.#hashOfRow = hashOfRow;
  }

  get byteLength(): number {
    return this.#serials.byteLength + this.#rows.byteLength;
  }

  /** The row of a hash that is the wanted one. */
  find(hash: number, isWanted: (serial: number, row: number) => boolean): RowRef | undefined {
    const slot = this.#slotOf(hash, isWanted);
    return slot < 0 ? undefined : { serial: this.#serials[slot]!, row: this.#rows[slot]! };
  }

  /** Add a row that is not there. */
  add(hash: number, serial: number, row: number): void {
    if (this.#used * 3 >= this.#serials.length * 2) this.#rebuild();
    this.#put(hash, serial, row);
    this.size += 1;
  }

  /** Let a row be found elsewhere. */
  move(hash: number, from: RowRef, to: RowRef): void {
    const slot = this.#slotOf(hash, (serial, row) => serial === from.serial && row === from.row);
    this.#serials[slot] = to.serial;
    this.#rows[slot] = to.row;
  }

  remove(hash: number, { serial, row }: RowRef): void {
    const slot = this.#slotOf(hash, (otherSerial, otherRow) => otherSerial === serial && otherRow === row);
    if (slot < 0) return;
    this.#serials[slot] = GONE;
    this.size -= 1;
  }

  #slotOf(hash: number, isWanted: (serial: number, row: number) => boolean): number {
    const mask = this.#serials.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const serial = this.#serials[slot]!;
      if (serial === EMPTY) return -1;
      if (serial !== GONE && isWanted(serial, this.#rows[slot]!)) return slot;
    }
  }

  #put(hash: number, serial: number, row: number): void {
    const mask = this.#serials.length - 1;
    let slot = hash & mask;
    while (this.#serials[slot]! < GONE) slot = (slot + 1) & mask;
    if (this.#serials[slot] === EMPTY) this.#used += 1;
    this.#serials[slot] = serial;
    this.#rows[slot] = row;
  }

  #rebuild(): void {
    const [serials, rows] = [this.#serials, this.#rows];
    let capacity = serials.length;
    while (this.size * 2 >= capacity) capacity *= 2;
    this.#serials = new Uint16Array(capacity).fill(EMPTY);
    this.#rows = new Uint32Array(capacity);
    this.#used = 0;
    for (let slot = 0; slot < serials.length; slot++) {
      const serial = serials[slot]!;
      if (serial < GONE) this.#put(this.#hashOfRow(serial, rows[slot]!), serial, rows[slot]!);
    }
  }
}
