import { type Box, boxOfBounds } from '../geo/bbox.ts';
import { BUFFER, EXTENT, type Tile, tileBufferBounds } from '../geo/tile.ts';
import type { LiveGrid } from '../grids/live-grid.ts';
import { Cutter } from '../live/cutter.ts';
import type { Edit } from '../live/edits.ts';
import type { Live } from '../live/live.ts';
import { microsOf } from '../live/micros.ts';
import { compareText } from '../live/order.ts';
import { ALL, NOT_ANY, RingCutter, UNSURE, type Written } from '../live/ring-cutter.ts';
import type { DrawnShape } from '../live/shape.ts';
import { NOTHING, Sheet, UNKNOWN } from '../live/sheet.ts';
import { RingSnapper } from '../live/snapped.ts';
import { SpatialIndex } from '../live/spatial.ts';
import type { LayerWriter } from './live-layer.ts';
import { GRID_KEYS, GridSlots } from './live-slots.ts';
import type { CompiledQuery } from './live-views.ts';

/** A version of a grid as it is found: by its box. */
interface Found {
  readonly box: Box;
  readonly slot: number;
}

/** All of one plan, made ready for tiles. */
interface Drawings {
  slots: GridSlots;
  found: Map<LiveGrid, Found>;
  /** Slots in the order of codes, then of age. */
  sorted: Uint32Array;
  /** By slot, its place in that order. */
  orders: Uint32Array;
  /** By net. */
  indexes: Map<string, SpatialIndex<Found>>;
  /** By zoom. */
  sheets: (Sheet | undefined)[];
}

/** Bytes of all sheets: those of two zooms with 25,000 grids of 100 positions. One takes some 20 µs to be made again. */
const MAX_SHEET_BYTES = 96 * 2 ** 20;
/** A slot is not used again; with more of them for each grid everything is made anew. */
const MAX_SLOTS_PER_GRID = 3;

/**
 * Writes the grids of tiles: in order, found by box, their texts encoded and their shapes drawn once a zoom, so that a
 * tile is copied together but for what crosses its sides. About 350 bytes a version beside its texts and shape, and between
 * tiles at most 96 MiB of drawings. Follows the edits; a whole plan is made ready when its first tile is asked for, some
 * 150 ms for 25,000 grids.
 */
export class GridDrawings {
  readonly #live: Live;
  readonly #cutters = { snapper: new RingSnapper(), rings: new RingCutter(), paths: new Cutter() };
  #drawings: Drawings | undefined;

  constructor(live: Live) {
    this.#live = live;
    live.onEdits(({ grids, cause }) => {
      if (grids === 'all') this.#drawings = undefined;
      else if (grids && cause === 'data' && this.#drawings) this.#drawings = followed(this.#drawings, grids);
    });
  }

  /** The layer of a tile: the same bytes as of SQL. */
  write(writer: LayerWriter, { query, under }: CompiledQuery, tile: Tile): void {
    writer.begin('grids', GRID_KEYS);
    this.#drawings ??= draw([...this.#live.layers.grids].sort(compareGrids));
    const { slots } = this.#drawings;
    const at = microsOf(this.#live.at);
    const levels = query.level && new Set(query.level.map((level) => slots.texts.numberOf(level)));
    const pen = new Pen(writer, this.#cutters, this.#drawings, tile);
    for (const slot of slotsIn(this.#drawings, query.net, boxOfBounds(tileBufferBounds(tile.z, tile.x, tile.y)))) {
      if (!slots.isValid(slot, at)) continue;
      if (levels && !levels.has(slots.levelOf(slot))) continue;
      if (under && !under.codes.has(slots.grids[slot]!.code)) continue;
      pen.write(slot);
    }
    const { sheets } = this.#drawings;
    if (sheets.reduce((bytes, sheet) => bytes + (sheet?.size ?? 0), 0) > MAX_SHEET_BYTES) sheets.length = 0;
  }
}

interface Cutters {
  snapper: RingSnapper;
  rings: RingCutter;
  paths: Cutter;
}

/** Writes grids of one tile. */
class Pen {
  readonly #writer: LayerWriter;
  readonly #cutters: Cutters;
  readonly #slots: GridSlots;
  readonly #sheet: Sheet;
  readonly #tile: Tile;
  /** What every tile sees of its surroundings, less a unit for rounding, in shares of the world's side. */
  readonly #left: number;
  readonly #top: number;
  readonly #size: number;

  constructor(writer: LayerWriter, cutters: Cutters, { slots, sheets }: Drawings, tile: Tile) {
    this.#writer = writer;
    this.#cutters = cutters;
    this.#slots = slots;
    sheets[tile.z] ??= new Sheet(slots.count);
    this.#sheet = sheets[tile.z]!;
    this.#tile = tile;
    const unit = 1 / (EXTENT * 2 ** tile.z);
    this.#left = (tile.x * EXTENT - BUFFER + 1) * unit;
    this.#top = (tile.y * EXTENT - BUFFER + 1) * unit;
    this.#size = (EXTENT + 2 * BUFFER - 2) * unit;
  }

  write(slot: number): void {
    if (this.#slots.liesIn(slot, this.#left, this.#top, this.#size)) this.#copy(slot);
    else this.#cut(slot);
  }

  #copy(slot: number): void {
    let start = this.#sheet.startOf(slot);
    if (start === UNKNOWN) start = this.#sheet.put(slot, this.#drawnWhole(slot));
    if (start === NOTHING) return;
    this.#slots.writeTexts(slot, this.#writer);
    this.#writer.drawn(this.#sheet, slot, this.#tile);
  }

  #cut(slot: number): void {
    const { rings, paths } = this.#cutters;
    const written = this.#cutRing(slot);
    if (written === NOT_ANY) return;
    if (written === ALL) {
      this.#slots.writeTexts(slot, this.#writer);
      this.#writer.polygon(rings.commands);
      return;
    }
    const shape = this.#slots.shapeOf(slot);
    if (shape.isPlain) {
      if (!shape.cutTo(this.#tile, paths)) return;
      this.#slots.writeTexts(slot, this.#writer);
      this.#writer.polygon(paths.commands);
      return;
    }
    const drawn = shape.drawnIn(this.#tile);
    if (!drawn) return;
    this.#slots.writeTexts(slot, this.#writer);
    this.#writer.shape(drawn, this.#tile);
  }

  #cutRing(slot: number): Written {
    const { snapper, rings } = this.#cutters;
    const sheet = this.#sheet;
    let start = sheet.ringOf(slot);
    if (start === UNKNOWN) start = sheet.putRing(slot, this.#slots.shapeOf(slot).ringAt(this.#tile.z, snapper));
    return start === NOTHING ? UNSURE : rings.cut(sheet, slot, this.#tile);
  }

  #drawnWhole(slot: number): DrawnShape | null {
    return this.#slots.shapeOf(slot).drawnIn(this.#tile) as DrawnShape | null;
  }
}

function draw(sorted: readonly LiveGrid[]): Drawings {
  const slots = new GridSlots();
  const byNet = new Map<string, Found[]>();
  const found = new Map<LiveGrid, Found>();
  for (const grid of sorted) {
    const one = { box: grid.box, slot: slots.add(grid) };
    found.set(grid, one);
    const others = byNet.get(grid.net);
    if (others) others.push(one);
    else byNet.set(grid.net, [one]);
  }
  const indexes = new Map([...byNet].map(([net, ones]) => [net, new SpatialIndex(ones)]));
  const order = Uint32Array.from(sorted, (_grid, i) => i);
  return { slots, found, indexes, sorted: order, orders: order, sheets: [] };
}

/** With the versions of edits put in and taken out; undefined: to be made anew. */
function followed(drawings: Drawings, edits: readonly Edit<LiveGrid>[]): Drawings | undefined {
  const { slots, found, indexes } = drawings;
  const gone = new Set<number>();
  const come: number[] = [];
  for (const { before, after } of edits) {
    const one = before && found.get(before);
    if (one) {
      gone.add(one.slot);
      found.delete(before);
      indexes.get(before.net)!.remove(one);
    }
    if (!after) continue;
    const added = { box: after.box, slot: slots.add(after) };
    come.push(added.slot);
    found.set(after, added);
    const index = indexes.get(after.net) ?? new SpatialIndex<Found>();
    index.add(added);
    indexes.set(after.net, index);
  }
  if (slots.count > MAX_SLOTS_PER_GRID * found.size + 1_000) return undefined;
  const compare = (a: number, b: number) => compareGrids(slots.grids[a]!, slots.grids[b]!);
  const stay = drawings.sorted.filter((slot) => !gone.has(slot));
  const sorted = merged(stay, come.sort(compare), compare);
  const orders = new Uint32Array(slots.count);
  for (let i = 0; i < sorted.length; i++) orders[sorted[i]!] = i;
  return { ...drawings, sorted, orders };
}

/** Slots of a net whose box meets a box, in order. */
function slotsIn({ indexes, orders, sorted }: Drawings, net: string, [west, south, east, north]: Box): Uint32Array {
  const found = indexes.get(net)?.search(west, south, east, north) ?? [];
  const slots = new Uint32Array(found.length);
  for (let i = 0; i < found.length; i++) slots[i] = orders[found[i]!.slot]!;
  slots.sort();
  for (let i = 0; i < slots.length; i++) slots[i] = sorted[slots[i]!]!;
  return slots;
}

function compareGrids(a: LiveGrid, b: LiveGrid): number {
  return compareText(a.code, b.code) || a.gid - b.gid;
}

function merged(a: Uint32Array, b: readonly number[], compare: (a: number, b: number) => number): Uint32Array {
  const all = new Uint32Array(a.length + b.length);
  for (let i = 0, j = 0, n = 0; n < all.length; n++) {
    const isFromA = j === b.length || (i < a.length && compare(a[i]!, b[j]!) < 0);
    all[n] = isFromA ? a[i++]! : b[j++]!;
  }
  return all;
}
