import fc from 'fast-check';
import { expect, test } from 'vitest';
import { distanceToEdge, planeAt, pointInRings } from '../../src/geo/rings.ts';
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
