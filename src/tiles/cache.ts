import type { Tile } from '../geo/tile.ts';
import { type ContentEncoding, compress, weakEtag } from '../http.ts';

/** A built tile: its bytes in the encodings that were asked for. */
export interface CachedTile {
  readonly etag: string;
  readonly isEmpty: boolean;
  /** What it takes in memory. */
  readonly bytes: number;
  /** The bytes in an encoding, compressed once however many ask. */
  body(encoding: ContentEncoding): Promise<Uint8Array> | Uint8Array;
}

/** What an entry costs beside its bytes. */
const BYTES_PER_ENTRY = 500;

/** Bytes with what they were compressed to. */
export class KeptTile implements CachedTile {
  readonly etag: string;
  readonly isEmpty: boolean;
  readonly #bodies = new Map<ContentEncoding, Uint8Array | Promise<Uint8Array>>();
  bytes = BYTES_PER_ENTRY;

  constructor(bytes: Uint8Array) {
    this.etag = weakEtag(bytes);
    this.isEmpty = bytes.length === 0;
    this.#bodies.set('identity', bytes);
    this.bytes += bytes.length;
  }

  body(encoding: ContentEncoding): Promise<Uint8Array> | Uint8Array {
    const known = this.#bodies.get(encoding);
    if (known) return known;
    const compressed = compress(this.#bodies.get('identity') as Uint8Array, encoding).then((made) => {
      // What zlib returns is a part of a larger buffer, which would be kept whole.
      const bytes = Uint8Array.from(made);
      this.#bodies.set(encoding, bytes);
      this.grow(bytes.length);
      return bytes;
    });
    this.#bodies.set(encoding, compressed);
    return compressed;
  }

  /** Count what was made of the bytes. */
  protected grow(more: number): void {
    this.bytes += more;
  }
}

class Entry extends KeptTile {
  readonly #cache: TileCache;
  readonly tiles: Map<number, Entry>;
  readonly id: number;
  /** When it was last moved to the end of the cache's order, counted in tiles found. */
  movedAt = 0;

  constructor(cache: TileCache, tiles: Map<number, Entry>, id: number, bytes: Uint8Array) {
    super(bytes);
    this.#cache = cache;
    this.tiles = tiles;
    this.id = id;
  }

  protected override grow(more: number): void {
    this.#cache.grow(this, more);
  }
}

/** The tiles of one question, zoom by zoom. */
export class TileSet {
  readonly zooms = new Map<number, Map<number, Entry>>();
}

/** A tile stays in its place until so much of the cache may have come to lie behind it: to move one costs more than to find it. */
const STALE_ORDER = 1 / 8;

/**
 * Built tiles of many questions, bounded in bytes: what was not asked for longest goes first. An entry is the truth
 * until it is dropped; nothing expires.
 */
export class TileCache {
  readonly #maxBytes: number;
  /** In the order of their last use, give or take `STALE_ORDER`. */
  readonly #entries = new Set<Entry>();
  /** Tiles found so far. */
  #gets = 0;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#entries.size;
  }

  get(set: TileSet, { z, x, y }: Tile): CachedTile | undefined {
    const entry = set.zooms.get(z)?.get(numberOf(x, y));
    if (!entry) return undefined;
    this.#gets += 1;
    if (this.#gets - entry.movedAt > this.#entries.size * STALE_ORDER) {
      entry.movedAt = this.#gets;
      this.#entries.delete(entry);
      this.#entries.add(entry);
    }
    return entry;
  }

  put(set: TileSet, { z, x, y }: Tile, bytes: Uint8Array): CachedTile {
    let tiles = set.zooms.get(z);
    if (!tiles) {
      tiles = new Map();
      set.zooms.set(z, tiles);
    }
    const entry = new Entry(this, tiles, numberOf(x, y), bytes);
    entry.movedAt = this.#gets;
    this.#dropEntry(tiles.get(entry.id));
    tiles.set(entry.id, entry);
    this.#entries.add(entry);
    this.grow(entry, 0, entry.bytes);
    return entry;
  }

  /** Drop one tile if it is there. */
  drop(set: TileSet, z: number, id: number): void {
    this.#dropEntry(set.zooms.get(z)?.get(id));
  }

  /** Drop every tile of a question. */
  clear(set: TileSet): void {
    for (const tiles of set.zooms.values()) for (const entry of [...tiles.values()]) this.#dropEntry(entry);
  }

  /** @param added bytes that are already counted in the entry */
  grow(entry: Entry, more: number, added = more): void {
    if (!this.#entries.has(entry)) return;
    entry.bytes += more;
    this.#bytes += added;
    for (const oldest of this.#entries) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#dropEntry(oldest);
    }
  }

  #dropEntry(entry: Entry | undefined): void {
    if (!entry || !this.#entries.delete(entry)) return;
    entry.tiles.delete(entry.id);
    this.#bytes -= entry.bytes;
  }
}

/** A tile of a zoom as a number; zooms reach 22. */
export function numberOf(x: number, y: number): number {
  return x * 2 ** 22 + y;
}

/** The tile of a zoom and a number. */
export function tileOf(z: number, id: number): Tile {
  return { z, x: Math.floor(id / 2 ** 22), y: id % 2 ** 22 };
}
