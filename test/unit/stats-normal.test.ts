import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { erfc, twoSidedP } from '../../src/heat/stats/normal.ts';

// the nearest doubles of mpmath 1.4.1 at 30 digits; erfc(0.5), erfc(1) and erfc(2) are also in Abramowitz and Stegun, table 7.1
const ERFC: [number, number][] = [
  [-3, 1.9999779095030015],
  [-1, 1.8427007929497148],
  [-0.25, 1.276326390168237],
  [0, 1],
  [0.46875, 0.507386526782062],
  [0.5, 0.4795001221869535],
  [1, 0.15729920705028513],
  [2, 0.004677734981047266],
  [4, 1.541725790028002e-8],
  [5, 1.537459794428035e-12],
  [10, 2.088487583762545e-45],
  [20, 5.395865611607901e-176],
  [26, 5.663192408856143e-296],
];

describe('erfc', () => {
  test.each(ERFC)('erfc(%d) to 1e-15 relative', (x, expected) => {
    expect(Math.abs(erfc(x) / expected - 1)).toBeLessThan(1e-15);
  });

  test('the two tails sum to 2', () => {
    fc.assert(
      fc.property(fc.double({ min: -30, max: 30, noNaN: true }), (x) => {
        expect(erfc(x) + erfc(-x)).toBeCloseTo(2, 14);
      }),
    );
  });

  test('its slope is −2/√π · exp(−x²) on both sides of the joints of the approximations', () => {
    for (const x of [0.4687, 0.46875, 0.4688, 3.9999, 4, 4.0001]) {
      const h = 1e-5 * x;
      const slope = (erfc(x + h) - erfc(x - h)) / (2 * h);
      expect(slope / ((-2 / Math.sqrt(Math.PI)) * Math.exp(-x * x))).toBeCloseTo(1, 7);
    }
  });

  test('falls strictly through the far tail, so that p of different z stay different', () => {
    for (let x = 1; x < 26; x += 0.001) expect(erfc(x + 0.001)).toBeLessThan(erfc(x));
  });

  test('ends', () => {
    expect(erfc(30)).toBe(0);
    expect(erfc(Number.POSITIVE_INFINITY)).toBe(0);
    expect(erfc(Number.NEGATIVE_INFINITY)).toBe(2);
    expect(erfc(Number.NaN)).toBeNaN();
  });
});

describe('twoSidedP', () => {
  // the usual quantiles, and two far tails by mpmath
  test.each([
    [1.6448536269514722, 0.1],
    [1.959963984540054, 0.05],
    [2.5758293035489004, 0.01],
    [8, 1.2441921148543568e-15],
    [37, 1.1451142445049154e-299],
  ])('z = ±%d', (z, p) => {
    expect(twoSidedP(z) / p).toBeCloseTo(1, 12);
    expect(twoSidedP(-z)).toBe(twoSidedP(z));
  });

  test('of 0 and NaN', () => {
    expect(twoSidedP(0)).toBe(1);
    expect(twoSidedP(Number.NaN)).toBeNaN();
  });
});
