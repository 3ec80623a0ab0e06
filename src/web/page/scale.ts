import type { Map as MapLibreMap } from 'maplibre-gl';
import { classBreaks } from './classes.ts';
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
