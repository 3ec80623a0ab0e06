const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/** ln x! − [½·ln(2πx) + x·ln x − x] for x = 0 … 15 (0 for 0, which no caller divides by). */
const STIRLING_ERRORS = Array.from({ length: 16 }, (_, x) => {
  if (x === 0) return 0;
  let factorial = 1;
  for (let i = 2; i <= x; i++) factorial *= i;
  return Math.log(factorial) - (HALF_LOG_TWO_PI + (x + 0.5) * Math.log(x) - x);
});

/** The error of Stirling's formula for ln x!, x a whole number. */
function stirlingError(x: number): number {
  if (x < STIRLING_ERRORS.length) return STIRLING_ERRORS[x]!;
  const v = 1 / (x * x);
  return (1 / 12 - v * (1 / 360 - v * (1 / 1260 - v * (1 / 1680 - v / 1188)))) / x;
}

/** x·ln(x/m) + m − x without cancellation near x = m, for x, m > 0. */
function devianceTerm(x: number, m: number): number {
  if (Math.abs(x - m) >= 0.1 * (x + m)) return x * Math.log(x / m) + m - x;
  const v = (x - m) / (x + m);
  let sum = (x - m) * v;
  let power = 2 * x * v;
  for (let j = 3; ; j += 2) {
    power *= v * v;
    const next = sum + power / j;
    if (next === sum) return sum;
    sum = next;
  }
}

/**
 * Binomial probability of x successes in n trials, by the saddle point expansion of C. Loader, "Fast and accurate
 * computation of binomial probabilities" (2000), which keeps its relative accuracy for large n.
 *
 * @param share probability of a success, 0 < share < 1
 */
export function binomialProbability(x: number, n: number, share: number): number {
  if (x === 0) return Math.exp(n * Math.log1p(-share));
  if (x === n) return share ** n;
  const exponent =
    stirlingError(n) -
    stirlingError(x) -
    stirlingError(n - x) -
    devianceTerm(x, n * share) -
    devianceTerm(n - x, n * (1 - share));
  return Math.exp(exponent) * Math.sqrt(n / (2 * Math.PI * x * (n - x)));
}

/** P(X > x) + ½·P(X = x) for x at or above the mean, summed outwards until the terms vanish. */
function upperMidTail(x: number, n: number, share: number): number {
  let term = binomialProbability(x, n, share);
  let sum = term / 2;
  for (let i = x; i < n; i++) {
    term *= ((n - i) / (i + 1)) * (share / (1 - share));
    if (sum + term === sum) break;
    sum += term;
  }
  return sum;
}

/**
 * Two-sided p of two counts of events against equal rates. Given their total n, the first count is binomial with the
 * first exposure's share of the exposure (Przyborowski and Wilenski, "Homogeneity of results in testing samples from
 * Poisson series", Biometrika 31 (1940) 313–323). The p is twice the smaller mid-p tail, P(beyond) + ½·P(observed)
 * (Lancaster, "Significance tests in discrete distributions", JASA 56 (1961) 223–234): the plain exact test is needlessly
 * conservative at the small counts of a cell, the normal approximation wrong there. Two zeros tell nothing: p = 1.
 *
 * @param a events in the first period, a whole number
 * @param b events in the second
 * @param exposureA length of the first period (or any measure of exposure), positive
 * @param exposureB the same of the second, in the same unit
 */
export function equalRatesP(a: number, b: number, exposureA: number, exposureB: number): number {
  if (!(exposureA > 0 && exposureB > 0)) {
    throw new RangeError('An exposure is not positive: compare periods that each have a length.');
  }
  if (!(Number.isInteger(a) && Number.isInteger(b) && a >= 0 && b >= 0)) {
    throw new RangeError('A count is not a whole number: compare events, not rates or smoothed values.');
  }
  const n = a + b;
  const total = exposureA + exposureB;
  if (n === 0) return 1;
  const share = exposureA / total;
  const tail = a >= n * share ? upperMidTail(a, n, share) : upperMidTail(b, n, exposureB / total);
  return 2 * Math.min(tail, 1 - tail);
}

/**
 * Rate of the first period over that of the second: (a/exposureA)/(b/exposureB). Infinity when only the second count is
 * 0, NaN when both are.
 */
export function rateRatio(a: number, b: number, exposureA: number, exposureB: number): number {
  return (a * exposureB) / (b * exposureA);
}
