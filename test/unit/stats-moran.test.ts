import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { localMoran, moranClass } from '../../src/heat/stats/moran.ts';
import { neighboursOf } from '../../src/heat/stats/neighbours.ts';

/** Queen neighbours of a lattice, self excluded. */
function queen(width: number, height: number): number[][] {
  return Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return Array.from({ length: width * height }, (_, j) => j).filter(
      (j) => j !== i && Math.abs((j % width) - x) <= 1 && Math.abs(Math.floor(j / width) - y) <= 1,
    );
  });
}

const Y = [0, 0, 1, 4, 2, 0, 3, 1, 6, 5, 0, 0, 2, 0, 7, 1, 0, 0, 3, 0, 2, 9, 0, 0, 1];

describe('localMoran', () => {
  // esda 2.9.0 / libpysal 4.14.1: Moran_Local(Y, lat2W(5, 5, rook=False)); Is·n/(n − 1), as m₂ is divided by n here and in
  // spdep; z from it, EIc and VIc; q: 1 high-high, 2 low-high, 3 low-low, 4 high-low
  test('5 × 5 lattice, queen contiguity, row-standardised', () => {
    const golden = {
      i: [
        0.270964360587, 0.270964360587, -0.132599580713, 0.388888888889, 0.061320754717, 0.394129979036,
        -0.253144654088, -0.0172955974843, 0.587067610063, 0.981132075472, 0.332547169811, 0.309453616352,
        -0.00501179245283, -0.344863731656, 0.771488469602, -0.0461215932914, 0.0400288259958, 0.0400288259958,
        -0.115566037736, -0.0985324947589, 0.0285639412998, -1.49266247379, -0.160115303983, 0.332547169811,
        0.126834381551,
      ],
      z: [
        0.697275989974, 0.946372109323, -0.864010054655, 1.19727739085, 2.24624799291, 1.34137959843, -1.80063620671,
        -0.112354308638, 1.48964730363, 2.06977992059, 1.14387585388, 1.47463400698, -0.336187615807, -1.41791731441,
        1.22011876866, -0.27713530055, 0.283583462881, 0.283583462881, -0.787778340434, -0.238650358003, 1.04824906336,
        -1.1861530115, -0.436154102558, 1.14387585388, 0.66061494534,
      ],
      q: [3, 3, 2, 1, 1, 3, 4, 2, 1, 1, 3, 3, 4, 2, 1, 2, 3, 3, 4, 2, 1, 4, 2, 3, 3],
    };
    const quadrants = ['high-high', 'low-high', 'low-low', 'high-low'];
    const { i, z, quadrant } = localMoran(Float64Array.from(Y), neighboursOf(queen(5, 5)));
    Y.forEach((_, cell) => {
      expect(i[cell]).toBeCloseTo(golden.i[cell]!, 10);
      expect(z[cell]).toBeCloseTo(golden.z[cell]!, 10);
      expect(quadrant[cell]).toBe(quadrants[golden.q[cell]! - 1]);
    });
  });

  test('the moments are those of all permutations of the other cells', () => {
    const x = [3, 1, 4, 1, 5];
    const own = 2;
    const row = [1, 3];
    const neighbours = neighboursOf([[1], [0], row, [4], [3]]);
    const { i, z } = localMoran(Float64Array.from(x), neighbours);
    const others = x.filter((_, j) => j !== own);
    const values = permutations(others).map((order) => {
      const permuted = Float64Array.from([...order.slice(0, own), x[own]!, ...order.slice(own)]);
      return localMoran(permuted, neighbours).i[own]!;
    });
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(z[own]).toBeCloseTo((i[own]! - mean) / Math.sqrt(variance), 12);
  });

  test('equals the formulas written out over a dense matrix, weighted', () => {
    const scene = fc.integer({ min: 4, max: 15 }).chain((n) =>
      fc.record({
        x: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: n, maxLength: n }),
        w: fc.array(fc.array(fc.constantFrom(0, 0, 0.5, 1, 2), { minLength: n, maxLength: n }), {
          minLength: n,
          maxLength: n,
        }),
      }),
    );
    fc.assert(
      fc.property(scene, ({ x, w }) => {
        const neighbours = neighboursOf(w.map((row) => row.flatMap((value, j) => (value > 0 ? [j] : []))));
        const { z } = localMoran(Float64Array.from(x), neighbours, Float64Array.from(w.flat().filter((v) => v > 0)));
        x.forEach((_, cell) => {
          const others = x.filter((_, j) => j !== cell);
          const own = w[cell]!.filter((_, j) => j !== cell);
          const atMean = x[cell]! * x.length === x.reduce((sum, value) => sum + value, 0);
          const sameValues = others.every((value) => value === others[0]);
          const sameWeights = own.every((value) => value === own[0]);
          if (atMean || sameValues || sameWeights) expect(z[cell]).toBeNaN();
          else expect(Math.abs(z[cell]! - directZ(x, w[cell]!, cell))).toBeLessThan(1e-9);
        });
      }),
    );
  });

  test('not defined: constant, at the mean, no neighbours, all neighbours, one cell unlike the rest', () => {
    const line = neighboursOf([[1], [0, 2], [1, 3], [2], []]);
    expect([...localMoran(new Float64Array(5).fill(0.1), line).z]).toEqual(new Array(5).fill(Number.NaN));
    const { z, quadrant } = localMoran(Float64Array.of(0, 2, 5, 1, 2), line);
    expect(Array.from(z, Number.isNaN)).toEqual([false, true, false, false, true]);
    expect(quadrant[4]).toBeNull();
    const full = neighboursOf([[1, 2], [0], [1]]);
    expect(localMoran(Float64Array.of(0, 2, 5), full).z[0]).toBeNaN();
    for (let lone = 0; lone < 5; lone++) {
      const x = new Float64Array(5).fill(0.7);
      x[lone] = 0.1;
      expect(localMoran(x, line).z[lone]).toBeNaN();
    }
  });

  test('a cell in its own row changes nothing', () => {
    const lists = queen(5, 5);
    const without = localMoran(Float64Array.from(Y), neighboursOf(lists));
    const withSelf = localMoran(Float64Array.from(Y), neighboursOf(lists.map((row, i) => [i, ...row])));
    expect(withSelf).toEqual(without);
  });

  test('wants one row per value', () => {
    expect(() => localMoran(Float64Array.of(1, 2), neighboursOf([[1]]))).toThrow('one row of neighbours per value');
  });
});

test('moranClass', () => {
  expect(moranClass('high-low', 0.05)).toBe('high-low');
  expect(moranClass('high-low', 0.0501)).toBe('ns');
  expect(moranClass('high-low', 0.05, 0.01)).toBe('ns');
  expect(moranClass('low-low', Number.NaN)).toBe('ns');
  expect(moranClass(null, 0)).toBe('ns');
});

function permutations(values: number[]): number[][] {
  if (values.length === 0) return [[]];
  return values.flatMap((value, i) => permutations(values.filter((_, j) => j !== i)).map((rest) => [value, ...rest]));
}

/** z by Sokal, Oden and Thomson (1998), eqs. A7 and A8, on weights that are not standardised (z does not depend on it). */
function directZ(x: number[], row: number[], cell: number): number {
  const n = x.length;
  const mean = x.reduce((sum, value) => sum + value, 0) / n;
  const d = x.map((value) => value - mean);
  const m2 = d.reduce((sum, value) => sum + value * value, 0) / n;
  const w = row.map((value, j) => (j === cell ? 0 : value));
  const w1 = w.reduce((sum, value) => sum + value, 0);
  const w2 = w.reduce((sum, value) => sum + value * value, 0);
  const local = (d[cell]! / m2) * w.reduce((sum, value, j) => sum + value * d[j]!, 0);
  const expected = (-(d[cell]! ** 2) * w1) / ((n - 1) * m2);
  const variance = (d[cell]! / m2) ** 2 * (n / (n - 2)) * (w2 - w1 ** 2 / (n - 1)) * (m2 - d[cell]! ** 2 / (n - 1));
  return (local - expected) / Math.sqrt(variance);
}
