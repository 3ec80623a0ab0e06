import type { Disks } from './area.ts';
import { checkWeights, type Neighbours, rowCount } from './neighbours.ts';

/** Weight by grid distance d within k, with u = d/(k + 1), so that the first ring outside would have weight 0. */
export const KERNELS = {
  uniform: () => 1,
  triangular: (u: number) => 1 - u,
  quartic: (u: number) => (1 - u * u) ** 2,
  /** the first ring outside lies at three standard deviations */
  gaussian: (u: number) => Math.exp(-0.5 * (3 * u) ** 2),
} satisfies Record<string, (u: number) => number>;

/** Name of a smoothing kernel. */
export type Kernel = keyof typeof KERNELS;

/** Weights of a kernel at the distances 0 … k. */
export function kernelProfile(kernel: Kernel, k: number): Float64Array {
  return Float64Array.from({ length: k + 1 }, (_, d) => KERNELS[kernel](d / (k + 1)));
}

/** One weight per entry of the disks; not normalised, 1 at distance 0. */
export function kernelWeights({ ring }: Disks, kernel: Kernel, k: number): Float64Array {
  const profile = kernelProfile(kernel, k);
  return Float64Array.from(ring, (distance) => {
    const weight = profile[distance];
    if (weight === undefined) throw new RangeError(`A disk reaches ring ${distance}: use its own k, not ${k}.`);
    return weight;
  });
}

/**
 * Smooths by sharing each cell's value among its neighbours in proportion to their weights. The share is divided by Σw
 * over the source's own disk within the study area, so that the total of the area stays the same at its edges too.
 *
 * @param x one value per row of `neighbours`
 * @param weights one per entry of `neighbours.index`; every row with a positive sum
 */
export function smooth(x: Float64Array, neighbours: Neighbours, weights: Float64Array): Float64Array {
  checkWeights(neighbours, weights);
  const { start, index } = neighbours;
  const smoothed = new Float64Array(x.length);
  for (let source = 0; source < rowCount(neighbours); source++) {
    if (x[source] === 0) continue;
    const end = start[source + 1]!;
    let sum = 0;
    for (let e = start[source]!; e < end; e++) sum += weights[e]!;
    const share = x[source]! / sum;
    for (let e = start[source]!; e < end; e++) smoothed[index[e]!]! += share * weights[e]!;
  }
  return smoothed;
}
