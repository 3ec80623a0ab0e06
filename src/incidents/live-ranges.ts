import type { Box } from '../geo/bbox.ts';
import { edgeTouches } from '../geo/rings.ts';
import { type Tile, tileFilterBounds } from '../geo/tile.ts';
import type { Area } from '../live/area.ts';
import { KEY_ZOOM, keyRange } from './live-columns.ts';

/** Rings of polygons in degrees, the exterior of each first. */
export type Polygons = readonly (readonly Float64Array[])[];

/**
 * Where the keys of points in a polygon lie: ascending runs of keys, each wholly inside or with the border in it. Only
 * the points of the latter have to be tested one by one.
 */
export interface Place {
  polygons: Polygons;
  /** Each run is `[from, to)`. */
  from: Float64Array;
  to: Float64Array;
  /** 1: every point of the run is in the polygon. */
  inside: Uint8Array;
}

const UNSURE = 2;

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
  divide(edges, { z: 0, x: 0, y: 0 }, edges.all, deepest, (tile, inside) => {
    const [from, to] = keyRange(tile);
    if (inside !== 0) addRun(runs, { from, to, inside: inside === UNSURE ? 0 : 1 });
  });
  return {
    polygons,
    from: Float64Array.from(runs, (run) => run.from),
    to: Float64Array.from(runs, (run) => run.to),
    inside: Uint8Array.from(runs, (run) => run.inside),
  };
}

/**
 * Divide a tile until no edge may touch what is left, down to a zoom, in the order of keys.
 *
 * @param near numbers of the edges that may touch the tile
 * @param visit told of each tile that is left: 1 all is in the polygon, 0 nothing is, `UNSURE` edges may touch it
 */
function divide(
  edges: Edges,
  tile: Tile,
  near: Int32Array,
  deepest: number,
  visit: (tile: Tile, inside: number) => void,
): void {
  const rect = rectOf(tile);
  const own = near.filter((edge) => edges.touches(edge, rect));
  if (own.length === 0) visit(tile, edges.inside(rect));
  else if (tile.z >= deepest) visit(tile, UNSURE);
  else {
    const { z, x, y } = tile;
    for (const [dx, dy] of QUARTERS) {
      divide(edges, { z: z + 1, x: 2 * x + dx, y: 2 * y + dy }, own, deepest, visit);
    }
  }
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
