import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Db } from '../../src/db/db.ts';
import { TEST_DATABASE_URL } from '../helpers/database.ts';
import { ADMIN_KEY, startService, type TestService } from '../helpers/service.ts';
import { point, smallCity, square } from '../helpers/small-city.ts';

let db: Db;
let service: TestService | undefined;

beforeEach(async () => {
  await service?.close();
  db = await smallCity();
  service = await startService(db);
});
afterAll(() => service?.close());

interface Got {
  status: number;
  etag: string | null;
  location: string | null;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads of an answer is said by its expectations
  body: any;
}

/** One request with the key; a string as the body goes as it is. */
async function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Got> {
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/geo+json';
  const response = await fetch(`${service!.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${ADMIN_KEY}`,
      ...(body !== undefined && { 'content-type': type }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    etag: response.headers.get('etag'),
    location: response.headers.get('location'),
    headers: response.headers,
    body: text === '' ? null : JSON.parse(text),
  };
}

function feature(properties: Record<string, unknown>, geometry: unknown = null) {
  return { type: 'Feature', geometry, properties };
}

async function count(table: string): Promise<number> {
  const [row] = await db.query<{ n: number }>(`select count(*)::int as n from ${table}`);
  return row!.n;
}

const LINE = {
  type: 'LineString',
  coordinates: [
    [120, 30],
    [120.01, 30.01],
  ],
};

/** A new feature of every collection, and a change of it. */
const EXAMPLES: [
  id: string,
  properties: Record<string, unknown>,
  geometry: unknown,
  change: Record<string, unknown>,
][] = [
  ['grids', { code: 'G9', name: '九网格', level: 'microgrid', parent: 'G1' }, square(120, 30, 0.005), { name: '新名' }],
  ['workers', { id: 'W9', name: '丙丙', role: 'lawyer', phone: '5550009' }, null, { phone: '5550010' }],
  ['assignments', { worker: 'W1', grid: 'G2', duty: 'backup', hours: 'Mo-Fr 08:00-18:00' }, null, { duty: 'member' }],
  ['holidays', { date: '2027-01-01', name: '元旦' }, null, { working: true }],
  ['cameras', { code: 'C9', zone: 'public', heading: 90 }, point(120.001, 30.001), { status: 'fault' }],
  ['categories', { code: '12', name: '乱张贴', parent: '1' }, null, { hours_limit: 24 }],
  [
    'incidents',
    { id: 'I9', category: '11', occurred_at: '2026-10-31T02:00:00.000Z', address: '临江路9号' },
    point(120.015, 30.005),
    { status: 'handling' },
  ],
  ['addresses', { id: 'A9', text: '临江区临江路9号' }, point(120.006, 30.006), { text: '临江区临江路10号' }],
  ['streets', { id: 'S9', name: '滨河路' }, LINE, { class: 'primary' }],
];

describe('every collection that is listed can be written', () => {
  test('the list and the examples are the same', async () => {
    const { body } = await send('GET', '/collections');
    expect(body.collections.map((c: { id: string }) => c.id)).toEqual(EXAMPLES.map(([id]) => id));
  });

  test.each(EXAMPLES)('%s: POST, GET, PATCH, PUT, DELETE', async (id, properties, geometry, change) => {
    const items = `/collections/${id}/items`;
    const posted = await send('POST', items, feature(properties, geometry));
    expect(posted.body).toMatchObject({ type: 'Feature', properties });
    expect(posted.status).toBe(201);
    const path = posted.location!;
    const got = await send('GET', path);
    expect(got.body).toEqual(posted.body);
    expect(got.etag).toBe(posted.etag);
    expect((await send('GET', path, undefined, { 'if-none-match': got.etag! })).status).toBe(304);

    const patched = await send('PATCH', path, { properties: change }, { 'if-match': got.etag! });
    expect(patched.status).toBe(200);
    expect(patched.body.properties).toEqual({ ...got.body.properties, ...change });
    expect(patched.body.id).toBe(got.body.id);
    expect(patched.etag).not.toBe(got.etag);
    expect((await send('GET', path)).body).toEqual(patched.body);

    const put = await send('PUT', path, got.body, { 'if-match': patched.etag! });
    expect(put.status).toBe(200);
    expect(put.body).toEqual(got.body);
    expect((await send('PUT', path, got.body)).etag, 'the same again changes nothing').toBe(put.etag);

    expect((await send('DELETE', path, undefined, { 'if-match': '"old"' })).status).toBe(412);
    const gone = await send('DELETE', path, undefined, { 'if-match': put.etag! });
    expect([gone.status, gone.body]).toEqual([204, null]);
    expect((await send('GET', path)).status).toBe(404);
    expect((await send('DELETE', path)).status).toBe(404);
  });
});

describe('PUT', () => {
  test('creates where nothing is, only there with If-None-Match: *', async () => {
    const body = feature({ name: '北门' }, point(120.002, 30.002));
    const made = await send('PUT', '/collections/cameras/items/C7', body, { 'if-none-match': '*' });
    expect([made.status, made.location]).toEqual([201, '/collections/cameras/items/C7']);
    expect(made.body.properties).toMatchObject({ code: 'C7', name: '北门', status: 'online' });
    expect((await send('PUT', '/collections/cameras/items/C7', body, { 'if-none-match': '*' })).status).toBe(412);
    expect((await send('PUT', '/collections/cameras/items/C8', body, { 'if-match': '*' })).status).toBe(412);
    expect(await count('camera')).toBe(2);
  });

  test('what the path names and what the body says must agree', async () => {
    const got = await send('PUT', '/collections/cameras/items/C1', feature({ code: 'C2' }, point(120, 30)));
    expect(got.status).toBe(422);
    expect(got.body.errors).toEqual([{ path: 'properties.code', message: 'must be C1, as the request names it' }]);
  });

  test('an assignment keeps its id when all of it changes; ids are not for the client to choose', async () => {
    const [{ id }] = (await send('GET', '/collections/assignments/items?worker=W1')).body.features;
    const other = feature({ worker: 'W2', grid: 'G2', duty: 'backup', valid_from: '2026-01-01T00:00:00+08:00' });
    const put = await send('PUT', `/collections/assignments/items/${id}`, other);
    expect(put.status).toBe(200);
    expect(put.body).toMatchObject({ id, properties: { id: Number(id), worker: 'W2', grid: 'G2', duty: 'backup' } });
    expect(await count('assignment')).toBe(2);
    expect((await send('PUT', '/collections/assignments/items/999999', other)).status).toBe(404);
    const same = feature({ worker: 'W2', grid: 'D1', duty: 'lead' });
    expect((await send('PUT', `/collections/assignments/items/${id}`, same)).status).toBe(409);
  });

  test('coordinates of another system are converted', async () => {
    const body = feature({}, point(120.01, 30.01));
    const put = await send('PUT', '/collections/cameras/items/C6?crs=gcj02', body);
    const [lon, lat] = put.body.geometry.coordinates;
    expect(Math.abs(lon - 120.01)).toBeGreaterThan(0.003);
    expect(Math.abs(lat - 30.01)).toBeGreaterThan(0.001);
  });
});

describe('PATCH is a merge patch', () => {
  test('null removes, a default takes the place, objects are merged', async () => {
    const path = '/collections/grids/items/G1';
    await send('PATCH', path, { properties: { props: { a: 1, b: { c: 2, d: 3 } }, households: 400 } });
    const got = await send('PATCH', path, { properties: { props: { b: { c: null } }, households: null } });
    expect(got.body.properties).toMatchObject({ props: { a: 1, b: { d: 3 } }, households: null });
    const gone = await send('PATCH', path, { properties: { name: null } });
    expect(gone.body.errors).toEqual([{ path: 'properties.name', message: 'is required but missing' }]);
  });

  test('an incident that moves to another region stays one incident', async () => {
    const got = await send('PATCH', '/collections/incidents/items/I1', { geometry: point(121, 31) });
    expect(got.body.properties).toMatchObject({ region: '-', category: '11', address: '临江路1号' });
    expect(await count('incident')).toBe(1);
  });

  test('a field beside the properties is a mistake', async () => {
    const got = await send('PATCH', '/collections/cameras/items/C1', { status: 'fault' });
    expect(got.status).toBe(400);
    expect(got.body.detail).toContain('status: a feature has no such member; its fields are in properties');
  });
});

describe('versions of a grid', () => {
  const path = '/collections/grids/items/G2';

  test('closing one and adding the next; each time names its own', async () => {
    const closed = await send('PATCH', path, { properties: { valid_to: '2027-01-01T00:00:00+08:00' } });
    expect(closed.status).toBe(200);
    const next = feature(
      { ...closed.body.properties, name: '二网格（新）', valid_from: '2027-01-01T00:00:00+08:00', valid_to: null },
      square(120.01, 30, 0.008),
    );
    const made = await send('PUT', path, next);
    expect([made.status, made.location]).toEqual([201, `${path}?at=2026-12-31T16%3A00%3A00.000Z`]);
    expect((await send('GET', path)).body.properties.name).toBe('二网格');
    expect((await send('GET', made.location!)).body.properties.name).toBe('二网格（新）');
    expect((await send('GET', `${path}?at=2027-06-01T00:00:00Z`)).body).toEqual(made.body);
    const renamed = await send('PATCH', `${path}?at=2027-06-01T00:00:00Z`, { properties: { name: '三' } });
    expect(renamed.body.properties).toMatchObject({ name: '三', valid_from: '2026-12-31T16:00:00.000Z' });
    expect((await send('GET', path)).body.properties.name).toBe('二网格');
    const pages = [];
    for (let url = '/collections/grids/items?limit=1'; url; ) {
      const { body } = await send('GET', url);
      pages.push(...body.features.map((f: { properties: { name: string } }) => f.properties.name));
      url = body.links.find((link: { rel: string }) => link.rel === 'next')?.href;
    }
    expect(pages).toEqual(['临江区', '一网格', '二网格', '三']);
  });

  test('the beginning of a version can be moved, but not into another', async () => {
    const moved = await send('PATCH', path, { properties: { valid_from: '2020-01-01T00:00:00+08:00' } });
    expect(moved.body.properties.valid_from).toBe('2019-12-31T16:00:00.000Z');
    expect(await count('grid')).toBe(3);
    const overlap = await send('POST', '/collections/grids/items', moved.body);
    expect(overlap.status).toBe(409);
    const other = feature(
      { code: 'G2', name: 'x', level: 'grid', valid_from: '2021-01-01T00:00:00Z' },
      square(120.01, 30, 0.01),
    );
    const refused = await send('POST', '/collections/grids/items', other);
    expect(refused.status).toBe(422);
    expect(refused.body.errors[0].message).toContain('another version');
  });
});

describe('errors name what is wrong', () => {
  test('the ring and the point of an invalid polygon', async () => {
    const bow = [
      [120, 30],
      [120.01, 30.01],
      [120.01, 30],
      [120, 30.01],
      [120, 30],
    ];
    const got = await send(
      'PUT',
      '/collections/grids/items/G1',
      feature({ name: 'x', level: 'grid' }, { type: 'Polygon', coordinates: [bow] }),
    );
    expect(got.status).toBe(422);
    expect(got.body.errors).toEqual([
      {
        path: 'geometry',
        message: expect.stringMatching(/^ring 1 of polygon 1 crosses itself or another ring near 120\.005,30\.005/),
      },
    ]);
    const open = square(120, 30, 0.01).coordinates[0]!.slice(0, 4);
    const unclosed = await send('PATCH', '/collections/grids/items/G1', {
      geometry: { type: 'Polygon', coordinates: [open] },
    });
    expect(unclosed.body.errors[0]).toMatchObject({
      path: 'geometry',
      message: expect.stringContaining('ring 1 is not closed'),
    });
  });

  test.each([
    [
      'assignments',
      { worker: 'NOBODY', grid: 'G1', duty: 'lead' },
      null,
      'properties.worker',
      'NOBODY does not exist; import workers first',
    ],
    [
      'assignments',
      { worker: 'W1', grid: 'G8', duty: 'lead' },
      null,
      'properties.grid',
      'G8 does not exist in its net; import grids first',
    ],
    [
      'incidents',
      { id: 'I2', category: '99', occurred_at: '2026-10-01T00:00:00Z' },
      point(120, 30),
      'properties.category',
      '99 does not exist; import categories first',
    ],
    [
      'grids',
      { code: 'G3', name: 'x', level: 'grid', parent: 'G8' },
      square(120, 30, 0.001),
      'properties.parent',
      'G8 is not a grid of a higher level of net base',
    ],
    [
      'grids',
      { code: 'G3', name: 'x', level: 'floor' },
      square(120, 30, 0.001),
      'properties.level',
      expect.stringContaining('floor is not a level of net base; its levels are city, district'),
    ],
    [
      'grids',
      { code: 'G3', name: 'x', level: 'grid', net: 'bsae' },
      square(120, 30, 0.001),
      'properties.net',
      'bsae does not exist; import its grids and levels first',
    ],
    [
      'cameras',
      { code: '44030512001198000001' },
      point(120, 30),
      'properties.code',
      expect.stringContaining('GB/T 28181'),
    ],
    [
      'cameras',
      { code: 'C5', colour: 'red' },
      point(120, 30),
      'properties.colour',
      expect.stringContaining('is not a field of cameras; there are: code, name'),
    ],
    [
      'cameras',
      { code: 'C5', lon: 120, lat: 30 },
      point(120, 30),
      'properties.lon',
      'is no field: put the place into geometry',
    ],
    ['cameras', { code: 'C5' }, point(230, 30), 'geometry', expect.stringContaining('not on the earth')],
    [
      'cameras',
      { code: 'C5', heading: 360 },
      point(120, 30),
      'properties.heading',
      expect.stringContaining('0 ≤ degrees < 360'),
    ],
    ['streets', { id: 'S3', name: 'x' }, null, 'geometry', 'needs LineString but there is none'],
  ])('%s %j', async (id, properties, geometry, path, message) => {
    const got = await send('POST', `/collections/${id}/items`, feature(properties, geometry));
    expect(got.status).toBe(422);
    expect(got.body.errors[0]).toEqual({ path, message });
    expect(got.headers.get('content-type')).toBe('application/problem+json');
  });

  test.each([
    ['{"type": "Feature",}', 'line 1, column 20'],
    ['{"type": "Feature",\n "properties": tru}', 'line 2, column 19'],
    ['{"type": "Feature"', 'line 1, column 19'],
    ['', 'line 1, column 1'],
    ['[1 2]', 'line 1, column 4'],
  ])('JSON that breaks off: %s', async (body, path) => {
    const got = await send('POST', '/collections/cameras/items', body);
    expect(got.status).toBe(400);
    expect(got.body.errors[0].path).toBe(path);
  });

  test('another type of content, a coding, a body that is too long, a body that is no feature', async () => {
    const path = '/collections/cameras/items';
    expect((await send('POST', path, 'a,b', { 'content-type': 'text/csv' })).status).toBe(415);
    expect((await send('POST', path, '{}', { 'content-encoding': 'gzip' })).status).toBe(415);
    expect((await send('POST', path, `"${'x'.repeat(10 * 1024 * 1024)}"`)).status).toBe(413);
    expect((await send('POST', path, { type: 'FeatureCollection', features: [] })).status).toBe(400);
    expect((await send('POST', path, [1])).status).toBe(400);
    expect((await send('POST', `${path}?net=base`, feature({ code: 'C5' }, point(120, 30)))).status).toBe(400);
  });

  test('what is referred to cannot go, and the answer says who refers', async () => {
    const category = await send('DELETE', '/collections/categories/items/11');
    expect(category.status).toBe(409);
    expect(category.body.errors).toEqual([{ path: 'incidents', message: '1: I1' }]);
    const worker = await send('DELETE', '/collections/workers/items/W1');
    expect(worker.body.errors).toEqual([{ path: 'assignments', message: expect.stringMatching(/^1: \d+$/) }]);
    const grid = await send('DELETE', '/collections/grids/items/D1');
    expect(grid.status).toBe(409);
    expect(grid.body.errors).toEqual([
      { path: 'grids', message: '2: G1, G2' },
      { path: 'assignments', message: expect.stringMatching(/^1: /) },
    ]);
    const shorter = await send('PATCH', '/collections/grids/items/D1', {
      properties: { valid_to: '2027-01-01T00:00:00Z' },
    });
    expect([shorter.status, shorter.body.detail]).toEqual([409, expect.stringContaining('its parent D1')]);
  });

  test('POST of what exists', async () => {
    const got = await send('POST', '/collections/cameras/items', feature({ code: 'C1' }, point(120, 30)));
    expect(got.status).toBe(409);
    expect(got.body.detail).toContain('/collections/cameras/items/C1');
    const duty = await send(
      'POST',
      '/collections/assignments/items',
      feature({ worker: 'W1', grid: 'G1', duty: 'lead', hours: 'Mo 08:00-09:00' }),
    );
    expect(duty.status).toBe(409);
  });
});

describe('who may write and see', () => {
  test('without the key: 401, before anything is said about the request', async () => {
    for (const [method, path] of [
      ['POST', '/collections/nothing/items'],
      ['PUT', '/collections/cameras/items/C1'],
      ['PATCH', '/collections/cameras/items/C1'],
      ['DELETE', '/collections/cameras/items/C1'],
    ] as const)
      expect((await send(method, path, undefined, { authorization: '' })).status).toBe(401);
  });

  test('a writer who may not see telephone numbers neither reads nor loses them', async () => {
    const demo = await startService(db, { adminKey: undefined, openDemo: true });
    try {
      const url = `${demo.url}/collections/workers/items/W1`;
      const read = await fetch(url);
      const seen = (await read.json()) as { properties: Record<string, unknown> };
      expect(seen.properties).not.toHaveProperty('phone');
      const type = { 'content-type': 'application/geo+json' };
      const body = JSON.stringify({ ...seen, properties: { ...seen.properties, org: '街道办' } });
      const put = await fetch(url, {
        method: 'PUT',
        body,
        headers: { ...type, 'if-match': read.headers.get('etag')! },
      });
      expect(put.status).toBe(200);
      expect(await put.text()).not.toContain('5550001');
      expect((await send('GET', '/collections/workers/items/W1')).body.properties).toMatchObject({
        phone: '5550001',
        org: '街道办',
      });
      const patch = { method: 'PATCH', body: '{"properties":{"phone":"5550077"}}', headers: type };
      expect((await fetch(url, { ...patch, headers: { ...type, 'if-match': put.headers.get('etag')! } })).status).toBe(
        200,
      );
      const late = await fetch(url, { ...patch, headers: { ...type, 'if-match': put.headers.get('etag')! } });
      expect(late.status, 'a change of what is not shown is a change').toBe(412);
    } finally {
      await demo.close();
    }
  });
});

describe('Idempotency-Key', () => {
  test('a repeated key answers the first answer and writes once', async () => {
    const key = { 'idempotency-key': '"5a1b"' };
    const body = feature({ worker: 'W2', grid: 'G2', duty: 'member' });
    const first = await send('POST', '/collections/assignments/items', body, key);
    const again = await send('POST', '/collections/assignments/items', body, key);
    expect(again.body).toEqual(first.body);
    expect([again.status, again.etag, again.location]).toEqual([201, first.etag, first.location]);
    expect([first, again].map((got) => got.headers.get('idempotency-replayed'))).toEqual([null, 'true']);
    expect(await count('assignment')).toBe(3);
    const other = await send('POST', '/collections/assignments/items', { ...body, id: 1 }, key);
    expect([other.status, other.body.errors[0].path]).toEqual([422, 'Idempotency-Key']);
    await send('DELETE', first.location!);
    expect((await send('POST', '/collections/assignments/items', body, key)).body, 'also when it is gone').toEqual(
      first.body,
    );
    expect(await count('assignment')).toBe(2);
  });

  test('an answer that wrote nothing is not kept, one older than a day is forgotten', async () => {
    const key = { 'idempotency-key': 'second-try' };
    const body = feature({ code: 'C4' }, point(120, 30));
    expect((await send('POST', '/collections/cameras/items', feature({ code: 'C4' }), key)).status).toBe(422);
    expect((await send('POST', '/collections/cameras/items', body, key)).status).toBe(201);
    await db.query(`update idempotency set at = at - interval '25 hours' where key = 'second-try'`);
    expect((await send('POST', '/collections/cameras/items', body, key)).status).toBe(409);
    await send('DELETE', '/collections/cameras/items/C4', undefined, { 'idempotency-key': 'third' });
    expect(await db.query(`select key from idempotency where key = 'second-try'`)).toEqual([]);
    expect(
      (await send('DELETE', '/collections/cameras/items/C4', undefined, { 'idempotency-key': 'third' })).status,
    ).toBe(204);
    expect((await send('GET', '/collections/cameras', undefined)).status).toBe(200);
    expect(
      (await send('DELETE', '/collections/cameras/items/C4', undefined, { 'idempotency-key': 'with blank' })).status,
    ).toBe(400);
  });
});

describe(`writers at the same time${TEST_DATABASE_URL ? '' : ' (one after another on the embedded database)'}`, () => {
  const WRITERS = 8;

  test('with the same If-Match: one wins, the others get 412', async () => {
    const path = '/collections/cameras/items/C1';
    const { etag } = await send('GET', path);
    const writes = Array.from({ length: WRITERS }, (_, i) =>
      send('PATCH', path, { properties: { name: `writer ${i}` } }, { 'if-match': etag! }),
    );
    const got = await Promise.all(writes);
    expect(got.map(({ status }) => status).sort()).toEqual([200, ...Array(WRITERS - 1).fill(412)]);
    const winner = got.find(({ status }) => status === 200)!;
    expect((await send('GET', path)).body).toEqual(winner.body);
  });

  test('that create the same feature: one does', async () => {
    const body = feature({ name: 'x' }, point(120, 30));
    const puts = await Promise.all(
      Array.from({ length: WRITERS }, () =>
        send('PUT', '/collections/cameras/items/N', body, { 'if-none-match': '*' }),
      ),
    );
    expect(puts.map(({ status }) => status).sort()).toEqual([201, ...Array(WRITERS - 1).fill(412)]);
    const posts = await Promise.all(
      Array.from({ length: WRITERS }, () =>
        send('POST', '/collections/assignments/items', feature({ worker: 'W2', grid: 'G1', duty: 'backup' })),
      ),
    );
    expect(posts.map(({ status }) => status).sort()).toEqual([201, ...Array(WRITERS - 1).fill(409)]);
  });

  test('with the same Idempotency-Key: one writes and all get its answer', async () => {
    const body = feature({ worker: 'W2', grid: 'G2', duty: 'backup' });
    const got = await Promise.all(
      Array.from({ length: WRITERS }, () =>
        send('POST', '/collections/assignments/items', body, { 'idempotency-key': 'parallel' }),
      ),
    );
    expect(new Set(got.map(({ body }) => body.id)).size).toBe(1);
    expect(got.filter(({ headers }) => headers.get('idempotency-replayed') === null)).toHaveLength(1);
    expect(await count('assignment')).toBe(3);
  });

  test('a row that psql changes counts too', async () => {
    const path = '/collections/cameras/items/C1';
    const { etag } = await send('GET', path);
    await db.query(`update camera set owner = 'elsewhere' where code = 'C1'`);
    expect((await send('PATCH', path, { properties: { name: 'x' } }, { 'if-match': etag! })).status).toBe(412);
  });
});

test('a write is in the next read of another kind', async () => {
  await send(
    'POST',
    '/collections/addresses/items',
    feature({ id: 'A5', text: '临江区新设路5号' }, point(120.004, 30.004)),
  );
  const { body } = await send('GET', `/locate?address=${encodeURIComponent('新设路5号')}`);
  expect(body).toMatchObject({ status: 'found', grid: { code: 'G1' } });
  const made = await send('PATCH', '/collections/grids/items/G1', { properties: { name: '改名' } });
  expect(made.headers.get('wangge-version')).toMatch(/^[\w-]+$/);
  expect((await send('GET', '/locate?lon=120.004&lat=30.004')).body.grid.name).toBe('改名');
});
