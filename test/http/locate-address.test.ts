import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findExact } from '../../src/addresses/addresses.ts';
import type { Db } from '../../src/db/db.ts';
import { importRows } from '../../src/import/import.ts';
import { demoDatabase } from '../helpers/database.ts';
import { pick, seeded } from '../helpers/noise.ts';
import { startService, type TestService } from '../helpers/service.ts';
import { point, smallCity } from '../helpers/small-city.ts';

interface Place {
  id: string | null;
  text: string;
  lon: number;
  lat: number;
  level: string;
  score: number;
  matched: Record<string, string>;
  missing: Record<string, unknown>;
  contradicted: Record<string, unknown>;
}

interface Answer {
  status: string;
  query: { normalized: string };
  match:
    | (Place & {
        margin: number;
        accuracy: number;
        others: { id: string | null; text: string; score: number }[];
        bracket?: { from: string; to: string; errorMetres: number };
      })
    | null;
  candidates: (Place & { grid: { code: string } | null })[];
  grid: { code: string } | null;
  chain: { code: string }[];
  edge: { others: { code: string; metres: number }[] } | null;
  workers: { id: string }[];
  address?: { id: string; text: string; metres: number } | null;
  nearest?: { code: string };
}

async function ask(service: TestService, query: Record<string, string | number>): Promise<Answer> {
  const text = new URLSearchParams(Object.entries(query).map(([name, value]): [string, string] => [name, `${value}`]));
  const response = await fetch(`${service.url}/locate?${text}`);
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}

describe('the demo', () => {
  let db: Db;
  let service: TestService;
  beforeAll(async () => {
    db = await demoDatabase();
    service = await startService(db);
  });
  afterAll(() => service.close());

  test('whatever plain SQL finds by the whole text or its end, the book finds too', async () => {
    const random = seeded(11);
    const rows = await db.query<{ id: string; text: string }>('select id, text from address order by id');
    let unique = 0;
    for (let i = 0; i < 150; i++) {
      const { text } = pick(random, rows);
      const asked = i % 3 === 0 ? text : text.replace(i % 3 === 1 ? /^岚江省云州市/ : /^.*?(?:街道|镇)/, '');
      const bySql = await findExact(db, asked, 20);
      const answer = await ask(service, { address: asked, limit: 20 });
      const places = [answer.match, ...(answer.match?.others ?? []), ...answer.candidates];
      const ids = places.map((place) => place?.id);
      expect(bySql.length, asked).toBeGreaterThan(0);
      expect(
        bySql.some(({ id }) => ids.includes(id)),
        asked,
      ).toBe(true);
      if (bySql.length > 1) continue;
      unique += 1;
      expect(ids, asked).toContain(bySql[0]!.id);
      if (bySql[0]!.missing === '') expect(answer.match?.id, asked).toBe(bySql[0]!.id);
    }
    expect(unique).toBeGreaterThan(100);
  });

  test('a batch answers as single questions do, whatever the rows', async () => {
    const random = seeded(5);
    const rows = await db.query<{ text: string }>('select text from address order by id');
    const texts = Array.from({ length: 30 }, () => pick(random, rows).text.slice(Math.floor(random() * 12)));
    texts.push('🙂🙂', '1'.repeat(9_000), '号号号', '\u0000\u0007', '云溪县');
    const body = texts.map((address, n) => JSON.stringify({ n, address })).join('\n');
    const response = await fetch(`${service.url}/locate/batch`, {
      method: 'POST',
      body,
      headers: { 'Content-Type': 'application/x-ndjson' },
    });
    const lines = (await response.text()).trim().split('\n');
    expect(lines).toHaveLength(texts.length);
    for (const [n, line] of lines.entries()) {
      const { locate } = JSON.parse(line) as { locate: Answer };
      if (texts[n]!.length < 3_000) expect(locate).toEqual(await ask(service, { address: texts[n]! }));
      else expect(locate.match).toBeNull();
    }
  });

  test('a point names the nearest address within 100 metres', async () => {
    const points = await db.query<{ lon: number; lat: number }>(
      'select st_x(geom) + 0.0001 as lon, st_y(geom) as lat from address order by md5(id) limit 20',
    );
    for (const { lon, lat } of [...points, { lon: 118.7, lat: 30.86 }]) {
      const [near] = await db.query<{ id: string; metres: number }>(
        `select id, d as metres from (select id, st_distance(geom::geography,
           st_setsrid(st_makepoint($1, $2), 4326)::geography) as d from address) a where d <= 100 order by d, id limit 1`,
        [lon, lat],
      );
      const { address } = await ask(service, { lon, lat });
      expect(address?.id ?? null, `${lon},${lat}`).toBe(near?.id ?? null);
      if (near) expect(address!.metres).toBeCloseTo(near.metres, 1);
    }
  });
});

describe('a small city', () => {
  let service: TestService;
  const rows = [
    ['a', '临江区望海街道长江路2号', 120.001, 30.002],
    ['b', '临江区望海街道长江路8号', 120.002, 30.002],
    ['c', '临江区望海街道长江路40号', 120.0098, 30.002],
    ['d', '临江区望海街道长江路46号', 120.0102, 30.002],
    ['e', '临江区望海街道星湖花园1幢', 120.004, 30.008],
    ['f', '临江区翠屏街道星湖花园1幢', 120.014, 30.008],
    ['g', '临江区望海街道玉泉路5号', 120.003, 30.003],
    ['h', '临江区翠屏街道玉泉路5号', 120.007, 30.003],
    ['i', '临江区望海街道栖霞路1号', 120.0096, 30.006],
  ] as const;

  beforeAll(async () => {
    const db = await smallCity();
    const source = rows.map(([id, text, lon, lat], i) => ({
      line: i + 1,
      properties: { id, text },
      geometry: point(lon, lat),
    }));
    await importRows(db, 'addresses', source, { crs: 'wgs84', timeZone: 'Asia/Shanghai' });
    service = await startService(db);
  });
  afterAll(() => service.close());

  test('a match is explained', async () => {
    const { status, match, grid, workers } = await ask(service, { address: '临江区长江路8号3楼301室' });
    expect(status).toBe('found');
    expect(match).toMatchObject({ id: 'b', level: 'number', contradicted: {}, accuracy: 30 });
    expect(match!.matched).toMatchObject({ district: '临江', road: '长江路', number: '8' });
    expect(match!.missing).toMatchObject({ street: { found: '望海' }, room: { asked: '301' } });
    expect(match!.score).toBeGreaterThan(0.7);
    expect(match!.margin).toBeGreaterThan(0);
    expect(grid!.code).toBe('G1');
    expect(workers.map(({ id }) => id)).toEqual(['W1']);
  });

  test('a door between two known ones of its side, with the bracket and the error', async () => {
    const { status, match, grid } = await ask(service, { address: '望海街道长江路4号' });
    expect(status).toBe('found');
    expect(match).toMatchObject({ id: null, level: 'interpolated', lat: 30.002, bracket: { from: 'a', to: 'b' } });
    expect(match!.lon).toBeCloseTo(120.001 + 0.001 / 3, 6);
    expect(match!.accuracy).toBe(match!.bracket!.errorMetres);
    expect(match!.accuracy).toBeGreaterThan(60);
    expect(grid!.code).toBe('G1');
  });

  test('no door is put between two across a border of grids, in either net', async () => {
    const { status, match, candidates } = await ask(service, { address: '望海街道长江路42号' });
    expect([status, match]).toEqual(['ambiguous', null]);
    expect(candidates.map(({ id, grid }) => [id, grid?.code])).toEqual(
      expect.arrayContaining([
        ['c', 'G1'],
        ['d', 'G2'],
      ]),
    );
  });

  test('places in different grids are ambiguous, with the grid of each and no grid of all', async () => {
    const answer = await ask(service, { address: '星湖花园1幢' });
    expect(answer).toMatchObject({ status: 'ambiguous', match: null, grid: null, chain: [], workers: [] });
    expect(answer.candidates.map(({ id, grid }) => [id, grid?.code]).sort()).toEqual([
      ['e', 'G1'],
      ['f', 'G2'],
    ]);
    expect(answer.candidates[0]!.matched).toMatchObject({ building: '1' });
  });

  test('places that share a grid are ambiguous and answer it, however many are listed', async () => {
    for (const limit of [1, 5]) {
      const answer = await ask(service, { address: '玉泉路5号', limit });
      expect(answer).toMatchObject({ status: 'ambiguous', grid: { code: 'G1' } });
      expect(answer.candidates).toHaveLength(Math.min(limit, 2));
      expect(answer.chain.map(({ code }) => code)).toEqual(['D1', 'G1']);
      expect(answer.workers.map(({ id }) => id)).toEqual(['W1']);
    }
  });

  test('under settles what is ambiguous and refuses what lies elsewhere', async () => {
    const found = await ask(service, { address: '星湖花园1幢', under: 'G2' });
    expect(found).toMatchObject({ status: 'found', match: { id: 'f' }, grid: { code: 'G2' } });
    const elsewhere = await ask(service, { address: '长江路8号', under: 'G2' });
    expect(elsewhere).toMatchObject({ status: 'outside', grid: null, workers: [], nearest: { code: 'G1' } });
    expect(await ask(service, { address: '玉泉路5号', under: 'G2' })).toMatchObject({ status: 'not_found' });
    expect(await ask(service, { address: '玉泉路5号', under: 'D1' })).toMatchObject({ status: 'ambiguous' });
  });

  test('other grids within the accuracy of the match are named', async () => {
    const exact = await ask(service, { lon: 120.0096, lat: 30.006 });
    expect(exact.edge!.others).toEqual([]);
    const building = await ask(service, { address: '望海街道栖霞路1号' });
    expect(building.edge!.others).toEqual([]);
    const between = await ask(service, { address: '望海街道长江路4号' });
    expect(between.edge!.others).toEqual([]);
    const near = await ask(service, { address: '长江路46号' });
    expect(near.edge!.others.map(({ code }) => code)).toEqual(['G1']);
  });

  test('only a road, a district or nothing at all is no place', async () => {
    for (const address of ['长江路', '临江区', '🙂', '号', '99999', 'the moon', '火星路3号']) {
      const { status, match, grid } = await ask(service, { address });
      expect(['ambiguous', 'not_found'], address).toContain(status);
      expect([match, grid], address).toEqual([null, null]);
    }
  });

  test('another number than the book has is not its neighbour', async () => {
    const { status, match, candidates } = await ask(service, { address: '望海街道长江路7号' });
    expect([status, match]).not.toContain('found');
    expect(candidates.every(({ contradicted }) => Object.keys(contradicted).length > 0)).toBe(true);
  });
});
