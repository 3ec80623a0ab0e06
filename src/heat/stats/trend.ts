import { twoSidedP } from './normal.ts';

/** A Mann–Kendall test. */
export interface Trend {
  /** Σ over i < j of sgn(xj − xi) */
  s: number;
  variance: number;
  z: number;
  /** two-sided, by the normal approximation */
  p: number;
}

/**
 * Sorts ascending and counts the strict inversions (i < j with xi > xj) on the way, by bottom-up merging.
 *
 * @returns a sorted copy and the count
 */
function sortCounting(series: ArrayLike<number>): { sorted: Float64Array; inversions: number } {
  let from: Float64Array = Float64Array.from(series);
  let to: Float64Array = new Float64Array(from.length);
  let inversions = 0;
  for (let width = 1; width < from.length; width *= 2) {
    for (let low = 0; low < from.length; low += 2 * width) {
      const middle = Math.min(low + width, from.length);
      const high = Math.min(low + 2 * width, from.length);
      let left = low;
      let right = middle;
      for (let k = low; k < high; k++) {
        if (right >= high || (left < middle && from[left]! <= from[right]!)) {
          to[k] = from[left++]!;
        } else {
          inversions += middle - left;
          to[k] = from[right++]!;
        }
      }
    }
    [from, to] = [to, from];
  }
  return { sorted: from, inversions };
}

/**
 * Mann–Kendall test of a monotone trend (Mann 1945; Kendall, Rank Correlation Methods, 1975), ties corrected:
 *
 *     S = Σ_{i<j} sgn(xj − xi)     Var = [n(n − 1)(2n + 5) − Σ t(t − 1)(2t + 5)]/18     z = (S − sgn S)/√Var
 *
 * with t the sizes of the groups of equal values; z = 0 if S = 0 or Var = 0. O(n log n).
 *
 * @returns all NaN when a value is NaN
 */
export function mannKendall(series: ArrayLike<number>): Trend {
  const n = series.length;
  const { sorted, inversions } = sortCounting(series);
  for (let i = 0; i < n; i++) {
    if (Number.isNaN(series[i])) return { s: Number.NaN, variance: Number.NaN, z: Number.NaN, p: Number.NaN };
  }
  let tiedPairs = 0;
  let tieTerm = 0;
  for (let i = 0, t = 1; i < n; i++, t++) {
    if (i + 1 < n && sorted[i + 1] === sorted[i]) continue;
    tiedPairs += (t * (t - 1)) / 2;
    tieTerm += t * (t - 1) * (2 * t + 5);
    t = 0;
  }
  const s = (n * n - n) / 2 - tiedPairs - 2 * inversions;
  const variance = ((n * n - n) * (2 * n + 5) - tieTerm) / 18;
  const z = variance > 0 ? (s - Math.sign(s)) / Math.sqrt(variance) : 0;
  return { s, variance, z, p: twoSidedP(z) };
}
