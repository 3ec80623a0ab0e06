import type { Box } from '../geo/bbox.ts';
import { cleanRing, reversedRing } from '../geo/clip.ts';
import { hexagonInTile, hexagonRing } from '../geo/h3.ts';
import { POLYGON, ringArea, type TileGeometry } from '../geo/mvt.ts';
import { EXTENT, fractionOfLat, fractionOfLon, type Tile } from '../geo/tile.ts';

/** Outlines that are kept, about 250 bytes each; then all are let go of. */
const MAX_OUTLINES = 200_000;

interface Outline {
  box: Box;
  /** Shares of the world's sides, x0, y0, x1, y1 …, the first place not repeated. */
  fractions: Float64Array;
}

/** The outlines of hexagons, computed once: a tile has a thousand of them. */
export class CellOutlines {
  readonly #outlines = new Map<string, Outline>();

  /**
   * A cell as a tile shows it: what `hexagonInTile` gives.
   *
   * @param bounds the tile's own
   */
  inTile(cell: string, tile: Tile, bounds: Box): TileGeometry | null {
    const { box, fractions } = this.#outlineOf(cell);
    const isInside = box[0] >= bounds[0] && box[2] <= bounds[2] && box[1] >= bounds[1] && box[3] <= bounds[3];
    // At the tile's sides, and where outlines run on beyond the antimeridian, the exact test decides.
    if (!isInside) return isApart(box, bounds) ? null : hexagonInTile(cell, tile);
    const scale = EXTENT * 2 ** tile.z;
    const flat = new Array<number>(fractions.length);
    for (let i = 0; i < fractions.length; i += 2) {
      flat[i] = Math.round(fractions[i]! * scale) - tile.x * EXTENT;
      flat[i + 1] = Math.round(fractions[i + 1]! * scale) - tile.y * EXTENT;
    }
    const clean = cleanRing(flat);
    if (clean.length === 0) return null;
    return { type: POLYGON, parts: [ringArea(clean) < 0 ? reversedRing(clean) : clean] };
  }

  #outlineOf(cell: string): Outline {
    const known = this.#outlines.get(cell);
    if (known) return known;
    const ring = hexagonRing(cell);
    const fractions = new Float64Array(2 * (ring.length - 1));
    let box: Box = [Infinity, Infinity, -Infinity, -Infinity];
    for (const [i, [lon, lat]] of ring.slice(0, -1).entries()) {
      fractions[2 * i] = fractionOfLon(lon);
      fractions[2 * i + 1] = fractionOfLat(lat);
      box = [Math.min(box[0], lon), Math.min(box[1], lat), Math.max(box[2], lon), Math.max(box[3], lat)];
    }
    const outline = { box, fractions };
    if (this.#outlines.size >= MAX_OUTLINES) this.#outlines.clear();
    this.#outlines.set(cell, outline);
    return outline;
  }
}

/** Apart for certain: of an outline on one side of the antimeridian. */
function isApart([west, south, east, north]: Box, bounds: Box): boolean {
  if (north < bounds[1] || south > bounds[3]) return true;
  return west >= -180 && east <= 180 && (east < bounds[0] || west > bounds[2]);
}
