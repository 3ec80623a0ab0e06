import { VectorTile } from '@mapbox/vector-tile';
import { PbfReader } from 'pbf';
import { ringArea } from '../../src/geo/mvt.ts';
import { BUFFER, EXTENT, type Tile, tilesOfBox, tilesOfRange } from '../../src/geo/tile.ts';
import { mvtFaults } from './mvt.ts';

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

/**
 * Ask for all tiles over a box up to the zoom that shows everything and for every seventh below it.
 *
 * @returns what violates MVT 2.1, and the distinct values of one property of each layer
 */
export async function seeTiles(
  url: string,
  keys: Record<string, string>,
  box: readonly [number, number, number, number],
  zooms: readonly number[],
  query = '',
): Promise<{ faults: string[]; seen: Record<string, Set<unknown>> }> {
  const faults: string[] = [];
  const seen = Object.fromEntries(Object.keys(keys).map((layer) => [layer, new Set<unknown>()]));
  for (const z of zooms) {
    const tiles = tilesOver(box, z);
    for (const tile of z <= 14 ? tiles : tiles.filter((_, i) => i % 7 === 0)) {
      const got = await fetchTile(url, Object.keys(keys).join(), tile, query);
      if (!got) continue;
      faults.push(...mvtFaults(got.bytes).map((fault) => `${z}/${tile.x}/${tile.y}: ${fault}`));
      for (const [layer, key] of Object.entries(keys)) {
        for (const properties of propertiesOf(got.tile, layer)) seen[layer]!.add(properties[key]);
      }
    }
  }
  return { faults, seen };
}

/** Twice the area of a layer's polygons in a tile, holes taken away; `FULL_AREA` where they fill it with its buffer. */
export function areaOfLayer(tile: VectorTile, name: string): number {
  const layer = tile.layers[name]!;
  let area = 0;
  for (let i = 0; i < layer.length; i++) {
    for (const ring of layer.feature(i).loadGeometry()) {
      area += ringArea(ring.slice(0, -1).flatMap(({ x, y }) => [x, y]));
    }
  }
  return area;
}

export const FULL_AREA = 2 * (EXTENT + 2 * BUFFER) ** 2;

/** Properties of a layer's features in a tile, in their order. */
export function propertiesOf(tile: VectorTile | undefined, layer: string): Record<string, string | number | boolean>[] {
  const found = tile?.layers[layer];
  return found ? Array.from({ length: found.length }, (_, i) => found.feature(i).properties) : [];
}

/** The tiles of a zoom over a box. */
export function tilesOver(box: readonly [number, number, number, number], z: number): Tile[] {
  return [...tilesOfRange(tilesOfBox(box, z))];
}
