import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Db } from '../../src/db/db.ts';
import { demoDatabase } from '../helpers/database.ts';
import { pick, seeded } from '../helpers/noise.ts';
import { ADMIN_KEY, startService, type TestService } from '../helpers/service.ts';

interface Answer {
  status: string;
  query: { normalized?: string; at: string; net: string };
  match: {
    id: string | null;
    text: string | null;
    lon: number;
    lat: number;
    level: string;
    missing: Record<string, string>;
  } | null;
  candidates: { id: string; grid: { code: string } | null }[];
  grid: { code: string; name: string; level: string } | null;
  chain: { code: string; name: string; level: string }[];
  edge: { on: boolean; metres: number; others: { code: string }[] } | null;
  workers: {
    id: string;
    name: string;
    role: string;
    duty: string;
    grid: string;
    phone?: string;
    until: string | null;
  }[];
  cameras: { code: string; metres: number }[];
  nearest?: { code: string; metres: number };
  version: string;
}

let db: Db;
let service: TestService;

beforeAll(async () => {
  db = await demoDatabase();
  service = await startService(db);
});
afterAll(() => service.close());

async function ask(query: Record<string, string | number>, key?: string): Promise<Answer> {
  const headers: Record<string, string> = key ? { Authorization: `Bearer ${key}` } : {};
  const text = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  );
  const response = await fetch(`${service.url}/locate?${text}`, { headers });
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}

/** The owner of a point in plain SQL, by the words of the rule. */
async function ownerBySql(lon: number, lat: number, net: string): Promise<string | null> {
  const [row] = await db.query<{ code: string }>(
    `select g.code from grid g join level l on l.net = g.net and l.id = g.level
     where g.net = $3 and st_intersects(g.geom, st_setsrid(st_makepoint($1, $2), 4326))
     order by l.rank desc, (g.kind = 'dedicated') desc, g.code limit 1`,
    [lon, lat, net],
  );
  return row?.code ?? null;
}

describe('by point', () => {
  test.each(['base', 'police'])('random points agree with plain SQL in net %s, also corners of grids', async (net) => {
    const random = seeded(7);
    const corners = await db.query<{ lon: number; lat: number }>(
      `select st_x(p.geom) as lon, st_y(p.geom) as lat
       from grid g cross join lateral st_dumppoints(g.geom) p
       where g.net = $1 order by md5(g.code || p.path::text) limit 60`,
      [net],
    );
    const points = Array.from({ length: 90 }, () => ({
      lon: 118.59 + random() * 0.065,
      lat: 30.836 + random() * 0.048,
    }));
    let outside = 0;
    for (const { lon, lat } of [...corners, ...points]) {
      const answer = await ask({ lon, lat, net });
      const owner = await ownerBySql(lon, lat, net);
      expect(answer.grid?.code ?? null, `${lon},${lat}`).toBe(owner);
      expect(answer.status).toBe(owner === null ? 'outside' : 'found');
      if (owner === null) outside += 1;
    }
    expect(outside).toBeGreaterThan(3);
    expect(outside).toBeLessThan(80);
  });

  test('a corner shared by grids says so, names the neighbours, and takes the lowest code', async () => {
    const [corner] = await db.query<{ lon: number; lat: number; codes: string[] }>(
      `select st_x(p.geom) as lon, st_y(p.geom) as lat, array_agg(distinct g.code::text order by g.code::text) as codes
       from grid g cross join lateral st_dumppoints(g.geom) p
       where g.net = 'base' and g.level = 'microgrid'
       group by p.geom having count(distinct g.code) = 3 order by 3 limit 1`,
    );
    const answer = await ask({ lon: corner!.lon, lat: corner!.lat });
    const [first, ...others] = corner!.codes;
    expect(answer.grid!.code).toBe(first);
    expect(answer.edge).toMatchObject({ on: true, metres: 0 });
    expect(answer.edge!.others.map((other) => other.code)).toEqual(expect.arrayContaining(others));
  });

  test('the chain runs from the top to the grid', async () => {
    const answer = await ask({ lon: 118.62, lat: 30.86 });
    expect(answer.chain.map((grid) => grid.level).slice(0, 3)).toEqual(['district', 'street', 'community']);
    for (const [i, grid] of answer.chain.slice(1).entries()) {
      expect(grid.code.startsWith(answer.chain[i]!.code)).toBe(true);
    }
    expect(answer.version).toMatch(/^[\w-]+$/);
  });

  test('a point outside every grid says so, with the nearest grid and its distance', async () => {
    const answer = await ask({ lon: 118.7, lat: 30.86 });
    expect(answer).toMatchObject({ status: 'outside', grid: null, chain: [], workers: [] });
    expect(answer.nearest!.metres).toBeGreaterThan(1000);
  });

  test('GCJ-02 is read', async () => {
    const plain = await ask({ lon: 118.62, lat: 30.86 });
    const shifted = await ask({ lon: 118.62, lat: 30.86, crs: 'gcj02' });
    expect(shifted.match!.lon).not.toBe(plain.match!.lon);
    expect(Math.abs(shifted.match!.lon - 118.62)).toBeLessThan(0.01);
  });

  test('the nearest cameras, in their order', async () => {
    const answer = await ask({ lon: 118.62, lat: 30.86, cameras: 5 });
    const rows = await db.query<{ code: string }>(
      `select code from camera order by st_distance(geom::geography, st_setsrid(st_makepoint(118.62, 30.86), 4326)::geography), code limit 5`,
    );
    expect(answer.cameras.map((camera) => camera.code)).toEqual(rows.map((row) => row.code));
  });
});

describe('who', () => {
  test('telephone numbers need the key', async () => {
    const open = await ask({ lon: 118.62, lat: 30.86, at: '2026-10-14T10:00:00+08:00' });
    expect(open.workers.length).toBeGreaterThan(0);
    expect(open.workers.every((worker) => worker.phone === undefined)).toBe(true);
    const keyed = await ask({ lon: 118.62, lat: 30.86, at: '2026-10-14T10:00:00+08:00' }, ADMIN_KEY);
    expect(keyed.workers.some((worker) => worker.phone !== undefined)).toBe(true);
  });

  test('by day the grid answers, in a grid without night duty the chain above does', async () => {
    const rows = await db.query<{ code: string; lon: number; lat: number }>(
      `select g.code, st_x(p) as lon, st_y(p) as lat
       from grid g cross join lateral st_pointonsurface(g.geom) p
       where g.net = 'base' and g.level = 'microgrid' order by g.code`,
    );
    const duties = new Map<string, number>();
    for (const { lon, lat } of rows.filter((_, i) => i % 4 === 0)) {
      for (const at of ['2026-10-14T10:00:00+08:00', '2026-10-17T03:00:00+08:00']) {
        const { workers, chain } = await ask({ lon, lat, at });
        for (const worker of workers) {
          expect(chain.map((grid) => grid.code)).toContain(worker.grid);
          duties.set(worker.duty, (duties.get(worker.duty) ?? 0) + 1);
        }
        const escalated = workers.map((worker) => worker.duty === 'escalated');
        expect(new Set(escalated).size).toBeLessThan(2);
        if (escalated[0]) expect(workers[0]!.grid).not.toBe(chain.at(-1)!.code);
      }
    }
    expect(Object.fromEntries(duties)).toMatchObject({ lead: expect.any(Number), escalated: expect.any(Number) });
  });

  test('police answer in their own net', async () => {
    const { workers } = await ask({ lon: 118.62, lat: 30.86, net: 'police', at: '2026-10-14T10:00:00+08:00' });
    expect(workers.map((worker) => worker.role)).toContain('police');
  });
});

describe('by address', () => {
  test('whole addresses and those without leading parts are found at their own point', async () => {
    const random = seeded(3);
    const rows = await db.query<{ id: string; text: string; lon: number; lat: number }>(
      'select id, text, st_x(geom) as lon, st_y(geom) as lat from address order by id',
    );
    for (let i = 0; i < 40; i++) {
      const row = pick(random, rows);
      const short = row.text.replace(/^岚江省云州市/, i % 2 === 0 ? '' : '岚江省云州市');
      const answer = await ask({ address: short });
      expect(answer.status, short).toBe('found');
      expect(answer.match).toMatchObject({ id: row.id, lon: row.lon, lat: row.lat });
      expect(answer.grid?.code ?? null).toBe(await ownerBySql(row.lon, row.lat, 'base'));
    }
  });

  test('full-width digits and a different word for a building are the same address', async () => {
    const [row] = await db.query<{ id: string; text: string }>(
      `select id, text from address where text like '%幢%' order by id limit 1`,
    );
    const noisy = row!.text.replace('幢', '栋').replace(/\d/g, (d) => String.fromCharCode(0xff10 + Number(d)));
    expect(noisy).not.toBe(row!.text);
    expect((await ask({ address: noisy })).match!.id).toBe(row!.id);
  });

  test('what matches nothing is not_found with status 200, never a guess', async () => {
    for (const address of ['火星路99999号', '1号', '岚江省', '🙂', '号']) {
      const answer = await ask({ address });
      expect(['not_found', 'ambiguous'], address).toContain(answer.status);
      expect(answer.match, address).toBeNull();
    }
  });
});

describe('bad questions', () => {
  const bad: [string, RegExp][] = [
    ['', /either address, or lon and lat/],
    ['lon=118.6', /both lon and lat/],
    ['lon=118.6&lat=30.8&address=x', /either/],
    ['lon=abc&lat=30.8', /lon/],
    ['lon=118.6&lat=95', /lat/],
    ['lon=118.6&lat=30.8&at=yesterday', /2026-05-01T08:00:00\+08:00/],
    ['lon=118.6&lat=30.8&crs=utm', /wgs84/],
    ['lon=118.6&lat=30.8&under=nope', /no grid nope/],
    ['lon=118.62&lat=30.86&category=nope', /no category nope/],
    ['lon=118.6&lat=30.8&radius=3', /radius/],
  ];
  test.each(bad)('%s is 400 with the cure', async (query, message) => {
    const response = await fetch(`${service.url}/locate?${query}`);
    const problem = (await response.json()) as { detail: string; errors: unknown[] };
    expect(response.status).toBe(400);
    expect(problem.detail).toMatch(message);
    expect(problem.errors.length).toBeGreaterThan(0);
  });
});

describe('batches', () => {
  async function send(body: string, type: string): Promise<Response> {
    return fetch(`${service.url}/locate/batch`, { method: 'POST', body, headers: { 'Content-Type': type } });
  }

  test('NDJSON goes out in order with the answers of single questions; a bad row does not stop it', async () => {
    const [row] = await db.query<{ text: string }>('select text from address order by id limit 1');
    const lines = [{ n: 1, lon: 118.62, lat: 30.86 }, { n: 2, lon: 'x' }, { n: 3, address: row!.text }, { n: 4 }];
    const response = await send(lines.map((line) => JSON.stringify(line)).join('\n'), 'application/x-ndjson');
    expect(response.headers.get('content-type')).toMatch('application/x-ndjson');
    const out = (await response.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { n: number; locate: Answer & { error?: string } });
    expect(out.map((line) => line.n)).toEqual([1, 2, 3, 4]);
    const { version: _, query: __, ...single } = await ask({ lon: 118.62, lat: 30.86 });
    expect(out[0]!.locate).toMatchObject(single);
    expect(out[1]!.locate.error).toMatch(/lon/);
    expect(out[2]!.locate.status).toBe('found');
    expect(out[3]!.locate.error).toMatch(/either/);
  });

  test('CSV keeps its columns and gets more', async () => {
    const response = await send('id,lon,lat\na,118.62,30.86\nb,118.7,30.86\n', 'text/csv');
    const [header, first, second] = (await response.text()).trim().split(/\r?\n/);
    expect(header).toMatch(/^id,lon,lat,locate_status,/);
    expect(first).toMatch(/^a,118.62,30.86,found,/);
    expect(second).toMatch(/^b,118.7,30.86,outside,/);
  });

  test('another content type is 415', async () => {
    expect((await send('<x/>', 'application/xml')).status).toBe(415);
  });
});
