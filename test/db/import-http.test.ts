import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Db } from '../../src/db/db.ts';
import { scratchDatabase } from '../helpers/database.ts';
import { ADMIN_KEY, startService, type TestService } from '../helpers/service.ts';

let db: Db;
let service: TestService;

beforeAll(async () => {
  db = await scratchDatabase();
  service = await startService(db);
});
afterAll(() => service.close());
beforeEach(() => db.script('truncate camera; delete from net where id = $$n$$'));

interface Problem {
  title: string;
  status: number;
  detail: string;
  errors?: { path: string; message: string }[];
}

interface Answer extends Problem {
  read: number;
  inserted: number;
  rejected: number;
  rejects: { line: number; reason: string }[];
}

const CAMERA = { code: 'K1', name: '东门', lon: 114.05, lat: 22.05 };

async function post(
  path: string,
  body: string | Uint8Array,
  { headers = {}, key = ADMIN_KEY }: { headers?: Record<string, string>; key?: string | null } = {},
): Promise<{ status: number; type: string | null; answer: Answer }> {
  const authorization: Record<string, string> = key === null ? {} : { Authorization: `Bearer ${key}` };
  const type = { 'Content-Type': 'application/x-ndjson' };
  const init = { method: 'POST', body: body as string, headers: { ...type, ...authorization, ...headers } };
  const response = await fetch(`${service.url}${path}`, init);
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    answer: (await response.json()) as Answer,
  };
}

function lines(...rows: object[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

async function codes(): Promise<string[]> {
  return (await db.query<{ code: string }>('select code from camera order by code')).map(({ code }) => code);
}

test('rows are loaded and accounted for; the same again is unchanged', async () => {
  const body = lines(CAMERA, { ...CAMERA, code: 'K2' });
  const first = await post('/import/cameras', body);
  expect(first.status).toBe(200);
  expect(first.answer).toMatchObject({ layer: 'cameras', read: 2, inserted: 2, rejected: 0, rejects: [] });
  expect((await post('/import/cameras', body)).answer).toMatchObject({ read: 2, inserted: 0, unchanged: 2 });
  expect(await codes()).toEqual(['K1', 'K2']);
});

test('gzip is taken, and what is not gzip is refused', async () => {
  const headers = { 'Content-Encoding': 'gzip' };
  expect((await post('/import/cameras', gzipSync(lines(CAMERA)), { headers })).answer).toMatchObject({ inserted: 1 });
  const broken = await post('/import/cameras', gzipSync(lines(CAMERA)).subarray(0, 30), { headers });
  expect(broken).toMatchObject({ status: 400, type: 'application/problem+json' });
  expect(broken.answer.detail).toMatch(/gzip stream is cut off/);
});

test('flags are those of the command line', async () => {
  const { answer: dry } = await post('/import/cameras?dry_run=true&crs=gcj02', lines(CAMERA));
  expect(dry).toMatchObject({ inserted: 1, dryRun: true });
  expect(await codes()).toEqual([]);
  await post('/import/cameras?crs=gcj02', lines(CAMERA, { ...CAMERA, code: 'K2' }));
  const [row] = await db.query<{ x: number }>('select st_x(geom) as x from camera limit 1');
  expect(row!.x).toBeCloseTo(114.045, 3);
  const { answer: replaced } = await post('/import/cameras?mode=replace', lines(CAMERA));
  expect(replaced).toMatchObject({ updated: 1, removed: 1 });
  const nets = encodeURIComponent(JSON.stringify([{ id: 'n', name: '网', levels: [{ id: 'top', name: '顶' }] }]));
  await post(`/import/grids?nets=${nets}`, '');
  expect(await db.query(`select id, name from level where net = 'n'`)).toEqual([{ id: 'top', name: '顶' }]);
});

describe('bad rows', () => {
  const body = lines(CAMERA, { ...CAMERA, code: 'K2', zone: 'roof' });

  test('refuse the whole with 422, each with its line', async () => {
    const { status, type, answer } = await post('/import/cameras', `${body}not json\n`);
    expect([status, type]).toEqual([422, 'application/problem+json']);
    expect(answer.errors).toEqual([
      { path: 'line 2', message: "zone: 'roof' is not one of entrance, public, unit, perimeter" },
      { path: 'line 3', message: expect.stringMatching(/^not valid JSON/) },
    ]);
    expect(await codes()).toEqual([]);
  });

  test('are answered with rejects=true and the rest is loaded', async () => {
    const { status, answer } = await post('/import/cameras?rejects=true', body);
    expect(status).toBe(200);
    expect(answer).toMatchObject({ read: 2, inserted: 1, rejected: 1, rejects: [{ line: 2, row: { code: 'K2' } }] });
    expect(await codes()).toEqual(['K1']);
  });

  test('keep the lines that the sender says', async () => {
    const { answer } = await post('/import/cameras?rejects=true', lines({ ...CAMERA, zone: 'roof', '@line': 77 }));
    expect(answer.rejects.map(({ line }) => line)).toEqual([77]);
  });
});

describe('refusals', () => {
  test.each<[string, number, RegExp, { key?: string | null }]>([
    ['/import/cameras', 401, /Authorization: Bearer/, { key: null }],
    ['/import/cameras', 401, /Authorization: Bearer/, { key: 'wrong' }],
    ['/import/lamps', 404, /There is no layer lamps; there are: grids, workers/, {}],
    ['/import/cameras?mode=merge', 400, /mode: must be out of: upsert, replace, append/, {}],
    ['/import/cameras?crs=epsg', 400, /crs: must be out of: wgs84, gcj02/, {}],
    ['/import/cameras?repairs=true', 400, /repairs: is not a parameter here; there are: crs, mode, repair/, {}],
    ['/import/cameras?nets={', 400, /nets: must be JSON/, {}],
  ])('%s is %d', async (path, expected, detail, options) => {
    const { status, type, answer } = await post(path, lines(CAMERA), options);
    expect([status, type]).toEqual([expected, 'application/problem+json']);
    expect(answer.detail).toMatch(detail);
    expect(await codes()).toEqual([]);
  });

  test('without a key nobody writes, but on the demo from this machine', async () => {
    const closed = await startService(db, { adminKey: undefined });
    const open = await startService(db, { adminKey: undefined, openDemo: true });
    const send = async (url: string, headers = {}) =>
      (await fetch(`${url}/import/cameras`, { method: 'POST', body: lines(CAMERA), headers })).status;
    expect(await send(closed.url)).toBe(403);
    expect(await send(open.url, { Origin: 'http://elsewhere.example' })).toBe(403);
    expect(await codes()).toEqual([]);
    expect(await send(open.url)).toBe(200);
    await Promise.all([closed.close(), open.close()]);
  });

  test('what others refer to cannot be replaced away: 409 with the reference', async () => {
    await db.script(`
      insert into category (code, name) values ('A', 'a');
      insert into incident (id, category, occurred_at, geom) values ('i', 'A', '2026-01-01', 'srid=4326;point(114 22)')`);
    const { status, answer } = await post('/import/categories?mode=replace', lines({ code: 'B', name: 'b' }));
    expect(status).toBe(409);
    expect(answer.detail).toMatch(/incident.*Key \(code\)=\(A\) is still referenced/);
    expect(await db.query('select code from category')).toEqual([{ code: 'A' }]);
    await db.script('truncate incident, category cascade');
  });
});

test('a request that breaks off loads nothing', async () => {
  const abort = new AbortController();
  async function* body(): AsyncIterable<Uint8Array> {
    for (let i = 0; i < 3000; i++) yield Buffer.from(lines({ ...CAMERA, code: `K${i}` }));
    abort.abort();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const init = {
    method: 'POST',
    body: body(),
    duplex: 'half',
    signal: abort.signal,
    headers: { Authorization: `Bearer ${ADMIN_KEY}` },
  };
  await expect(fetch(`${service.url}/import/cameras`, init as unknown as RequestInit)).rejects.toThrow();
  expect((await post('/import/cameras', lines(CAMERA))).answer).toMatchObject({ inserted: 1 });
  expect(await codes()).toEqual(['K1']);
});

test('a large body that goes wrong early still gets its answer', async () => {
  const packed = gzipSync(
    lines(...Array.from({ length: 20_000 }, (_, i) => ({ ...CAMERA, code: `K${i}`, n: Math.sin(i) }))),
  );
  packed.fill(0, 100_000, 100_100);
  const { status, answer } = await post('/import/cameras', packed, { headers: { 'Content-Encoding': 'gzip' } });
  expect(status).toBe(400);
  expect(answer.detail).toMatch(/the gzip stream is damaged/);
  expect(await codes()).toEqual([]);
});

test('more bad rows than an answer holds refuse the whole import, good rows too', async () => {
  const { status, answer } = await post('/import/cameras?rejects=true', lines(CAMERA) + '{}\n'.repeat(100_001));
  expect([status, answer.detail]).toEqual([422, expect.stringMatching(/^Over 100000 rows are bad, so nothing was/)]);
  expect(await codes()).toEqual([]);
});
