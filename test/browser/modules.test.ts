import fc from 'fast-check';
import type { StyleSpecification } from 'maplibre-gl';
import { describe, expect, test } from 'vitest';
import { buildStyle } from '../../src/tiles/styles.ts';
import { classBreaks, classNames } from '../../src/web/page/classes.ts';
import { circleRing, distance, ringArea } from '../../src/web/page/geodesy.ts';
import { createWords } from '../../src/web/page/i18n.ts';
import { incidentQuery, periodOf, tileQuery } from '../../src/web/page/incidents.ts';
import { readLink, writeLink } from '../../src/web/page/link.ts';
import { MESSAGES } from '../../src/web/page/messages.ts';
import { readPoint } from '../../src/web/page/point.ts';
import {
  createStore,
  DEFAULT_VIEW,
  LAYER_IDS,
  LIGHTS,
  METHODS,
  PROFILES,
  RESOLUTIONS,
  RINGS,
  STATUSES,
  STEPS,
  type Subject,
  TESTS,
  type View,
  WINDOWS,
} from '../../src/web/page/view.ts';
import { classColors, netOf, viewStyle } from '../../src/web/page/viewstyle.ts';

const HOUR = 3_600_000;

describe('links', () => {
  const degrees = (limit: number) => fc.integer({ min: -limit * 1e6, max: limit * 1e6 }).map((n) => n / 1e6);
  const at = { lon: degrees(180), lat: degrees(85) };
  const word = fc.stringMatching(/^[\w一-龥&=#%+ -]{1,12}$/).filter((text) => text.trim() !== '');
  const code = fc.stringMatching(/^[\w-]{1,20}$/);
  const subject: fc.Arbitrary<Subject> = fc.oneof(
    fc.record({ kind: fc.constant('address' as const), text: word }),
    fc.record({ kind: fc.constant('point' as const), ...at }),
    fc.record({ kind: fc.constant('grid' as const), net: code, code, ...at }),
    fc.record({ kind: fc.constant('camera' as const), code }),
    fc.record({ kind: fc.constant('incident' as const), id: code }),
    fc.record({ kind: fc.constant('cell' as const), cell: code, ...at }),
    fc.record({ kind: fc.constant('hotspot' as const), ...at }),
    fc.record({ kind: fc.constant('faults' as const), check: fc.option(fc.constantFrom('gap', 'overlap')) }),
    fc.record({
      kind: fc.constant('fault' as const),
      check: code,
      grid: fc.oneof(code, fc.constant('')),
      other: fc.oneof(word, fc.constantFrom('', 'a/b', '%', '甲,乙')),
    }),
    fc.record({ kind: fc.constant('circle' as const), ...at, metres: fc.integer({ min: 1, max: 50_000 }) }),
    fc.record({
      kind: fc.constant('polygon' as const),
      ring: fc.array(fc.tuple(at.lon, at.lat), { minLength: 3, maxLength: 6 }),
    }),
  );
  const some = <T>(items: readonly T[]) => fc.subarray([...items]);

  test('what is written is what is read', () => {
    const view = fc.record({
      layers: some(LAYER_IDS),
      nets: fc.uniqueArray(code, { maxLength: 3 }),
      days: fc.constantFrom(...WINDOWS),
      end: fc.option(fc.integer({ min: 400_000, max: 500_000 }).map((hours) => hours * HOUR)),
      category: fc.option(code),
      status: fc.option(fc.constantFrom(...STATUSES)),
      lights: some(LIGHTS),
      method: fc.constantFrom(...METHODS),
      res: fc.constantFrom(...RESOLUTIONS),
      k: fc.constantFrom(...RINGS),
      step: fc.constantFrom(...STEPS),
      by: fc.constantFrom(...TESTS),
      profile: fc.constantFrom(...PROFILES),
      levels: fc.dictionary(code, fc.array(code, { minLength: 1, maxLength: 3 }), {
        maxKeys: 2,
        noNullPrototype: true,
      }),
      subject: fc.option(subject),
    });
    fc.assert(
      fc.property(view, (part) => {
        const whole: View = { ...DEFAULT_VIEW, ...part };
        const { language: _language, theme: _theme, ...kept } = whole;
        expect(readLink(`#${writeLink(whole)}`)).toEqual(kept);
      }),
    );
  });

  test('the usual view needs no link, and nonsense is the usual view', () => {
    expect(writeLink(DEFAULT_VIEW)).toBe('');
    const { language: _language, theme: _theme, ...usual } = DEFAULT_VIEW;
    const nonsense =
      '#map=a/b/c&layers=x&days=12&end=never&status=lost&lights=blue&point=1&circle=1,2,-3&polygon=1,2/3,4';
    expect(readLink(nonsense)).toEqual({ ...usual, layers: [], lights: [] });
  });
});

describe('incidents of a view', () => {
  test('now is asked as a duration, another time as a period', () => {
    expect(incidentQuery(DEFAULT_VIEW)).toEqual({ last: 'P30D' });
    const end = Date.UTC(2026, 4, 31);
    expect(incidentQuery({ ...DEFAULT_VIEW, end, category: '01', status: 'closed' })).toEqual({
      from: '2026-05-01T00:00:00.000Z',
      to: '2026-05-31T00:00:00.000Z',
      category: '01',
      status: 'closed',
    });
  });

  test('lights filter incidents, not the heatmap', () => {
    expect(tileQuery('incidents', DEFAULT_VIEW)).toBe('?last=P30D&light=green,yellow,red');
    expect(tileQuery('heat', DEFAULT_VIEW)).toBe('?last=P30D');
    expect(tileQuery('incidents', { ...DEFAULT_VIEW, lights: [...LIGHTS] })).toBe('?last=P30D');
  });

  test('the period ends with the hour that has begun', () => {
    const now = Date.UTC(2026, 4, 31, 10, 20);
    const { from, to } = periodOf(DEFAULT_VIEW, now);
    expect(new Date(to).toISOString()).toBe('2026-05-31T11:00:00.000Z');
    expect(to - from).toBe(30 * 24 * HOUR);
  });
});

describe('classes of the heatmap', () => {
  test('breaks rise from the least count, and every count falls into one class', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 200 }), (counts) => {
        const breaks = classBreaks(counts, 6);
        expect(breaks[0]).toBe(Math.min(...counts));
        expect(breaks.length).toBeLessThanOrEqual(6);
        expect(breaks).toEqual([...new Set(breaks)].sort((a, b) => a - b));
        expect(classNames(breaks).length).toBe(breaks.length);
      }),
    );
  });

  test('names and colours', () => {
    expect(classNames([1, 2, 4, 9])).toEqual(['1', '2–3', '4–8', '≥ 9']);
    expect(classColors(['a', 'b', 'c', 'd', 'e', 'f'], 3)).toEqual(['a', 'd', 'f']);
    expect(classColors(['a', 'b', 'c'], 1)).toEqual(['b']);
  });
});

describe('distances and areas', () => {
  test('a circle has its radius all around, and the area of a circle', () => {
    const ring = circleRing([118.62, 30.86], 400);
    expect(ring[0]).toEqual(ring.at(-1));
    for (const corner of ring) expect(distance([118.62, 30.86], corner)).toBeCloseTo(400, 0);
    expect(ringArea(ring) / (Math.PI * 400 ** 2)).toBeGreaterThan(0.995);
    expect(ringArea(ring) / (Math.PI * 400 ** 2)).toBeLessThan(1.001);
  });

  test('a degree of latitude, and a square kilometre', () => {
    expect(distance([0, 0], [0, 1])).toBeCloseTo(111_195, 0);
    const d = 1000 / 111_195.08;
    expect(
      ringArea([
        [0, 0],
        [d, 0],
        [d, d],
        [0, d],
      ]),
    ).toBeCloseTo(1e6, -2);
  });
});

test('a point is read where two numbers are written', () => {
  expect(readPoint('118.62, 30.86')).toEqual({ lon: 118.62, lat: 30.86 });
  expect(readPoint('118.62，30.86')).toEqual({ lon: 118.62, lat: 30.86 });
  expect(readPoint('和平路 12')).toBeNull();
  expect(readPoint('500, 30')).toBeNull();
});

describe('the style of a view', () => {
  const level = (id: string, borderZoom: number) => ({ id, name: id, count: 1, borderZoom, nameZoom: borderZoom + 1 });
  const base = buildStyle({
    name: 'light',
    theme: 'light',
    subject: 'lights',
    origin: 'https://example.org',
    bounds: { west: 118, south: 30, east: 119, north: 31 },
    metadata: {
      'wangge:nets': [
        { id: 'base', name: '基础网', levels: [level('street', 10), level('grid', 13)] },
        { id: 'police', name: '警务网', levels: [level('beat', 12)] },
      ],
      'wangge:period': null,
      'wangge:now': '2026-05-01T00:00:00Z',
      'wangge:timeZone': 'Asia/Shanghai',
    },
  }) as StyleSpecification;
  const none = { type: 'FeatureCollection' as const, features: [] };
  const overlay = { features: none, faults: none, breaks: [1, 3] };
  const draw = (view: Partial<View>) => viewStyle(base, { ...DEFAULT_VIEW, ...view }, 'light', overlay);
  const shown = (view: Partial<View>) =>
    draw(view)
      .layers.filter((layer) => layer.layout?.visibility === 'visible')
      .map(({ id }) => id);

  test('the style of the service stays as it is', () => {
    const before = JSON.stringify(base);
    draw({ layers: ['heat'], end: 0 });
    expect(JSON.stringify(base)).toBe(before);
  });

  test('layers, nets and levels', () => {
    expect(shown({ layers: [] })).not.toContain('incidents');
    expect(shown({ layers: ['heat'] })).toContain('heat');
    expect(shown({})).toContain('grid-borders:grid');
    expect(shown({})).not.toContain('grid-borders-police:beat');
    expect(shown({ nets: ['police'] })).toContain('grid-borders-police:beat');
    const chosen = draw({ levels: { base: ['grid'] } });
    expect(chosen.layers.find(({ id }) => id === 'grid-borders:grid')).toMatchObject({ minzoom: 0, maxzoom: 24 });
    expect(shown({ levels: { base: ['grid'] } })).not.toContain('grid-borders:street');
    expect(netOf('names-police')).toBe('police');
    expect(netOf('grids')).toBe('base');
  });

  test('the filters go into the addresses of tiles', () => {
    const { sources } = draw({ category: '01', days: 7 });
    expect((sources.heat as { tiles: string[] }).tiles).toEqual([
      'https://example.org/tiles/heat/{z}/{x}/{y}.mvt?last=P7D&category=01',
    ]);
  });
});

test('a listener hears what changed, and nothing where nothing did', () => {
  const store = createStore(DEFAULT_VIEW);
  const heard: string[][] = [];
  store.listen((_view, changed) => heard.push([...changed]));
  store.set({ days: 7, nets: ['base'] });
  store.set({ days: 7 });
  expect(heard).toEqual([['days']]);
});

test('every message is said in both languages with the same values', () => {
  for (const [key, [zh, en]] of Object.entries(MESSAGES)) {
    const values = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
    expect(values(zh), key).toEqual(values(en));
    expect(en, key).not.toMatch(key === 'language' ? /^$/ : /[一-龥]/);
  }
  const words = createWords('en', 'Asia/Shanghai');
  expect(words.word('role', 'chief')).toBe('grid chief');
  expect(words.word('role', 'unheard-of')).toBe('unheard-of');
  expect(words.time(`${new Date().getFullYear()}-05-01T00:00:00Z`)).toBe('1 May, 08:00');
});
