import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Db } from '../../src/db/db.ts';
import { startService, type TestService } from '../helpers/service.ts';
import { smallCity } from '../helpers/small-city.ts';

interface Suggestion {
  text: string;
  kind: string;
  id: string;
  lon: number;
  lat: number;
}

let db: Db;
let service: TestService;

beforeAll(async () => {
  db = await smallCity();
  await db.query(
    `insert into address (id, text, geom)
     select 'W' || i, '临江区望海路' || i || '号', st_setsrid(st_point(120.001 + i * 1e-4, 30.002), 4326)
     from generate_series(1, 30) i`,
  );
  service = await startService(db);
});
afterAll(() => service.close());

async function suggest(query: Record<string, string>): Promise<Suggestion[]> {
  const response = await fetch(`${service.url}/addresses/suggest?${new URLSearchParams(query)}`);
  expect(response.status).toBe(200);
  return ((await response.json()) as { suggestions: Suggestion[] }).suggestions;
}

test.each(['望', '望海', 'wanghai', 'wh', '临江区望海'])(
  '%s completes to the road, at one of its addresses',
  async (q) => {
    const [first] = await suggest({ q });
    expect(first).toMatchObject({ kind: 'name', text: '临江望海路' });
    expect(first!.id).toMatch(/^W\d+$/);
    expect(first!.lat).toBe(30.002);
  },
);

test('a number completes to addresses in the order of their doors', async () => {
  const suggestions = await suggest({ q: '望海路2', limit: '4' });
  expect(suggestions.map(({ text }) => text)).toEqual(['2', '20', '21', '22'].map((n) => `临江区望海路${n}号`));
  expect(suggestions[1]).toEqual({ text: '临江区望海路20号', kind: 'address', id: 'W20', lon: 120.003, lat: 30.002 });
});

test('an address that was added by hand is completed at once', async () => {
  expect(await suggest({ q: '星湖' })).toEqual([]);
  await db.query("insert into address values ('S1', '临江区星湖街8号', st_setsrid(st_point(120.004, 30.004), 4326))");
  expect((await suggest({ q: '星湖街8' })).map(({ id }) => id)).toEqual(['S1']);
});

test('nothing typed, or nothing like it, completes to nothing', async () => {
  for (const q of ['', '🙂', '火星大道', '12']) expect(await suggest({ q }), q).toEqual([]);
});

test.each(['', 'q=x&limit=0', 'q=x&limit=51', 'q=x&limit=1.5', 'q=x&n=3'])(
  '?%s is 400 with the cure',
  async (query) => {
    const response = await fetch(`${service.url}/addresses/suggest?${query}`);
    expect(response.status).toBe(400);
    const problem = (await response.json()) as { errors: { path: string; message: string }[] };
    expect(problem.errors[0]!.message).toMatch(/is missing|must be|is not a parameter/);
  },
);
