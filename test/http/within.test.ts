import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Db } from '../../src/db/db.ts';
import { demoDatabase } from '../helpers/database.ts';
import { ADMIN_KEY, startService, type TestService } from '../helpers/service.ts';
import { square } from '../helpers/small-city.ts';

let db: Db;
let service: TestService;
let centre: [number, number];

beforeAll(async () => {
  db = await demoDatabase();
  service = await startService(db);
  const [row] = await db.query<{ lon: number; lat: number }>(
    `select st_x(c) as lon, st_y(c) as lat from (select st_centroid(st_extent(geom)::geometry) as c from camera) t`,
  );
  centre = [row!.lon, row!.lat];
});
afterAll(() => service.close());

// biome-ignore lint/suspicious/noExplicitAny: what a test reads of an answer is said by its expectations
async function ask(body: unknown, headers: Record<string, string> = {}): Promise<{ status: number; body: any }> {
  const response = await fetch(`${service.url}/within`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

async function ids(text: string, values: unknown[]): Promise<string[]> {
  return (await db.query<{ id: string }>(text, values)).map(({ id }) => id);
}

describe('a circle', () => {
  test.each([120, 700, 2500])('of %d metres holds what lies within true metres', async (metres) => {
    const { status, body } = await ask({ point: centre, metres, incidents: 'all' });
    expect(status).toBe(200);
    expect(body.area_m2).toBeCloseTo(Math.PI * metres ** 2, -1);
    const near = `st_distance(geom::geography, st_setsrid(st_point($1, $2), 4326)::geography) <= $3`;
    const values = [...centre, metres];
    for (const [layer, key, table] of [
      ['cameras', 'code', 'camera'],
      ['addresses', 'id', 'address'],
      ['incidents', 'id', 'incident'],
    ] as const) {
      const all = await ids(`select ${key} as id from ${table} where ${near} order by ${key}`, values);
      expect(body.counts[layer], layer).toBe(all.length);
      expect(body.ids[layer]).toEqual(all.slice(0, 1000));
      expect(body.truncated[layer]).toBe(all.length > 1000);
    }
    const touched = await ids(
      `select code as id from grid where net = 'base'
        and st_distance(geom::geography, st_setsrid(st_point($1, $2), 4326)::geography) < $3 - 0.5`,
      values,
    );
    expect(body.ids.grids).toEqual(expect.arrayContaining(touched));
    expect(body.grids.map((grid: { code: string }) => grid.code)).toEqual(body.ids.grids);
  });

  test('over the edge of the map is refused with the cure', async () => {
    for (const point of [
      [179.9999, 10],
      [0, 89.9999],
    ]) {
      const { status, body } = await ask({ point, metres: 1000 });
      expect([status, body.errors[0].path]).toEqual([400, 'point']);
    }
  });
});

describe('a polygon', () => {
  test('holds what it covers; open incidents of now and of a past moment', async () => {
    const geometry = square(centre[0] - 0.01, centre[1] - 0.01, 0.02);
    const inside = `st_covers(st_setsrid(st_geomfromgeojson($1), 4326), geom)`;
    const values = [JSON.stringify(geometry)];
    const { body } = await ask({ geometry });
    expect(body.ids.cameras).toEqual(await ids(`select code as id from camera where ${inside} order by code`, values));
    const open = await ids(
      `select id from incident where ${inside} and status not in ('closed', 'revisited', 'void') order by id`,
      values,
    );
    expect(open.length).toBeGreaterThan(0);
    expect(body.ids.incidents).toEqual(open);
    const at = '2026-08-01T00:00:00+08:00';
    const past = await ask({ geometry, at, layers: ['incidents'] });
    expect(past.body.ids.incidents).toEqual(
      await ids(
        `select id from incident where ${inside} and occurred_at <= $2 and status <> 'void'
          and (closed_at > $2 or status not in ('closed', 'revisited')) order by id limit 1000`,
        [...values, at],
      ),
    );
    expect(Object.keys(past.body.counts)).toEqual(['incidents']);
    expect(past.body).not.toHaveProperty('workers');
  });

  test('that is a grid holds that grid wholly, those below it wholly, and parts of those above', async () => {
    const [grid] = await db.query<{ code: string; geometry: string; area: number }>(
      `select code, st_asgeojson(geom, 15) as geometry, st_area(geom::geography) as area from grid
        where net = 'base' and level = 'community' order by code limit 1`,
    );
    const { body } = await ask({ geometry: JSON.parse(grid!.geometry), layers: ['grids'] });
    expect(body.area_m2).toBe(Math.round(grid!.area));
    const chain = await db.query<{ code: string; area: number }>(
      `select c.code, st_area(g.geom::geography) as area from grid_chain('base', $1, now()) c join grid g using (code)`,
      [grid!.code],
    );
    const below = await ids(`select grid_subtree('base', $1, now()) as id`, [grid!.code]);
    const share = new Map<string, number>(body.grids.map((g: { code: string; share: number }) => [g.code, g.share]));
    for (const code of below) expect(share.get(code), code).toBe(1);
    for (const { code, area } of chain) expect(share.get(code)).toBeCloseTo(grid!.area / area, 3);
    expect(share.size, 'neighbours share a border, not an area').toBe(below.length + chain.length - 1);
  });

  test.each([
    [
      {
        type: 'Polygon',
        coordinates: [
          [
            [0, 0],
            [1, 1],
            [1, 0],
            [0, 1],
            [0, 0],
          ],
        ],
      },
      /^ring 1 of polygon 1 crosses itself or another ring near 0\.5,0\.5/,
    ],
    [
      {
        type: 'Polygon',
        coordinates: [
          [
            [0, 0],
            [1, 1],
            [1, 0],
          ],
        ],
      },
      /^ring 1 is not closed/,
    ],
    [{ type: 'Polygon', coordinates: [] }, /is empty/],
    [
      {
        type: 'MultiPolygon',
        coordinates: [
          [
            [
              [0, 0],
              [1, 0],
              [1, 'x'],
              [0, 0],
            ],
          ],
        ],
      },
      /two finite numbers/,
    ],
    [square(110, 30, 2), /km² large, at most 20000 are answered/],
  ])('that is faulty: %j', async (geometry, message) => {
    const { status, body } = await ask({ geometry });
    expect(status).toBe(400);
    expect(body.errors).toEqual([{ path: 'geometry', message: expect.stringMatching(message) }]);
  });

  test.each([
    [square(10, 88.9, 0.2), /reaches beyond 89° of latitude/],
    [square(0, -90, 10), /reaches beyond 89° of latitude/],
    [square(-90, -50, 91), /is more than 90° wide/],
  ])('that cannot be measured: %j', async (geometry, message) => {
    const { status, body } = await ask({ geometry });
    expect(status).toBe(400);
    expect(body.errors).toEqual([{ path: 'geometry', message: expect.stringMatching(message) }]);
  });

  test('says whether the record was asked', async () => {
    const source = async (layers: string[]) => {
      const response = await fetch(`${service.url}/within`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ point: centre, metres: 300.5, layers }),
      });
      return response.headers.get('wangge-source');
    };
    expect(await source(['cameras', 'incidents'])).toBe('memory');
    expect(await source(['cameras', 'addresses'])).toBe('sql');
  });

  test('of too many positions', async () => {
    const ring = Array.from({ length: 20_001 }, (_, i) => {
      const angle = (2 * Math.PI * i) / 20_001;
      return [centre[0] + 0.01 * Math.cos(angle), centre[1] + 0.01 * Math.sin(angle)];
    });
    const { status, body } = await ask({ geometry: { type: 'Polygon', coordinates: [[...ring, ring[0]]] } });
    expect([status, body.errors[0].message]).toEqual([400, expect.stringContaining('more than 20000 positions')]);
  });
});

describe('the duty list', () => {
  test('is who /locate names at points of the area, each once with all the grids', async () => {
    const geometry = square(centre[0] - 0.006, centre[1] - 0.006, 0.012);
    const { body } = await ask({ geometry, layers: ['grids', 'workers'] });
    const found = new Map<string, Set<string>>();
    for (let i = 0; i < 7; i++) {
      for (let j = 0; j < 7; j++) {
        const [lon, lat] = [centre[0] - 0.0055 + i * 0.0018, centre[1] - 0.0055 + j * 0.0018];
        const located = await (await fetch(`${service.url}/locate?lon=${lon}&lat=${lat}`)).json();
        const { grid, workers } = located as { grid: { code: string }; workers: { id: string }[] };
        for (const { id } of workers) found.set(id, (found.get(id) ?? new Set()).add(grid.code));
      }
    }
    expect(found.size).toBeGreaterThan(3);
    const listed = new Map<string, string[]>(
      body.workers.map((worker: { id: string; grids: string[] }) => [worker.id, worker.grids]),
    );
    expect(listed.size).toBe(body.workers.length);
    for (const [id, grids] of found) expect(listed.get(id), id).toEqual(expect.arrayContaining([...grids]));
    for (const grids of listed.values()) expect(body.ids.grids).toEqual(expect.arrayContaining(grids));
    for (const worker of body.workers) {
      expect(worker).toMatchObject({ name: expect.any(String), role: expect.any(String), duty: expect.any(String) });
      expect(worker).not.toHaveProperty('phone');
    }
  });

  test('has telephone numbers with the key, and is that of the asked hour', async () => {
    const question = { point: centre, metres: 300, layers: ['workers'] };
    const { body } = await ask(question, { authorization: `Bearer ${ADMIN_KEY}` });
    expect(body.workers[0]).toHaveProperty('phone');
    const noon = await ask({ ...question, at: '2026-11-02T12:00:00+08:00' });
    expect(noon.body.workers.map((w: { id: string }) => w.id)).not.toEqual(
      body.workers.map((w: { id: string }) => w.id),
    );
  });

  test('of another net', async () => {
    const { body } = await ask({ point: centre, metres: 300, net: 'police' });
    expect(body.counts.grids).toBeGreaterThan(0);
    const roles = new Set(body.workers.map((w: { role: string }) => w.role));
    expect([...roles]).toEqual(['police']);
  });
});

test.each([
  [{}, 'geometry'],
  [{ point: [1, 2] }, 'metres'],
  [{ point: [1, 2], metres: 10, geometry: square(0, 0, 1) }, 'geometry'],
  [{ point: [1, 200], metres: 10 }, 'point.1'],
  [{ point: [1, 2], metres: 1e6 }, 'metres'],
  [{ point: [1, 2], metres: 10, layers: ['streets'] }, 'layers.0'],
  [{ point: [1, 2], metres: 10, at: 'today' }, 'at'],
  [{ point: [1, 2], metres: 10, net: 'nowhere' }, 'net'],
  [{ point: [1, 2], metres: 10, radius: 1 }, ''],
])('a question that is none: %j', async (question, path) => {
  const { status, body } = await ask(question);
  expect(status).toBe(400);
  expect(body.errors[0].path).toBe(path);
});
