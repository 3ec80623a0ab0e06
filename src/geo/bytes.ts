const encoder = new TextEncoder();

/** Characters whose UTF-8 is never longer than 127 bytes. */
const SHORT_TEXT = 42;
/** Bytes up to which a loop copies faster than a call: one by one, and four by four. */
const SHORT_SLICE = 48;
const SHORT_PART = 192;
/** Bytes that lie beyond what is written of every buffer: to copy four by four goes as far. */
const SLACK = 3;

/** Write a whole number below 2^31 as a varint. @returns where the next byte goes */
export function putVarint(bytes: Uint8Array, at: number, value: number): number {
  let end = at;
  let rest = value;
  while (rest > 0x7f) {
    bytes[end++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[end++] = rest;
  return end;
}

/**
 * Write a 32-bit signed number, zigzagged: one or two bytes, as nearly all take, without a branch that nobody could
 * foretell. There has to be room for a byte more.
 *
 * @returns where the next byte goes
 */
export function putZigzag(bytes: Uint8Array, at: number, value: number): number {
  const zigzag = zigzagOf(value);
  if (zigzag >= 0x4000) return putVarint(bytes, at, zigzag);
  const more = (0x7f - zigzag) >>> 31;
  bytes[at] = (zigzag & 0x7f) | (more << 7);
  bytes[at + 1] = zigzag >>> 7;
  return at + 1 + more;
}

/** A 32-bit signed number as the unsigned one that protocol buffers write for it. */
export function zigzagOf(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

/** A growing buffer that writes the primitives of protocol buffers. */
export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity + SLACK);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  /** Forget what was written and keep the room. */
  clear(): void {
    this.#length = 0;
  }

  /** The bytes with room for so many more. Whoever writes them from `length` on says by `moveTo` where they end. */
  room(more: number): Uint8Array {
    this.#reserve(more);
    return this.#bytes;
  }

  /** The same as a view, to write several bytes at once. */
  viewOf(more: number): DataView {
    this.#reserve(more);
    return this.#view;
  }

  moveTo(end: number): void {
    this.#length = end;
  }

  /** A copy of what was written. */
  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** A whole number from 0 to 2^53 − 1 as a varint. */
  varint(value: number): void {
    this.#reserve(10);
    const bytes = this.#bytes;
    let end = this.#length;
    let rest = value;
    while (rest >= 0x80000000) {
      bytes[end++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#length = putVarint(bytes, end, rest);
  }

  /** A 32-bit signed number, zigzagged, as a varint. */
  zigzag(value: number): void {
    this.varint(zigzagOf(value));
  }

  /** A field of wire type 0: a whole number from 0 to 2^53 − 1. */
  varintField(field: number, value: number): void {
    this.varint(field << 3);
    this.varint(value);
  }

  /** A field of wire type 1: a double, little-endian. */
  doubleField(field: number, value: number): void {
    this.varint((field << 3) | 1);
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /** A field of wire type 2: text as UTF-8. */
  textField(field: number, text: string): void {
    if (text.length > SHORT_TEXT) {
      this.bytesField(field, encoder.encode(text));
      return;
    }
    // Its length takes one byte, whatever the characters.
    this.varint((field << 3) | 2);
    this.#reserve(3 * text.length + 1);
    const start = this.#length + 1;
    let end = start;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) {
        end = start + encoder.encodeInto(text, this.#bytes.subarray(start)).written;
        break;
      }
      this.#bytes[end++] = code;
    }
    this.#bytes[start - 1] = end - start;
    this.#length = end;
  }

  /** A field of wire type 2: a part of some bytes. */
  sliceField(field: number, bytes: Uint8Array, start: number, length: number): void {
    this.varint((field << 3) | 2);
    this.varint(length);
    this.slice(bytes, start, length);
  }

  /** What another writer holds as it is. */
  writer(other: ByteWriter): void {
    this.part(other, 0, other.#length);
  }

  /** A part of what another writer holds as it is. */
  part(other: ByteWriter, start: number, length: number): void {
    this.#reserve(length);
    const end = this.#length;
    if (length > SHORT_PART) this.#bytes.set(other.#bytes.subarray(start, start + length), end);
    else {
      const [from, to] = [other.#view, this.#view];
      for (let i = 0; i < length; i += 4) to.setInt32(end + i, from.getInt32(start + i, true), true);
    }
    this.#length = end + length;
  }

  /** A part of some bytes as it is. */
  slice(bytes: Uint8Array, start: number, length: number): void {
    this.#reserve(length);
    // Of few bytes a loop is faster than a call.
    const own = this.#bytes;
    const end = this.#length;
    if (length > SHORT_SLICE) own.set(bytes.subarray(start, start + length), end);
    else for (let i = 0; i < length; i++) own[end + i] = bytes[start + i]!;
    this.#length = end + length;
  }

  /** A field of wire type 2: bytes. */
  bytesField(field: number, bytes: Uint8Array): void {
    this.varint((field << 3) | 2);
    this.varint(bytes.length);
    this.#append(bytes);
  }

  /** A field of wire type 2: what another writer holds. */
  writerField(field: number, writer: ByteWriter): void {
    this.varint((field << 3) | 2);
    this.varint(writer.#length);
    this.writer(writer);
  }

  #append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #reserve(more: number): void {
    const needed = this.#length + more + SLACK;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
