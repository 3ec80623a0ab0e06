import { type StyleSpecification, validateStyleMin } from '@maplibre/maplibre-gl-style-spec';
import { interpolateBuPu } from 'd3-scale-chromatic';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHECKS } from '../../src/grids/checks.schema.ts';
import { CHECK_LEGEND, EMERGING_LEGEND, HOTSPOT_LEGEND, legendOn, SITE_LEGEND } from '../../src/heat/legends.ts';
import { EMERGING_CLASSES } from '../../src/heat/stats/emerging.ts';
import { HOTSPOT_CLASSES } from '../../src/heat/stats/fdr.ts';
import type { LegendMetadata } from '../../src/tiles/styles.analysis.ts';
import { PALETTES, RAMP_STOPS, THEMES } from '../../src/tiles/styles.palette.ts';
import type { StyleMetadata } from '../../src/tiles/styles.ts';
import { demoDatabase } from '../helpers/database.ts';
import { startService, type TestService } from '../helpers/service.ts';

const NAMES = ['light', 'heat', 'hotspots', 'emerging', 'checks'].flatMap((name) => [
  name,
  name === 'light' ? 'dark' : `${name}-dark`,
]);

let service: TestService;
beforeAll(async () => {
  service = await startService(await demoDatabase());
});
afterAll(() => service?.close());

async function style(name: string): Promise<StyleSpecification> {
  const { body } = await request(service.url).get(`/styles/${name}.json`).expect(200);
  return body as StyleSpecification;
}

type Tiled = { tiles: string[]; promoteId?: Record<string, string>; bounds: number[] };

describe('GET /styles/{name}.json', () => {
  test.each(NAMES)('%s is valid, and needs nothing but this service', async (name) => {
    const found = await style(name);
    expect(validateStyleMin(found)).toEqual([]);
    expect(found.glyphs).toBeUndefined();
    expect(found.sprite).toBeUndefined();
    expect(found.name).toBe(name);
    for (const source of Object.values(found.sources)) {
      const url = source.type === 'vector' ? source.tiles![0]! : String((source as { data: unknown }).data);
      expect(url.startsWith(`${service.url}/`), url).toBe(true);
    }
  });

  test('every source answers with what the layers draw', async () => {
    const { sources, layers, center } = await style('light');
    const [lon, lat] = center as [number, number];
    const z = 12;
    const x = Math.floor(((lon + 180) / 360) * 2 ** z);
    const sin = Math.sin((lat * Math.PI) / 180);
    const y = Math.floor((0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)) * 2 ** z);
    for (const source of Object.values(sources)) {
      const url =
        source.type === 'vector'
          ? source.tiles![0]!.replace('{z}', String(z)).replace('{x}', String(x)).replace('{y}', String(y))
          : String((source as { data: unknown }).data);
      const answer = await fetch(url);
      // The plan of the demo has no fault: a tile without any is empty.
      expect(answer.status, url).toBe(url.includes('/tiles/checks/') ? 204 : 200);
      if (answer.status === 200) expect((await answer.arrayBuffer()).byteLength, url).toBeGreaterThan(100);
    }
    const kinds = new Set(layers.flatMap((layer) => ('source' in layer ? [String(layer.source).split('-')[0]] : [])));
    expect([...kinds].sort()).toEqual([
      'cameras',
      'checks',
      'grids',
      'heat',
      'hotspots',
      'incidents',
      'names',
      'streets',
    ]);
  });

  test('features keep their ids, and tiles are asked for only where there is data', async () => {
    const { sources } = await style('light');
    const ids = Object.fromEntries(
      Object.entries(sources).flatMap(([id, source]) =>
        Object.values((source as Tiled).promoteId ?? {}).map((key) => [id, key]),
      ),
    );
    expect(ids).toEqual({
      grids: 'code',
      'grids-police': 'code',
      cameras: 'code',
      incidents: 'id',
      heat: 'cell',
      hotspots: 'cell',
    });
    const [west, south, east, north] = (sources.streets as Tiled).bounds as [number, number, number, number];
    expect(east - west).toBeGreaterThan(0);
    expect(east - west).toBeLessThan(0.2);
    expect(north - south).toBeLessThan(0.2);
  });

  test('nets, levels and the period are told, and deeper levels wait for larger zooms', async () => {
    const about = (await style('dark')).metadata as StyleMetadata;
    const [base, police] = about['wangge:nets'];
    expect(base!.levels.map(({ id, count }) => [id, count])).toEqual([
      ['district', 1],
      ['street', 3],
      ['community', 15],
      ['grid', 65],
      ['microgrid', expect.any(Number)],
    ]);
    expect(police!.levels.map(({ id }) => id)).toEqual(['bureau', 'station', 'beat']);
    const zooms = base!.levels.map(({ nameZoom }) => nameZoom);
    expect(zooms).toEqual(zooms.toSorted((a, b) => a - b));
    for (const { borderZoom, nameZoom } of base!.levels) expect(borderZoom).toBeLessThan(nameZoom);
    expect(about['wangge:timeZone']).toBe('Asia/Shanghai');
    expect(Date.parse(about['wangge:period']!.from)).toBeLessThan(Date.parse(about['wangge:period']!.to));
  });

  test('the heat style shows the heatmap and no lights', async () => {
    const shown = (found: StyleSpecification, id: string) =>
      found.layers.find((layer) => layer.id === id)?.layout?.visibility;
    const [light, heat] = [await style('light'), await style('heat')];
    expect([shown(light, 'heat'), shown(light, 'incidents')]).toEqual(['none', 'visible']);
    expect([shown(heat, 'heat'), shown(heat, 'incidents')]).toEqual(['visible', 'none']);
  });

  test('each analysis has a style that shows it alone, with its legend and its colours for the ground', async () => {
    const legendOf = ({ layers }: StyleSpecification, id: string) =>
      (layers.find((layer) => layer.id === id)!.metadata as LegendMetadata)['wangge:legend'];
    const shownOf = ({ layers }: StyleSpecification) =>
      ['heat', 'hotspots', 'check-areas', 'incidents'].filter(
        (id) => layers.find((layer) => layer.id === id)!.layout?.visibility === 'visible',
      );
    const [hotspots, emerging, checks] = [await style('hotspots'), await style('emerging'), await style('checks')];
    expect([shownOf(hotspots), shownOf(emerging), shownOf(checks)]).toEqual([
      ['hotspots'],
      ['hotspots'],
      ['check-areas'],
    ]);
    expect(
      legendOf(hotspots, 'hotspots')
        .map((entry) => entry.class)
        .sort(),
    ).toEqual([...HOTSPOT_CLASSES].sort());
    expect(
      legendOf(emerging, 'hotspots')
        .map((entry) => entry.class)
        .sort(),
    ).toEqual([...EMERGING_CLASSES].sort());
    expect((emerging.sources.hotspots as Tiled).tiles[0]).toContain('method=emerging');
    expect(legendOf(await style('hotspots-dark'), 'hotspots')).not.toEqual(legendOf(hotspots, 'hotspots'));
    const kinds = [...CHECK_LEGEND, ...SITE_LEGEND].map((entry) => entry.class);
    expect(kinds.sort()).toEqual([...CHECKS].sort());
    expect(kinds).toEqual(expect.arrayContaining(legendOf(checks, 'check-areas').map((entry) => entry.class)));
  });

  test.each(THEMES)('kinds of fault have signs of their own, and classes colours of their own: %s', (theme) => {
    const faults = legendOn(theme, [...CHECK_LEGEND, ...SITE_LEGEND]);
    expect(new Set(faults.map(({ symbol }) => symbol)).size).toBe(faults.length);
    for (const legend of [HOTSPOT_LEGEND, EMERGING_LEGEND]) {
      const looks = legendOn(theme, legend).map(({ color, symbol }) => `${color}${symbol ?? ''}`);
      expect(new Set(looks).size).toBe(legend.length);
    }
  });

  test('an unknown style is 404 and names those that exist', async () => {
    const { body } = await request(service.url).get('/styles/satellite.json').expect(404);
    expect(body.detail).toContain('light, dark, heat, heat-dark, hotspots');
  });
});

describe('GET /styles/names/{net}.geojson', () => {
  interface Names {
    features: {
      geometry: { coordinates: [number, number] };
      properties: { code: string; name: string; level: string };
    }[];
  }

  test('one point inside each grid', async () => {
    const { body } = await request(service.url).get('/styles/names/base.geojson').expect(200);
    const { features } = body as Names;
    expect(new Set(features.map(({ properties }) => properties.code)).size).toBe(features.length);
    const deepest = features.filter(({ properties }) => properties.level === 'microgrid').slice(0, 20);
    expect(deepest.length).toBe(20);
    for (const { geometry, properties } of deepest) {
      const [lon, lat] = geometry.coordinates;
      const { body: located } = await request(service.url).get(`/locate?lon=${lon}&lat=${lat}`).expect(200);
      expect(located.grid.code).toBe(properties.code);
    }
  });

  test('304 while nothing changed; an unknown net has no names', async () => {
    const first = await request(service.url).get('/styles/names/base.geojson').expect(200);
    await request(service.url).get('/styles/names/base.geojson').set('If-None-Match', first.headers.etag!).expect(304);
    const { body } = await request(service.url).get('/styles/names/nowhere.geojson').expect(200);
    expect((body as Names).features).toEqual([]);
  });
});

describe('colours', () => {
  test.each(THEMES)('the ramp of the %s theme is BuPu of d3-scale-chromatic', (theme) => {
    const hex = (color: string) =>
      `#${color
        .match(/\d+/g)!
        .map((part) => Number(part).toString(16).padStart(2, '0'))
        .join('')}`;
    expect(PALETTES[theme].ramp).toEqual(RAMP_STOPS[theme].map((stop) => hex(interpolateBuPu(stop))));
  });

  test.each(THEMES)('the lights of the %s theme differ in lightness for those who see no hues', (theme) => {
    const { lights } = PALETTES[theme];
    const order = [lights.red, lights.green, lights.yellow].map(luminance);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    for (const [i, value] of order.slice(1).entries())
      expect((value + 0.05) / (order[i]! + 0.05)).toBeGreaterThan(1.15);
  });
});

/** Relative luminance (WCAG 2). */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}
