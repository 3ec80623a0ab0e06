import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Db } from '../../src/db/db.ts';
import { demoDatabase } from '../helpers/database.ts';
import { ADMIN_KEY, startService, type TestService } from '../helpers/service.ts';

let db: Db;
let service: TestService;

beforeAll(async () => {
  db = await demoDatabase();
  service = await startService(db);
});
afterAll(() => service?.close());

// biome-ignore lint/suspicious/noExplicitAny: what a test reads of an answer is said by its expectations
async function get(path: string, headers: Record<string, string> = {}): Promise<{ status: number; body: any }> {
  const response = await fetch(`${service.url}${path}`, { headers });
  return { status: response.status, body: await response.json() };
}

interface Page {
  features: { id: string; properties: Record<string, unknown> }[];
  links: { rel: string; href: string }[];
}

/** All pages from one on, by their `next` links. */
async function pages(path: string): Promise<Page[]> {
  const found: Page[] = [];
  for (let url: string | undefined = path; url !== undefined; ) {
    const page: Page = (await get(url)).body;
    found.push(page);
    url = page.links.find(({ rel }) => rel === 'next')?.href;
  }
  return found;
}

async function column(text: string, values: unknown[] = []): Promise<string[]> {
  return (await db.query<{ v: string }>(text, values)).map(({ v }) => v);
}

describe('collections', () => {
  test('the list tells how many features there are, and where', async () => {
    const { body } = await get('/collections');
    for (const collection of body.collections) {
      expect((await get(`/collections/${collection.id}`)).body).toEqual(collection);
      const table = { addresses: 'address', categories: 'category' }[collection.id as string];
      const [n] = await column(`select count(*)::int as v from ${table ?? collection.id.replace(/s$/, '')}`);
      expect(collection.numberOfItems, collection.id).toBe(n);
    }
  });

  test('one that does not exist is 404 and names those that do', async () => {
    for (const path of ['', '/items', '/items/x']) {
      const { status, body } = await get(`/collections/residents${path}`);
      expect(status).toBe(404);
      expect(body.detail).toContain('there are: grids, workers');
    }
  });
});

describe('pages', () => {
  test('come in byte order, each feature once, to the last', async () => {
    const found = await pages('/collections/cameras/items?limit=250');
    const ids = found.flatMap((page) => page.features.map(({ id }) => id));
    expect(ids).toEqual(await column('select code as v from camera order by code'));
    expect(found.map((page) => page.features.length)).toEqual([250, 250, 250, 250, 250, 160]);
  });

  test('of assignments go on in the order of their numbers', async () => {
    const ids = (await pages('/collections/assignments/items?limit=300')).flatMap((page) =>
      page.features.map(({ id }) => Number(id)),
    );
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    expect(ids).toHaveLength(Number((await column('select count(*)::int as v from assignment'))[0]));
  });

  test('hold of every net what is in it; filters stay in the next link', async () => {
    const found = await pages('/collections/grids/items?limit=7&net=police');
    const codes = found.flatMap((page) => page.features.map(({ id }) => id));
    expect(codes).toEqual(await column(`select code as v from grid where net = 'police' order by code`));
  });

  test('by box: what intersects it', async () => {
    const box = [118.615, 30.855, 118.622, 30.861];
    const ids = (await pages(`/collections/streets/items?limit=1000&bbox=${box}`)).flatMap((page) =>
      page.features.map(({ id }) => id),
    );
    const own = await column(
      'select id as v from street where st_intersects(geom, st_makeenvelope($1, $2, $3, $4, 4326)) order by id',
      box,
    );
    expect(own.length).toBeGreaterThan(3);
    expect(ids).toEqual(own);
  });

  test('by time: half-open, an instant, an open end', async () => {
    const count = async (datetime: string) =>
      (await pages(`/collections/incidents/items?limit=10000&datetime=${datetime}`)).flatMap((page) => page.features)
        .length;
    const [from, to] = ['2026-10-01T00:00:00%2B08:00', '2026-10-08T00:00:00 08:00'];
    const own = async (condition: string) =>
      (await column(`select count(*)::int as v from incident where ${condition}`))[0];
    const [start, end] = [`timestamptz '2026-10-01T00:00:00+08:00'`, `timestamptz '2026-10-08T00:00:00+08:00'`];
    expect(await count(`${from}/${to}`)).toBe(await own(`occurred_at >= ${start} and occurred_at < ${end}`));
    expect(await count(`${from}/..`)).toBe(await own(`occurred_at >= ${start}`));
    expect(await count(`../${from}`)).toBe(await own(`occurred_at < ${start}`));
    const [moment] = await db.query<{ at: Date }>('select occurred_at as at from incident order by id limit 1');
    expect(await count(moment!.at.toISOString())).toBeGreaterThan(0);
  });

  test('by a column; a word that it does not know is refused', async () => {
    const { body } = await get('/collections/workers/items?limit=1000&role=judge');
    expect(body.features.map(({ id }: { id: string }) => id)).toEqual(
      await column(`select id as v from worker where role = 'judge' order by id`),
    );
    const wrong = await get('/collections/workers/items?role=mayor');
    expect([wrong.status, wrong.body.errors[0].path]).toEqual([400, 'role']);
    expect(wrong.body.errors[0].message).toContain('must be one of: chief, fulltime');
  });

  test.each(['limit=0', 'limit=10001', 'bbox=1,2,3', 'datetime=today', 'colour=red', 'limit=1&limit=2'])(
    '%s is refused',
    async (query) => {
      const { status, body } = await get(`/collections/cameras/items?${query}`);
      expect(status).toBe(400);
      expect(body.errors).toHaveLength(1);
    },
  );
});

describe('one feature', () => {
  test('is that of its page', async () => {
    for (const id of ['grids', 'workers', 'assignments', 'holidays', 'cameras', 'categories', 'incidents', 'streets']) {
      const { body } = await get(`/collections/${id}/items?limit=3`);
      for (const feature of body.features) {
        expect((await get(`/collections/${id}/items/${feature.id}`)).body).toEqual(feature);
      }
    }
  });

  test('degrees come out as they went in', async () => {
    const { body } = await get('/collections/cameras/items/99012100001310000004');
    expect(body.geometry.coordinates).toEqual([118.608266, 30.839899]);
  });

  test('of another net or time is another, or none', async () => {
    expect((await get('/collections/grids/items/9901215001')).status).toBe(404);
    expect((await get('/collections/grids/items/9901215001?net=police')).body.properties.net).toBe('police');
    expect((await get('/collections/grids/items/990121?at=1999-01-01T00:00:00Z')).status).toBe(404);
    expect((await get('/collections/cameras/items/99012100001310000004?net=base')).status).toBe(400);
  });

  test('telephone numbers and addresses of incidents leave only with the key', async () => {
    const key = { authorization: `Bearer ${ADMIN_KEY}` };
    for (const [path, name] of [
      ['/collections/workers/items/W000001', 'phone'],
      ['/collections/incidents/items/SJ20251101-000001', 'address'],
    ] as const) {
      expect((await get(path)).body.properties).not.toHaveProperty(name);
      expect((await get(path, key)).body.properties[name]).toEqual(expect.any(String));
      expect((await get(path, { authorization: 'Bearer wrong' })).body.properties).not.toHaveProperty(name);
    }
    const [page] = (await pages('/collections/workers/items?limit=3')) as [Page];
    for (const { properties } of page.features) expect(properties).not.toHaveProperty('phone');
  });
});
