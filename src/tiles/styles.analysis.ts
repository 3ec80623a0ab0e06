import type { ExpressionSpecification, LayerSpecification } from '@maplibre/maplibre-gl-style-spec';
import {
  CHECK_LEGEND,
  EMERGING_LEGEND,
  HOTSPOT_LEGEND,
  type LegendEntry,
  legendOn,
  SITE_LEGEND,
} from '../heat/legends.ts';
import { FONTS, visible } from './styles.layers.ts';
import { PALETTES, type Theme } from './styles.palette.ts';

/** How the hotspots of a style are found. */
export type HotspotMethod = 'gistar' | 'emerging';

/** Classes that say that there is nothing: they are there to be clicked. */
const IS_NOTHING: ExpressionSpecification = ['in', ['get', 'class'], ['literal', ['ns', 'none']]];
const HOTSPOTS = { source: 'hotspots', 'source-layer': 'hotspots' } as const;

/** The legend of a layer, kept in its `metadata` for programs that draw it beside the map. */
export interface LegendMetadata {
  'wangge:legend': readonly LegendEntry[];
}

/**
 * Cells by class, red to blue; those that say nothing are transparent, and a fine line tells how far the study area
 * goes.
 */
export function hotspotLayers(theme: Theme, method: HotspotMethod, shown: boolean): LayerSpecification[] {
  const { land, text } = PALETTES[theme];
  const gistar = legendOn(theme, HOTSPOT_LEGEND);
  const emerging = legendOn(theme, EMERGING_LEGEND);
  const layout = { visibility: visible(shown) };
  const metadata: LegendMetadata = { 'wangge:legend': method === 'gistar' ? gistar : emerging };
  return [
    {
      id: 'hotspots',
      type: 'fill',
      ...HOTSPOTS,
      metadata,
      layout,
      paint: {
        'fill-color': byClass('class', [...gistar, ...emerging], ({ color }) => color, land),
        'fill-opacity': [
          'interpolate',
          ['linear'],
          ['zoom'],
          13.5,
          ['case', IS_NOTHING, 0, 0.8],
          16,
          ['case', IS_NOTHING, 0, 0.55],
        ],
      },
    },
    {
      id: 'hotspot-edges',
      type: 'line',
      ...HOTSPOTS,
      minzoom: 11.5,
      layout,
      paint: { 'line-color': text, 'line-width': 0.6, 'line-opacity': 0.22 },
    },
  ];
}

/** Signs of the emerging classes, among the names. */
export function hotspotSigns(theme: Theme, shown: boolean): LayerSpecification {
  const { text, ring } = PALETTES[theme];
  return {
    id: 'hotspot-signs',
    type: 'symbol',
    ...HOTSPOTS,
    minzoom: 11.5,
    filter: ['!', IS_NOTHING],
    layout: {
      visibility: visible(shown),
      'text-field': byClass('class', EMERGING_LEGEND, ({ symbol }) => symbol ?? '', ''),
      'text-font': FONTS,
      'text-size': ['interpolate', ['linear'], ['zoom'], 11.5, 11, 15, 18],
    },
    paint: { 'text-color': text, 'text-halo-color': ring, 'text-halo-width': 1.6 },
  };
}

/** Faults: an area with its edge, or a disc; on each the sign of its kind. */
export function checkLayers(theme: Theme, shown: boolean): LayerSpecification[] {
  const tiled = { source: 'checks', 'source-layer': 'checks' } as const;
  const legend = legendOn(theme, CHECK_LEGEND);
  const color = byClass('check', legend, (entry) => entry.color, PALETTES[theme].text);
  const layout = { visibility: visible(shown) };
  const metadata: LegendMetadata = { 'wangge:legend': legend };
  const isArea: ExpressionSpecification = ['==', ['geometry-type'], 'Polygon'];
  return [
    {
      id: 'check-areas',
      type: 'fill',
      ...tiled,
      metadata,
      filter: isArea,
      layout,
      paint: { 'fill-color': color, 'fill-opacity': 0.35 },
    },
    {
      id: 'check-edges',
      type: 'line',
      ...tiled,
      filter: isArea,
      layout: { ...layout, 'line-join': 'round' },
      paint: { 'line-color': color, 'line-width': 2 },
    },
    ...faultSigns(theme, 'checks', shown),
  ];
}

/** The discs and signs of faults of a source: of the tiles, or of the map page's own list. */
export function faultSigns(theme: Theme, source: string, shown: boolean): LayerSpecification[] {
  const { text, ring } = PALETTES[theme];
  const legend = legendOn(theme, [...CHECK_LEGEND, ...SITE_LEGEND]);
  // Of several faults at one place the first of the legend is on top, and its sign is written.
  const order = ['index-of', ['get', 'check'], ['literal', legend.map((entry) => entry.class)]] as never;
  const from = source === 'checks' ? { source, 'source-layer': 'checks' } : { source };
  return [
    {
      id: `${source}-discs`,
      type: 'circle',
      ...from,
      filter: ['==', ['geometry-type'], 'Point'],
      layout: { visibility: visible(shown), 'circle-sort-key': ['-', 0, order] },
      paint: {
        'circle-radius': ['interpolate', ['linear'], ['zoom'], 10, 5, 13, 9],
        'circle-color': ring,
        'circle-stroke-color': byClass('check', legend, ({ color }) => color, text),
        'circle-stroke-width': 2.4,
      },
    },
    {
      id: `${source}-signs`,
      type: 'symbol',
      ...from,
      minzoom: 11,
      layout: {
        visibility: visible(shown),
        'text-field': byClass('check', legend, ({ symbol }) => symbol ?? '', ''),
        'text-font': FONTS,
        'text-size': 13,
        'text-padding': 2,
        'symbol-sort-key': order,
      },
      paint: { 'text-color': text, 'text-halo-color': ring, 'text-halo-width': 2 },
    },
  ];
}

/** What a legend says of the class that an attribute names. */
function byClass(
  attribute: string,
  legend: readonly LegendEntry[],
  of: (entry: LegendEntry) => string,
  otherwise: string,
): ExpressionSpecification {
  const cases = legend.flatMap((entry) => [entry.class, of(entry)]);
  return ['match', ['get', attribute], ...cases, otherwise] as unknown as ExpressionSpecification;
}
