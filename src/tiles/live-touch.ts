import type { Box } from '../geo/bbox.ts';
import { heatResolution, hexagonInTile, hexagonRing } from '../geo/h3.ts';
import { BUFFER, type Tile, type TileRange, tileOfPoint, tilesOfBox, tilesOfRange } from '../geo/tile.ts';
import { KEY_ZOOM } from '../incidents/live-columns.ts';
import type { Shape } from '../live/shape.ts';
import { bufferedPoint } from './live-features.ts';

/** Something that tiles show: where it may be at a zoom, and whether a tile of there shows it. */
export interface Trace {
  range(z: number): TileRange;
  touches(tile: Tile): boolean;
}

/** Tiles of a zoom that show a trace; undefined when more than `limit` would have to be looked at. */
export function tilesOfTrace(trace: Trace, z: number, limit: number): Tile[] | undefined {
  const range = trace.range(z);
  if (sizeOf(range) > limit) return undefined;
  return [...tilesOfRange(range)].filter((tile) => trace.touches(tile));
}

export function sizeOf({ minX, maxX, minY, maxY }: TileRange): number {
  return (maxX - minX + 1) * (maxY - minY + 1);
}

/** Of an area or line. */
export function traceOfShape({ shape, box }: { shape: Shape; box: Box }): Trace {
  return {
    range: (z) => tilesOfBox(box, z, BUFFER + 1),
    touches: (tile) => shape.inTile(tile) !== null,
  };
}

/** Of a point that is drawn in the buffers of neighbours too. */
export function traceOfBufferedPoint({ lon, lat }: { lon: number; lat: number }): Trace {
  return {
    range: (z) => tilesOfBox([lon, lat, lon, lat], z, BUFFER + 1),
    touches: (tile) => bufferedPoint(lon, lat, tile) !== null,
  };
}

/** Of a point that one tile of each zoom owns. */
export function traceOfPoint({ lon, lat }: { lon: number; lat: number }): Trace {
  const finest = tileOfPoint(lon, lat, KEY_ZOOM);
  return {
    range(z) {
      const shift = KEY_ZOOM - z;
      const { x, y } = shift < 0 ? tileOfPoint(lon, lat, z) : { x: finest.x >> shift, y: finest.y >> shift };
      return { z, minX: x, maxX: x, minY: y, maxY: y };
    },
    touches: () => true,
  };
}

/** No tile of a zoom. */
function nowhere(z: number): TileRange {
  return { z, minX: 0, maxX: -1, minY: 0, maxY: -1 };
}

/** Of the hexagons that a stored cell counts in, one for each resolution that is shown; undefined: none of it. */
export function traceOfCell(parentAt: (res: number) => string | undefined): Trace {
  const boxes = new Map<string, Box>();
  const boxOf = (cell: string): Box => {
    const known = boxes.get(cell);
    if (known) return known;
    const ring = hexagonRing(cell);
    const lons = ring.map(([lon]) => lon);
    const lats = ring.map(([, lat]) => lat);
    const box: Box = [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
    boxes.set(cell, box);
    return box;
  };
  return {
    range(z) {
      const cell = parentAt(heatResolution(z));
      if (cell === undefined) return nowhere(z);
      const [west, south, east, north] = boxOf(cell);
      const crosses = west < -180 || east > 180;
      return tilesOfBox([crosses ? -180 : west, south, crosses ? 180 : east, north], z, 1);
    },
    touches(tile) {
      const cell = parentAt(heatResolution(tile.z));
      return cell !== undefined && hexagonInTile(cell, tile) !== null;
    },
  };
}
