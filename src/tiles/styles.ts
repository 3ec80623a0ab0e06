import type { SourceSpecification, StyleSpecification } from '@maplibre/maplibre-gl-style-spec';
import type { Bounds } from '../geo/bbox.ts';
import { checkLayers, hotspotLayers, hotspotSigns } from './styles.analysis.ts';
import {
  borderLayers,
  cameraLayer,
  fillLayer,
  heatLayer,
  incidentLayers,
  landLayer,
  nameLayers,
  ofNet,
  streetLayers,
  streetNames,
} from './styles.layers.ts';
import { PALETTES, type Theme } from './styles.palette.ts';

/** A level of a net as a style draws it. */
export interface StyleLevel {
  id: string;
  name: string;
  /** Grids of the level now. */
  count: number;
  /** Zoom from which its borders are drawn, and its names. */
  borderZoom: number;
  nameZoom: number;
}

export interface StyleNet {
  id: string;
  name: string;
  levels: StyleLevel[];
}

/** What a style says of the data, in `metadata`, for programs that put controls beside the map. */
export interface StyleMetadata {
  'wangge:nets': StyleNet[];
  /** First and last incident, RFC 3339; null: there are none. */
  'wangge:period': { from: string; to: string } | null;
  'wangge:now': string;
  'wangge:timeZone': string;
  /** Path of the stream of changes; absent while the service has none. */
  'wangge:changes'?: string;
}

/** What a style is about: the lights of incidents, or an analysis in their place. */
export const STYLE_SUBJECTS = ['lights', 'heat', 'hotspots', 'emerging', 'checks'] as const;
export type StyleSubject = (typeof STYLE_SUBJECTS)[number];

export interface StyleOptions {
  name: string;
  theme: Theme;
  /** What is drawn instead of the lights of incidents. */
  subject: StyleSubject;
  /** Where the client reaches the service, without a slash at the end. */
  origin: string;
  bounds: Bounds;
  metadata: StyleMetadata;
}

const VECTOR = { type: 'vector', minzoom: 0, maxzoom: 16 } as const;

/**
 * A MapLibre style that shows the city with nothing but this service: no sprite, no glyphs (MapLibre ≥ 6 then draws
 * names with local fonts), absolute addresses of tiles.
 */
export function buildStyle({ name, theme, subject, origin, bounds, metadata }: StyleOptions): StyleSpecification {
  const palette = PALETTES[theme];
  const nets = metadata['wangge:nets'];
  const { west, south, east, north } = bounds;
  const method = subject === 'emerging' ? 'emerging' : 'gistar';
  const isHot = subject === 'hotspots' || subject === 'emerging';
  return {
    version: 8,
    name,
    metadata,
    center: [(west + east) / 2, (south + north) / 2],
    zoom: zoomOf(bounds),
    sources: sourcesOf(nets, origin, [west, south, east, north], HOTSPOT_QUERIES[method]),
    layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': palette.ground } },
      ...nets.slice(0, 1).map((net) => landLayer(net, palette)),
      ...streetLayers(palette),
      heatLayer(palette, subject === 'heat'),
      ...hotspotLayers(theme, method, isHot),
      ...nets.map((net) => fillLayer(net, palette)),
      ...nets.flatMap((net) => borderLayers(net, palette)),
      streetNames(palette),
      hotspotSigns(theme, isHot),
      cameraLayer(palette),
      ...incidentLayers(palette, subject === 'lights'),
      ...nets.flatMap((net) => nameLayers(net, palette)),
      ...checkLayers(theme, subject === 'checks'),
    ],
  };
}

/** Cells of about 0.1 km²: of the usual period, or of the whole months of a year. */
const HOTSPOT_QUERIES = {
  gistar: '?res=9&k=1',
  emerging: '?method=emerging&res=9&k=1&step=month&by=p&last=P365D',
} as const;

/** The zoom at which the box fits a window of about 1,000 × 700 points. */
function zoomOf({ west, south, east, north }: Bounds): number {
  const tall = (north - south) / Math.cos((((south + north) / 2) * Math.PI) / 180);
  const zoom = Math.min(Math.log2((1000 / 512) * (360 / (east - west))), Math.log2((700 / 512) * (360 / tall)));
  return Number.isFinite(zoom) ? Math.max(0, Math.min(16, Math.floor(zoom * 10) / 10)) : 1;
}

function sourcesOf(
  nets: StyleNet[],
  origin: string,
  bounds: [number, number, number, number],
  hotspotQuery: string,
): Record<string, SourceSpecification> {
  const tiles = (layer: string, query = '') => [`${origin}/tiles/${layer}/{z}/{x}/{y}.mvt${query}`];
  const sources: Record<string, SourceSpecification> = {
    streets: { ...VECTOR, bounds, tiles: tiles('streets') },
    cameras: { ...VECTOR, bounds, tiles: tiles('cameras'), promoteId: { cameras: 'code' } },
    incidents: {
      ...VECTOR,
      bounds,
      tiles: tiles('incidents', '?light=green,yellow,red'),
      promoteId: { incidents: 'id' },
    },
    heat: { ...VECTOR, bounds, tiles: tiles('heat'), promoteId: { heat: 'cell' } },
    hotspots: { ...VECTOR, bounds, tiles: tiles('hotspots', hotspotQuery), promoteId: { hotspots: 'cell' } },
    checks: { ...VECTOR, bounds, tiles: tiles('checks') },
  };
  for (const { id } of nets) {
    const query = id === 'base' ? '' : `?net=${encodeURIComponent(id)}`;
    sources[ofNet('grids', id)] = { ...VECTOR, bounds, tiles: tiles('grids', query), promoteId: { grids: 'code' } };
    sources[ofNet('names', id)] = {
      type: 'geojson',
      data: `${origin}/styles/names/${encodeURIComponent(id)}.geojson`,
      maxzoom: 16,
    };
  }
  return sources;
}
