import type { Box } from '../geo/bbox.ts';
import { type Tile, tilesOfBox, tilesOfRange } from '../geo/tile.ts';
import { KEY_ZOOM } from './live-columns.ts';

/** Tiles that a box is covered with at most. */
const MAX_TILES = 24;

/** Tiles, at most 24, that own every point of a box: a sieve, they own others too. */
export function tilesAround(box: Box): Tile[] {
  const held: Box = [Math.max(box[0], -180), Math.max(box[1], -90), Math.min(box[2], 180), Math.min(box[3], 90)];
  for (let z = KEY_ZOOM; z > 0; z--) {
    const range = tilesOfBox(held, z);
    const count = (range.maxX - range.minX + 1) * (range.maxY - range.minY + 1);
    if (count <= MAX_TILES) return [...tilesOfRange(range)];
  }
  return [{ z: 0, x: 0, y: 0 }];
}
