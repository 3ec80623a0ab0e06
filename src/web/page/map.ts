import type { FeatureCollection } from 'geojson';
import {
  type GeoJSONSource,
  Map as MapLibreMap,
  type MapOptions,
  ScaleControl,
  type StyleSpecification,
  setWorkerUrl,
  type VectorTileSource,
} from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import { RAMP_BREAKS } from '../../tiles/styles.layers.ts';
import type { Theme } from '../../tiles/styles.palette.ts';
import type { Store } from './view.ts';
import { viewStyle } from './viewstyle.ts';

/** From this width of the window on, the layers are open from the beginning. */
export const WIDE = 1100;

const EMPTY: FeatureCollection = { type: 'FeatureCollection', features: [] };

/** The map and what of it is not in the view. */
export interface CityMap {
  map: MapLibreMap;
  theme(): Theme;
  setTheme(theme: Theme, base: StyleSpecification): void;
  setOverlay(features: FeatureCollection): void;
  /** What a check found and no tile holds. */
  setFaults(features: FeatureCollection): void;
  setBreaks(breaks: readonly number[]): void;
  breaks(): readonly number[];
  /** Mark one grid as the chosen one, or none. */
  choose(grid: { source: string; code: string } | null): void;
}

export function createCityMap(container: HTMLElement, theme: Theme, base: StyleSpecification, store: Store): CityMap {
  setWorkerUrl(new URL(workerUrl, location.href).href);
  let drawn = { theme, base, overlay: { features: EMPTY, faults: EMPTY, breaks: RAMP_BREAKS as readonly number[] } };
  let chosen: { source: string; code: string } | null = null;
  const style = () => viewStyle(drawn.base, store.get(), drawn.theme, drawn.overlay);
  const { position } = store.get();
  const map = new MapLibreMap({
    container,
    style: style(),
    ...(position ? { center: [position.lon, position.lat], zoom: position.zoom } : wholeCity(base)),
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    maxPitch: 0,
    maxZoom: 19,
    fadeDuration: 0,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new ScaleControl({ maxWidth: 90 }), 'bottom-right');
  let isReady = false;
  let isStale = false;
  const apply = () => {
    if (isReady) applyStyle(map, style());
    else isStale = true;
  };
  // Before this the map holds no style that could be compared; what was changed meanwhile is applied then.
  map.once('styledata', () => {
    isReady = true;
    if (isStale) apply();
  });
  map.on('moveend', () => {
    const { lng, lat } = map.getCenter();
    store.set({ position: { zoom: map.getZoom(), lat, lon: lng } });
  });
  const setData = (id: 'features' | 'faults', features: FeatureCollection) => {
    drawn.overlay = { ...drawn.overlay, [id]: features };
    const source = id === 'features' ? 'overlay' : id;
    if (isReady) map.getSource<GeoJSONSource>(source)?.setData(features);
    else isStale = true;
  };
  store.listen((_view, changed) => {
    const only = [...changed].every((key) => key === 'position' || key === 'subject' || key === 'language');
    if (!only) apply();
  });
  return {
    map,
    theme: () => drawn.theme,
    setTheme(next, nextBase) {
      drawn = { ...drawn, theme: next, base: nextBase };
      apply();
    },
    setOverlay: (features) => setData('features', features),
    setFaults: (features) => setData('faults', features),
    setBreaks(breaks) {
      drawn.overlay = { ...drawn.overlay, breaks };
      apply();
    },
    breaks: () => drawn.overlay.breaks,
    choose(grid) {
      if (chosen) setChosen(map, chosen, false);
      if (grid) setChosen(map, grid, true);
      chosen = grid;
    },
  };
}

/** All of the data in the part of the window that is free of panels. */
function wholeCity(base: StyleSpecification): Pick<MapOptions, 'bounds' | 'fitBoundsOptions'> {
  const { bounds } = base.sources.streets as { bounds: [number, number, number, number] };
  const isNarrow = innerWidth < 720;
  const sides = isNarrow ? { left: 16, right: 64 } : { left: 40, right: innerWidth >= WIDE ? 300 : 40 };
  return { bounds, fitBoundsOptions: { padding: { top: 84, bottom: 104, ...sides } } };
}

function setChosen(map: MapLibreMap, { source, code }: { source: string; code: string }, isChosen: boolean): void {
  if (map.getSource(source)) map.setFeatureState({ source, sourceLayer: 'grids', id: code }, { chosen: isChosen });
}

/**
 * New addresses of tiles are given to their source first: it then keeps the old tiles on the screen until the new ones
 * have come, which a source put in its place would not.
 */
function applyStyle(map: MapLibreMap, style: StyleSpecification): void {
  for (const [id, source] of Object.entries(style.sources)) {
    const present = map.getSource(id);
    if (source.type === 'vector' && present) {
      const { tiles } = present as VectorTileSource;
      if (tiles[0] !== source.tiles![0]) (present as VectorTileSource).setTiles(source.tiles!);
    }
    // A GeoJSON source answers with what it has read; it would be read again for not being its own address.
    if (source.type === 'geojson' && present) style.sources[id] = present.serialize();
  }
  map.setStyle(style, { diff: true });
}
