import { lowerBound } from '../../geo/ascending.ts';

/**
 * Benjamini–Hochberg adjusted p ("Controlling the false discovery rate", Journal of the Royal Statistical Society B 57
 * (1995) 289–300): q(i) = min over j ≥ i of p(j)·m/j, at most 1. Testing q ≤ α rejects what the step-up rule rejects:
 * all up to the largest i with p(i) ≤ i·α/m.
 *
 * @param p m is the number of p that are not NaN
 * @returns q at the positions of p; equal p have equal q; NaN stays NaN
 */
export function benjaminiHochberg(p: Float64Array): Float64Array {
  const sorted = p.filter((value) => !Number.isNaN(value)).sort();
  const m = sorted.length;
  const adjusted = new Float64Array(m);
  let least = 1;
  for (let rank = m; rank >= 1; rank--) {
    least = Math.min(least, (sorted[rank - 1]! * m) / rank);
    adjusted[rank - 1] = least;
  }
  return p.map((value) => (Number.isNaN(value) ? Number.NaN : adjusted[lowerBound(sorted, value)]!));
}

/** Confidence of a hot or cold spot in per cent; `ns`: not significant. */
export const HOTSPOT_CLASSES = ['hot99', 'hot95', 'hot90', 'ns', 'cold90', 'cold95', 'cold99'] as const;
export type HotspotClass = (typeof HOTSPOT_CLASSES)[number];

/** Class of a cell from the sign of its z and its q; a limit belongs to the stricter class, NaN is `ns`. */
export function hotspotClass(z: number, q: number): HotspotClass {
  if (!(q <= 0.1) || !(z !== 0)) return 'ns';
  const side = z > 0 ? 'hot' : 'cold';
  if (q <= 0.01) return `${side}99`;
  return q <= 0.05 ? `${side}95` : `${side}90`;
}
