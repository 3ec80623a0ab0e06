import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Db } from '../../src/db/db.ts';
import type { Runner, Sources, Task } from '../../src/threads/task.ts';
import { Threads } from '../../src/threads/threads.ts';
import { demoDatabase } from '../helpers/database.ts';
import { NOISES, seeded } from '../helpers/noise.ts';
import { ADMIN_KEY, startService, type TestService } from '../helpers/service.ts';
import { smallCity } from '../helpers/small-city.ts';

type Question = Record<string, string | number>;
type Answer = { error: string } | { status: string };

const HEADERS = { Authorization: `Bearer ${ADMIN_KEY}` };

function search(query: Question): string {
  return `${new URLSearchParams(Object.entries(query).map(([name, value]): [string, string] => [name, `${value}`]))}`;
}

async function askBatch(service: TestService, rows: Question[], query: Question = {}): Promise<Answer[]> {
  const response = await fetch(`${service.url}/locate/batch?${search(query)}`, {
    method: 'POST',
    body: rows.map((row, n) => JSON.stringify({ n, ...row })).join('\n'),
    headers: { ...HEADERS, 'Content-Type': 'application/x-ndjson' },
  });
  expect(response.status).toBe(200);
  const lines = (await response.text()).split('\n').filter((line) => line !== '');
  const results = lines.map((line) => JSON.parse(line) as { n: number; locate: Answer });
  expect(results.map(({ n }) => n)).toEqual(rows.map((_, n) => n));
  return results.map(({ locate }) => locate);
}

/** The answer of the single question, or its error. */
async function askOne(service: TestService, question: Question): Promise<Answer> {
  const response = await fetch(`${service.url}/locate?${search(question)}`, { headers: HEADERS });
  const body = (await response.json()) as Answer & { detail: string };
  return response.status === 200 ? body : { error: body.detail };
}

async function expectSame(service: TestService, rows: Question[], query: Question = {}): Promise<void> {
  const answers = await askBatch(service, rows, query);
  for (const [i, row] of rows.entries()) {
    const single = await askOne(service, { ...query, ...row });
    // A row is no query, so only what is wrong with it has the same words.
    if ('error' in single && 'error' in answers[i]!) expect(single.error).toContain(answers[i].error);
    else expect(answers[i], JSON.stringify({ ...query, ...row })).toEqual(single);
  }
}

const TIMES = ['2026-10-14T10:00:00+08:00', '2026-10-17T03:00:00Z', '2020-01-01T00:00:00+08:00'];

describe('the demo', () => {
  let db: Db;
  let service: TestService;
  let texts: string[];
  let categories: string[];
  let grids: string[];

  beforeAll(async () => {
    db = await demoDatabase();
    service = await startService(db);
    texts = (await db.query<{ text: string }>('select text from address order by id')).map(({ text }) => text);
    categories = (await db.query<{ code: string }>('select code from category order by code')).map(({ code }) => code);
    grids = (await db.query<{ code: string }>("select code from grid where net = 'base' order by code")).map(
      ({ code }) => code,
    );
  });
  afterAll(() => service.close());

  /** Arbitraries are made when the demo is there. */
  const questions = () => {
    const noisy = fc
      .tuple(fc.constantFrom(...texts), fc.constantFrom(...Object.values(NOISES)), fc.nat())
      .map(([text, noise, seed]) => noise(text, seeded(seed)));
    const address = fc.oneof(
      { weight: 4, arbitrary: noisy },
      fc.constantFrom(...texts),
      fc.constantFrom(...texts).map((text) => text.replace(/^.*?(?:街道|镇)/, '')),
      fc.constantFrom(...texts).map((text) => text.replace(/\d+号.*/, '')),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((text) => text.trim() !== ''),
    );
    const inside = {
      lon: fc.double({ min: 118.58, max: 118.66, noNaN: true }),
      lat: fc.double({ min: 30.83, max: 30.89, noNaN: true }),
    };
    const anywhere = { lon: fc.constantFrom(0, 118.7, 121.5, 179.9), lat: fc.constantFrom(-89, 30.86, 31.2, 80) };
    const bad = fc.constantFrom<Question>(
      {},
      { lon: 118.6 },
      { lon: 'x', lat: 30.8 },
      { address: 'x', lon: 118.6, lat: 30.8 },
      { lon: 118.6, lat: 95 },
    );
    const about = fc.record(
      {
        at: fc.constantFrom(...TIMES, 'yesterday'),
        net: fc.constantFrom('police', 'nope'),
        category: fc.constantFrom(...categories, 'nope'),
      },
      { requiredKeys: [] },
    );
    const place = fc.oneof(
      { weight: 6, arbitrary: fc.record({ address }) },
      { weight: 4, arbitrary: fc.record(inside) },
      { weight: 1, arbitrary: fc.record(anywhere) },
      { weight: 1, arbitrary: bad },
    );
    return fc
      .tuple(place, fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, about))
      .map(([where, when]): Question => ({ ...where, ...when }));
  };
  const defaults = () =>
    fc.record(
      {
        under: fc.constantFrom(...grids, 'nope'),
        category: fc.constantFrom(...categories),
        crs: fc.constantFrom('gcj02', 'bd09'),
        cameras: fc.integer({ min: 0, max: 5 }),
        limit: fc.integer({ min: 1, max: 20 }),
        at: fc.constantFrom(...TIMES),
      },
      { requiredKeys: [] },
    );

  test('a batch answers row by row as single questions do', async () => {
    const property = fc.asyncProperty(
      fc.array(questions(), { minLength: 1, maxLength: 25 }),
      fc.oneof(fc.constant({}), defaults()),
      (rows, query) => expectSame(service, rows, query),
    );
    await fc.assert(property, { numRuns: 25 });
  });

  test('the order holds over many chunks', async () => {
    const rows = Array.from({ length: 3_000 }, (_, i) => ({ address: texts[(i * 7) % texts.length]! }));
    const answers = await askBatch(service, rows);
    for (const i of [0, 1, 199, 200, 201, 1_777, 2_999]) expect(answers[i]).toEqual(await askOne(service, rows[i]!));
  });

  test('CSV says the same', async () => {
    const rows = texts.slice(0, 300);
    const response = await fetch(`${service.url}/locate/batch`, {
      method: 'POST',
      body: gzipSync(`address\n${rows.join('\n')}\n`),
      headers: { 'Content-Type': 'text/csv', 'Content-Encoding': 'gzip' },
    });
    const [header, ...lines] = (await response.text()).trim().split(/\r?\n/);
    expect(header).toMatch(/^address,locate_status,match_id,/);
    const answers = (await askBatch(
      service,
      rows.map((address) => ({ address })),
    )) as {
      status: string;
      match: { id: string } | null;
    }[];
    expect(lines.map((line) => line.split(',').slice(0, 3))).toEqual(
      answers.map(({ status, match }, i) => [rows[i], status, match?.id ?? '']),
    );
  });

  test('one row is answered while the client still thinks about the next', async () => {
    const { readable: body, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const send = (row: Question) => void writer.write(Buffer.from(`${JSON.stringify(row)}\n`));
    send({ n: 1, lon: 118.62, lat: 30.86 });
    const response = await fetch(`${service.url}/locate/batch`, {
      method: 'POST',
      body,
      duplex: 'half',
      headers: { 'Content-Type': 'application/x-ndjson' },
    } as RequestInit);
    const reader = response.body!.getReader();
    const read = async () => JSON.parse(Buffer.from((await reader.read()).value!).toString()) as { n: number };
    expect((await read()).n).toBe(1);
    send({ n: 2, lon: 118.63, lat: 30.86 });
    expect((await read()).n).toBe(2);
    await writer.close();
    expect((await reader.read()).done).toBe(true);
  });

  test.each([
    ['application/x-ndjson', { 'Content-Encoding': 'gzip' }, 'no gzip'],
    ['text/csv', {}, 'a,a\n1,2\n'],
  ])('what cannot be read at all is a problem: %s', async (type, headers, body) => {
    const response = await fetch(`${service.url}/locate/batch`, {
      method: 'POST',
      body,
      headers: { 'Content-Type': type, ...headers },
    });
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(((await response.json()) as { detail: string }).detail).toMatch(/line \d/);
  });
});

/** Counts what it runs. */
class CountingRunner implements Runner {
  runs = 0;
  readonly threads = new Threads(new URL('../../src/thread', import.meta.url));

  get size(): number {
    return this.threads.size;
  }

  run<I, O>(task: Task<I, O>, input: I, sources?: Sources): Promise<O> {
    this.runs += 1;
    return this.threads.run(task, input, sources);
  }
}

describe('a small city', () => {
  let db: Db;
  let service: TestService;
  const threads = new CountingRunner();

  beforeAll(async () => {
    db = await smallCity();
    service = await startService(db, { threads });
  });
  afterAll(async () => {
    await service.close();
    await threads.threads.stop();
  });

  const QUESTIONS: Question[] = [
    ...['临江路1号', '临江路3号', '临江路5号', '望海路1号', '望海路3号', '临江路'].map((address) => ({ address })),
    ...[120.0001, 120.004, 120.0099, 120.01, 120.0101, 120.03].map((lon) => ({ lon, lat: 30.004 })),
    { lon: 120.004, lat: 30.004, category: '11' },
    { lon: 120.004, lat: 30.004, at: '2026-10-01T10:00:00+08:00' },
  ];
  const address = (id: number, name: string, lon: number) =>
    `insert into address (id, text, geom) values ('E${id}', '临江区${name}', st_setsrid(st_point(${lon}, 30.004), 4326))
     on conflict (id) do update set text = excluded.text, geom = excluded.geom`;
  const border = (lon: number) => `update grid set geom = st_multi(case code
      when 'G1' then st_makeenvelope(120, 30, ${lon}, 30.01, 4326)
      else st_makeenvelope(${lon}, 30, 120.02, 30.01, 4326) end) where code in ('G1', 'G2')`;
  const edit = fc.oneof(
    fc
      .tuple(
        fc.integer({ min: 1, max: 6 }),
        fc.constantFrom('临江路3号', '临江路5号', '望海路1号', '望海路3号'),
        fc.double({ min: 120, max: 120.02, noNaN: true }),
      )
      .map((parts) => address(...parts)),
    fc.integer({ min: 1, max: 6 }).map((id) => `delete from address where id = 'E${id}'`),
    fc.constantFrom(120.005, 120.01, 120.012).map(border),
    fc.constantFrom('甲', '乙', '丙').map((name) => `update worker set name = '${name}' where id = 'W1'`),
    fc.constantFrom('lead', 'backup').map((duty) => `update assignment set duty = '${duty}' where worker = 'W1'`),
    fc
      .constantFrom('G1', 'G2', 'D1')
      .map(
        (grid) =>
          `insert into assignment (worker, net, grid, duty) values ('W2', 'base', '${grid}', 'member') on conflict do nothing`,
      ),
    fc.constant("delete from assignment where worker = 'W2' and duty = 'member'"),
    fc.constantFrom('true', 'false').map((is) => `update holiday set working = ${is}`),
    fc
      .double({ min: 120, max: 120.02, noNaN: true })
      .map((lon) => `update camera set geom = st_setsrid(st_point(${lon}, 30.005), 4326)`),
    fc.constant('truncate address'),
  );

  test('batches follow edits of addresses, grids, cameras and the roster as single questions do', async () => {
    const property = fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 4 }), async (edits) => {
      for (const sql of edits) await db.query(sql);
      await expectSame(service, QUESTIONS, { cameras: 2 });
    });
    await fc.assert(property, { numRuns: 40 });
  });

  test('a client that goes away stops the work', async () => {
    const rows = 200_000;
    const before = threads.runs;
    const abort = new AbortController();
    const response = await fetch(`${service.url}/locate/batch`, {
      method: 'POST',
      body: `${JSON.stringify({ lon: 120.004, lat: 30.004 })}\n`.repeat(rows),
      headers: { 'Content-Type': 'application/x-ndjson' },
      signal: abort.signal,
    });
    await response.body!.getReader().read();
    abort.abort();
    let seen = -1;
    while (seen !== threads.runs) {
      seen = threads.runs;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    expect((threads.runs - before) * 200).toBeLessThan(rows / 2);
  });
});
