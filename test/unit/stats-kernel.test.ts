import fc from 'fast-check';
import { gridDisk, gridDistance, latLngToCell } from 'h3-js';
import { describe, expect, test } from 'vitest';
import { keyOfCell } from '../../src/geo/cellkey.ts';
import { disksWithin, studyArea } from '../../src/heat/stats/area.ts';
import { KERNELS, type Kernel, kernelProfile, kernelWeights, smooth } from '../../src/heat/stats/kernel.ts';

const NAMES = Object.keys(KERNELS) as Kernel[];
const DISK = gridDisk(latLngToCell(22.54, 114.06, 9), 5).sort();

describe('kernels', () => {
  test.each([
    ['uniform', [1, 1, 1]],
    ['triangular', [1, 2 / 3, 1 / 3]],
    ['quartic', [1, 64 / 81, 25 / 81]],
    ['gaussian', [1, Math.exp(-0.5), Math.exp(-2)]],
  ] as [Kernel, number[]][])('%s at k = 2', (kernel, expected) => {
    kernelProfile(kernel, 2).forEach((weight, d) => {
      expect(weight).toBeCloseTo(expected[d]!, 14);
    });
  });

  test('a disk larger than the k of the weights is refused', () => {
    expect(() => kernelWeights(disksWithin(studyArea(DISK), 2), 'uniform', 1)).toThrow('use its own k');
  });
});

describe('smooth', () => {
  test.each(NAMES)('%s keeps the total, edges and holes included', (kernel) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 3 }),
        fc.array(fc.tuple(fc.boolean(), fc.nat(50)), { minLength: DISK.length, maxLength: DISK.length }),
        (k, draws) => {
          const kept = DISK.flatMap((cell, i) => (draws[i]![0] ? [{ cell, n: draws[i]![1] }] : []));
          const disks = disksWithin(studyArea(kept.map(({ cell }) => cell)), k);
          const smoothed = smooth(
            Float64Array.from(kept, ({ n }) => n),
            disks,
            kernelWeights(disks, kernel, k),
          );
          const total = kept.reduce((sum, { n }) => sum + n, 0);
          expect(smoothed.reduce((sum, n) => sum + n, 0)).toBeCloseTo(total, 9);
        },
      ),
      { numRuns: 40 },
    );
  });

  test.each(NAMES)('%s equals the shares written out over all pairs', (kernel) => {
    const k = 2;
    const area = studyArea(DISK.filter((_, i) => i % 5 !== 2));
    const disks = disksWithin(area, k);
    const x = Float64Array.from(area.cells, (_, i) => (i * 37) % 11);
    const weight = (a: string, b: string) => kernelProfile(kernel, k)[gridDistance(a, b)] ?? 0;
    const smoothed = smooth(x, disks, kernelWeights(disks, kernel, k));
    const masses = area.cells.map((a) => area.cells.reduce((sum, b) => sum + weight(a, b), 0));
    area.cells.forEach((target, j) => {
      const expected = area.cells.reduce((sum, a, i) => sum + (x[i]! * weight(a, target)) / masses[i]!, 0);
      expect(smoothed[j]).toBeCloseTo(expected, 10);
    });
  });

  test('the weights of a full triangular disk at k = 2 sum to 9, the share of the cell itself is 1/9', () => {
    const area = studyArea(DISK);
    const centre = area.positionOf(keyOfCell(latLngToCell(22.54, 114.06, 9)));
    const disks = disksWithin(area, 2);
    const x = new Float64Array(DISK.length);
    x[centre] = 9;
    expect(smooth(x, disks, kernelWeights(disks, 'triangular', 2))[centre]).toBeCloseTo(1, 12);
  });
});
