import { VectorTile } from '@mapbox/vector-tile';
import { PbfReader } from 'pbf';
import { type Tile, tilesOfBox, tilesOfRange } from '../../src/geo/tile.ts';

/** Ask a service for a tile; null for an empty one. */
export async function fetchTile(
  url: string,
  layers: string,
  { z, x, y }: Tile,
  query = '',
): Promise<{ bytes: Uint8Array; tile: VectorTile } | null> {
  const response = await fetch(`${url}/tiles/${layers}/${z}/${x}/${y}.mvt${query}`);
  if (response.status === 204) return null;
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { bytes, tile: new VectorTile(new PbfReader(bytes)) };
}

/** Properties of a layer's features in a tile, in their order. */
export function propertiesOf(tile: VectorTile | undefined, layer: string): Record<string, string | number | boolean>[] {
  const found = tile?.layers[layer];
  return found ? Array.from({ length: found.length }, (_, i) => found.feature(i).properties) : [];
}

/** The tiles of a zoom over a box. */
export function tilesOver(box: readonly [number, number, number, number], z: number): Tile[] {
  return [...tilesOfRange(tilesOfBox(box, z))];
}
