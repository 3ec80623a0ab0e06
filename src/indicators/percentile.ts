/**
 * The value below which a share of values lies, interpolated linearly between order statistics, as `percentile_cont` is
 * defined; by Hoare's selection (Algorithm 65, Communications of the ACM 4 (1961) 321–322) instead of a sort.
 *
 * @param values reordered; at least one, none NaN
 */
export function percentile(values: Float64Array, share: number): number {
  const at = share * (values.length - 1);
  const low = Math.floor(at);
  const first = select(values, low);
  if (at === low) return first;
  let second = Infinity;
  for (let i = low + 1; i < values.length; i++) if (values[i]! < second) second = values[i]!;
  return first + (at - low) * (second - first);
}

/** Put the n-th smallest at position n, nothing larger before it and nothing smaller after it. */
function select(values: Float64Array, n: number): number {
  let left = 0;
  let right = values.length - 1;
  while (left < right) {
    const pivot = values[(left + right) >>> 1]!;
    let i = left;
    let j = right;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const value = values[i]!;
      values[i++] = values[j]!;
      values[j--] = value;
    }
    if (n <= j) right = j;
    else if (n >= i) left = i;
    else break;
  }
  return values[n]!;
}
