/**
 * Lower bounds of at most so many classes: 1, and quantiles of the counts above it, thinned where many cells have the
 * same count.
 */
export function classBreaks(counts: readonly number[], classes: number): number[] {
  const sorted = counts.toSorted((a, b) => a - b);
  const breaks = [sorted[0]!];
  for (let i = 1; i < classes; i++) {
    // The upper classes hold fewer cells: a heatmap is read for its peaks.
    const share = 1 - (1 - i / classes) ** 1.6;
    const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
    if (value > breaks.at(-1)!) breaks.push(value);
  }
  return breaks;
}

/** `3–5` for each class, the last open. */
export function classNames(breaks: readonly number[]): string[] {
  return breaks.map((from, i) => {
    const next = breaks[i + 1];
    if (next === undefined) return `≥ ${from}`;
    return next - 1 === from ? `${from}` : `${from}–${next - 1}`;
  });
}
