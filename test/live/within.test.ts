import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Db } from '../../src/db/db.ts';
import { Live } from '../../src/live/live.ts';
import { withinMemory } from '../../src/within/live.ts';
import { parseWithin } from '../../src/within/within.schema.ts';
import { within } from '../../src/within/within.ts';
import { DEMO_NOW, demoDatabase } from '../helpers/database.ts';
import { pick, type Random, seeded } from '../helpers/noise.ts';

let db: Db;
let live: Live;
/** Of all cameras: west, south, east, north. */
let box: [number, number, number, number];

beforeAll(async () => {
  db = await demoDatabase();
  live = new Live(db, { timeZone: 'Asia/Shanghai', now: () => DEMO_NOW });
  await live.start();
  const [row] = await db.query<Record<'w' | 's' | 'e' | 'n', number>>(
    'select st_xmin(b) as w, st_ymin(b) as s, st_xmax(b) as e, st_ymax(b) as n from (select st_extent(geom) as b from camera) t',
  );
  box = [row!.w, row!.s, row!.e, row!.n];
});
afterAll(() => live.stop());

function randomPoint(random: Random): [number, number] {
  return [box[0] + random() * (box[2] - box[0]), box[1] + random() * (box[3] - box[1])];
}

/** A star around a point, sometimes with a hole, sometimes with corners where cameras are. */
function randomPolygon(random: Random, corners: readonly [number, number][]) {
  const [lon, lat] = randomPoint(random);
  const reach = 10 ** (-4 + 2.5 * random());
  const count = 3 + Math.floor(random() * 12);
  const star = (scale: number) => {
    const ring = Array.from({ length: count }, (_, i) => {
      const angle = (2 * Math.PI * i) / count;
      const length = reach * scale * (0.5 + 0.5 * random());
      return [lon + length * Math.cos(angle), lat + length * Math.sin(angle)];
    });
    return [...ring, ring[0]!];
  };
  if (random() < 0.3) {
    const [a, b] = [pick(random, corners), pick(random, corners)];
    const [w, e] = [Math.min(a[0], b[0]), Math.max(a[0], b[0])];
    const [s, n] = [Math.min(a[1], b[1]), Math.max(a[1], b[1])];
    if (w === e || s === n) return randomSquare(lon, lat, reach);
    return {
      type: 'Polygon',
      coordinates: [
        [
          [w, s],
          [e, s],
          [e, n],
          [w, n],
          [w, s],
        ],
      ],
    };
  }
  return { type: 'Polygon', coordinates: random() < 0.3 ? [star(1), star(0.4)] : [star(1)] };
}

function randomSquare(lon: number, lat: number, size: number) {
  const [e, n] = [lon + size, lat + size];
  return {
    type: 'Polygon',
    coordinates: [
      [
        [lon, lat],
        [e, lat],
        [e, n],
        [lon, n],
        [lon, lat],
      ],
    ],
  };
}

describe('what memory says of an area is what SQL says', () => {
  const moments = [undefined, '2026-08-01T00:00:00+08:00', '2026-10-31T23:59:59.999+08:00', '2030-01-01T00:00:00Z'];

  test('circles and polygons, now and at other moments', async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const random = seeded(seed);
    const corners = (
      await db.query<{ lon: number; lat: number }>(
        'select st_x(geom) as lon, st_y(geom) as lat from camera order by code limit 200',
      )
    ).map(({ lon, lat }): [number, number] => [lon, lat]);
    const memory = withinMemory(live);
    let found = 0;
    for (let i = 0; i < 60; i++) {
      const where =
        random() < 0.5
          ? { point: random() < 0.5 ? randomPoint(random) : pick(random, corners), metres: 1 + random() ** 3 * 5_000 }
          : { geometry: randomPolygon(random, corners) };
      const question = {
        ...where,
        layers: ['cameras', 'incidents'],
        at: pick(random, moments),
        incidents: pick(random, ['open', 'all']),
      };
      const request = parseWithin(JSON.parse(JSON.stringify(question)));
      let asked = 0;
      const context = { db, timeZone: 'Asia/Shanghai', now: DEMO_NOW, withPhone: true };
      const mine = await within({ ...context, memory, onRecord: () => asked++ }, request);
      expect(mine, `seed ${seed}: ${JSON.stringify(question)}`).toEqual(await within(context, request));
      if (asked === 0 && mine.counts.incidents! > 0) found++;
    }
    expect(found).toBeGreaterThan(15);
  });

  test('the duty list', async () => {
    const random = seeded(7);
    const memory = withinMemory(live);
    let listed = 0;
    for (const at of moments) {
      const request = parseWithin({ point: randomPoint(random), metres: 400, layers: ['workers'], at });
      const context = { db, timeZone: 'Asia/Shanghai', now: DEMO_NOW, withPhone: true };
      const mine = await within({ ...context, memory }, request);
      expect(mine).toEqual(await within(context, request));
      listed += mine.workers!.length;
    }
    expect(listed).toBeGreaterThan(0);
  });

  test('what memory is not sure of is asked of the record', async () => {
    const memory = withinMemory(live);
    expect(memory.cameras({ lon: box[0], lat: box[1], metres: 40_000 })).toBeUndefined();
    expect(memory.incidents({ lon: 10, lat: 86, metres: 100 }, DEMO_NOW, true)).toBeUndefined();
  });
});
