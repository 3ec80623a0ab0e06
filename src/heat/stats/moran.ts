import { momentsOf } from './moments.ts';
import { checkWeights, type Neighbours, rowCount } from './neighbours.ts';
import { twoSidedP } from './normal.ts';

/** Local Moran's I of every cell; NaN where it is not defined. */
export interface LocalMoran {
  /** Iᵢ with row-standardised weights */
  i: Float64Array;
  /** standard deviates */
  z: Float64Array;
  /** two-sided, not adjusted */
  p: Float64Array;
  /** quadrant of the Moran scatterplot, not yet asking for significance; null where z is NaN */
  quadrant: (MoranQuadrant | null)[];
}

/** The cell's value against the mean, then its neighbours' mean against it; a lag equal to the mean counts as low. */
export const MORAN_QUADRANTS = ['high-high', 'low-low', 'high-low', 'low-high'] as const;
export type MoranQuadrant = (typeof MORAN_QUADRANTS)[number];

/** The quadrant of a significant cell, `ns` otherwise. */
export const MORAN_CLASSES = [...MORAN_QUADRANTS, 'ns'] as const;
export type MoranClass = (typeof MORAN_CLASSES)[number];

/** Sums over the other places of one row. */
interface Row {
  size: number;
  /** Σw */
  sum: number;
  /** Σw² */
  squares: number;
  /** Σw·d */
  lag: number;
  equalWeights: boolean;
}

function sumRow(row: number, d: Float64Array, { start, index }: Neighbours, weights?: Float64Array): Row {
  const sums: Row = { size: 0, sum: 0, squares: 0, lag: 0, equalWeights: true };
  let first: number | undefined;
  for (let e = start[row]!; e < start[row + 1]!; e++) {
    const other = index[e]!;
    if (other === row) continue;
    const w = weights ? weights[e]! : 1;
    first ??= w;
    if (w !== first) sums.equalWeights = false;
    sums.size++;
    sums.sum += w;
    sums.squares += w * w;
    sums.lag += w * d[other]!;
  }
  return sums;
}

/** The only place whose value differs from all others', or −1: without it nothing is left to permute. */
function lonePlace(x: Float64Array): number {
  const usual = x.length > 2 && x[0] !== x[1] ? x[2] : x[0];
  const others = x.reduce((count, value) => count + (value === usual ? 0 : 1), 0);
  return others === 1 ? x.findIndex((value) => value !== usual) : -1;
}

/**
 * Anselin's local Moran's I ("Local indicators of spatial association", Geographical Analysis 27 (1995) 93–115, eq. 12)
 * with m₂ = Σd²/n, d = x − x̄, and row-standardised weights v = w/W:
 *
 *     I = (d/m₂)·Σ v·d     E = −(d²/m₂)/(n − 1)
 *     Var = (d/m₂)²·(n/(n − 2))·(Σv² − 1/(n − 1))·(m₂ − d²/(n − 1))
 *
 * the moments under conditional randomisation (the cell keeps its value, the others are permuted) of Sokal, Oden and
 * Thomson, "Local spatial autocorrelation in a biological model", Geographical Analysis 30 (1998) 331–354, eqs. A7 and A8:
 * the default of spdep's localmoran. (esda's I has the factor (n − 1)/n besides, which its moments EIc and VIc do not have.)
 *
 * Not defined, so NaN: all values equal; a value equal to the mean; no neighbours; all others as neighbours with one
 * weight; all others' values equal.
 *
 * @param x one value per cell of the study area, zeros included
 * @param neighbours one row per cell; a cell in its own row is passed over
 * @param weights one non-negative weight per entry of `neighbours.index`; absent: all 1
 */
export function localMoran(x: Float64Array, neighbours: Neighbours, weights?: Float64Array): LocalMoran {
  checkWeights(neighbours, weights);
  const n = rowCount(neighbours);
  if (n !== x.length) throw new RangeError(`${x.length} values for ${n} rows: give one row of neighbours per value.`);
  const { mean, sd } = momentsOf(x);
  const d = x.map((value) => value - mean);
  const lone = lonePlace(x);
  const result: LocalMoran = {
    i: new Float64Array(n).fill(Number.NaN),
    z: new Float64Array(n).fill(Number.NaN),
    p: new Float64Array(n).fill(Number.NaN),
    quadrant: new Array<MoranQuadrant | null>(n).fill(null),
  };
  if (sd === 0) return result;
  for (let cell = 0; cell < n; cell++) {
    const row = sumRow(cell, d, neighbours, weights);
    if (row.sum === 0) continue;
    result.i[cell] = ((d[cell]! / sd ** 2) * row.lag) / row.sum;
    if (d[cell] === 0 || cell === lone || (row.equalWeights && row.size === n - 1)) continue;
    const z = deviate(result.i[cell]!, d[cell]!, row, sd ** 2, n);
    result.z[cell] = z;
    result.p[cell] = twoSidedP(z);
    result.quadrant[cell] = quadrantOf(d[cell]!, row.lag);
  }
  return result;
}

/** (I − E)/√Var of one cell, by the formulas of `localMoran`. */
function deviate(local: number, d: number, row: Row, m2: number, n: number): number {
  const expected = -(d * d) / m2 / (n - 1);
  const spread = row.squares / row.sum ** 2 - 1 / (n - 1);
  const variance = (d / m2) ** 2 * (n / (n - 2)) * spread * (m2 - (d * d) / (n - 1));
  return (local - expected) / Math.sqrt(variance);
}

function quadrantOf(d: number, lag: number): MoranQuadrant {
  if (d > 0) return lag > 0 ? 'high-high' : 'high-low';
  return lag > 0 ? 'low-high' : 'low-low';
}

/** Class of a cell from its quadrant and its q: significant at q ≤ alpha. */
export function moranClass(quadrant: MoranQuadrant | null, q: number, alpha = 0.05): MoranClass {
  return quadrant !== null && q <= alpha ? quadrant : 'ns';
}
