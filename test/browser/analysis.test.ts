import { readFile } from 'node:fs/promises';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { seriousFindings } from './axe.ts';
import { hasChromium, settled, until, WITHOUT_CHROMIUM } from './browser.ts';
import { mapPages } from './fixture.ts';
import { PHONE } from './moment.ts';

if (!hasChromium) process.stderr.write(`test/browser/analysis is skipped: ${WITHOUT_CHROMIUM}\n`);

const MAPLIBRE = ['maplibre-gl.mjs', 'maplibre-gl-worker.mjs', 'maplibre-gl-shared.mjs'];
const CITY = 'map=13/30.8585/118.6145';

/** Every cell that is drawn, with its class. */
function drawnClasses(page: Page): Promise<Record<string, string>> {
  return page.evaluate(() => {
    const features = window.wangge!.map.queryRenderedFeatures({ layers: ['hotspots'] });
    return Object.fromEntries(features.map(({ properties }) => [String(properties.cell), String(properties.class)]));
  });
}

function countOf(classes: Record<string, string>, pattern: RegExp): number {
  return Object.values(classes).filter((name) => pattern.test(name)).length;
}

describe.skipIf(!hasChromium)('the analyses of the map page', { timeout: 180_000 }, () => {
  const { open, get, url } = mapPages();

  test('hotspots are drawn as the service classes them, and change with neighbours, period and category', async () => {
    const page = await open(`layers=grids,hotspots&days=90&${CITY}`);
    const drawn = await drawnClasses(page);
    const { cells } = await get<{ cells: { cell: string; class: string }[] }>('/hotspots', { res: '9', last: 'P90D' });
    const said = Object.fromEntries(cells.map(({ cell, class: name }) => [cell, name]));
    expect(countOf(drawn, /^hot/)).toBeGreaterThan(5);
    for (const [cell, name] of Object.entries(drawn)) expect(said[cell], cell).toBe(name);
    await page.selectOption('#hot-k', { index: 1 });
    await settled(page);
    const wider = await drawnClasses(page);
    expect(wider).not.toEqual(drawn);
    await page.selectOption('#time-window', '365');
    await settled(page);
    const year = await drawnClasses(page);
    expect(year).not.toEqual(wider);
    await page.selectOption('#filter-category', { index: 2 });
    await settled(page);
    expect(await drawnClasses(page)).not.toEqual(year);
    await page.selectOption('#hot-res', { index: 1 });
    await settled(page);
    expect(Object.keys(await drawnClasses(page)).every((cell) => cell.startsWith('88'))).toBe(true);
  });

  test('a place keeps its class when the map is moved and zoomed', async () => {
    const page = await open(`layers=hotspots&days=90&${CITY}`);
    const before = await drawnClasses(page);
    await page.evaluate(() => window.wangge!.map.jumpTo({ center: [118.61, 30.852], zoom: 14.4 }));
    await settled(page);
    const after = await drawnClasses(page);
    const shared = Object.keys(after).filter((cell) => cell in before);
    expect(shared.length).toBeGreaterThan(10);
    for (const cell of shared) expect(after[cell], cell).toBe(before[cell]);
  });

  test('the emerging analysis looks back far enough, and tells its steps', async () => {
    const page = await open(`layers=hotspots&${CITY}`);
    await page.selectOption('#hot-method', { index: 1 });
    await settled(page);
    expect(await page.evaluate(() => window.wangge!.store.get().days)).toBe(365);
    const byQ = await drawnClasses(page);
    expect(countOf(byQ, /_hot$/)).toBeGreaterThan(0);
    await page.selectOption('#hot-by', { index: 1 });
    await settled(page);
    expect(await drawnClasses(page)).not.toEqual(byQ);
    expect(await page.locator('#emerging-legend li').count()).toBe(8);
    await until(page, () => /1[12] 个整步/.test(document.querySelector('#layers')!.textContent!));
    const link = await page.evaluate(() => location.hash);
    expect(link).toContain('method=emerging');
    expect(link).toContain('by=p');
  });

  test('a click on a cell gives its figures, which follow the period', async () => {
    const page = await open(`layers=hotspots&days=90&${CITY}`);
    const hot = await page.evaluate(() => {
      const { map } = window.wangge!;
      const [found] = map.queryRenderedFeatures({ layers: ['hotspots'], filter: ['==', ['get', 'class'], 'hot99'] });
      const ring = (found!.geometry as GeoJSON.Polygon).coordinates[0]!.slice(1);
      const middle = [0, 1].map((axis) => ring.reduce((sum, corner) => sum + corner[axis]!, 0) / ring.length);
      const { x, y } = map.project(middle as [number, number]);
      return { x, y, n: Number(found!.properties.n) };
    });
    await page.mouse.click(hot.x, hot.y);
    await page.locator('#panel h2').waitFor();
    expect(await page.innerText('#panel h2')).toBe('热点 99%');
    const facts = () => page.innerText('#panel .facts');
    expect(await facts()).toContain(String(hot.n));
    expect(await facts()).toContain('q（FDR）');
    const before = await facts();
    await page.selectOption('#time-window', '30');
    await page.waitForFunction(
      (old) => document.querySelector<HTMLElement>('#panel .facts')?.innerText !== old,
      before,
    );
    await page.click('#tool-language');
    expect(await page.innerText('#panel')).toContain('Mean of the area');
  });

  test('faults are drawn with a sign for each kind, listed by keyboard, and explained with their cure', async () => {
    const page = await open(`layers=grids,checks&profile=managed&${CITY}`);
    await page.locator('#faults-all').waitFor();
    await settled(page);
    const { counts } = await get<{ counts: Record<string, number> }>('/checks', { profile: 'managed' });
    const drawn = await page.evaluate(() => {
      const { map } = window.wangge!;
      const found = map.queryRenderedFeatures({ layers: ['checks-discs', 'faults-discs'] });
      return [...new Set(found.map(({ properties }) => String(properties.check)))].sort();
    });
    expect(drawn).toEqual(expect.arrayContaining(['households', 'incident_outside', 'population']));
    for (const kind of drawn) expect(Object.keys(counts)).toContain(kind);
    await page.focus('#faults-households');
    await page.keyboard.press('Enter');
    await page.locator('.fault-rows button').first().waitFor();
    expect(await page.locator('.fault-rows li').count()).toBe(counts.households);
    await page.locator('.fault-rows button').first().focus();
    await page.keyboard.press('Enter');
    await page.locator('.cure').waitFor();
    expect(await page.innerText('#panel')).toMatch(/\d+ 户，不在标准之内/);
    expect(await page.innerText('.cure')).toContain('拆分');
    expect(await page.evaluate(() => decodeURIComponent(location.hash))).toContain('profile=managed');
    await page.selectOption('#check-profile', 'none');
    await until(page, () => document.querySelector('#panel')!.textContent!.includes('已不存在'));
  });

  test('a click on a fault explains it', async () => {
    const page = await open(`layers=checks&profile=managed&map=15.5/30.8421/118.6077`);
    await settled(page);
    const at = await page.evaluate(() => {
      const { map } = window.wangge!;
      const [found] = map.queryRenderedFeatures({ layers: ['checks-discs'] });
      return map.project((found!.geometry as GeoJSON.Point).coordinates as [number, number]);
    });
    await page.mouse.click(at.x, at.y);
    await page.locator('.cure').waitFor();
    await until(page, () => location.hash.includes('fault='));
  });

  test('the report of a grid is a link of its panel, for the shown period', async () => {
    const page = await open('grid=base/990121001/118.615,30.8421&days=90');
    await page.locator('.report-link').waitFor();
    const address = await page.getAttribute('.report-link', 'href');
    expect(address).toBe('/report?net=base&under=990121001&last=P90D&lang=zh');
    expect((await fetch(url() + address)).status).toBe(200);
  });

  test('a phone holds the controls, and axe-core finds nothing serious', async () => {
    const states: [string, BrowserContextOptions][] = [
      ['layers=grids,hotspots&days=90&hotspot=118.6118,30.8555', {}],
      ['layers=hotspots&method=emerging&days=365&by=p', { colorScheme: 'dark', locale: 'en-GB' }],
      ['layers=checks&profile=managed&faults=all', { colorScheme: 'dark' }],
      ['layers=checks&profile=managed', { ...PHONE, locale: 'en-GB' }],
      ['layers=hotspots&method=emerging&days=365', { ...PHONE, locale: 'en-GB' }],
    ];
    for (const [fragment, options] of states) {
      const page = await open(fragment, options);
      if ('isMobile' in options) await page.click('#tool-layers');
      await page.waitForTimeout(300);
      const outside = await page.evaluate(() => {
        const panel = document.querySelector('#layers')!;
        const { right } = panel.getBoundingClientRect();
        const parts = [...panel.querySelectorAll('button, select, span, p, h3')];
        const wide = parts.filter((part) => part.getBoundingClientRect().right > right + 1);
        return [panel.scrollWidth - panel.clientWidth, ...wide.map(({ textContent }) => textContent)];
      });
      expect(outside, fragment).toEqual([0]);
      expect(await seriousFindings(page), fragment).toEqual([]);
    }
  });

  test.each([
    ['hotspots', 'hotspots', 'class', /^hot/],
    ['emerging-dark', 'hotspots', 'class', /_hot$/],
    ['heat', 'heat', 'cell', /^8/],
    ['checks', 'checks-discs', 'check', /^(households|population)$/],
  ])('a blank map with nothing but the style %s shows it', async (style, layer, attribute, expected) => {
    const page = await open();
    // A page of its own that holds nothing but the library and the address of the style.
    await page.route(`${url()}/blank/**`, async (route) => {
      const file = new URL(route.request().url()).pathname.replace('/blank/', '');
      const body = MAPLIBRE.includes(file)
        ? await readFile(new URL(`../../node_modules/maplibre-gl/dist/${file}`, import.meta.url))
        : `<!doctype html><link rel="icon" href="data:,"><div id="map" style="position:absolute;inset:0"></div>
<script type="module">
import { Map, setWorkerUrl } from '/blank/maplibre-gl.mjs';
setWorkerUrl('/blank/maplibre-gl-worker.mjs');
// By the usual profile the demo's plan has no faults.
const transformRequest = (url) => ({ url: url.includes('/tiles/checks/') ? url + '?profile=managed' : url });
window.blank = new Map({ container: 'map', style: '${url()}/styles/${style}.json', transformRequest });
</script>`;
      await route.fulfill({ body, contentType: file.endsWith('.mjs') ? 'text/javascript' : 'text/html' });
    });
    await page.goto(`${url()}/blank/`);
    await page.waitForFunction(() => {
      const map = (window as unknown as { blank?: import('maplibre-gl').Map }).blank;
      return map?.loaded() && map.areTilesLoaded();
    });
    const values = await page.evaluate(
      ({ layer, attribute }) => {
        const { blank } = window as unknown as { blank: import('maplibre-gl').Map };
        return blank.queryRenderedFeatures({ layers: [layer] }).map(({ properties }) => String(properties[attribute]));
      },
      { layer, attribute },
    );
    expect(values.some((value) => expected.test(value))).toBe(true);
  });
});
