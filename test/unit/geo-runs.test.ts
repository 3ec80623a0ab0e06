import fc from 'fast-check';
import { expect, test } from 'vitest';
import { distanceToEdge, INSIDE, planeAt, pointInRings } from '../../src/geo/rings.ts';
import { RingRuns } from '../../src/geo/runs.ts';
import { Area } from '../../src/live/area.ts';

const step = fc.integer({ min: -20, max: 20 });
const position = fc.tuple(step, step).map(([x, y]): [number, number] => [114 + x / 10_000, 22.5 + y / 10_000]);
/** Crossing itself, with positions that repeat: whatever may be stored. */
const ring = fc
  .array(position, { minLength: 1, maxLength: 70 })
  .map((positions) => Float64Array.from([...positions, positions[0]!].flat()));

test('what is near a point and around it is that of a look at every edge', () => {
  fc.assert(
    fc.property(ring, position, fc.double({ min: 0, max: 500, noNaN: true }), (flat, [lon, lat], limit) => {
      const runs = new RingRuns(flat);
      const plane = planeAt(lon, lat);
      const squared = runs.nearestSquared(plane, Infinity);
      expect(runs.place(lon, lat)).toBe(pointInRings(lon, lat, [flat]));
      expect(Math.sqrt(squared)).toBe(distanceToEdge(plane, [flat]));
      expect(runs.nearestSquared(plane, limit)).toBe(Math.min(squared, limit));
    }),
    { numRuns: 3000 },
  );
});

/** Degrees: what is rounded differently, and what no rounding reaches. */
const closeBy = fc.constantFrom(0, 1e-15, 1e-14, 1e-13, 1e-12, 1e-10, 0.9e-9, 1.1e-9, 1e-8);
const sign = fc.constantFrom(-1, 1);

test('where a point lies beside a position of a ring is that of a look at every edge', () => {
  const offset = fc.tuple(sign, closeBy).map(([by, degrees]) => by * degrees);
  // Edges so short that the test of points takes no notice of them.
  const ragged = fc
    .array(fc.tuple(position, offset, offset), { minLength: 3, maxLength: 70 })
    .map((positions) => positions.flatMap(([[x, y], dx, dy]) => [x, y, x + dx, y + dy]))
    .map((flat) => Float64Array.from([...flat, flat[0]!, flat[1]!]));
  fc.assert(
    fc.property(fc.oneof(ring, ragged), fc.nat(), offset, offset, (flat, at, dx, dy) => {
      const runs = new RingRuns(flat);
      const place = 2 * (at % (flat.length / 2));
      const [lon, lat] = [flat[place]! + dx, flat[place + 1]! + dy];
      expect(runs.place(lon, lat)).toBe(pointInRings(lon, lat, [flat]));
    }),
    { numRuns: 5000 },
  );
});

test('an edge that rounding lets wind around nothing does so in a run, too', () => {
  // The point is so near to the first edge's end that neither difference tells them apart.
  const flat = Float64Array.of(0.001, -1, 0, 1e-20, 0.001, 1, 0.001, -1);
  const found = pointInRings(-1e-20, 0, [flat]);
  expect(found).toBe(INSIDE);
  expect(new RingRuns(flat).place(-1e-20, 0)).toBe(found);
});

test('an area answers the same however often it is asked', () => {
  fc.assert(
    fc.property(fc.array(ring, { minLength: 1, maxLength: 2 }), position, (exteriors, [lon, lat]) => {
      const area = new Area(exteriors.map((exterior) => [exterior]));
      const plane = planeAt(lon, lat);
      const answer = () => [area.place(lon, lat), area.metresToEdge(plane), area.metresToEdge(plane, 100)];
      const first = answer();
      for (let times = 0; times < 210; times++) expect(answer()).toEqual(first);
    }),
    { numRuns: 50 },
  );
});
