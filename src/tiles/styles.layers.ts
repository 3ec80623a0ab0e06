import type { ExpressionSpecification, LayerSpecification } from '@maplibre/maplibre-gl-style-spec';
import type { Palette } from './styles.palette.ts';
import type { StyleNet } from './styles.ts';

/** Fonts of the reader's system, in this order. */
export const FONTS = ['Noto Sans CJK SC Medium', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC'];
/** The first net is drawn with full lines, the others dashed. */
const DASH = [3, 2];
const IS_ROAD: ExpressionSpecification = ['!=', ['get', 'class'], 'river'];
/** Incidents per cell at which the colour changes; the map page fits them to what is in view. */
export const RAMP_BREAKS = [1, 2, 4, 8, 16, 32] as const;

/** Id of a source or layer of a net: `grids` for the base net, `grids-{net}` for another. */
export function ofNet(prefix: string, net: string): string {
  return net === 'base' ? prefix : `${prefix}-${net}`;
}

/** The ground of the net, from the areas of its top level. */
export function landLayer({ id, levels }: StyleNet, palette: Palette): LayerSpecification {
  return {
    id: 'land',
    type: 'fill',
    source: ofNet('grids', id),
    'source-layer': 'grids',
    filter: ['==', ['get', 'level'], levels[0]!.id],
    paint: { 'fill-color': palette.land },
  };
}

export function streetLayers(palette: Palette): LayerSpecification[] {
  const width = (scale: number, extra: number): LayerSpecification['paint'] => ({
    'line-width': [
      'interpolate',
      ['exponential', 1.6],
      ['zoom'],
      10,
      ['+', 0.1 * extra, ['match', ['get', 'class'], 'arterial', 0.8 * scale, 'collector', 0.3 * scale, 0]],
      14,
      ['+', 1 * extra, ['match', ['get', 'class'], 'arterial', 4.5 * scale, 'collector', 3 * scale, 1 * scale]],
      18,
      ['+', 2 * extra, ['match', ['get', 'class'], 'arterial', 26 * scale, 'collector', 18 * scale, 9 * scale]],
    ],
  });
  const roads = { type: 'line' as const, source: 'streets', 'source-layer': 'streets', filter: IS_ROAD };
  const round = { 'line-cap': 'round', 'line-join': 'round' } as const;
  return [
    {
      id: 'rivers',
      type: 'line',
      source: 'streets',
      'source-layer': 'streets',
      filter: ['==', ['get', 'class'], 'river'],
      layout: round,
      paint: {
        'line-color': palette.water,
        // About 40 m at every zoom, so that the roads on its banks run beside it; never too thin to be seen.
        'line-width': ['interpolate', ['exponential', 2], ['zoom'], 11, 2, 14, 10, 18, 160],
      },
    },
    {
      id: 'street-casings',
      ...roads,
      layout: round,
      paint: { 'line-color': palette.streetCasing, ...width(1, 1) } as object,
    },
    {
      id: 'streets',
      ...roads,
      layout: round,
      paint: { 'line-color': palette.street, ...width(1, 0) } as object,
    },
  ];
}

export function streetNames(palette: Palette): LayerSpecification {
  return {
    id: 'street-names',
    type: 'symbol',
    source: 'streets',
    'source-layer': 'streets',
    minzoom: 13,
    filter: [
      'any',
      ['in', ['get', 'class'], ['literal', ['arterial', 'river']]],
      ['all', ['==', ['get', 'class'], 'collector'], ['>=', ['zoom'], 14]],
      ['>=', ['zoom'], 15.5],
    ],
    layout: {
      'symbol-placement': 'line',
      'symbol-spacing': 420,
      'text-field': ['get', 'name'],
      'text-font': FONTS,
      'text-size': ['interpolate', ['linear'], ['zoom'], 13, 10.5, 17, 13],
      'text-letter-spacing': 0.08,
      'text-padding': 6,
    },
    paint: { 'text-color': palette.textQuiet, 'text-halo-color': palette.halo, 'text-halo-width': 1.4 },
  };
}

export function heatLayer({ ramp, land }: Palette, shown: boolean): LayerSpecification {
  const [first, ...rest] = ramp as [string, ...string[]];
  return {
    id: 'heat',
    type: 'fill',
    source: 'heat',
    'source-layer': 'heat',
    metadata: { 'wangge:legend': ramp.map((color, i) => ({ from: RAMP_BREAKS[i], color })) },
    layout: { visibility: visible(shown) },
    paint: {
      'fill-color': ['step', ['get', 'n'], first, ...rest.flatMap((color, i) => [RAMP_BREAKS[i + 1]!, color])] as never,
      // Nearer, the streets below matter more.
      'fill-opacity': ['interpolate', ['linear'], ['zoom'], 13.5, 0.76, 16, 0.5],
      'fill-outline-color': land,
    },
  };
}

/** Areas themselves are seen only when pointed at or chosen; they are there to be clicked. */
export function fillLayer({ id }: StyleNet, palette: Palette): LayerSpecification {
  return {
    id: ofNet('grid-areas', id),
    type: 'fill',
    source: ofNet('grids', id),
    'source-layer': 'grids',
    layout: { visibility: visible(id === 'base') },
    paint: {
      'fill-color': palette.accent,
      'fill-opacity': ['case', ['boolean', ['feature-state', 'chosen'], false], 0.16, 0],
    },
  };
}

export function borderLayers({ id, levels }: StyleNet, palette: Palette): LayerSpecification[] {
  const grids = { type: 'line' as const, source: ofNet('grids', id), 'source-layer': 'grids' };
  const layout = { visibility: visible(id === 'base'), 'line-join': 'round' as const };
  // The deepest first, so that the wider lines of the levels above cover them.
  const borders = levels.toReversed().map(
    (level, i): LayerSpecification => ({
      id: `${ofNet('grid-borders', id)}:${level.id}`,
      ...grids,
      minzoom: level.borderZoom,
      filter: ['==', ['get', 'level'], level.id],
      layout,
      paint: {
        'line-color': id === 'base' ? palette.grid : palette.otherNet,
        'line-width': 0.6 + 0.35 * i,
        'line-opacity': Math.min(0.95, 0.45 + 0.12 * i),
        ...(id !== 'base' && { 'line-dasharray': DASH }),
      },
    }),
  );
  const chosen: LayerSpecification = {
    id: ofNet('grid-chosen', id),
    ...grids,
    layout,
    paint: {
      'line-color': palette.accent,
      'line-width': 3,
      'line-opacity': ['case', ['boolean', ['feature-state', 'chosen'], false], 1, 0],
    },
  };
  return [...borders, chosen];
}

export function nameLayers({ id, levels }: StyleNet, palette: Palette): LayerSpecification[] {
  return levels.map((level, i) => {
    const depth = levels.length - 1 - i;
    return {
      id: `${ofNet('grid-names', id)}:${level.id}`,
      type: 'symbol',
      source: ofNet('names', id),
      minzoom: level.nameZoom,
      maxzoom: depth === 0 ? 24 : Math.min(24, level.nameZoom + 2.2),
      filter: ['==', ['get', 'level'], level.id],
      layout: {
        visibility: visible(id === 'base'),
        'text-field': ['get', 'name'],
        'text-font': FONTS,
        'text-size': 11.5 + Math.min(depth, 3) * 0.9,
        'text-max-width': 7,
        'text-padding': 4,
        'symbol-sort-key': i,
        'text-offset': id === 'base' ? [0, 0] : [0, 1.6],
      },
      paint: {
        'text-color': id === 'base' ? palette.text : palette.otherNet,
        'text-halo-color': palette.halo,
        'text-halo-width': 1.6,
      },
    };
  });
}

export function cameraLayer(palette: Palette): LayerSpecification {
  const isUp = ['==', ['get', 'status'], 'online'];
  return {
    id: 'cameras',
    type: 'circle',
    source: 'cameras',
    'source-layer': 'cameras',
    minzoom: 14.4,
    paint: {
      'circle-radius': ['interpolate', ['linear'], ['zoom'], 14, 2, 17, 5],
      'circle-color': ['case', isUp, palette.camera, palette.ring] as never,
      'circle-stroke-color': ['case', isUp, palette.ring, palette.cameraDown] as never,
      'circle-stroke-width': ['case', isUp, 1, 1.8] as never,
    },
  };
}

export function incidentLayers(palette: Palette, shown: boolean): LayerSpecification[] {
  const source = { source: 'incidents', 'source-layer': 'incidents' } as const;
  const { green, yellow, red, none } = palette.lights;
  const light = (whenGreen: number, whenYellow: number, whenRed: number, otherwise: number) =>
    ['match', ['get', 'light'], 'green', whenGreen, 'yellow', whenYellow, 'red', whenRed, otherwise] as const;
  const groupRadius = ['+', 4, ['*', 1.6, ['ln', ['max', 1, ['coalesce', ['get', 'n'], 1]]]]];
  const isGroup: ExpressionSpecification = ['has', 'n'];
  return [
    {
      id: 'incidents',
      type: 'circle',
      ...source,
      layout: { visibility: visible(shown), 'circle-sort-key': light(1, 2, 3, 0) as never },
      paint: {
        'circle-radius': [
          'interpolate',
          ['linear'],
          ['zoom'],
          10,
          ['case', isGroup, groupRadius, light(1.4, 1.8, 2.2, 1.2)],
          14,
          ['case', isGroup, groupRadius, light(3, 4, 5, 2.4)],
          17,
          ['case', isGroup, groupRadius, light(5.5, 7, 8.5, 4.5)],
        ] as never,
        'circle-color': ['match', ['get', 'light'], 'green', green, 'yellow', yellow, 'red', red, none] as never,
        'circle-stroke-color': palette.ring,
        'circle-stroke-width': ['interpolate', ['linear'], ['zoom'], 11, 0.4, 15, 1.4],
      },
    },
    {
      id: 'incident-signs',
      type: 'symbol',
      ...source,
      minzoom: 15,
      filter: ['any', ['==', ['get', 'light'], 'red'], isGroup],
      layout: {
        visibility: visible(shown),
        'text-field': ['case', isGroup, ['to-string', ['get', 'n']], '!'],
        'text-font': ['Noto Sans CJK SC Bold', ...FONTS.slice(1)],
        'text-size': ['interpolate', ['linear'], ['zoom'], 15, 8, 17, 12],
        'text-allow-overlap': true,
        'text-ignore-placement': true,
      },
      paint: { 'text-color': palette.ring },
    },
  ];
}

export function visible(shown: boolean): 'visible' | 'none' {
  return shown ? 'visible' : 'none';
}
