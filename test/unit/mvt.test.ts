import { VectorTile } from '@mapbox/vector-tile';
import fc from 'fast-check';
import { PbfReader } from 'pbf';
import { describe, expect, test } from 'vitest';
import {
  encodeTile,
  LINE,
  POINT,
  POLYGON,
  type PropertyValue,
  ringArea,
  type TileFeature,
  type TileLayer,
} from '../../src/geo/mvt.ts';
import { mvtFaults } from '../helpers/mvt.ts';

function decode(bytes: Uint8Array): VectorTile {
  return new VectorTile(new PbfReader(bytes));
}

function pointWith(properties: TileFeature['properties']): TileFeature {
  return { type: POINT, parts: [[1, 2]], properties };
}

const SQUARE = [0, 0, 10, 0, 10, 10, 0, 10];
const HOLE = [2, 2, 2, 4, 4, 4, 4, 2];

describe('encodeTile', () => {
  test('writes version, name, extent and properties, and no ids', () => {
    const properties = { hello: 'world', h: 'world', count: 1.23 };
    const later = { hello: 'again', count: 2 };
    const tile = encodeTile([{ name: 'points', features: [pointWith(properties), pointWith(later)] }]);
    const { points } = decode(tile).layers;
    expect(points).toMatchObject({ version: 2, name: 'points', extent: 4096, length: 2 });
    expect(points!.feature(0).properties).toEqual(properties);
    expect(points!.feature(1).properties).toEqual(later);
    expect(points!.feature(0).id).toBeUndefined();
  });

  test('writes the geometry of a polygon as the specification lists it (4.3.5.6)', () => {
    const rings = [
      [0, 0, 10, 0, 10, 10, 0, 10],
      [11, 11, 20, 11, 20, 20, 11, 20],
      [13, 13, 13, 17, 17, 17, 17, 13],
    ];
    const tile = encodeTile([{ name: 'a', features: [{ type: POLYGON, parts: rings, properties: {} }] }]);
    const commands = [
      9, 0, 0, 26, 20, 0, 0, 20, 19, 0, 15, 9, 22, 2, 26, 18, 0, 0, 18, 17, 0, 15, 9, 4, 13, 26, 0, 8, 8, 0, 0, 7, 15,
    ];
    expect(Buffer.from(tile).includes(Buffer.from(commands))).toBe(true);
    expect(mvtFaults(tile)).toEqual([]);
  });

  test('tells the text 1, the number 1 and true apart and writes each value once', () => {
    const features = [
      pointWith({ a: '1', b: 1, c: true }),
      pointWith({ a: 1, b: true, c: '1' }),
      pointWith({ a: '1' }),
    ];
    const tile = encodeTile([{ name: 'a', features }]);
    const layer = decode(tile).layers.a!;
    expect(features.map((_, i) => layer.feature(i).properties)).toEqual(features.map((f) => f.properties));
    expect(mvtFaults(tile)).toEqual([]);
  });

  test('leaves out properties that are null or undefined', () => {
    const tile = encodeTile([{ name: 'a', features: [pointWith({ parent: null, net: undefined, code: 'x' })] }]);
    expect(decode(tile).layers.a!.feature(0).properties).toEqual({ code: 'x' });
  });

  test('is zero bytes when no layer has a feature, and leaves empty layers out', () => {
    const empty: TileLayer = { name: 'none', features: [{ type: LINE, parts: [], properties: { a: 1 } }] };
    expect(encodeTile([])).toHaveLength(0);
    expect(encodeTile([empty])).toHaveLength(0);
    const tile = encodeTile([empty, { name: 'a', extent: 512, features: [pointWith({})] }]);
    expect(Object.keys(decode(tile).layers)).toEqual(['a']);
    expect(decode(tile).layers.a!.extent).toBe(512);
  });

  test('refuses two layers of one name and numbers that are none', () => {
    const layer = { name: 'a', features: [pointWith({})] };
    expect(() => encodeTile([layer, layer])).toThrow(/layer a is there twice/);
    expect(() => encodeTile([{ name: 'a', features: [pointWith({ n: Number.NaN })] }])).toThrow(RangeError);
  });

  test('keeps whole numbers whole up to the safe integers, and others to the last bit', () => {
    const values = [
      0,
      1,
      -1,
      127,
      128,
      2 ** 31 - 1,
      2 ** 31,
      2 ** 32,
      -(2 ** 31) - 1,
      2 ** 53 - 1,
      -(2 ** 53) + 1,
      2 ** 60,
      0.1,
      -1e-300,
    ];
    const tile = encodeTile([{ name: 'a', features: values.map((n) => pointWith({ n })) }]);
    const layer = decode(tile).layers.a!;
    expect(values.map((_, i) => layer.feature(i).properties.n)).toEqual(values);
  });

  test('any features come back as they were, the bytes are the same each time, and the rules are kept', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 8 });
    const value: fc.Arbitrary<PropertyValue> = fc.oneof(
      text,
      fc.boolean(),
      fc.maxSafeInteger(),
      fc.double({ noDefaultInfinity: true, noNaN: true }),
    );
    const unit = fc.integer({ min: -(2 ** 29), max: 2 ** 29 });
    const points = fc.array(fc.tuple(unit, unit), { minLength: 1, maxLength: 9 }).map((list) => list.flat());
    const feature = fc.record({
      type: fc.constant(POINT),
      parts: fc.tuple(points),
      properties: fc.dictionary(text, value),
    });
    const layer = fc.record({ name: fc.string({ minLength: 1 }), features: fc.array(feature, { minLength: 1 }) });
    fc.assert(
      fc.property(fc.uniqueArray(layer, { selector: ({ name }) => name, maxLength: 3 }), (layers) => {
        const tile = encodeTile(layers);
        expect(encodeTile(layers)).toEqual(tile);
        expect(mvtFaults(tile)).toEqual([]);
        const decoded = decode(tile);
        for (const { name, features } of layers) {
          features.forEach(({ parts, properties }, i) => {
            const found = decoded.layers[name]!.feature(i);
            expect({ ...found.properties }).toEqual(withoutMinusZero(properties));
            expect(found.loadGeometry().flatMap(([at]) => [at!.x, at!.y])).toEqual(parts[0]);
          });
        }
      }),
    );
  });
});

/** The format's whole numbers know no minus zero. */
function withoutMinusZero(properties: Record<string, PropertyValue>): Record<string, PropertyValue> {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, value === 0 ? 0 : value]));
}

test('the area of an exterior ring is positive, that of a hole negative', () => {
  expect(ringArea(SQUARE)).toBe(200);
  expect(ringArea(HOLE)).toBe(-8);
  expect(ringArea([])).toBe(0);
});
