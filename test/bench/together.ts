/**
 * Tiles while long work runs: `BENCH_DATABASE_URL=postgres://… npx tsx test/bench/together.ts`. New tiles of a running
 * service are asked for again and again, alone and beside a batch of points, an analysis and an export of cells; p99 may
 * grow by 20 ms.
 */
import { request } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { tileOfPoint } from '../../src/geo/tile.ts';
import { seeded } from '../helpers/noise.ts';
import { figure, HEADER, quantile } from './figures.ts';
import { ServiceProcess } from './process.ts';

const POINTS = 1_000_000;
const EVERY = 20;
const ALONE = 15_000;

const service = new ServiceProcess(process.env.BENCH_DATABASE_URL ?? 'postgres://127.0.0.1/wangge_bench');
await service.start();
const random = seeded(1);
const bounds = await boundsOf();
process.stdout.write(`${HEADER}\n`);
await tilesUntil(setTimeout(5_000));
const alone = quantile(await tilesUntil(setTimeout(ALONE)), 0.99);
const paths = ['/hotspots/emerging?res=8&step=week&last=P364D', '/indicators?level=grid', '/checks'];
await beside(`a batch of ${POINTS} points`, postPoints());
for (const path of paths) await beside(path, ask(path));
service.kill();

async function beside(what: string, work: Promise<unknown>): Promise<void> {
  const begun = performance.now();
  const times = await tilesUntil(work);
  const p99 = quantile(times, 0.99);
  figure({
    what: `tiles beside ${what} (${((performance.now() - begun) / 1000).toFixed(1)} s)`,
    wangge: `p99 ${p99.toFixed(1)} ms`,
    rival: `alone ${alone.toFixed(1)} ms`,
    ratio: `${(p99 - alone).toFixed(1)} ms more`,
    target: '< 20 ms more',
  });
}

async function ask(path: string): Promise<void> {
  const { status, body } = await service.get(path);
  if (status !== 200) throw new Error(`${path}: ${status} ${body.toString()}`);
}

/** Milliseconds of answers, one tile after another, until something is done. */
async function tilesUntil(end: Promise<unknown>): Promise<number[]> {
  let isDone = false;
  const done = end.then(() => {
    isDone = true;
  });
  const times: number[] = [];
  while (!isDone) {
    const z = 14 + Math.floor(3 * random());
    const [lon, lat] = place();
    const { x, y } = tileOfPoint(lon, lat, z);
    const begun = performance.now();
    await service.get(`/tiles/grids/${z}/${x}/${y}.mvt`);
    times.push(performance.now() - begun);
    await setTimeout(EVERY);
  }
  await done;
  return times;
}

function postPoints(): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/x-ndjson' };
    const post = request({ port: service.port, path: '/locate/batch', method: 'POST', headers }, (res) => {
      res.resume();
      res.on('end', resolve);
      res.on('error', reject);
    });
    post.on('error', reject);
    void send(post);
  });
}

async function send(post: ReturnType<typeof request>): Promise<void> {
  for (let n = 0; n < POINTS; ) {
    let chunk = '';
    for (const end = Math.min(n + 5_000, POINTS); n < end; n++) {
      const [lon, lat] = place();
      chunk += `{"lon":${lon.toFixed(6)},"lat":${lat.toFixed(6)}}\n`;
    }
    if (!post.write(chunk)) await new Promise((resolve) => post.once('drain', resolve));
  }
  post.end();
}

function place(): [number, number] {
  const [west, south, east, north] = bounds;
  return [west + random() * (east - west), south + random() * (north - south)];
}

async function boundsOf(): Promise<[number, number, number, number]> {
  const { body } = await service.get('/tiles/grids.json');
  return (JSON.parse(body.toString()) as { bounds: [number, number, number, number] }).bounds;
}
