import { type Moments, momentsOf } from './moments.ts';
import { checkWeights, lag, type Neighbours, rowCount } from './neighbours.ts';
import { twoSidedP } from './normal.ts';

/** Gi* of every row; NaN where it is not defined. */
export interface GetisOrd {
  /** of the whole study area */
  moments: Moments;
  /** standard deviates */
  z: Float64Array;
  /** two-sided, not adjusted */
  p: Float64Array;
}

/** What the formula needs of a row besides its values. */
interface RowTerms {
  /** W = Σw */
  sum: Float64Array;
  /** √((n·Σw² − W²)/(n − 1)); NaN where the row has no neighbour or holds everything with one weight (W = n) */
  root: Float64Array;
}

function rowTerms(neighbours: Neighbours, weights: Float64Array | undefined, n: number): RowTerms {
  const { start } = neighbours;
  const rows = rowCount(neighbours);
  const terms = { sum: new Float64Array(rows), root: new Float64Array(rows) };
  for (let row = 0; row < rows; row++) {
    const first = start[row]!;
    const size = start[row + 1]! - first;
    let sum = weights ? 0 : size;
    let squares = weights ? 0 : size;
    let equal = true;
    if (weights) {
      for (let e = first; e < first + size; e++) {
        sum += weights[e]!;
        squares += weights[e]! ** 2;
        if (weights[e] !== weights[first]) equal = false;
      }
    }
    terms.sum[row] = sum;
    const defined = sum > 0 && !(equal && size === n);
    terms.root[row] = defined ? Math.sqrt((n * squares - sum * sum) / (n - 1)) : Number.NaN;
  }
  return terms;
}

/** Turns the lags of one slice of values into z, in place. */
function standardise(lags: Float64Array, terms: RowTerms, { mean, sd }: Moments): void {
  for (let row = 0; row < lags.length; row++) {
    lags[row] = sd === 0 ? Number.NaN : (lags[row]! - mean * terms.sum[row]!) / (sd * terms.root[row]!);
  }
}

/**
 * Getis and Ord's local Gi* (Ord and Getis, "Local spatial autocorrelation statistics", Geographical Analysis 27 (1995)
 * 286–306, eq. 14) over the cells of a fixed study area, zeros included:
 *
 *     z = (Σ w·x − x̄·W) / (S·√((n·Σw² − W²)/(n − 1)))     W = Σw, S = √(Σx²/n − x̄²)
 *
 * Rows need not be as many as values: z is computed for each row given, against the mean and deviation of all of `x`.
 *
 * @param x one value per cell of the study area
 * @param neighbours columns are positions in `x`; the row of a cell includes the cell
 * @param weights one non-negative weight per entry of `neighbours.index`; absent: all 1
 */
export function getisOrdStar(x: Float64Array, neighbours: Neighbours, weights?: Float64Array): GetisOrd {
  return getisOrdStarOfSteps(x, x.length, neighbours, weights);
}

/**
 * Gi* of every step of a cube against the mean, deviation and size (n = cells × steps) of the whole cube, without
 * neighbours in time.
 *
 * @param x step by step: the value of cell c at step t is `x[t * cells + c]`
 * @returns z and p step by step
 */
export function getisOrdStarOfSteps(
  x: Float64Array,
  cells: number,
  neighbours: Neighbours,
  weights?: Float64Array,
): GetisOrd {
  checkWeights(neighbours, weights);
  const steps = cells === 0 ? 0 : x.length / cells;
  if (!Number.isInteger(steps)) {
    throw new RangeError(`${x.length} values are not whole steps of ${cells} cells: give one value per cell and step.`);
  }
  const rows = rowCount(neighbours);
  const moments = momentsOf(x);
  const terms = rowTerms(neighbours, weights, x.length);
  const z = new Float64Array(steps * rows);
  for (let step = 0; step < steps; step++) {
    const values = x.subarray(step * cells, (step + 1) * cells);
    standardise(lag(values, neighbours, weights, z.subarray(step * rows, (step + 1) * rows)), terms, moments);
  }
  return { moments, z, p: z.map(twoSidedP) };
}
