import type { FeatureCollection } from 'geojson';
import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from 'maplibre-gl';
import { faultSigns } from '../../tiles/styles.analysis.ts';
import { PALETTES, type Palette, type Theme } from '../../tiles/styles.palette.ts';
import { checkTileQuery } from './faults.ts';
import { hotspotTileQuery } from './hotspots.ts';
import { tileQuery } from './incidents.ts';
import type { LayerId, View } from './view.ts';

/** What the page itself draws over the city: places found, cameras near them, areas asked about. */
export interface Overlay {
  features: FeatureCollection;
  /** Incidents per cell at which the colour of the heatmap changes. */
  breaks: readonly number[];
  /** Faults that no tile holds. */
  faults: FeatureCollection;
}

/**
 * The style of a view: the service's style with layers shown and hidden, the filters of incidents in the addresses of
 * tiles, and the overlay. A pure function: the map is given the whole style and finds out what changed.
 */
export function viewStyle(base: StyleSpecification, view: View, theme: Theme, overlay: Overlay): StyleSpecification {
  const style = structuredClone(base);
  const palette = PALETTES[theme];
  const queries = {
    incidents: tileQuery('incidents', view),
    heat: tileQuery('heat', view),
    hotspots: hotspotTileQuery(view),
    checks: checkTileQuery(view),
  };
  for (const [id, query] of Object.entries(queries)) {
    const source = style.sources[id] as { tiles: string[] };
    source.tiles = [source.tiles[0]!.replace(/\?.*$/, '') + query];
  }
  for (const layer of style.layers) show(layer, view);
  const heat = style.layers.find((layer) => layer.id === 'heat');
  if (heat?.type === 'fill') heat.paint = { ...heat.paint, 'fill-color': ramp(palette.ramp, overlay.breaks) };
  style.sources.faults = { type: 'geojson', data: overlay.faults };
  style.layers.push(...(faultSigns(theme, 'faults', view.layers.includes('checks')) as LayerSpecification[]));
  style.sources.overlay = { type: 'geojson', data: overlay.features };
  style.layers.push(...overlayLayers(palette));
  return style;
}

function show(layer: LayerSpecification, view: View): void {
  if (!('source' in layer)) return;
  const isShown = isVisible(layer, view);
  layer.layout = { ...layer.layout, visibility: isShown ? 'visible' : 'none' } as never;
  const chosen = view.levels[netOf(String(layer.source))];
  const level = layer.id.split(':')[1];
  if (isShown && level !== undefined && chosen) Object.assign(layer, { minzoom: 0, maxzoom: 24 });
}

/** Sources that are shown with the layer of their name. */
const ALONE = ['heat', 'hotspots', 'checks', 'cameras'];

function isVisible(layer: LayerSpecification, view: View): boolean {
  const source = 'source' in layer ? String(layer.source) : '';
  if (source === 'streets' || layer.id === 'land') return true;
  if (ALONE.includes(source)) return view.layers.includes(source as LayerId);
  if (source === 'incidents') return view.layers.includes('incidents') && view.lights.length > 0;
  const level = layer.id.split(':')[1];
  const net = netOf(source);
  const levels = view.levels[net];
  return view.layers.includes('grids') && view.nets.includes(net) && (!level || !levels || levels.includes(level));
}

/** The net of a source of grids or of their names. */
export function netOf(source: string): string {
  return /^(?:grids|names)-(.+)$/.exec(source)?.[1] ?? 'base';
}

/** A colour per class: the first for all below the second break. */
export function ramp(colors: readonly string[], breaks: readonly number[]): ExpressionSpecification {
  const [first, ...rest] = classColors(colors, breaks.length);
  const steps = rest.flatMap((color, i) => [breaks[i + 1]!, color]);
  return steps.length === 0
    ? ['to-color', first!]
    : (['step', ['get', 'n'], first!, ...steps] as ExpressionSpecification);
}

/** As many colours as there are classes, spread over the whole ramp. */
export function classColors(colors: readonly string[], count: number): string[] {
  const last = colors.length - 1;
  return Array.from(
    { length: count },
    (_, i) => colors[count === 1 ? last >> 1 : Math.round((i * last) / (count - 1))]!,
  );
}

function overlayLayers({ accent, ring, ground }: Palette): LayerSpecification[] {
  const source = 'overlay';
  const is = (kind: string): ExpressionSpecification => ['==', ['get', 'kind'], kind];
  return [
    {
      id: 'overlay-area',
      type: 'fill',
      source,
      filter: is('area'),
      paint: { 'fill-color': accent, 'fill-opacity': 0.1 },
    },
    {
      id: 'overlay-edge',
      type: 'line',
      source,
      filter: ['in', ['get', 'kind'], ['literal', ['area', 'draft']]],
      paint: { 'line-color': accent, 'line-width': 2.4, 'line-dasharray': [2, 1.2] },
    },
    {
      id: 'overlay-rings',
      type: 'circle',
      source,
      filter: ['in', ['get', 'kind'], ['literal', ['camera', 'fault']]],
      paint: {
        'circle-radius': ['match', ['get', 'kind'], 'fault', 15, 8],
        'circle-opacity': 0,
        'circle-stroke-color': accent,
        'circle-stroke-width': 2,
      },
    },
    {
      id: 'overlay-points',
      type: 'circle',
      source,
      filter: ['in', ['get', 'kind'], ['literal', ['place', 'candidate', 'corner']]],
      paint: {
        'circle-radius': ['match', ['get', 'kind'], 'place', 8, 'candidate', 12, 4],
        'circle-color': accent,
        'circle-stroke-color': ring,
        'circle-stroke-width': 3,
      },
    },
    {
      id: 'overlay-numbers',
      type: 'symbol',
      source,
      filter: is('candidate'),
      layout: {
        'text-field': ['get', 'number'],
        'text-font': ['Noto Sans Bold', 'PingFang SC', 'Microsoft YaHei'],
        'text-size': 13,
        'text-allow-overlap': true,
        'text-ignore-placement': true,
      },
      paint: { 'text-color': ground },
    },
  ];
}
