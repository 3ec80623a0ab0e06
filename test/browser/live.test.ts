import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scratchDatabase } from '../helpers/database.ts';
import { ADMIN_KEY, startService, type TestService } from '../helpers/service.ts';
import { ensurePage, hasChromium, launch, openPage, WITHOUT_CHROMIUM } from './browser.ts';

if (!hasChromium) process.stderr.write(`test/browser/live is skipped: ${WITHOUT_CHROMIUM}\n`);

describe.skipIf(!hasChromium)('the open map', { timeout: 120_000 }, () => {
  let browser: Browser;
  let service: TestService;

  beforeAll(async () => {
    await ensurePage();
    service = await startService(await scratchDatabase());
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await service?.close();
  });

  async function write(method: string, path: string, body?: unknown): Promise<void> {
    const answer = await fetch(`${service.url}/collections/${path}`, {
      method,
      headers: { Authorization: `Bearer ${ADMIN_KEY}`, 'Content-Type': 'application/geo+json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    expect(answer.ok, await answer.text()).toBe(true);
  }

  const camera = (code: string, lon: number) => ({
    type: 'Feature',
    properties: { code, name: code, status: 'online' },
    geometry: { type: 'Point', coordinates: [lon, 30.5] },
  });

  const square = (west: number, east: number) => [
    [west, 30],
    [east, 30],
    [east, 31],
    [west, 31],
    [west, 30],
  ];
  const grid = (code: string, west: number, east: number) => ({
    type: 'Feature',
    properties: { code, name: code, level: 'grid' },
    geometry: { type: 'Polygon', coordinates: [square(west, east)] },
  });
  const incident = (id: string, lon: number) => ({
    type: 'Feature',
    properties: { id, category: 'K', occurred_at: new Date(Date.now() - 3_600_000).toISOString(), status: 'reported' },
    geometry: { type: 'Point', coordinates: [lon, 30.5] },
  });
  const drawn = (page: Page, layer: string, key: string) =>
    page.evaluate(
      ([id, property]) => {
        const features = window.wangge!.map.queryRenderedFeatures({ layers: [id!] });
        return [...new Set(features.map(({ properties }) => String(properties[property!])))].sort();
      },
      [layer, key],
    );

  test('shows what others write without being reloaded', async () => {
    await write('POST', 'grids/items', grid('G1', 120, 121));
    await write('POST', 'cameras/items', camera('C1', 120.5));
    const { page, complaints, close } = await openPage(browser, service.url, 'map=16/30.5/120.5');
    const cameras = () => drawn(page, 'cameras', 'code');
    await expect.poll(cameras, { timeout: 20_000 }).toEqual(['C1']);
    await write('POST', 'cameras/items', camera('C2', 120.501));
    await expect.poll(cameras, { timeout: 20_000 }).toEqual(['C1', 'C2']);
    await write('DELETE', 'cameras/items/C1');
    await expect.poll(cameras, { timeout: 20_000 }).toEqual(['C2']);
    expect(complaints).toEqual([]);
    await close();
  });

  test('a new incident appears, and those that are there do not flicker', async () => {
    await write('POST', 'categories/items', { type: 'Feature', properties: { code: 'K', name: 'K' }, geometry: null });
    await write('POST', 'incidents/items', incident('I1', 120.5));
    const { page, complaints, close } = await openPage(browser, service.url, 'map=16/30.5/120.5');
    const incidents = () => drawn(page, 'incidents', 'id');
    await expect.poll(incidents, { timeout: 20_000 }).toEqual(['I1']);
    await page.evaluate(() => {
      const { map } = window.wangge!;
      const frames: number[] = [];
      (window as unknown as { frames: number[] }).frames = frames;
      map.on('render', () => {
        const found = map.queryRenderedFeatures({ layers: ['incidents'] });
        frames.push(found.filter(({ properties }) => properties.id === 'I1').length);
      });
    });
    await write('POST', 'incidents/items', incident('I2', 120.501));
    await expect.poll(incidents, { timeout: 20_000 }).toEqual(['I1', 'I2']);
    await write('POST', 'incidents/items', incident('I3', 120.499));
    await expect.poll(incidents, { timeout: 20_000 }).toEqual(['I1', 'I2', 'I3']);
    const frames = await page.evaluate(() => (window as unknown as { frames: number[] }).frames);
    expect(frames.length).toBeGreaterThan(1);
    expect(Math.min(...frames)).toBeGreaterThan(0);
    expect(complaints).toEqual([]);
    await close();
  });

  test('a fault of the plan is drawn and explained, and goes when it is mended', async () => {
    await write('POST', 'grids/items', grid('G2', 120.995, 122));
    const link = 'layers=grids,checks&profile=none&map=13/30.5/121';
    const { page, complaints, close } = await openPage(browser, service.url, link);
    const faults = () => drawn(page, 'check-areas', 'check');
    await expect.poll(faults, { timeout: 20_000 }).toEqual(['overlap']);
    const middle = await page.evaluate(() => window.wangge!.map.project([120.9975, 30.5]));
    await page.mouse.click(middle.x, middle.y);
    await page.locator('.cure').waitFor();
    expect(await page.innerText('#panel h2')).toBe('重叠');
    expect(await page.innerText('#panel')).toMatch(/与网格 G[12] 重叠 [\d.,]+ km²/);
    await write('DELETE', 'grids/items/G2');
    await expect.poll(faults, { timeout: 20_000 }).toEqual([]);
    await expect.poll(() => page.innerText('#panel'), { timeout: 20_000 }).toContain('已不存在');
    expect(complaints).toEqual([]);
    await close();
  });
});
