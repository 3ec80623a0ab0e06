import { HttpError } from '../errors.ts';
import { type Tile, type TileRange, tilesOfRange } from '../geo/tile.ts';
import { parseQuery } from '../http.ts';
import type { Live, LiveEdits } from '../live/live.ts';
import { type CachedTile, numberOf, TileCache, TileSet, tileOf } from './cache.ts';
import type { LayerId } from './layers.ts';
import { tracesOf } from './live-drop.ts';
import { TileBuilder } from './live-features.ts';
import { sizeOf, type Trace } from './live-touch.ts';
import { type CompiledQuery, canonicalKey, compileQuery } from './live-views.ts';
import type { TileQuestion } from './questions.ts';
import { parseLayers, type TileQuery, tileQuerySchema } from './tiles.schema.ts';

/** A question for tiles: layers and filters. */
export interface View {
  readonly layers: LayerId[];
  readonly query: TileQuery;
  readonly tiles: TileSet;
  /** Undefined: to be resolved anew. */
  compiled: CompiledQuery | undefined;
  /** Where the period of its tiles begins. */
  periodFrom: number;
}

export const DEFAULT_CACHE_BYTES = 256 * 2 ** 20;
/** Questions, and ways to write them, that are remembered. */
const MAX_VIEWS = 2_000;

/**
 * Tiles from the live layers. Each is built once and stays until a change touches it: an edit drops just those tiles
 * that its old and its new row are drawn in, of each question that shows them.
 */
export class LiveTiles {
  readonly #live: Live;
  readonly #cache: TileCache;
  readonly #builder: TileBuilder;
  readonly #views = new Map<string, View>();
  readonly #byText = new Map<string, View>();
  #built = 0;

  constructor(live: Live, maxBytes = DEFAULT_CACHE_BYTES) {
    this.#live = live;
    this.#cache = new TileCache(maxBytes);
    this.#builder = new TileBuilder(live);
    live.onEdits((edits) => this.#drop(edits));
  }

  /** Bytes and number of the cached tiles, and how many have been built in all. */
  get figures(): { bytes: number; tiles: number; built: number } {
    return { bytes: this.#cache.bytes, tiles: this.#cache.count, built: this.#built };
  }

  /**
   * The view that a request asks for, parsed once for each way to write it.
   *
   * @throws HttpError 404 for a layer and 400 for a filter that cannot be
   */
  viewOf({ text, layers, search }: Omit<TileQuestion, 'tile' | 'isAnalysed'>): View {
    const known = this.#byText.get(text);
    if (known) return known;
    const view = this.view(parseLayers(layers), parseQuery(tileQuerySchema, search));
    if (this.#byText.size >= MAX_VIEWS) this.#byText.clear();
    this.#byText.set(text, view);
    return view;
  }

  /** The question of layers and filters; equal questions are one. */
  view(layers: LayerId[], query: TileQuery): View {
    const key = canonicalKey(layers, query);
    const known = this.#views.get(key);
    if (known) return known;
    const view: View = { layers, query, tiles: new TileSet(), compiled: undefined, periodFrom: Number.NaN };
    this.#views.set(key, view);
    if (this.#views.size > MAX_VIEWS) this.#forgetOldest();
    return view;
  }

  /**
   * A tile of a question, from the cache or built now.
   *
   * @returns undefined when memory does not reach back far enough: ask the record
   * @throws HttpError 400 for a filter that names what does not exist
   */
  tile(view: View, tile: Tile): CachedTile | undefined {
    this.#live.tick();
    const compiled = this.#compiled(view);
    if (compiled.source === 'sql') return undefined;
    const known = this.#cache.get(view.tiles, tile);
    if (known) return known;
    this.#built += 1;
    return this.#cache.put(view.tiles, tile, this.#builder.build(compiled, tile));
  }

  #compiled(view: View): CompiledQuery {
    if (!view.compiled) {
      view.compiled = compileQuery(this.#live, view.layers, view.query);
      view.periodFrom = view.compiled.incidents?.from ?? Number.NaN;
    }
    return view.compiled;
  }

  #drop(edits: LiveEdits): void {
    const isResolvedAnew = edits.cause === 'clock' || edits.grids || edits.categories || edits.incidents === 'all';
    for (const view of this.#views.values()) {
      const { periodFrom } = view;
      if (isResolvedAnew) view.compiled = undefined;
      if ([...view.tiles.zooms.values()].every((tiles) => tiles.size === 0)) continue;
      const traces = this.#tracesOf(view, edits, periodFrom);
      if (traces === 'all') this.#cache.clear(view.tiles);
      else for (const trace of traces) this.#dropTrace(view.tiles, trace);
    }
  }

  /** A question that can no longer be resolved, or not from memory, keeps nothing. */
  #tracesOf(view: View, edits: LiveEdits, periodFrom: number): Trace[] | 'all' {
    try {
      const compiled = this.#compiled(view);
      return compiled.source === 'sql' ? 'all' : tracesOf(this.#live, compiled, edits, periodFrom);
    } catch (error) {
      if (error instanceof HttpError) return 'all';
      throw error;
    }
  }

  #dropTrace(set: TileSet, trace: Trace): void {
    for (const [z, tiles] of set.zooms) {
      if (tiles.size === 0) continue;
      const range = trace.range(z);
      const candidates =
        sizeOf(range) <= tiles.size
          ? [...tilesOfRange(range)].filter(({ x, y }) => tiles.has(numberOf(x, y)))
          : [...tiles.keys()].map((id) => tileOf(z, id)).filter((tile) => isIn(range, tile));
      for (const tile of candidates) {
        if (trace.touches(tile)) this.#cache.drop(set, z, numberOf(tile.x, tile.y));
      }
    }
  }

  #forgetOldest(): void {
    const [key, view] = this.#views.entries().next().value!;
    this.#cache.clear(view.tiles);
    this.#views.delete(key);
    this.#byText.clear();
  }
}

function isIn({ minX, maxX, minY, maxY }: TileRange, { x, y }: Tile): boolean {
  return x >= minX && x <= maxX && y >= minY && y <= maxY;
}
