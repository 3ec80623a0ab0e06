import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { hasChromium, settled, WITHOUT_CHROMIUM } from './browser.ts';
import { mapPages } from './fixture.ts';

if (!hasChromium) process.stderr.write(`test/browser is skipped: ${WITHOUT_CHROMIUM}\n`);

const CLOSE = 'layers=cameras&lights=green,yellow,red,none&map=16/30.86/118.62';

interface Located {
  status: string;
  grid: { code: string; name: string } | null;
  workers: { name: string; until: string }[];
  candidates: { text: string; grid: { name: string } }[];
}

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

describe.skipIf(!hasChromium)('finding out on the map page', { timeout: 180_000 }, () => {
  const { open, get, url } = mapPages();

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
    const page = await open(CLOSE);
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
    const response = await fetch(`${url()}/within`, {
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
});
