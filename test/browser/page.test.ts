import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { demoDatabase } from '../helpers/database.ts';
import { startService, type TestService } from '../helpers/service.ts';
import { ensurePage, hasChromium, launch, openPage, settled, until, type View, WITHOUT_CHROMIUM } from './browser.ts';

/** A Monday morning soon after the last incident of the demo, when most people are on duty. */
const NOW = new Date('2026-11-02T10:00:00+08:00');
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const CLOSE = 'layers=grids,incidents,cameras&lights=green,yellow,red,none&map=16/30.86/118.62';
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

if (!hasChromium) process.stderr.write(`test/browser is skipped: ${WITHOUT_CHROMIUM}\n`);

describe.skipIf(!hasChromium)('the map page', { timeout: 180_000 }, () => {
  let browser: Browser;
  let service: TestService;
  let views: View[] = [];

  beforeAll(async () => {
    await ensurePage();
    service = await startService(await demoDatabase(), { now: () => NOW });
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await service?.close();
  });
  afterEach(async () => {
    const complaints = views.flatMap((view) => view.complaints);
    for (const view of views) await view.close();
    views = [];
    expect(complaints).toEqual([]);
  });

  async function open(fragment = '', options: BrowserContextOptions = {}): Promise<Page> {
    const view = await openPage(browser, service.url, fragment, options);
    views.push(view);
    return view.page;
  }

  async function get<T>(path: string, query: Record<string, string> = {}): Promise<T> {
    const response = await fetch(`${service.url}${path}?${new URLSearchParams(query)}`);
    expect(response.status).toBe(200);
    return (await response.json()) as T;
  }

  interface Located {
    status: string;
    grid: { code: string; name: string } | null;
    workers: { name: string; until: string }[];
    candidates: { text: string; grid: { name: string } }[];
  }

  test('an address that is written is located: grid, chain, who is on duty, cameras', async () => {
    const { features } = await get<{ features: { properties: { text: string } }[] }>('/collections/addresses/items', {
      limit: '1',
    });
    const address = features[0]!.properties.text;
    const located = await get<Located>('/locate', { address });
    expect(located.status).toBe('found');
    expect(located.workers.length).toBeGreaterThan(0);
    const page = await open();
    await page.fill('#search-input', address);
    await page.click('#search .go');
    const panel = page.locator('#panel');
    await panel.locator('h2').filter({ hasText: address }).waitFor();
    const text = await panel.innerText();
    expect(text).toContain(located.grid!.name);
    for (const { name } of located.workers) expect(text).toContain(name);
    expect(text).toMatch(/至 \d+月\d+日 \d+:\d+|全天/);
    expect(await panel.locator('.rows li').count()).toBe(3);
    await settled(page);
    const chosen = await page.evaluate(
      (code) => window.wangge!.map.getFeatureState({ source: 'grids', sourceLayer: 'grids', id: code }),
      located.grid!.code,
    );
    expect(chosen).toEqual({ chosen: true });
    expect(await page.evaluate(() => location.hash)).toContain(`address=${encodeURIComponent(address)}`);
  });

  test('with the keyboard alone: skip link, suggestions, choice, close', async () => {
    const page = await open();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('skip');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('search-input');
    await page.keyboard.type('和平');
    await page.locator('#suggestions [role=option]').first().waitFor();
    expect(await page.getAttribute('#search-input', 'aria-expanded')).toBe('true');
    await page.keyboard.press('ArrowDown');
    const active = await page.getAttribute('#search-input', 'aria-activedescendant');
    const suggestion = await page.locator(`#${active}`).innerText();
    expect(await page.getAttribute(`#${active}`, 'aria-selected')).toBe('true');
    await page.keyboard.press('Enter');
    await page.locator('#panel h2').waitFor();
    expect(await page.inputValue('#search-input')).toBe(suggestion);
    await page.locator('#panel .icon-button').focus();
    await page.keyboard.press('Escape');
    await page.locator('#panel').waitFor({ state: 'hidden' });
    await page.locator('canvas.maplibregl-canvas').focus();
    await page.keyboard.press('Enter');
    await page.locator('#panel h2').waitFor();
  });

  test('an ambiguous address says so, and shows its candidates on the map', async () => {
    const address = '锦绣花园';
    const located = await get<Located>('/locate', { address });
    expect(located.status).toBe('ambiguous');
    expect(located.candidates.length).toBeGreaterThan(1);
    const page = await open(`address=${encodeURIComponent(address)}`);
    await page.locator('#panel .note.warn').waitFor();
    expect(await page.innerText('#panel .note.warn')).toContain('不唯一');
    expect(await page.locator('.candidates li').count()).toBe(located.candidates.length);
    await settled(page);
    const drawn = await page.evaluate(
      () => window.wangge!.map.queryRenderedFeatures({ layers: ['overlay-numbers'] }).length,
    );
    expect(drawn).toBe(located.candidates.length);
    await page.locator('.candidates button').first().click();
    await page.locator('#panel h2').filter({ hasText: located.candidates[0]!.grid.name }).waitFor();
  });

  test('an address that fits nothing is not guessed at', async () => {
    const page = await open(`address=${encodeURIComponent('不存在的地方')}`);
    await page.locator('#panel .note.warn').waitFor();
    expect(await page.innerText('#panel')).toContain('没有与此相符的地址');
  });

  /** Click the feature of a layer that is nearest to the middle of the window; its properties. */
  async function clickFeature(page: Page, layer: string): Promise<Record<string, unknown>> {
    await page.evaluate(() => document.querySelector<HTMLElement>('#tool-layers[aria-expanded=true]')?.click());
    const found = await page.evaluate((id) => {
      const { map } = window.wangge!;
      type At = { x: number; y: number };
      const apart = (a: At, b: At) => Math.hypot(a.x - b.x, a.y - b.y);
      const middle = { x: 640, y: 400 };
      const points = map.queryRenderedFeatures({ layers: [id] }).flatMap(({ geometry, properties }) => {
        const ring = geometry.type === 'Polygon' ? geometry.coordinates[0]! : [];
        const centre = ring
          .slice(1)
          .reduce(([x, y], [lon, lat]) => [x! + lon! / (ring.length - 1), y! + lat! / (ring.length - 1)], [0, 0]);
        const place = geometry.type === 'Point' ? geometry.coordinates : centre;
        return [{ ...map.project(place as [number, number]), properties }];
      });
      const same = (a: object, b: object) => JSON.stringify(a) === JSON.stringify(b);
      // Cameras share masts: one that stands alone is asked for.
      const alone = points.filter((point) =>
        points.every((other) => same(point.properties, other.properties) || apart(point, other) > 20),
      );
      const [first] = alone.sort((a, b) => apart(a, middle) - apart(b, middle));
      return first && { x: first.x, y: first.y, properties: first.properties };
    }, layer);
    expect(found, `nothing of ${layer} is drawn`).toBeDefined();
    await page.mouse.click(found!.x, found!.y);
    return found!.properties;
  }

  test('a click explains a grid', async () => {
    const page = await open('layers=grids&levels.base=community&map=14/30.86/118.62');
    await page.mouse.click(640, 400);
    await page.locator('#panel h2').waitFor();
    const subject = await page.evaluate(() => window.wangge!.store.get().subject);
    expect(subject?.kind).toBe('grid');
    const { code } = subject as { code: string };
    const item = await get<{ properties: { name: string; level: string } }>(`/collections/grids/items/${code}`);
    expect(item.properties.level).toBe('community');
    expect(await page.innerText('#panel h2')).toBe(item.properties.name);
    expect(await page.innerText('#panel .facts')).toContain(code);
    expect(await page.locator('#panel .person').count()).toBeGreaterThan(0);
  });

  test('a click explains a camera, an incident and a heat cell', async () => {
    const page = await open(CLOSE.replace('grids,incidents,cameras', 'cameras'));
    const camera = await clickFeature(page, 'cameras');
    await page
      .locator('#panel .facts')
      .filter({ hasText: String(camera.code) })
      .waitFor();
    await page.evaluate(() => window.wangge!.store.set({ subject: null, layers: ['grids', 'incidents'] }));
    await settled(page);
    const incident = await clickFeature(page, 'incidents');
    await page
      .locator('#panel .facts')
      .filter({ hasText: String(incident.id) })
      .waitFor();
    expect(await page.locator('#panel .course li').count()).toBeGreaterThan(0);
    await page.evaluate(() => window.wangge!.store.set({ subject: null, layers: ['heat'] }));
    await settled(page);
    const cell = await clickFeature(page, 'heat');
    await page
      .locator('#panel .facts')
      .filter({ hasText: String(cell.cell) })
      .waitFor();
    expect(await page.innerText('#panel h2')).toBe(`${cell.n} 件事件`);
    const parts = await page.locator('#panel .bars .count').allInnerTexts();
    expect(parts.reduce((sum, n) => sum + Number(n), 0)).toBe(cell.n);
  });

  /** Every cell that is drawn, with its count. */
  function drawnCells(page: Page): Promise<string> {
    return page.evaluate(() => {
      const features = window.wangge!.map.queryRenderedFeatures({ layers: ['heat'] });
      return [...new Set(features.map(({ properties }) => `${properties.cell}:${properties.n}`))].sort().join();
    });
  }

  test('the slider and the film change what is drawn', async () => {
    const page = await open('layers=heat&days=30');
    const before = await drawnCells(page);
    const picture = await page.screenshot({ clip: { x: 300, y: 100, width: 500, height: 500 } });
    expect(before).not.toBe('');
    await page.locator('#time-end').focus();
    await page.keyboard.press('Home');
    await settled(page);
    const after = await drawnCells(page);
    expect(after).not.toBe('');
    expect(after).not.toBe(before);
    expect(await page.screenshot({ clip: { x: 300, y: 100, width: 500, height: 500 } })).not.toEqual(picture);
    const end = await page.evaluate(() => window.wangge!.store.get().end);
    expect(end).toBeLessThan(NOW.getTime() - 300 * 86_400_000);
    await page.click('#time-play');
    await page.waitForFunction((start) => (window.wangge!.store.get().end ?? 0) > start! + 10 * 86_400_000, end);
    await page.click('#time-play');
    await settled(page);
    expect(await drawnCells(page)).not.toBe(after);
  });

  test('category and status filter the heatmap, lights the incidents', async () => {
    const page = await open('layers=incidents,heat&map=15/30.86/118.62&lights=green,yellow,red,none');
    const all = await drawnCells(page);
    await page.selectOption('#filter-category', { index: 1 });
    await settled(page);
    const ofClass = await drawnCells(page);
    expect(ofClass).not.toBe(all);
    await page.selectOption('#filter-status', 'closed');
    await settled(page);
    expect(await drawnCells(page)).not.toBe(ofClass);
    const lights = () =>
      page.evaluate(() => {
        const drawn = window.wangge!.map.queryRenderedFeatures({ layers: ['incidents'] });
        return [...new Set(drawn.map(({ properties }) => String(properties.light)))].sort();
      });
    expect(await lights()).toEqual(['none']);
    await page.selectOption('#filter-status', '');
    await page.uncheck('#light-none');
    await settled(page);
    expect(await lights()).not.toContain('none');
  });

  test('layers, nets and levels are switched', async () => {
    const page = await open();
    const bordersOf = (source: string) =>
      page.evaluate((id) => {
        const { map } = window.wangge!;
        const layers = map.getLayersOrder().filter((layer) => layer.startsWith('grid-borders'));
        const drawn = map.queryRenderedFeatures({ layers }).filter((feature) => feature.source === id);
        return [...new Set(drawn.map(({ properties }) => String(properties.level)))].sort();
      }, source);
    expect(await bordersOf('grids-police')).toEqual([]);
    await page.check('#net-police');
    await page.click('#level-base-street');
    await settled(page);
    expect(await bordersOf('grids')).toEqual(['street']);
    expect((await bordersOf('grids-police')).length).toBeGreaterThan(0);
    await page.uncheck('#layer-grids');
    await settled(page);
    expect(await bordersOf('grids')).toEqual([]);
  });

  test('a polygon is drawn and answers with a duty list to print', async () => {
    const page = await open('map=15/30.86/118.62');
    await page.click('#tool-polygon');
    for (const [x, y] of [
      [560, 330],
      [760, 330],
      [760, 500],
      [560, 500],
    ] as const)
      await page.mouse.click(x, y, { delay: 20 });
    await page.keyboard.press('Enter');
    await page.locator('#panel table').waitFor();
    const subject = await page.evaluate(() => window.wangge!.store.get().subject);
    const { ring } = subject as { ring: [number, number][] };
    expect(ring.length).toBe(4);
    const response = await fetch(`${service.url}/within`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ geometry: { type: 'Polygon', coordinates: [[...ring, ring[0]]] } }),
    });
    const { counts, workers } = (await response.json()) as {
      counts: Record<string, number>;
      workers: { name: string }[];
    };
    expect(workers.length).toBeGreaterThan(0);
    const counted = (await page.locator('#panel .counts strong').allInnerTexts()).map((n) =>
      Number(n.replace(/,/g, '')),
    );
    expect(counted).toEqual([counts.grids, counts.cameras, counts.incidents, counts.addresses]);
    expect(await page.locator('#panel tbody th').allInnerTexts()).toEqual(workers.map(({ name }) => name));
    await page.emulateMedia({ media: 'print' });
    expect(await page.isVisible('#panel table')).toBe(true);
    for (const hidden of ['#tools', '#map', '#layers', '#timeline', '.print-button']) {
      expect(await page.isVisible(hidden), hidden).toBe(false);
    }
  });

  test('a circle is asked for without a mouse', async () => {
    const page = await open('map=15/30.86/118.62');
    await page.locator('#tool-circle').focus();
    await page.keyboard.press('Enter');
    await page.fill('#draw-radius', '250');
    await page.keyboard.press('Enter');
    await page.locator('#panel table').waitFor();
    expect(await page.innerText('#panel h2')).toContain('250 米');
  });

  test('Chinese and English', async () => {
    const page = await open('point=118.62,30.86');
    await page.locator('#panel h2').waitFor();
    expect(await page.title()).toBe('网格地图');
    await page.click('#tool-language');
    expect(await page.title()).toBe('Grid map');
    expect(await page.getAttribute('html', 'lang')).toBe('en');
    expect(await page.innerText('#panel')).toContain('On duty');
    expect(await page.getAttribute('#search-input', 'aria-label')).toBe('Search an address');
    expect(await page.innerText('#layers')).toContain('Heatmap');
    await page.reload();
    await until(page, () => document.title === 'Grid map');
    await settled(page);
  });

  test('a phone: nothing is wider than the window, nor out of reach', async () => {
    const page = await open('point=118.62,30.86', PHONE);
    await page.locator('#panel h2').waitFor();
    for (const step of ['#tool-layers', '#panel header .icon-button', '#tool-circle']) {
      const wide = await page.evaluate(() => {
        const fixed = [...document.querySelectorAll('button, input, select, h2, .timeline, .bar, .panel')];
        const out = fixed.filter((element) => {
          const { left, right, width } = element.getBoundingClientRect();
          const isClipped = element.closest('[role=region], .skip') !== null;
          return width > 0 && !isClipped && (left < -1 || right > innerWidth + 1);
        });
        return {
          page: document.documentElement.scrollWidth,
          out: out.map(({ id, className }) => id || String(className)),
        };
      });
      expect(wide).toEqual({ page: 390, out: [] });
      await page.click(step);
    }
  });

  test('dark and light, by the system and by choice', async () => {
    const page = await open('', { colorScheme: 'dark' });
    const look = () =>
      page.evaluate(() => ({
        theme: document.documentElement.dataset.theme,
        ground: window.wangge!.map.getPaintProperty('ground', 'background-color'),
        surface: getComputedStyle(document.querySelector('.bar')!).backgroundColor,
      }));
    const dark = await look();
    expect(dark.theme).toBe('dark');
    await page.click('#tool-theme');
    await until(page, () => document.documentElement.dataset.theme === 'light');
    await settled(page);
    const light = await look();
    expect(light.ground).not.toBe(dark.ground);
    expect(light.surface).toBe('rgb(255, 255, 255)');
    expect(await page.evaluate(() => window.wangge!.map.getLayoutProperty('heat', 'visibility'))).toBe('none');
  });

  test('a link opens the same view', async () => {
    const page = await open(
      'layers=grids,heat&nets=base,police&days=90&end=2026-08-01T00&map=14.50/30.86000/118.62000&grid=base/990121/118.620000,30.860000',
    );
    await page.locator('#panel h2').waitFor();
    const view = () => page.evaluate(() => window.wangge!.store.get());
    const before = await view();
    expect(before).toMatchObject({
      days: 90,
      nets: ['base', 'police'],
      layers: ['grids', 'heat'],
      end: Date.UTC(2026, 7, 1),
    });
    await page.click('#layer-cameras');
    await until(page, () => location.hash.includes('cameras'));
    const hash = await page.evaluate(() => location.hash.slice(1));
    const again = await open(hash);
    await again.locator('#panel h2').waitFor();
    const { position, ...after } = await again.evaluate(() => window.wangge!.store.get());
    expect(after).toEqual({ ...before, layers: ['grids', 'cameras', 'heat'], position: undefined });
    expect(position!.zoom).toBeCloseTo(14.5, 1);
  });

  test('axe-core finds nothing serious in any state', async () => {
    const axe = await readFile(AXE, 'utf8');
    const states: [string, BrowserContextOptions][] = [
      ['layers=grids,incidents,heat', {}],
      ['circle=118.62,30.86,200', { colorScheme: 'dark' }],
      [`address=${encodeURIComponent('锦绣花园')}`, { locale: 'en-GB' }],
      ['point=118.62,30.86', PHONE],
    ];
    for (const [fragment, options] of states) {
      const page = await open(fragment, options);
      if (!fragment.startsWith('layers')) await page.locator('#panel h2').waitFor();
      await page.evaluate(axe);
      const violations = await page.evaluate(async () => {
        const run = (
          window as unknown as {
            axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
          }
        ).axe.run;
        return (await run()).violations.map(({ id, impact, nodes }) => ({
          id,
          impact,
          nodes: nodes.map(({ html }) => html.slice(0, 120)),
        }));
      });
      expect(
        violations.filter(({ impact }) => impact === 'serious' || impact === 'critical'),
        fragment,
      ).toEqual([]);
    }
  });
});
