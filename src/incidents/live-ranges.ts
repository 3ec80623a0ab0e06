import type { Box } from '../geo/bbox.ts';
import { edgeTouches } from '../geo/rings.ts';
import { EXTENT, type Tile, tileFilterBounds } from '../geo/tile.ts';
import { Area } from '../live/area.ts';
import { KEY_ZOOM, keyRange } from './live-columns.ts';

/**
 * Where the keys of points in a polygon lie: ascending runs of keys, each wholly inside or with the border in it. Only
 * the points of the latter have to be tested one by one, and of a polygon of a city or less only those of the parts of
 * tiles that its border runs through.
 */
export interface Place {
  polygons: readonly (readonly Float64Array[])[];
  /** Each run is `[from, to)`. */
  from: Float64Array;
  to: Float64Array;
  /** 1: every point of the run is in the polygon. */
  inside: Uint8Array;
  /** None of a larger polygon, whose runs are of larger tiles. */
  border: BorderTiles;
}

/** The tiles of `KEY_ZOOM` that the border runs through, in parts of `PARTS` by `PARTS`. */
export interface BorderTiles {
  /** Ascending. */
  key: Uint32Array;
  /** Where the first part of each lies among those of the world. */
  left: Int32Array;
  top: Int32Array;
  /** Row by row: 1 where every point is in the polygon, 0 where none is, `UNSURE` where the border runs. */
  parts: Uint8Array;
}

const PART_LEVELS = 3;
/** Parts along the side of a tile. */
export const PARTS = 2 ** PART_LEVELS;
/** Units of the key zoom in the side of a part, as a power of two. */
export const PART_BITS = Math.log2(EXTENT) - PART_LEVELS;
export const UNSURE = 2;

/** Levels below the zoom at which one tile is as large as the polygon's box: some hundred tiles lie on its border. */
const LEVELS = 6;
/** Degrees that an edge may miss a tile by and still count as touching it: far above any rounding. */
const MARGIN = 1e-9;

interface Run {
  from: number;
  to: number;
  inside: number;
}

/** The runs of a polygon. Some milliseconds for one of ten thousand positions. */
export function placeOf(area: Area): Place {
  const { polygons, box } = area;
  const edges = new Edges(area);
  const [west, south, east, north] = box;
  const span = Math.max(east - west, north - south, 1e-6);
  const deepest = Math.min(KEY_ZOOM, Math.ceil(Math.log2(360 / span)) + LEVELS);
  const runs: Run[] = [];
  const tiles: BorderTile[] = [];
  divide(edges, { z: 0, x: 0, y: 0 }, edges.all, deepest, (tile, inside, near) => {
    const [from, to] = keyRange(tile);
    if (inside === UNSURE) {
      addRun(runs, { from, to, inside: 0 });
      if (tile.z === KEY_ZOOM) tiles.push({ ...tile, key: from, parts: partsOf(edges, tile, near) });
    } else if (inside === 1) addRun(runs, { from, to, inside });
  });
  return {
    polygons,
    from: Float64Array.from(runs, (run) => run.from),
    to: Float64Array.from(runs, (run) => run.to),
    inside: Uint8Array.from(runs, (run) => run.inside),
    border: borderOf(tiles),
  };
}

/**
 * Divide a tile until no edge may touch what is left, down to a zoom, in the order of keys.
 *
 * @param near numbers of the edges that may touch the tile
 * @param visit told of each tile that is left: 1 all is in the polygon, 0 nothing is, `UNSURE` these edges may touch it
 */
function divide(
  edges: Edges,
  tile: Tile,
  near: Int32Array,
  deepest: number,
  visit: (tile: Tile, inside: number, near: Int32Array) => void,
): void {
  const rect = rectOf(tile);
  const own = near.filter((edge) => edges.touches(edge, rect));
  if (own.length === 0) visit(tile, edges.inside(rect), own);
  else if (tile.z >= deepest) visit(tile, UNSURE, own);
  else {
    const { z, x, y } = tile;
    for (const [dx, dy] of QUARTERS) {
      divide(edges, { z: z + 1, x: 2 * x + dx, y: 2 * y + dy }, own, deepest, visit);
    }
  }
}

interface BorderTile extends Tile {
  key: number;
  parts: Uint8Array;
}

function borderOf(tiles: readonly BorderTile[]): BorderTiles {
  const parts = new Uint8Array(PARTS * PARTS * tiles.length);
  for (const [i, tile] of tiles.entries()) parts.set(tile.parts, PARTS * PARTS * i);
  return {
    key: Uint32Array.from(tiles, ({ key }) => key),
    left: Int32Array.from(tiles, ({ x }) => PARTS * x),
    top: Int32Array.from(tiles, ({ y }) => PARTS * y),
    parts,
  };
}

/** Where the parts of a tile lie, by the edges that may touch it. */
function partsOf(edges: Edges, whole: Tile, near: Int32Array): Uint8Array {
  const parts = new Uint8Array(PARTS * PARTS);
  divide(edges, whole, near, KEY_ZOOM + PART_LEVELS, ({ z, x, y }, inside) => {
    const side = 2 ** (KEY_ZOOM + PART_LEVELS - z);
    const [left, top] = [side * x - PARTS * whole.x, side * y - PARTS * whole.y];
    for (let row = top; row < top + side; row++) parts.fill(inside, PARTS * row + left, PARTS * row + left + side);
  });
  return parts;
}

/** In the order of keys. */
const QUARTERS = [
  [0, 0],
  [1, 0],
  [0, 1],
  [1, 1],
] as const;

/** At the sides of the world a tile owns all that is beyond. */
function rectOf({ z, x, y }: Tile): Box {
  const { west, south, east, north } = tileFilterBounds(z, x, y);
  return [west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN];
}

function middle(low: number, high: number, limit: number): number {
  return (Math.max(low, -limit) + Math.min(high, limit)) / 2;
}

function addRun(runs: Run[], run: Run): void {
  const last = runs.at(-1);
  if (last && last.to === run.from && last.inside === run.inside) last.to = run.to;
  else runs.push(run);
}

/** All edges of an area by number. */
class Edges {
  readonly #area: Area;
  readonly #flat: number[] = [];

  constructor(area: Area) {
    this.#area = area;
    for (const ring of area.polygons.flat()) {
      for (let i = 2; i < ring.length; i += 2) this.#flat.push(ring[i - 2]!, ring[i - 1]!, ring[i]!, ring[i + 1]!);
    }
  }

  get all(): Int32Array {
    return Int32Array.from({ length: this.#flat.length / 4 }, (_, edge) => edge);
  }

  /** 1 where a rectangle that no edge touches is in the area, 0 where it is not. */
  inside([west, south, east, north]: Box): number {
    return Number(this.#area.covers(middle(west, east, 180), middle(south, north, 90)));
  }

  /** Whether an edge may touch a rectangle. */
  touches(edge: number, rect: Box): boolean {
    const flat = this.#flat;
    const i = 4 * edge;
    return edgeTouches(flat[i]!, flat[i + 1]!, flat[i + 2]!, flat[i + 3]!, rect);
  }
}

/** The test of single points of a place. */
export function areaOf(place: Place): Area {
  return new Area(place.polygons);
}
