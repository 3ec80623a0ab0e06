import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { seriousFindings } from './axe.ts';
import { hasChromium, settled, until, WITHOUT_CHROMIUM } from './browser.ts';
import { mapPages } from './fixture.ts';
import { NOW, PHONE } from './moment.ts';

if (!hasChromium) process.stderr.write(`test/browser is skipped: ${WITHOUT_CHROMIUM}\n`);

/** Every cell that is drawn, with its count. */
function drawnCells(page: Page): Promise<string> {
  return page.evaluate(() => {
    const features = window.wangge!.map.queryRenderedFeatures({ layers: ['heat'] });
    return [...new Set(features.map(({ properties }) => `${properties.cell}:${properties.n}`))].sort().join();
  });
}

describe.skipIf(!hasChromium)('the view of the map page', { timeout: 180_000 }, () => {
  const { open } = mapPages();

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
    const outside = () =>
      page.evaluate(() => {
        const parts = [...document.querySelectorAll('button, input, select, h2, .timeline, .bar, .panel, .draw-bar')];
        const out = parts.filter((element) => {
          const { left, right, width } = element.getBoundingClientRect();
          // A wide table scrolls by itself.
          const isClipped = element.closest('[role=region], .skip') !== null;
          return width > 0 && !isClipped && (left < -1 || right > innerWidth + 1);
        });
        return { page: document.documentElement.scrollWidth, out: out.map(({ id, className }) => id || className) };
      });
    expect(await outside()).toEqual({ page: 390, out: [] });
    for (const step of ['#tool-layers', '#tool-circle', '#tool-polygon']) {
      await page.click(step);
      expect(await outside(), step).toEqual({ page: 390, out: [] });
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
    const states: [string, BrowserContextOptions][] = [
      ['layers=grids,incidents,heat', {}],
      ['circle=118.62,30.86,200', { colorScheme: 'dark' }],
      [`address=${encodeURIComponent('锦绣花园')}`, { locale: 'en-GB' }],
      ['point=118.62,30.86', PHONE],
    ];
    for (const [fragment, options] of states) {
      const page = await open(fragment, options);
      if (!fragment.startsWith('layers')) await page.locator('#panel h2').waitFor();
      expect(await seriousFindings(page), fragment).toEqual([]);
    }
  });
});
