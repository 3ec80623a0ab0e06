import * as fixtures from '@mapbox/mvt-fixtures';
import { VectorTile, type VectorTileFeature } from '@mapbox/vector-tile';
import { PbfReader } from 'pbf';
import { describe, expect, test } from 'vitest';
import { encodeTile, type GeometryType, type TileFeature, type TileLayer } from '../../src/geo/mvt.ts';

const valid: fixtures.Fixture[] = [];
fixtures.each((fixture) => {
  if (fixture.validity.v2) valid.push(fixture);
});

describe('valid tiles of the fixtures, decoded and encoded again', () => {
  test('are those of the collection', () => expect(valid.length).toBe(46));

  test.each(valid.map((fixture) => [fixture.id, fixture.description, fixture.buffer] as const))(
    '%s %s',
    (_id, _what, buffer) => {
      const layers = layersOf(buffer);
      expect(layersOf(encodeTile(layers))).toEqual(layers);
    },
  );
});

/** What an encoder without ids and unknown geometry can say of a tile: layers that have features with geometry. */
function layersOf(bytes: Uint8Array): TileLayer[] {
  const tile = new VectorTile(new PbfReader(bytes));
  return Object.values(tile.layers)
    .map((layer) => ({
      name: layer.name,
      extent: layer.extent,
      features: Array.from({ length: layer.length }, (_, i) => layer.feature(i))
        .filter((f) => f.type !== 0)
        .map(featureOf),
    }))
    .filter(({ features }) => features.length > 0);
}

function featureOf(feature: VectorTileFeature): TileFeature {
  const lists = feature.loadGeometry().map((part) => part.flatMap(({ x, y }) => [x, y]));
  const parts =
    feature.type === 1 ? [lists.flat()] : feature.type === 3 ? lists.map((ring) => ring.slice(0, -2)) : lists;
  return { type: feature.type as GeometryType, parts, properties: { ...feature.properties } };
}
