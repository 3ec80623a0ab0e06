import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAccess } from '../../src/access/access.ts';
import { AddressBook } from '../../src/addresses/live.ts';
import type { Db } from '../../src/db/db.ts';
import { Live } from '../../src/live/live.ts';
import { Mirror } from '../../src/live/mirror.ts';
import { getLocate } from '../../src/locate/locate.route.ts';
import { ownThread } from '../../src/threads/holdings.ts';
import { DEMO_NOW } from '../helpers/database.ts';
import { ADMIN_KEY, startService, type TestService } from '../helpers/service.ts';
import { smallCity } from '../helpers/small-city.ts';

/** A database that must not be asked. */
const NO_DATABASE = new Proxy({} as Db, {
  get: (_, name) => () => {
    throw new Error(`${String(name)} was asked of the database`);
  },
});

let db: Db;
let service: TestService;
let live: Live;
let book: AddressBook;
let server: Server;

beforeAll(async () => {
  db = await smallCity();
  service = await startService(db);
  live = new Live(db, { timeZone: 'Asia/Shanghai', now: () => DEMO_NOW });
  await live.start();
  book = new AddressBook(db);
  await book.start();
  const handle = getLocate({
    db: NO_DATABASE,
    mirror: new Mirror(NO_DATABASE),
    live,
    book,
    threads: ownThread(),
    access: createAccess(undefined, false),
    timeZone: 'Asia/Shanghai',
    now: () => DEMO_NOW,
  });
  const listener: RequestListener = async (req, res) => {
    try {
      await handle(req, res, [], performance.now());
    } catch (error) {
      res.writeHead(500).end((error as Error).message);
    }
  };
  server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await book.stop();
  await live.stop();
  await service.close();
});

async function askMemory(query: string): Promise<Record<string, unknown>> {
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/locate?${query}`);
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return JSON.parse(text) as Record<string, unknown>;
}

test('points and addresses are located without the database, as it is', async () => {
  const query = 'lon=120.0041&lat=30.004&cameras=1';
  const address = { id: 'A1', text: '临江区临江路1号' };
  expect(await askMemory(query)).toMatchObject({
    status: 'found',
    grid: { code: 'G1' },
    address,
    cameras: [{ code: 'C1' }],
  });
  expect(await askMemory('address=临江路1号')).toMatchObject({ status: 'found', match: { id: 'A1' } });
  await db.query(`insert into address (id, text, geom)
    values ('A0', '临江区临江路2号', st_setsrid(st_point(120.0041, 30.004), 4326))`);
  await db.query("update camera set geom = st_setsrid(st_point(120.0041, 30.0041), 4326) where code = 'C1'");
  await Promise.all([live.caughtUp(), book.catchUp()]);
  const after = await askMemory(query);
  expect(after).toMatchObject({ address: { id: 'A0', metres: 0 }, cameras: [{ code: 'C1', metres: 11.1 }] });
});

/** The text of an answer without its version, which the next change of anything raises. */
async function textOf(query: string, headers: Record<string, string>): Promise<string> {
  const response = await fetch(`${service.url}/locate?${query}`, { headers });
  expect(response.status).toBe(200);
  return (await response.text()).replace(/"version":"[^"]*"/, '"version":""').replace(/"at":"[^"]*"/, '"at":""');
}

test('a point alone is answered in the very words of the long way', async () => {
  const places = [
    '120.0041,30.004',
    '120.01,30.005',
    '120,30',
    '120.0199999,30.0000001',
    '120.0112,30.0197',
    '120.00999,30.00999',
    '119.999,30.005',
    '-120.5,-30.25',
  ];
  const ask = async () => {
    for (const headers of [{}, { Authorization: `Bearer ${ADMIN_KEY}` }] as Record<string, string>[]) {
      for (const [lon, lat] of places.map((place) => place.split(','))) {
        const query = `lon=${lon}&lat=${lat}`;
        // Nothing but a point is asked at once; whatever is said beside it goes the long way.
        const long = await textOf(`${query}&net=base`, headers);
        expect(await textOf(query, headers)).toBe(long);
        expect(await textOf(query, headers)).toBe(long);
      }
    }
  };
  await ask();
  const before = await textOf('lon=120.0041&lat=30.004', {});
  expect(before).toContain('甲甲');
  await changePlan();
  await ask();
  const after = await textOf('lon=120.0041&lat=30.004', {});
  expect(after).toContain('新一网格');
  expect(after).not.toContain('甲甲');
});

/** Another name of a grid, another roster, seen by the service. */
async function changePlan(): Promise<void> {
  await db.query("update grid set name = '新一网格' where code = 'G1'");
  await db.query("delete from assignment where worker = 'W1'");
  await expect.poll(() => textOf('lon=120.0041&lat=30.004&net=base', {})).toContain('新一网格');
  await expect.poll(() => textOf('lon=120.0041&lat=30.004&net=base', {})).not.toContain('甲甲');
}

test('an address written through the API is located at once', async () => {
  const point = { type: 'Point', coordinates: [120.0151, 30.0051] };
  const feature = { type: 'Feature', geometry: point, properties: { id: 'A7', text: '临江区望海路7号' } };
  const headers = { Authorization: `Bearer ${ADMIN_KEY}`, 'Content-Type': 'application/geo+json' };
  const written = await fetch(`${service.url}/collections/addresses/items`, {
    method: 'POST',
    body: JSON.stringify(feature),
    headers,
  });
  expect(written.status).toBe(201);
  const located = await fetch(`${service.url}/locate?lon=120.0151&lat=30.0051`);
  expect(await located.json()).toMatchObject({ grid: { code: 'G2' }, address: { id: 'A7', metres: 0 } });
});

test('it has the headers and errors of every other read', async () => {
  const path = `${service.url}/locate?lon=120.004&lat=30.004`;
  const got = await fetch(path, { headers: { 'X-Request-Id': 'mine' } });
  const body = await got.text();
  const head = await fetch(path, { method: 'HEAD' });
  expect(await head.text()).toBe('');
  for (const { headers } of [got, head]) {
    expect(headers.get('content-type')).toBe('application/json');
    expect(headers.get('content-length')).toBe(`${Buffer.byteLength(body)}`);
    expect(headers.get('wangge-source')).toBe('memory');
    expect(headers.get('wangge-version')).toBe((JSON.parse(body) as { version: string }).version);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-expose-headers')).toMatch(/Wangge-Version/);
  }
  expect(got.headers.get('x-request-id')).toBe('mine');
  const bad = await fetch(`${service.url}/locate?lon=120`, { headers: { 'X-Request-Id': 'mine' } });
  expect(bad.status).toBe(400);
  expect(bad.headers.get('content-type')).toBe('application/problem+json');
  expect(bad.headers.get('x-request-id')).toBe('mine');
  expect(bad.headers.get('access-control-allow-origin')).toBe('*');
  const metrics = await (await fetch(`${service.url}/metrics`)).text();
  expect(metrics).toMatch(/route="\/locate",status="200"/);
});
