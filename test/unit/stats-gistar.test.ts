import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { getPentagons, gridDisk, gridDistance, latLngToCell } from 'h3-js';
import { describe, expect, test } from 'vitest';
import { keyOfCell } from '../../src/geo/cellkey.ts';
import { disksWithin, studyArea } from '../../src/heat/stats/area.ts';
import { getisOrdStar, getisOrdStarOfSteps } from '../../src/heat/stats/gistar.ts';
import { kernelWeights } from '../../src/heat/stats/kernel.ts';
import { neighboursOf } from '../../src/heat/stats/neighbours.ts';

const GETISORD = new URL('../../../shared/data/statistics/getisord.csv', import.meta.url);

/** The formula as it is written, over a dense row of weights (0: not a neighbour). */
function direct(x: ArrayLike<number>, own: ArrayLike<number>, population: ArrayLike<number>): number {
  const n = population.length;
  const all = Array.from(population);
  const mean = all.reduce((sum, value) => sum + value, 0) / n;
  const deviation = Math.sqrt(all.reduce((sum, value) => sum + value * value, 0) / n - mean ** 2);
  const weights = Array.from(own);
  const total = weights.reduce((sum, w) => sum + w, 0);
  const squares = weights.reduce((sum, w) => sum + w * w, 0);
  const lag = weights.reduce((sum, w, j) => sum + w * x[j]!, 0);
  return (lag - mean * total) / (deviation * Math.sqrt((n * squares - total ** 2) / (n - 1)));
}

/** Pairs of points at most `band` apart, self included. */
function distanceBand(points: [number, number][], band: number): number[][] {
  return points.map(([x, y]) => points.flatMap(([u, v], j) => (Math.hypot(u - x, v - y) <= band ? [j] : [])));
}

function expectNear(actual: number, expected: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)));
}

describe('published values', () => {
  const present = existsSync(GETISORD);
  if (!present) console.warn('skipped: ../shared/data/statistics/getisord.csv is not beside the checkout');

  describe.skipIf(!present)('Getis and Ord (1996), spData::getisord, cell 120', () => {
    const rows = present ? readFileSync(GETISORD, 'utf8').trim().split('\n').slice(1) : [];
    const table = rows.map((row) => row.split(',').map(Number) as [number, number, number]);
    const points = table.map(([x, y]): [number, number] => [x, y]);
    const values = Float64Array.from(table, ([, , value]) => value);
    const cell = 119;

    test('Gi* within 30', () => {
      const { z } = getisOrdStar(values, neighboursOf(distanceBand(points, 30)));
      expect(z[cell]).toBeCloseTo(1.45078, 5);
      // with S divided by n − 1 the same example gives 1.447943
      expect(z[cell]! * Math.sqrt(255 / 256)).toBeCloseTo(1.447943, 6);
    });

    // Gi leaves the cell out of the mean, the deviation and its own neighbours: Gi* of its row over the other 255 cells
    test.each([
      [30, 1.221979],
      [60, 1.748098],
      [90, 1.986135],
      [120, 1.893374],
      [150, 1.237454],
    ])('Gi within %d', (band, expected) => {
      const others = values.filter((_, i) => i !== cell);
      const row = distanceBand(points, band)
        [cell]!.filter((j) => j !== cell)
        .map((j) => (j > cell ? j - 1 : j));
      expect(getisOrdStar(others, neighboursOf([row])).z[0]).toBeCloseTo(expected, 6);
    });
  });

  test("six points of esda's docstring, distance band 15, binary", () => {
    const points: [number, number][] = [
      [10, 10],
      [20, 10],
      [40, 10],
      [15, 20],
      [30, 20],
      [30, 30],
    ];
    const { z } = getisOrdStar(Float64Array.of(2, 3, 3.2, 5, 8, 7), neighboursOf(distanceBand(points, 15)));
    const expected = [-1.39727626, -0.28917762, 0.65064964, -0.28917762, 1.23452088, 2.02424331];
    z.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 8);
    });
  });

  // esda 2.9.0 / libpysal 4.14.1: G_Local(y, lat2W(5, 5, rook=False), transform='B', star=True), p_norm doubled
  test('5 × 5 lattice, queen contiguity', () => {
    const y = [0, 0, 1, 4, 2, 0, 3, 1, 6, 5, 0, 0, 2, 0, 7, 1, 0, 0, 3, 0, 2, 9, 0, 0, 1];
    const points = y.map((_, i): [number, number] => [i % 5, Math.floor(i / 5)]);
    const { z, p } = getisOrdStar(Float64Array.from(y), neighboursOf(distanceBand(points, 1.5)));
    const golden: [number, number, number][] = [
      [0, -0.977777947943, 0.328184159944],
      [1, -1.16613455497, 0.243560047607],
      [4, 2.05073782002, 0.0402924857847],
      [7, 0.0132175264286, 0.989454246794],
      [9, 2.36197954445, 0.0181776451724],
      [12, -0.317220634287, 0.751076193962],
      [20, 0.969125045749, 0.332482802783],
      [24, -0.761455393088, 0.446385112465],
    ];
    for (const [cell, expectedZ, expectedP] of golden) {
      expect(z[cell]).toBeCloseTo(expectedZ, 10);
      expect(p[cell]).toBeCloseTo(expectedP, 10);
    }
  });
});

describe('against the formula, written out', () => {
  const scene = fc.integer({ min: 3, max: 25 }).chain((n) =>
    fc.record({
      values: fc.array(fc.integer({ min: 0, max: 20 }), { minLength: n, maxLength: n }),
      weights: fc.array(fc.array(fc.constantFrom(0, 0, 0.25, 0.5, 1), { minLength: n, maxLength: n }), {
        minLength: n,
        maxLength: n,
      }),
    }),
  );

  test.each(['binary', 'weighted'])('%s, random rows and values', (kind) => {
    fc.assert(
      fc.property(scene, ({ values, weights }) => {
        const dense = weights.map((row) => (kind === 'binary' ? row.map((w) => Math.ceil(w)) : row));
        const neighbours = neighboursOf(dense.map((row) => row.flatMap((w, j) => (w > 0 ? [j] : []))));
        const entries = kind === 'binary' ? undefined : Float64Array.from(dense.flat().filter((w) => w > 0));
        const { z } = getisOrdStar(Float64Array.from(values), neighbours, entries);
        dense.forEach((row, i) => {
          const constant = values.every((value) => value === values[0]);
          const level = row.every((w) => w === row[0]);
          if (constant || level) expect(z[i]).toBeNaN();
          else expectNear(z[i]!, direct(values, row, values));
        });
      }),
    );
  });

  test('H3 disks of an area with a ragged edge, binary and quartic weights', () => {
    const disk = gridDisk(latLngToCell(22.54, 114.06, 9), 9);
    const area = studyArea(disk.filter((_, i) => i % 7 !== 3).sort());
    const x = Float64Array.from(area.cells, (_, i) => (i * i * 31) % 17);
    const k = 2;
    const disks = disksWithin(area, k);
    const binary = getisOrdStar(x, disks).z;
    const quartic = getisOrdStar(x, disks, kernelWeights(disks, 'quartic', k)).z;
    area.cells.forEach((cell, i) => {
      const distances = area.cells.map((other) => gridDistance(cell, other));
      expectNear(
        binary[i]!,
        direct(
          x,
          distances.map((d) => (d <= k ? 1 : 0)),
          x,
        ),
      );
      const weights = distances.map((d) => (d <= k ? (1 - (d / (k + 1)) ** 2) ** 2 : 0));
      expectNear(quartic[i]!, direct(x, weights, x));
    });
  });

  test('an area around a pentagon', () => {
    const pentagon = getPentagons(7)[0]!;
    const area = studyArea(gridDisk(pentagon, 4).sort());
    const x = Float64Array.from(area.cells, (_, i) => (i * 13) % 7);
    const { z } = getisOrdStar(x, disksWithin(area, 2));
    const i = area.positionOf(keyOfCell(pentagon));
    const disk = new Set(gridDisk(pentagon, 2));
    expect(disk.size).toBe(16);
    expectNear(
      z[i]!,
      direct(
        x,
        area.cells.map((cell) => (disk.has(cell) ? 1 : 0)),
        x,
      ),
    );
  });

  test('steps of a cube use the mean, deviation and size of the whole cube', () => {
    const cells = 4;
    const x = Float64Array.of(1, 0, 2, 5, 0, 0, 3, 4, 7, 1, 1, 2);
    const lists = [
      [0, 1],
      [0, 1, 2],
      [1, 2, 3],
      [2, 3],
    ];
    const { moments, z } = getisOrdStarOfSteps(x, cells, neighboursOf(lists));
    expect(moments.n).toBe(12);
    for (let i = 0; i < x.length; i++) {
      const own = lists[i % cells]!;
      const step = x.subarray(i - (i % cells), i - (i % cells) + cells);
      expectNear(
        z[i]!,
        direct(
          step,
          [0, 1, 2, 3].map((j) => (own.includes(j) ? 1 : 0)),
          x,
        ),
      );
    }
  });
});

describe('edges', () => {
  const chain = neighboursOf([
    [0, 1],
    [0, 1, 2],
    [1, 2],
  ]);

  test('all values equal: null, although 0.1 summed up has a rounding error', () => {
    const { moments, z, p } = getisOrdStar(new Float64Array(3).fill(0.1), chain);
    expect(moments.sd).toBe(0);
    expect([...z, ...p]).toEqual(new Array(6).fill(Number.NaN));
  });

  test('a disk that is the whole area: null; its neighbours are not', () => {
    const { z } = getisOrdStar(Float64Array.of(1, 2, 4), chain);
    expect(Array.from(z, Number.isNaN)).toEqual([false, true, false]);
  });

  test('equal weights other than 1 make no difference to null', () => {
    const z = getisOrdStar(Float64Array.of(1, 2, 4), chain, new Float64Array(7).fill(0.3)).z;
    const binary = getisOrdStar(Float64Array.of(1, 2, 4), chain).z;
    expect(z[1]).toBeNaN();
    expectNear(z[0]!, binary[0]!);
  });

  test('no neighbours at all: null', () => {
    expect(getisOrdStar(Float64Array.of(1, 2, 4), neighboursOf([[], [0], [1]])).z[0]).toBeNaN();
  });

  test('negated values have negated z', () => {
    const x = Float64Array.of(1, 2, 4);
    const negated = getisOrdStar(
      x.map((value) => -value),
      chain,
    ).z;
    expect(negated).toEqual(getisOrdStar(x, chain).z.map((value) => -value));
  });

  test('what does not fit is refused', () => {
    expect(() => getisOrdStar(Float64Array.of(1, Number.NaN, 2), chain)).toThrow('not finite');
    expect(() => getisOrdStar(Float64Array.of(1, 2, 4), chain, new Float64Array(3))).toThrow('one weight per entry');
    expect(() => getisOrdStarOfSteps(new Float64Array(7), 3, chain)).toThrow('whole steps');
    expect(() => neighboursOf([[0, 0]])).toThrow('twice');
  });
});
