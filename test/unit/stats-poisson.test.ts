import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { binomialProbability, equalRatesP, rateRatio } from '../../src/heat/stats/poisson.ts';

describe('equalRatesP', () => {
  // scipy 1.17.1: 2·min(cdf(a − 1) + pmf(a)/2, sf(a) + pmf(a)/2) of binom(a + b, exposureA/(exposureA + exposureB))
  test.each([
    [5, 0, 1, 1, 0.03125],
    [0, 5, 1, 1, 0.03125],
    [12, 4, 7, 7, 0.049041748046875],
    [12, 4, 30, 7, 0.5291269418343291],
    [3, 2, 31, 28, 0.7684808346400884],
    [7, 93, 1, 9, 0.32320647720989493],
    [88, 26, 1, 1, 2.9523783298817362e-9],
    [1000, 1100, 365, 366, 0.034063807513607415],
    [40000, 41000, 1, 1, 0.0004419761965309462],
  ])('%d and %d events in %d and %d', (a, b, exposureA, exposureB, p) => {
    expect(equalRatesP(a, b, exposureA, exposureB) / p).toBeCloseTo(1, 9);
  });

  const scene = [fc.nat(60), fc.nat(60), fc.constantFrom(1, 7, 28, 365), fc.constantFrom(1, 7, 30, 366)] as const;

  test('equals the sum over all outcomes', () => {
    fc.assert(
      fc.property(...scene, (a, b, exposureA, exposureB) => {
        const n = a + b;
        const share = exposureA / (exposureA + exposureB);
        // Pascal's rule, one trial at a time
        let distribution = [1];
        for (let trial = 0; trial < n; trial++) {
          distribution = Array.from({ length: trial + 2 }, (_, x) => {
            return (distribution[x] ?? 0) * (1 - share) + (distribution[x - 1] ?? 0) * share;
          });
        }
        const below = distribution.slice(0, a).reduce((sum, each) => sum + each, distribution[a]! / 2);
        const above = distribution.slice(a + 1).reduce((sum, each) => sum + each, distribution[a]! / 2);
        expect(equalRatesP(a, b, exposureA, exposureB)).toBeCloseTo(2 * Math.min(below, above), 10);
        expect(binomialProbability(a, n, share)).toBeCloseTo(distribution[a]!, 12);
      }),
    );
  });

  test('is a p, and the order of the periods does not matter', () => {
    fc.assert(
      fc.property(...scene, (a, b, exposureA, exposureB) => {
        const p = equalRatesP(a, b, exposureA, exposureB);
        expect(p).toBeGreaterThan(0);
        expect(p).toBeLessThanOrEqual(1);
        expect(equalRatesP(b, a, exposureB, exposureA)).toBeCloseTo(p, 11);
      }),
    );
  });

  test('two zeros tell nothing', () => {
    expect(equalRatesP(0, 0, 7, 30)).toBe(1);
  });

  test('what is no count or no period is refused', () => {
    expect(() => equalRatesP(1.5, 2, 1, 1)).toThrow('whole number');
    expect(() => equalRatesP(-1, 2, 1, 1)).toThrow('whole number');
    expect(() => equalRatesP(1, 2, 0, 1)).toThrow('exposure');
  });
});

test('rateRatio', () => {
  expect(rateRatio(6, 4, 30, 10)).toBe(0.5);
  expect(rateRatio(0, 4, 30, 10)).toBe(0);
  expect(rateRatio(6, 0, 30, 10)).toBe(Number.POSITIVE_INFINITY);
  expect(rateRatio(0, 0, 30, 10)).toBeNaN();
});
