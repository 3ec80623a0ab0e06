import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { demoDatabase } from '../helpers/database.ts';
import { startService } from '../helpers/service.ts';
import { ensurePage, hasChromium, launch, openPage, settled, WITHOUT_CHROMIUM } from './browser.ts';
import { NOW, PHONE } from './moment.ts';

/** Pictures of the running demo for the README: `npm run screenshot`. */
const FOLDER = fileURLToPath(new URL('../../docs/', import.meta.url));
const ADDRESS = '阳光雅居2幢';

const CITY = 'layers=grids,heat&days=90&map=12.72/30.8585/118.6145';
const COMMUNITY = 'grid=base/990121002003/118.6150,30.8590';

const PICTURES = [
  { file: 'screenshot.png', fragment: `${CITY}&${COMMUNITY}` },
  { file: 'screenshot-dark.png', fragment: `${CITY}&${COMMUNITY}`, options: { colorScheme: 'dark', locale: 'en-GB' } },
  {
    file: 'screenshot-phone.png',
    fragment: `address=${ADDRESS}`,
    options: PHONE,
  },
] as const;

async function take(
  browser: Browser,
  url: string,
  { file, fragment, ...picture }: (typeof PICTURES)[number],
): Promise<void> {
  const options = 'options' in picture ? picture.options : {};
  const { page, close } = await openPage(browser, url, encodeURI(fragment), options);
  if (/address|grid=/.test(fragment)) await page.locator('#panel h2').waitFor();
  await settled(page);
  await page.mouse.move(0, 0);
  // The colours of the heatmap are fitted once the map has come to rest.
  await page.waitForTimeout(2_000);
  await settled(page);
  const png = await page.screenshot();
  await writeFile(`${FOLDER}${file}`, png);
  process.stdout.write(`docs/${file}: ${Math.round(png.length / 1024)} KB\n`);
  await close();
}

/** The first view in numbers: what is loaded, and when the page answers. */
async function measure(browser: Browser, url: string): Promise<void> {
  const { page, close } = await openPage(browser, url);
  const { bytes, answers } = await page.evaluate(() => {
    const loaded = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
    const [document] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    const own = loaded.filter(({ name }) => name.includes('/assets/'));
    return {
      bytes: own.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, document!.encodedBodySize),
      answers: performance.getEntriesByName('wangge-interactive')[0]?.startTime,
    };
  });
  process.stdout.write(
    `first view: ${Math.round(bytes / 1024)} KB compressed, interactive after ${Math.round(answers!)} ms\n`,
  );
  await close();
}

if (!hasChromium) throw new Error(WITHOUT_CHROMIUM);
await ensurePage();
await mkdir(FOLDER, { recursive: true });
const db = await demoDatabase();
const service = await startService(db, { now: () => NOW });
const browser = await launch();
try {
  await measure(browser, service.url);
  for (const picture of PICTURES) await take(browser, service.url, picture);
} finally {
  await browser.close();
  await service.close();
  await db.close();
}
