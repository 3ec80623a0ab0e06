import type { Queryable } from '../db/db.ts';
import type { Box } from '../geo/bbox.ts';
import type { Edit } from '../live/edits.ts';
import { type Micros, microsOfEpoch } from '../live/micros.ts';
import { compareText } from '../live/order.ts';
import { SpatialIndex } from '../live/spatial.ts';
import { polygonsOfWkb } from '../live/wkb.ts';
import { FloatStore } from '../threads/floats.ts';
import { ALL_GRIDS, ALL_LEVELS, GRIDS_OF_KEYS } from './live.sql.ts';
import { type GridKey, isValid, LiveGrid } from './live-grid.ts';
import { OwnerCells, type PointOwner } from './live-owners.ts';

interface GridRow extends Omit<LiveGrid, 'box' | 'area' | 'shape' | 'validFrom' | 'validTo' | 'isAlways' | 'order'> {
  validFrom: number | null;
  validTo: number | null;
  geom: Uint8Array;
}

/** Bytes of a version beside its positions, and of a position: its degrees, its fractions, its bands. */
const BYTES_PER_GRID = 1_200;
const BYTES_PER_POSITION = 56;
const BATCH = 500;

/**
 * All versions of the grids of all nets and levels, in memory. About 56 bytes a position and 1.2 KB a version, beside the
 * cells of `OwnerCells`.
 */
export class GridLayer {
  /** Ids of each net's levels, the deepest first. */
  readonly #levels = new Map<string, string[]>();
  readonly #versions = new Map<string, LiveGrid[]>();
  readonly #children = new Map<string, Set<LiveGrid>>();
  /** Versions that begin or end. */
  readonly #timed = new Set<LiveGrid>();
  /** By net and level. */
  readonly #indexes = new Map<string, Map<string, SpatialIndex<LiveGrid>>>();
  /** By net. */
  readonly #owners = new Map<string, OwnerCells>();
  #isOrdered = false;
  #count = 0;
  #positions = 0;
  #version = 0;

  /** Read everything. Needs a transaction. */
  static async load(tx: Queryable): Promise<GridLayer> {
    const levels = new Map<string, string[]>();
    for (const { net, id } of await tx.query<{ net: string; id: string }>(ALL_LEVELS)) {
      levels.set(net, [id, ...(levels.get(net) ?? [])]);
    }
    const grids: LiveGrid[] = [];
    const rings = new FloatStore();
    for await (const rows of tx.cursor<GridRow>(ALL_GRIDS, [], BATCH)) {
      for (const row of rows) grids.push(toGrid(row, rings));
    }
    return GridLayer.of(levels, grids);
  }

  /**
   * A layer of what has been read.
   *
   * @param levels by net, the deepest first
   */
  static of(levels: ReadonlyMap<string, readonly string[]>, grids: readonly LiveGrid[]): GridLayer {
    const layer = new GridLayer();
    for (const [net, ids] of levels) layer.#levels.set(net, [...ids]);
    const lists = new Map<string, Map<string, LiveGrid[]>>();
    for (const grid of grids) {
      layer.#link(grid);
      const ofNet = lists.get(grid.net) ?? new Map<string, LiveGrid[]>();
      const ofLevel = ofNet.get(grid.level);
      if (ofLevel) ofLevel.push(grid);
      else lists.set(grid.net, ofNet.set(grid.level, [grid]));
    }
    for (const [net, ofNet] of lists) {
      layer.#indexes.set(net, new Map([...ofNet].map(([level, own]) => [level, new SpatialIndex(own)])));
      // Some 20 ms for 25,000 grids, which the first question would take in one piece.
      layer.#ownersOf(net);
    }
    return layer;
  }

  /** The versions of some grids as they are now; those that are gone are missing. */
  static async read(tx: Queryable, keys: readonly GridKey[]): Promise<LiveGrid[]> {
    const values = [keys.map((key) => key.net), keys.map((key) => key.code)];
    return (await tx.query<GridRow>(GRIDS_OF_KEYS, values)).map((row) => toGrid(row));
  }

  /** Ids of the levels by net, the deepest first. */
  get levels(): ReadonlyMap<string, readonly string[]> {
    return this.#levels;
  }

  get count(): number {
    return this.#count;
  }

  /** Raised with every change. */
  get version(): number {
    return this.#version;
  }

  get bytes(): number {
    return this.#count * BYTES_PER_GRID + this.#positions * BYTES_PER_POSITION;
  }

  /** Put what `read` found in the place of all versions of the keys. */
  replace(keys: readonly GridKey[], grids: readonly LiveGrid[]): Edit<LiveGrid>[] {
    const edits: Edit<LiveGrid>[] = [];
    this.#version += 1;
    for (const { net, code } of keys) {
      for (const before of [...(this.#versions.get(keyOf(net, code)) ?? [])]) {
        this.#unlink(before);
        this.#indexOf(before).remove(before);
        this.#owners.get(net)?.forget(before.box);
        edits.push({ before, after: undefined });
      }
    }
    for (const after of grids) {
      this.#link(after);
      this.#indexOf(after).add(after);
      this.#owners.get(after.net)?.forget(after.box);
      edits.push({ before: undefined, after });
    }
    return edits;
  }

  /** 0 for a grid of the deepest level of its net. */
  depthOf({ net, level }: LiveGrid): number {
    return this.#levels.get(net)!.indexOf(level);
  }

  /** The version of a grid at a moment. */
  find(net: string, code: string, at: Micros): LiveGrid | undefined {
    return this.#versions.get(keyOf(net, code))?.find((grid) => isValid(grid, at));
  }

  /** Grids of a moment and of a level whose box meets a box, in no order. */
  ofLevelInBox(net: string, level: string, [west, south, east, north]: Box, at: Micros): LiveGrid[] {
    const found = this.#indexes.get(net)?.get(level)?.search(west, south, east, north) ?? [];
    return found.filter((grid) => isValid(grid, at));
  }

  /** Grids of a moment whose box meets a box, by code, then by age. */
  inBox(net: string, levels: readonly string[] | undefined, box: Box, at: Micros): LiveGrid[] {
    const among = levels ?? this.#levels.get(net) ?? [];
    const found = among.flatMap((level) => this.ofLevelInBox(net, level, box, at));
    if (found.length < 2) return found;
    this.#keepOrder();
    return found.sort((a, b) => a.order - b.order);
  }

  /** The owner of a point: the deepest level that covers it, there dedicated before base, then the lowest code. */
  ownerOf(net: string, lon: number, lat: number, at: Micros): LiveGrid | undefined {
    return this.#ownersOf(net).ownerOf(lon, lat, at);
  }

  /** The same with what is near. */
  pointOwnerOf(net: string, lon: number, lat: number, at: Micros): PointOwner | undefined {
    return this.#ownersOf(net).pointOwnerOf(lon, lat, at);
  }

  /** A grid and its ancestors, deepest first, by the plan of a moment. */
  chainOf(net: string, code: string, at: Micros): LiveGrid[] {
    const chain: LiveGrid[] = [];
    let grid = this.find(net, code, at);
    while (grid) {
      chain.push(grid);
      grid = grid.parent === null ? undefined : this.find(net, grid.parent, at);
    }
    return chain;
  }

  /** Codes of a grid and all below it, by the plan of a moment. */
  subtree(net: string, code: string, at: Micros): Set<string> {
    const codes = new Set<string>(this.find(net, code, at) ? [code] : []);
    for (const above of codes) {
      for (const child of this.#children.get(keyOf(net, above)) ?? []) if (isValid(child, at)) codes.add(child.code);
    }
    return codes;
  }

  /** Versions that begin or end at some time: few of those of a city. */
  get timed(): ReadonlySet<LiveGrid> {
    return this.#timed;
  }

  /** Versions that begin or end in `(from, to]`. */
  beginningOrEnding(from: Micros, to: Micros): LiveGrid[] {
    const isWithin = (moment: Micros) => moment > from && moment <= to;
    return [...this.#timed].filter(({ validFrom, validTo }) => isWithin(validFrom) || isWithin(validTo));
  }

  *[Symbol.iterator](): Generator<LiveGrid> {
    for (const versions of this.#versions.values()) yield* versions;
  }

  /** Sorting texts costs more than all else of a tile: do it once for a state of the plan, some 30 ms for 25,000. */
  #keepOrder(): void {
    if (this.#isOrdered) return;
    const sorted = [...this].sort((a, b) => compareText(a.code, b.code) || a.gid - b.gid);
    for (const [order, grid] of sorted.entries()) grid.order = order;
    this.#isOrdered = true;
  }

  #link(grid: LiveGrid): void {
    this.#isOrdered = false;
    const key = keyOf(grid.net, grid.code);
    this.#versions.set(key, [...(this.#versions.get(key) ?? []), grid]);
    if (grid.parent !== null) {
      const above = keyOf(grid.net, grid.parent);
      const siblings = this.#children.get(above);
      if (siblings) siblings.add(grid);
      else this.#children.set(above, new Set([grid]));
    }
    if (!grid.isAlways) this.#timed.add(grid);
    this.#count += 1;
    this.#positions += positionsOf(grid);
  }

  #unlink(grid: LiveGrid): void {
    const key = keyOf(grid.net, grid.code);
    const others = this.#versions.get(key)!.filter((version) => version !== grid);
    if (others.length > 0) this.#versions.set(key, others);
    else this.#versions.delete(key);
    if (grid.parent !== null) this.#children.get(keyOf(grid.net, grid.parent))?.delete(grid);
    this.#timed.delete(grid);
    this.#count -= 1;
    this.#positions -= positionsOf(grid);
  }

  #ownersOf(net: string): OwnerCells {
    const known = this.#owners.get(net);
    if (known) return known;
    const levels = this.#levels.get(net) ?? [];
    // A level without an index has no grids.
    const indexes = levels.flatMap((level) => this.#indexes.get(net)?.get(level) ?? []);
    const owners = new OwnerCells(indexes);
    this.#owners.set(net, owners);
    return owners;
  }

  #indexOf({ net, level }: LiveGrid): SpatialIndex<LiveGrid> {
    const indexes = this.#indexes.get(net) ?? new Map<string, SpatialIndex<LiveGrid>>();
    const known = indexes.get(level);
    if (known) return known;
    const index = new SpatialIndex<LiveGrid>();
    this.#indexes.set(net, indexes.set(level, index));
    this.#owners.delete(net);
    return index;
  }
}

/** @param rings where those of many grids are kept; absent: each by itself */
function toGrid({ geom, validFrom, validTo, ...row }: GridRow, rings?: FloatStore): LiveGrid {
  return new LiveGrid({
    ...row,
    validFrom: validFrom === null ? -Infinity : microsOfEpoch(validFrom),
    validTo: validTo === null ? Infinity : microsOfEpoch(validTo),
    polygons: polygonsOfWkb(geom, rings && ((length) => rings.take(length))),
  });
}

function positionsOf(grid: LiveGrid): number {
  return grid.area.polygons.flat().reduce((sum, ring) => sum + ring.length / 2, 0);
}

/** Codes hold no control characters. */
function keyOf(net: string, code: string): string {
  return `${net}\n${code}`;
}
