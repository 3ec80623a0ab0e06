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

const CITY = 'layers=grids,heat&days=90&map=12.6/30.8575/118.6145';
const EMERGING =
  'layers=grids,hotspots&method=emerging&by=p&days=365&map=12.62/30.8575/118.6145&hotspot=118.6168,30.8585';
const CHECKS = 'layers=grids,checks&profile=managed&faults=all&map=12.62/30.8575/118.6145';
const COMMUNITY = 'grid=base/990121002003/118.6150,30.8590';

const PICTURES = [
  { file: 'screenshot.png', fragment: `${CITY}&${COMMUNITY}` },
  { file: 'screenshot-dark.png', fragment: EMERGING, options: { colorScheme: 'dark', locale: 'en-GB' } },
  { file: 'screenshot-checks.png', fragment: CHECKS },
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
  if (/address|grid=|hotspot=|faults=/.test(fragment)) await page.locator('#panel h2').waitFor();
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

const RUNS = 5;
const MOMENTS = ['wangge-search', 'wangge-interactive', 'wangge-drawn'] as const;

/** The first view in numbers, without anything cached: what is loaded, and when the page answers. */
async function measure(browser: Browser, url: string): Promise<void> {
  const runs: { moments: number[]; loaded: { name: string; bytes: number }[] }[] = [];
  for (let run = 0; run < RUNS; run++) {
    const { page, close } = await openPage(browser, url);
    await page.waitForFunction(() => performance.getEntriesByName('wangge-drawn').length > 0);
    const seen = await page.evaluate((moments) => {
      const entries = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
      return {
        moments: moments.map((name) => performance.getEntriesByName(name)[0]!.startTime),
        loaded: (entries as PerformanceResourceTiming[]).map(({ name, encodedBodySize: bytes }) => ({ name, bytes })),
      };
    }, MOMENTS);
    runs.push(seen);
    await close();
  }
  const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
  const [search, frame, drawn] = MOMENTS.map((_, i) => Math.round(median(runs.map((seen) => seen.moments[i]!))));
  const isOwn = ({ name }: { name: string }) => name.endsWith('/') || name.includes('/assets/');
  const own = runs[0]!.loaded.filter(isOwn).reduce((sum, { bytes }) => sum + bytes, 0);
  process.stdout.write(
    `first view, median of ${RUNS}: search after ${search} ms, first frame after ${frame} ms, all drawn after ${drawn} ms\n` +
      `page: ${Math.round(own / 1024)} KB compressed\n`,
  );
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
