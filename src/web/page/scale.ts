import type { Map as MapLibreMap } from 'maplibre-gl';
import type { CityMap } from './map.ts';
import type { Store, View } from './view.ts';

const CLASSES = 6;

/**
 * Keep the colours of the heatmap fitted to what is in view: when the length of the period, the filters or the size of
 * the cells change. While only time moves, the scale stands, so that one moment can be compared with the next.
 */
export function fitScale(city: CityMap, store: Store, onFit: () => void): void {
  let fitted = '';
  city.map.on('idle', () => {
    const view = store.get();
    if (!view.layers.includes('heat')) return;
    const key = scaleKey(city.map, view);
    if (key === fitted) return;
    const counts = countsInView(city.map);
    if (counts.length === 0) return;
    fitted = key;
    city.setBreaks(classBreaks(counts, CLASSES));
    onFit();
  });
}

function scaleKey(map: MapLibreMap, { days, category, status }: View): string {
  return [Math.floor(map.getZoom()), days, category, status].join();
}

/** The count of each cell once, although it is drawn in every tile that it touches. */
export function countsInView(map: MapLibreMap): number[] {
  const cells = new Map<string, number>();
  for (const { properties } of map.queryRenderedFeatures({ layers: ['heat'] })) {
    cells.set(String(properties.cell), Number(properties.n));
  }
  return [...cells.values()];
}

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
