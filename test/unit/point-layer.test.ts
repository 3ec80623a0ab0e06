import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Queryable } from '../../src/db/db.ts';
import { encodeTile, POINT, type TileFeature } from '../../src/geo/mvt.ts';
import { tileOfPoint } from '../../src/geo/tile.ts';
import { ownPoint } from '../../src/geo/tilegeometry.ts';
import { LIGHTS, STATUSES } from '../../src/incidents/incidents.schema.ts';
import { CategoryLayer } from '../../src/incidents/live-categories.ts';
import { IncidentColumns, NO_OWNER, NO_WORD } from '../../src/incidents/live-columns.ts';
import { compileFilter, lightOf } from '../../src/incidents/live-filter.ts';
import { MAX_ID_BYTES } from '../../src/incidents/live-ids.ts';
import { CELL_KEYS, POINT_KEYS, PointLayer } from '../../src/tiles/live-point-layer.ts';
import { Points } from '../../src/tiles/live-point-rows.ts';

const CODES = ['1', '0101', 'handling', '垃圾'];
const rows = CODES.map((code) => ({ code, name: code, parent: null, redAfterHours: 24 }));
const categories = await CategoryLayer.load({ query: async () => rows } as unknown as Queryable);
const AT = 1_750_000_000_000_000;
const filter = compileFilter({}, { from: null, to: null }, AT, categories, null);

const incident = fc.record({
  lon: fc.double({ min: 112.9, max: 112.91, noNaN: true }),
  lat: fc.double({ min: 28.2, max: 28.21, noNaN: true }),
  // From before 1970 on, with and without equal seconds.
  seconds: fc.oneof(fc.integer({ min: -1000, max: 1000 }), fc.integer({ min: 2 ** 28 - 3, max: 2 ** 31 + 3 })),
  micros: fc.integer({ min: 0, max: 999_999 }),
  dueIn: fc.constantFrom(NaN, -1e12, -1e9, 0, 1e9),
  category: fc.integer({ min: 0, max: CODES.length - 1 }),
  status: fc.integer({ min: 0, max: STATUSES.length - 1 }),
});
// Ids may be those of words, of one byte or as long as they may get.
const id = fc.oneof(
  fc.constantFrom('handling', 'green', '1', '垃圾', 'x'.repeat(MAX_ID_BYTES), '网'.repeat(21)),
  fc
    .string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
    .filter((text) => Buffer.byteLength(text) <= MAX_ID_BYTES),
);

test('points are written as the encoder of any tile writes them', () => {
  const layer = new PointLayer();
  fc.assert(
    fc.property(
      fc.uniqueArray(id, { minLength: 1, maxLength: 250 }),
      fc.array(incident, { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 0, max: 20 }),
      (ids, incidents, z) => {
        const columns = new IncidentColumns(4);
        const tile = tileOfPoint(112.905, 28.205, z);
        const features = ids.map((own, i) => {
          const { seconds, micros, dueIn, ...numbers } = incidents[i % incidents.length]!;
          const none = { closed: NaN, reported: NaN, triaged: NaN, handled: NaN, revisited: NaN };
          const words = { cell: 0, owner: NO_OWNER, source: NO_WORD, department: NO_WORD };
          const occurred = seconds * 1_000_000 + micros;
          const row = columns.push({ id: own, occurred, due: AT + dueIn, ...none, ...numbers, ...words });
          const light = LIGHTS[lightOf(filter, columns, row)]!;
          const properties = {
            id: own,
            category: CODES[numbers.category]!,
            status: STATUSES[numbers.status]!,
            light,
            occurred: seconds,
          };
          return { ...ownPoint(numbers.lon, numbers.lat, tile), properties };
        });
        layer.begin(POINT_KEYS);
        const points = new Points(filter, tile, categories);
        const list = Uint32Array.from(ids, (_, i) => i);
        const middle = ids.length >> 1;
        layer.add(points, columns, list, 0, middle);
        layer.add(points, columns, list, middle, list.length);
        const expected = encodeTile([{ name: 'incidents', features }]);
        expect(Buffer.from(layer.finish()).equals(expected)).toBe(true);
      },
    ),
  );
});

const cell = fc.record({
  number: fc.bigInt({ min: 0x8a0000000000000n, max: 0x8afffffffffffffn }),
  n: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 2 ** 31 + 5 })),
  x: fc.nat(4095),
  y: fc.nat(4095),
});

test('points of cells, too', () => {
  const layer = new PointLayer();
  fc.assert(
    fc.property(fc.uniqueArray(cell, { minLength: 1, maxLength: 200, selector: ({ number }) => number }), (cells) => {
      layer.begin(CELL_KEYS);
      const features = cells.map(({ number, n, x, y }): TileFeature => {
        const text = number.toString(16);
        layer.addCell(text, n, x, y);
        return { type: POINT, parts: [[x, y]], properties: { cell: text, n } };
      });
      const expected = encodeTile([{ name: 'incidents', features }]);
      expect(Buffer.from(layer.finish()).equals(expected)).toBe(true);
    }),
  );
});

test('a layer without points has no bytes', () => {
  const layer = new PointLayer();
  layer.begin(POINT_KEYS);
  expect(layer.finish()).toHaveLength(0);
});
