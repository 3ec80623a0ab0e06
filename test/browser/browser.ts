import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import type {} from '../../src/web/page/page.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The browser that tests and screenshots drive. */
export const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
export const hasChromium = existsSync(CHROMIUM);
export const WITHOUT_CHROMIUM = `there is no Chromium at ${CHROMIUM}: install it, or set CHROMIUM_PATH`;

/** The map is drawn by software, so that any machine draws it. */
const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
];

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ARGS });
}

/** Build the page when there is no build, or one that is older than what it is made of. */
export async function ensurePage(): Promise<void> {
  const built = await modified(join(ROOT, 'dist/page/index.html'));
  const sources = ['vite.config.ts', 'package.json', 'src/web/page', 'src/tiles'];
  const times = await Promise.all(sources.map((path) => newest(join(ROOT, path))));
  if (Math.max(...times) <= built) return;
  await build({ configFile: join(ROOT, 'vite.config.ts'), logLevel: 'warn' });
}

function modified(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

async function newest(path: string): Promise<number> {
  if (!(await stat(path)).isDirectory()) return modified(path);
  const names = await readdir(path);
  return Math.max(...(await Promise.all(names.map((name) => modified(join(path, name))))));
}

export interface View {
  page: Page;
  /** What the console and the page complained of, but for the speed of drawing by software. */
  complaints: string[];
  close(): Promise<void>;
}

/** Open the map page, wait until the map is drawn, and collect complaints. */
export async function openPage(
  browser: Browser,
  url: string,
  fragment = '',
  options: BrowserContextOptions = {},
): Promise<View> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'zh-CN', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(45_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !message.text().includes('GPU stall')) {
      complaints.push(`${message.text()} (${message.location().url})`);
    }
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(`${url}/${fragment && `#${fragment}`}`);
  await settled(page);
  return { page, complaints, close: () => context.close() };
}

/** Wait until the map stands still and every tile is drawn. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const map = window.wangge?.map;
    return map !== undefined && !map.isMoving() && map.loaded() && map.areTilesLoaded();
  });
}

/** Ask for something to be true, again and again. */
export function until(page: Page, what: () => boolean): Promise<unknown> {
  return page.waitForFunction(what, undefined, { polling: 100 });
}
