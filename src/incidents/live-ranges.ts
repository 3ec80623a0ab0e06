import type { Box } from '../geo/bbox.ts';
import { edgeTouches, MARGIN } from '../geo/rings.ts';
import { tileFilterBounds } from '../geo/tile.ts';
import { Area } from '../live/area.ts';
import { KEY_ZOOM, keyRange } from './live-columns.ts';

/**
 * Where the keys of points in a polygon lie: ascending runs of keys, each wholly inside or with the border in it. Only
 * the points of the latter have to be tested one by one.
 */
export interface Place {
  polygons: readonly (readonly Float64Array[])[];
  /** Each run is `[from, to)`. */
  from: Float64Array;
  to: Float64Array;
  /** 1: every point of the run is in the polygon. */
  inside: Uint8Array;
}

/** Levels below the zoom at which one tile is as large as the polygon's box: some hundred tiles lie on its border. */
const LEVELS = 6;

interface Run {
  from: number;
  to: number;
  inside: number;
}

/** The runs of a polygon. Some milliseconds for one of ten thousand positions. */
export function placeOf(area: Area): Place {
  const { polygons, box } = area;
  const edges = new Edges(polygons);
  const [west, south, east, north] = box;
  const span = Math.max(east - west, north - south, 1e-6);
  const deepest = Math.min(KEY_ZOOM, Math.ceil(Math.log2(360 / span)) + LEVELS);
  const runs: Run[] = [];
  const visit = (z: number, x: number, y: number, near: Int32Array): void => {
    const rect = rectOf(z, x, y);
    const own = near.filter((edge) => edges.touches(edge, rect));
    const [from, to] = keyRange({ z, x, y });
    if (own.length === 0) {
      const isInside = area.covers(middle(rect[0], rect[2], 180), middle(rect[1], rect[3], 90));
      if (isInside) addRun(runs, { from, to, inside: 1 });
    } else if (z >= deepest) addRun(runs, { from, to, inside: 0 });
    else for (const [dx, dy] of QUARTERS) visit(z + 1, 2 * x + dx, 2 * y + dy, own);
  };
  visit(
    0,
    0,
    0,
    Int32Array.from({ length: edges.count }, (_, i) => i),
  );
  return {
    polygons,
    from: Float64Array.from(runs, (run) => run.from),
    to: Float64Array.from(runs, (run) => run.to),
    inside: Uint8Array.from(runs, (run) => run.inside),
  };
}

/** In the order of keys. */
const QUARTERS = [
  [0, 0],
  [1, 0],
  [0, 1],
  [1, 1],
] as const;

/** At the sides of the world a tile owns all that is beyond. */
function rectOf(z: number, x: number, y: number): Box {
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

/** All edges of a multipolygon by number. */
class Edges {
  readonly #flat: number[] = [];

  constructor(polygons: Place['polygons']) {
    for (const ring of polygons.flat()) {
      for (let i = 2; i < ring.length; i += 2) this.#flat.push(ring[i - 2]!, ring[i - 1]!, ring[i]!, ring[i + 1]!);
    }
  }

  get count(): number {
    return this.#flat.length / 4;
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
