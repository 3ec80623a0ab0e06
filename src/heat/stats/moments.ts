/** Size, mean and standard deviation (divided by n) of a population. */
export interface Moments {
  n: number;
  mean: number;
  /** exactly 0 when all values are equal */
  sd: number;
}

/**
 * Moments of all values, in two passes: Σ(x − x̄)²/n equals Σx²/n − x̄² without its cancellation.
 *
 * @throws RangeError when a value is not finite
 */
export function momentsOf(x: Float64Array): Moments {
  const n = x.length;
  let sum = 0;
  let constant = true;
  for (let i = 0; i < n; i++) {
    sum += x[i]!;
    if (x[i] !== x[0]) constant = false;
  }
  if (!Number.isFinite(sum)) {
    throw new RangeError('A value is not finite: leave places without a value out of the study area.');
  }
  const mean = sum / n;
  if (constant) return { n, mean, sd: 0 };
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (x[i]! - mean) ** 2;
  return { n, mean, sd: Math.sqrt(squares / n) };
}
