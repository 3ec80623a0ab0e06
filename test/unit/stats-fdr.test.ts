import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { benjaminiHochberg, hotspotClass } from '../../src/heat/stats/fdr.ts';

/** The step-up rule as it is defined: reject all up to the largest i with p(i) ≤ i·α/m. */
function rejectedByDefinition(p: number[], alpha: number): boolean[] {
  const tested = p.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const limit = tested.filter((value, i) => value <= ((i + 1) * alpha) / tested.length).at(-1);
  return p.map((value) => limit !== undefined && value <= limit);
}

describe('benjaminiHochberg', () => {
  // statsmodels 0.15.0: multipletests(p, method='fdr_bh')
  test('25 values', () => {
    const p = [
      0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216, 0.222, 0.251, 0.269, 0.275, 0.34, 0.341,
      0.384, 0.569, 0.594, 0.696, 0.762, 0.94, 0.942, 0.975, 0.986,
    ];
    const expected = [
      0.025, 0.1, 0.21, 0.21, 0.21, 0.25, 0.264285714286, 0.491071428571, 0.491071428571, 0.491071428571,
      0.491071428571, 0.491071428571, 0.491071428571, 0.491071428571, 0.5328125, 0.5328125, 0.564705882353,
      0.781578947368, 0.781578947368, 0.87, 0.907142857143, 0.986, 0.986, 0.986, 0.986,
    ];
    benjaminiHochberg(Float64Array.from(p)).forEach((q, i) => {
      expect(q).toBeCloseTo(expected[i]!, 11);
    });
  });

  // statsmodels 0.15.0 and scipy 1.17.1 (false_discovery_control)
  test('unsorted with ties; NaN is not tested and does not count', () => {
    const q = benjaminiHochberg(Float64Array.of(0.05, 0.01, Number.NaN, 0.01, 1, 0.2, 0.05, 0.0004));
    const expected = [0.07, 0.0233333333333, Number.NaN, 0.0233333333333, 1, 0.2333333333333, 0.07, 0.0028];
    expected.forEach((value, i) => {
      if (Number.isNaN(value)) expect(q[i]).toBeNaN();
      else expect(q[i]).toBeCloseTo(value, 12);
    });
  });

  test('q ≤ α rejects what the definition rejects', () => {
    const value = fc.oneof(
      { weight: 4, arbitrary: fc.double({ min: 0, max: 0.2, noNaN: true }) },
      { weight: 2, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
      { weight: 1, arbitrary: fc.constantFrom(0.0123, 0.0345, Number.NaN) },
    );
    fc.assert(
      fc.property(fc.array(value, { maxLength: 40 }), fc.constantFrom(0.01, 0.05, 0.1, 0.37), (p, alpha) => {
        const q = benjaminiHochberg(Float64Array.from(p));
        expect(Array.from(q, (each) => each <= alpha)).toEqual(rejectedByDefinition(p, alpha));
      }),
      { numRuns: 500 },
    );
  });

  test('q is never below p nor above 1, and keeps the order of p', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }), (p) => {
        const q = benjaminiHochberg(Float64Array.from(p));
        p.forEach((value, i) => {
          expect(q[i]).toBeGreaterThanOrEqual(value * (1 - 1e-15));
          expect(q[i]).toBeLessThanOrEqual(1);
          p.forEach((other, j) => {
            if (value <= other) expect(q[i]).toBeLessThanOrEqual(q[j]!);
          });
        });
      }),
    );
  });

  test('of nothing', () => {
    expect(benjaminiHochberg(new Float64Array(0))).toHaveLength(0);
    expect(benjaminiHochberg(Float64Array.of(Number.NaN))[0]).toBeNaN();
  });
});

describe('hotspotClass', () => {
  test.each([
    [3, 0.0099, 'hot99'],
    [3, 0.01, 'hot99'],
    [3, 0.0101, 'hot95'],
    [3, 0.05, 'hot95'],
    [3, 0.0501, 'hot90'],
    [3, 0.1, 'hot90'],
    [3, 0.1001, 'ns'],
    [-3, 0.01, 'cold99'],
    [-3, 0.05, 'cold95'],
    [-3, 0.1, 'cold90'],
    [-3, 0.2, 'ns'],
    [0, 1, 'ns'],
    [Number.NaN, Number.NaN, 'ns'],
  ])('z %d, q %d → %s', (z, q, expected) => {
    expect(hotspotClass(z, q)).toBe(expected);
  });
});
