import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { twoSidedP } from '../../src/heat/stats/normal.ts';
import { mannKendall } from '../../src/heat/stats/trend.ts';

/** S and its variance over all pairs and all values, as defined. */
function direct(series: number[]): { s: number; variance: number } {
  const n = series.length;
  let s = 0;
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) s += Math.sign(series[j]! - series[i]!);
  const ties = [...new Set(series)].map((value) => series.filter((other) => other === value).length);
  const correction = ties.reduce((sum, t) => sum + t * (t - 1) * (2 * t + 5), 0);
  return { s, variance: ((n * n - n) * (2 * n + 5) - correction) / 18 };
}

describe('mannKendall', () => {
  test('[0, 1, 1, 1]', () => {
    const { s, variance, z } = mannKendall([0, 1, 1, 1]);
    expect([s, variance]).toEqual([3, 5]);
    expect(z).toBeCloseTo(0.894427, 6);
  });

  // ten different values with the wanted S: 45 pairs less twice the inversions
  test.each([
    [5, 0.72051, [5, 4, 3, 2, 1, 10, 9, 8, 7, 6]],
    [15, 0.2105, [5, 4, 3, 2, 1, 10, 6, 8, 7, 9]],
    [27, 0.02004, [4, 3, 2, 1, 5, 6, 10, 7, 8, 9]],
  ])('n = 10 with |S| = %d: p = %d', (size, p, series) => {
    const rise = mannKendall(series);
    const fall = mannKendall(series.map((value) => -value));
    expect([rise.s, fall.s]).toEqual([size, -size]);
    expect([rise.variance, fall.variance]).toEqual([125, 125]);
    expect(rise.p).toBeCloseTo(p, 5);
    expect(fall.p).toBe(rise.p);
  });

  // pymannkendall 1.4.3: original_test
  test.each([
    [[3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8], 25, 207, 1.668115312456598, 0.09529283802345656],
    [[5, 5, 4, 4, 4, 2, 1, 1, 0, 0], -39, 118.33333333333333, -3.493253054304605, 0.0004771740932767443],
  ])('%j', (series, s, variance, z, p) => {
    const trend = mannKendall(series);
    expect(trend.s).toBe(s);
    expect(trend.variance).toBeCloseTo(variance, 11);
    expect(trend.z).toBeCloseTo(z, 12);
    expect(trend.p).toBeCloseTo(p, 12);
  });

  test('equals the definition on random series with ties', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 60 }), (series) => {
        const { s, variance, z, p } = mannKendall(series);
        expect({ s, variance }).toEqual(direct(series));
        if (s === 0 || variance === 0) expect(z).toBe(0);
        else expect(z).toBe((s - Math.sign(s)) / Math.sqrt(variance));
        expect(p).toBe(twoSidedP(z));
      }),
    );
  });

  test('nothing to test: z 0, p 1', () => {
    for (const series of [[], [3], [2, 2, 2]]) expect(mannKendall(series)).toMatchObject({ s: 0, z: 0, p: 1 });
  });

  test('an undefined value leaves the trend undefined', () => {
    expect(mannKendall([1, Number.NaN, 3]).p).toBeNaN();
  });
});
