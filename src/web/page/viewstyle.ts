import type { FeatureCollection } from 'geojson';
import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from 'maplibre-gl';
import type { Palette } from '../../tiles/styles.palette.ts';
import { tileQuery } from './incidents.ts';
import type { View } from './view.ts';

/** What the page itself draws over the city: places found, cameras near them, areas asked about. */
export interface Overlay {
  features: FeatureCollection;
  /** Incidents per cell at which the colour of the heatmap changes. */
  breaks: readonly number[];
}

/**
 * The style of a view: the service's style with layers shown and hidden, the filters of incidents in the addresses of
 * tiles, and the overlay. A pure function: the map is given the whole style and finds out what changed.
 */
export function viewStyle(
  base: StyleSpecification,
  view: View,
  palette: Palette,
  overlay: Overlay,
): StyleSpecification {
  const style = structuredClone(base);
  for (const id of ['incidents', 'heat'] as const) {
    const source = style.sources[id] as { tiles: string[] };
    source.tiles = [source.tiles[0]!.replace(/\?.*$/, '') + tileQuery(id, view)];
  }
  for (const layer of style.layers) show(layer, view);
  const heat = style.layers.find((layer) => layer.id === 'heat');
  if (heat?.type === 'fill') heat.paint = { ...heat.paint, 'fill-color': ramp(palette.ramp, overlay.breaks) };
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

function isVisible(layer: LayerSpecification, view: View): boolean {
  const source = 'source' in layer ? String(layer.source) : '';
  if (source === 'streets' || layer.id === 'land') return true;
  if (source === 'heat') return view.layers.includes('heat');
  if (source === 'cameras') return view.layers.includes('cameras');
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
      id: 'overlay-cameras',
      type: 'circle',
      source,
      filter: is('camera'),
      paint: { 'circle-radius': 8, 'circle-opacity': 0, 'circle-stroke-color': accent, 'circle-stroke-width': 2 },
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
