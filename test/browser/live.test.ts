import type { Browser } from 'playwright-core';
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

  test('shows what others write without being reloaded', async () => {
    const square = [
      [120, 30],
      [121, 30],
      [121, 31],
      [120, 31],
      [120, 30],
    ];
    const grid = { code: 'G1', name: '第一网格', level: 'grid' };
    await write('POST', 'grids/items', {
      type: 'Feature',
      properties: grid,
      geometry: { type: 'Polygon', coordinates: [square] },
    });
    await write('POST', 'cameras/items', camera('C1', 120.5));
    const { page, complaints, close } = await openPage(browser, service.url, 'map=16/30.5/120.5');
    const drawn = () =>
      page.evaluate(() => {
        const features = window.wangge!.map.queryRenderedFeatures({ layers: ['cameras'] });
        return [...new Set(features.map(({ properties }) => String(properties.code)))].sort();
      });
    await expect.poll(drawn, { timeout: 20_000 }).toEqual(['C1']);
    await write('POST', 'cameras/items', camera('C2', 120.501));
    await expect.poll(drawn, { timeout: 20_000 }).toEqual(['C1', 'C2']);
    await write('DELETE', 'cameras/items/C1');
    await expect.poll(drawn, { timeout: 20_000 }).toEqual(['C2']);
    expect(complaints).toEqual([]);
    await close();
  });
});
