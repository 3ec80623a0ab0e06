/**
 * The values below which shares of some values lie, interpolated linearly between order statistics, as `percentile_cont`
 * is defined; by Hoare's selection (Algorithm 65, Communications of the ACM 4 (1961) 321–322) instead of a sort.
 *
 * @param values reordered; at least one, none NaN
 * @param shares ascending
 */
export function percentiles(values: Float64Array, shares: readonly number[]): number[] {
  // What a selection leaves behind its place is nowhere smaller, so the next one need not look before it.
  let left = 0;
  return shares.map((share) => {
    const at = share * (values.length - 1);
    const low = Math.floor(at);
    const first = select(values, low, left);
    left = low;
    if (at === low) return first;
    let second = Infinity;
    for (let i = low + 1; i < values.length; i++) if (values[i]! < second) second = values[i]!;
    return first + (at - low) * (second - first);
  });
}

/** Put the n-th smallest at position n, nothing larger before it and nothing smaller after it, from a position on. */
function select(values: Float64Array, n: number, from: number): number {
  let left = from;
  let right = values.length;
  while (right - left > 1) {
    const pivot = values[(left + right) >>> 1]!;
    const least = partition(values, left, right, pivot);
    if (n < least) right = least;
    else {
      // Equal values are put aside together: many hours are the same.
      const most = partitionEqual(values, least, right, pivot);
      if (n < most) return pivot;
      left = most;
    }
  }
  return values[n]!;
}

/** Put what is smaller than a pivot before the rest. Without a branch, which half of the time would be foreseen wrongly. */
function partition(values: Float64Array, left: number, right: number, pivot: number): number {
  let end = left;
  for (let i = left; i < right; i++) {
    const value = values[i]!;
    values[i] = values[end]!;
    values[end] = value;
    end += Number(value < pivot);
  }
  return end;
}

function partitionEqual(values: Float64Array, left: number, right: number, pivot: number): number {
  let end = left;
  for (let i = left; i < right; i++) {
    const value = values[i]!;
    values[i] = values[end]!;
    values[end] = value;
    end += Number(value === pivot);
  }
  return end;
}
