/**
 * Append-only storage outside the V8 heap: number columns, interned words, hashed chains and a page store of text.
 * Columns and pages lie in shared memory: what was written before a message is sent can be read by the thread that gets
 * it, and what is written later lies behind the lengths that the message tells.
 */

interface NumberArray<A> {
  readonly length: number;
  readonly byteLength: number;
  readonly buffer: ArrayBufferLike;
  [index: number]: number;
  set(values: A): void;
  subarray(from: number, to: number): A;
}

/** A column as another thread takes it. */
export interface SharedColumn {
  buffer: SharedArrayBuffer;
  length: number;
}

/** A growable column. Growth by half keeps the slack under a third; `trim` removes it. */
class Column<A extends NumberArray<A>> {
  data: A;
  length = 0;
  readonly #over: (buffer: SharedArrayBuffer) => A;
  readonly #width: number;

  constructor(width: number, over: (buffer: SharedArrayBuffer) => A) {
    this.#width = width;
    this.#over = over;
    this.data = over(new SharedArrayBuffer(1024 * width));
  }

  push(value: number): number {
    if (this.length === this.data.length) this.#resize(this.length + (this.length >> 1));
    this.data[this.length] = value;
    return this.length++;
  }

  trim(): void {
    this.#resize(Math.max(this.length, 16));
  }

  get bytes(): number {
    return this.data.byteLength;
  }

  share(): SharedColumn {
    return { buffer: this.data.buffer as SharedArrayBuffer, length: this.length };
  }

  /** Read what another thread shares. Nothing may be pushed here from then on. */
  take({ buffer, length }: SharedColumn): void {
    if (buffer !== this.data.buffer) this.data = this.#over(buffer);
    this.length = length;
  }

  /** Threads that read the old array go on doing so until they are told of the new one. */
  #resize(capacity: number): void {
    const grown = this.#over(new SharedArrayBuffer(capacity * this.#width));
    grown.set(this.data.subarray(0, this.length));
    this.data = grown;
  }
}

export class IntColumn extends Column<Int32Array<ArrayBufferLike>> {
  constructor() {
    super(4, (buffer) => new Int32Array(buffer));
  }
}

export class DoubleColumn extends Column<Float64Array<ArrayBufferLike>> {
  constructor() {
    super(8, (buffer) => new Float64Array(buffer));
  }
}

/** A set of row numbers, a bit each. */
export class Bits {
  #bytes = new Uint8Array(1024);

  add(index: number): void {
    const byte = index >> 3;
    if (byte >= this.#bytes.length) {
      const grown = new Uint8Array(Math.max(byte + 1, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes[byte] = this.#bytes[byte]! | (1 << (index & 7));
  }

  has(index: number): boolean {
    const byte = index >> 3;
    return byte < this.#bytes.length && ((this.#bytes[byte]! >> (index & 7)) & 1) === 1;
  }
}

/** Distinct words as small integers; 0 is the absent word. */
export class Words {
  readonly texts: string[] = [''];
  private readonly ids = new Map<string, number>([['', 0]]);

  intern(text: string | undefined): number {
    if (text === undefined) return 0;
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    this.ids.set(text, this.texts.length);
    return this.texts.push(text) - 1;
  }

  /** The word's id, 0 for the absent word and −1 for one that was never interned. */
  find(text: string | undefined): number {
    return text === undefined ? 0 : (this.ids.get(text) ?? -1);
  }
}

/** FNV-1a over UTF-16 units, as a signed 32-bit integer. */
export function hashText(text: string, seed = 0): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash ^ (hash >>> 15);
}

/**
 * Chains of integers by a 32-bit hash, newest first: open addressing for the heads, linked entries behind it. Two keys
 * of one hash share a chain, so readers verify what they find. 16–24 bytes per key and 8 per entry.
 */
export class Chains {
  private keys = new Int32Array(1 << 12);
  private heads = new Int32Array(1 << 12);
  private counts = new Int32Array(1 << 12);
  private used = 0;
  private readonly values = new IntColumn();
  private readonly nexts = new IntColumn();

  constructor() {
    this.values.push(0);
    this.nexts.push(0);
  }

  add(hash: number, value: number): void {
    if (this.used * 2 >= this.keys.length) this.grow();
    const slot = this.slot(hash);
    if (this.heads[slot] === 0) {
      this.keys[slot] = hash;
      this.used++;
    }
    this.nexts.push(this.heads[slot]!);
    this.heads[slot] = this.values.push(value);
    this.counts[slot] = this.counts[slot]! + 1;
  }

  count(hash: number): number {
    return this.counts[this.slot(hash)]!;
  }

  /** The first entry of a chain, 0 where there is none; follow it with `next`. */
  head(hash: number): number {
    return this.heads[this.slot(hash)]!;
  }

  value(entry: number): number {
    return this.values.data[entry]!;
  }

  next(entry: number): number {
    return this.nexts.data[entry]!;
  }

  get bytes(): number {
    return this.keys.byteLength * 3 + this.values.bytes + this.nexts.bytes;
  }

  private slot(hash: number): number {
    const mask = this.keys.length - 1;
    let slot = Math.imul(hash, 0x9e3779b1) >>> 7;
    for (slot &= mask; this.heads[slot] !== 0 && this.keys[slot] !== hash; ) slot = (slot + 1) & mask;
    return slot;
  }

  private grow(): void {
    const { keys, heads, counts } = this;
    this.keys = new Int32Array(keys.length * 2);
    this.heads = new Int32Array(keys.length * 2);
    this.counts = new Int32Array(keys.length * 2);
    for (let i = 0; i < keys.length; i++) {
      if (heads[i] === 0) continue;
      const slot = this.slot(keys[i]!);
      this.keys[slot] = keys[i]!;
      this.heads[slot] = heads[i]!;
      this.counts[slot] = counts[i]!;
    }
  }
}

const PAGE_BITS = 20;
const PAGE_BYTES = 1 << PAGE_BITS;
/** Raw texts are kept up to this many UTF-16 units, at most three bytes each. */
const MAX_TEXT = 4096;

/**
 * Pairs of id and raw text as UTF-8 in shared pages of 1 MB; a pair is found by its offset and costs its bytes and 4 more.
 */
export class TextPages {
  private readonly pages: Buffer[] = [];
  private position = PAGE_BYTES;

  /** Writes a pair and returns its offset, an unsigned 32-bit integer stored in an Int32 column. */
  write(id: string, text: string): number {
    const kept = text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text;
    const room = 4 + (id.length + kept.length) * 3;
    if (this.position + room > PAGE_BYTES) this.turn(room);
    const page = this.pages[this.pages.length - 1]!;
    const start = this.position;
    const idBytes = page.write(id, start + 4);
    const textBytes = page.write(kept, start + 4 + idBytes);
    page.writeUInt16LE(idBytes, start);
    page.writeUInt16LE(textBytes, start + 2);
    this.position = start + 4 + idBytes + textBytes;
    return ((this.pages.length - 1) << PAGE_BITS) | start;
  }

  id(offset: number): string {
    const [page, start] = this.at(offset);
    return page.toString('utf8', start + 4, start + 4 + page.readUInt16LE(start));
  }

  text(offset: number): string {
    const [page, start] = this.at(offset);
    const from = start + 4 + page.readUInt16LE(start);
    return page.toString('utf8', from, from + page.readUInt16LE(start + 2));
  }

  /** The order of two ids by their bytes. */
  compareIds(a: number, b: number): number {
    const [page, start] = this.at(a);
    const [other, from] = this.at(b);
    const [end, to] = [start + 4 + page.readUInt16LE(start), from + 4 + other.readUInt16LE(from)];
    return page.compare(other, from + 4, to, start + 4, end);
  }

  get bytes(): number {
    return this.pages.length * PAGE_BYTES;
  }

  /** The pages from a number on; the one before it goes on being filled. */
  share(from: number): SharedArrayBuffer[] {
    return this.pages.slice(from).map((page) => page.buffer as unknown as SharedArrayBuffer);
  }

  /** Read further pages of another thread. Nothing may be written here from then on. */
  take(pages: readonly SharedArrayBuffer[]): void {
    for (const page of pages) this.pages.push(Buffer.from(page));
  }

  get count(): number {
    return this.pages.length;
  }

  private at(offset: number): [Buffer, number] {
    return [this.pages[offset >>> PAGE_BITS]!, offset & (PAGE_BYTES - 1)];
  }

  private turn(room: number): void {
    if (room > PAGE_BYTES)
      throw new RangeError('An address id is longer than a page; use ids under 300,000 characters.');
    this.pages.push(Buffer.from(new SharedArrayBuffer(PAGE_BYTES)));
    this.position = 0;
  }
}
