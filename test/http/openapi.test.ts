import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Db } from '../../src/db/db.ts';
import type { LayerName } from '../../src/import/fields.ts';
import { importRows } from '../../src/import/import.ts';
import type { SourceRow } from '../../src/import/row.ts';
import { type Examples, openApiDocument } from '../../src/ogc/openapi.ts';
import { badValue, badValues, Contract, type Operation, type Parameter, type Schema } from '../helpers/contract.ts';
import { demoDatabase, scratchDatabase } from '../helpers/database.ts';
import { ADMIN_KEY, startService, type TestService } from '../helpers/service.ts';

/**
 * What the demo answers is written into the file that the document takes its examples from by
 * `UPDATE_EXAMPLES=1 npx vitest run test/http/openapi.test.ts && npx biome check --write data/openapi-examples.json`.
 */
const UPDATE = process.env.UPDATE_EXAMPLES === '1';
const EXAMPLES = new URL('../../data/openapi-examples.json', import.meta.url);

const contract = new Contract(openApiDocument());
const { operations } = contract;
const examples: Examples = {};

let db: Db;
let service: TestService | undefined;

beforeAll(async () => {
  db = await demoDatabase();
  service = await startService(db);
});
afterAll(async () => {
  await service?.close();
  if (UPDATE) await writeFile(EXAMPLES, `${JSON.stringify(examples, null, 1)}\n`);
});

interface Ask {
  path?: Record<string, string>;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: string | undefined;
  type?: string | undefined;
  withoutKey?: boolean;
}

interface Got {
  status: number;
  type: string | undefined;
  text: string;
  headers: Headers;
}

function valuesOf(parameters: Parameter[], place: Parameter['in']): Record<string, string> {
  const given = parameters.filter((parameter) => parameter.in === place && parameter.example !== undefined);
  return Object.fromEntries(given.map(({ name, example }) => [name, String(example)]));
}

/** The example request of an operation, or a change of it. */
async function send(operation: Operation, ask: Ask = {}, origin = service!.url): Promise<Got> {
  const { parameters, body } = operation;
  const path = { ...valuesOf(parameters, 'path'), ...ask.path };
  const query = new URLSearchParams({ ...valuesOf(parameters, 'query'), ...ask.query });
  const url = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name]!));
  const [type, content] = Object.entries(body?.content ?? {}).find(([name]) => (ask.type ?? name) === name) ?? [];
  const example = content?.example;
  const sent = ask.body ?? (typeof example === 'string' ? example : JSON.stringify(example));
  const response = await fetch(`${origin}${url}${query.size > 0 ? `?${query}` : ''}`, {
    method: operation.method,
    headers: {
      ...(!ask.withoutKey && { authorization: `Bearer ${ADMIN_KEY}` }),
      ...(body && { 'content-type': ask.type ?? type! }),
      ...ask.headers,
    },
    ...(body && { body: sent ?? '' }),
  });
  const media = response.headers.get('content-type')?.split(';')[0];
  return { status: response.status, type: media, text: await response.text(), headers: response.headers };
}

/** The status is documented, the type of content too, and the body is as its schema says. */
function expectDocumented(operation: Operation, { status, type, text }: Got, what: string): void {
  const name = `${operation.method} ${operation.path} ${what}`;
  const response = operation.responses[String(status)];
  expect(response, `${name}: status ${status} is not documented: ${text.slice(0, 300)}`).toBeDefined();
  expect(status, `${name}: ${text}`).not.toBe(500);
  if (!response!.content) {
    expect(text, name).toBe('');
    return;
  }
  const content = response!.content[type ?? ''];
  expect(content, `${name}: type ${type} of status ${status} is not documented`).toBeDefined();
  if (!content!.schema || !isJson(type)) return;
  for (const value of valuesIn(type!, text)) expect(contract.faults(content!.schema!, value), name).toEqual([]);
}

function isJson(type: string | undefined): boolean {
  return /json$/.test(type ?? '');
}

function valuesIn(type: string, text: string): unknown[] {
  return type === 'application/x-ndjson'
    ? text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown)
    : [JSON.parse(text)];
}

/** Long lists cut, so that a reader sees the shape; rings stay closed. */
function cut(value: unknown): unknown {
  if (Array.isArray(value)) {
    const isPositions = Array.isArray(value[0]) && typeof value[0][0] === 'number';
    if (isPositions) return value.length > 6 ? [...value.slice(0, 4), value.at(-1)] : value;
    const isLong = value.length > 2 && !Array.isArray(value[0]) && typeof value[0] !== 'number';
    return (isLong ? value.slice(0, 2) : value).map(cut);
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, cut(member)]));
}

/** Answers that differ from one machine to the next. */
const NOT_KEPT = ['/', '/assets/{file}', '/openapi.json', '/metrics', '/docs'];

function keepExample(operation: Operation, { status, type, text }: Got): void {
  if (!UPDATE || !type || text === '' || NOT_KEPT.includes(operation.path)) return;
  const origin = new RegExp(service!.url, 'g');
  const shown = text.replace(origin, 'http://127.0.0.1:3000');
  const key = `${operation.method} ${operation.path} ${status} ${type}`;
  if (type === 'application/x-ndjson' || type === 'text/csv') examples[key] = shown.split('\n').slice(0, 3).join('\n');
  else if (isJson(type)) examples[key] = cut(JSON.parse(shown));
}

/** The page of the map is there only when it was built; its files have names that only the page knows. */
const BUILT = ['/', '/assets/{file}'];
const isWrite = ({ path, method }: Operation) => path.startsWith('/collections/') && method !== 'GET';
/** A change of the plan cannot be undone, so its example is not sent. */
const isPlan = ({ path }: Operation) => path.startsWith('/grids/');
const isStream = ({ responses }: Operation) => responses[200]?.content?.['text/event-stream'] !== undefined;
const reads = operations.filter((operation) => !isWrite(operation) && !isPlan(operation) && !isStream(operation));

describe('the document', () => {
  test('names every route of the application, and no other', async () => {
    const source = await readFile(new URL('../../src/app.ts', import.meta.url), 'utf8');
    const routes = [...source.matchAll(/\b(?:app|reads)\.(get|post|put|patch|delete)\(\s*'([^']+)'/g)].map(
      ([, method, path]) => `${method!.toUpperCase()} ${path}`,
    );
    expect(routes.length).toBeGreaterThan(20);
    const patterns = routes.map((route) => ({
      route,
      pattern: new RegExp(`^${route.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`),
    }));
    const documented = operations.map(({ method, path }) => `${method} ${path}`);
    const missing = patterns.filter(({ pattern }) => !documented.some((name) => pattern.test(name)));
    expect(missing.map(({ route }) => route)).toEqual([]);
    const inFrontOfExpress = ['GET /locate', 'GET /tiles/{layers}/{z}/{x}/{y}.mvt'];
    const unknown = documented.filter((name) => !patterns.some(({ pattern }) => pattern.test(name)));
    expect(unknown.sort()).toEqual(inFrontOfExpress);
  });

  test('describes every parameter and gives it an example', () => {
    const bare = operations.flatMap(({ id, parameters }) =>
      parameters
        .filter(
          ({ description, example, schema }) =>
            !description || (example === undefined && !schema.examples && !schema.enum),
        )
        .map(({ name }) => `${id}: ${name}`),
    );
    expect(bare).toEqual([]);
  });

  test('names each operation once and gives every JSON answer an example that fits its schema', () => {
    expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length);
    const faults: string[] = [];
    for (const { id, responses, path } of UPDATE ? [] : operations) {
      for (const [status, { content = {} }] of Object.entries(responses)) {
        for (const [type, { schema, example }] of Object.entries(content)) {
          if (!isJson(type) || BUILT.includes(path) || path === '/openapi.json' || path.startsWith('/grids/')) continue;
          if (example === undefined) {
            if (type === 'application/json' || type === 'application/problem+json')
              faults.push(`${id} ${status}: none`);
          } else if (type !== 'application/x-ndjson') {
            faults.push(...contract.faults(schema!, example).map((fault) => `${id} ${status}: ${fault}`));
          }
        }
      }
    }
    expect(faults).toEqual([]);
  });

  test('is itself answered, and is OpenAPI 3.1', async () => {
    const got = await fetch(`${service!.url}/openapi.json`);
    const document = (await got.json()) as { openapi: string };
    expect(document.openapi).toBe('3.1.0');
    expect(document).toEqual(JSON.parse(JSON.stringify(openApiDocument())));
    const again = await fetch(`${service!.url}/openapi.json`, {
      headers: { 'if-none-match': got.headers.get('etag')! },
    });
    expect(again.status).toBe(304);
  });
});

describe('reads', () => {
  for (const operation of reads) {
    const name = `${operation.method} ${operation.path}`;
    const query = operation.parameters.filter((parameter) => parameter.in === 'query');

    test(`${name}: the example request`, async () => {
      const got = await send(operation);
      expectDocumented(operation, got, 'example');
      if (!BUILT.includes(operation.path)) expect(got.status, got.text.slice(0, 300)).toBe(200);
      keepExample(operation, got);
      for (const type of Object.keys(operation.body?.content ?? {})) {
        const other = await send(operation, { type });
        expectDocumented(operation, other, type);
        keepExample(operation, other);
      }
    });

    if (query.length > 0)
      test(`${name}: each parameter, good and bad`, async () => {
        for (const { name: parameter, schema } of query) {
          // Without it the rows of the example would stay.
          if (parameter === 'dry_run') continue;
          for (const example of [...(schema.examples ?? []), ...(schema.enum ?? [])]) {
            const got = await send(operation, { query: { [parameter]: String(example) } });
            expectDocumented(operation, got, `${parameter}=${String(example)}`);
            if (parameter === 'format') keepExample(operation, got);
          }
          for (const bad of badValues(schema)) {
            const got = await send(operation, { query: { [parameter]: bad } });
            expect(got.status, `${name} ${parameter}=${bad}: ${got.text.slice(0, 200)}`).toBe(400);
            expectDocumented(operation, got, `${parameter}=${bad}`);
          }
        }
        const unknown = await send(operation, { query: { no_such_parameter: '1' } });
        expect(unknown.status).toBe(400);
        expectDocumented(operation, unknown, 'an unknown parameter');
      });

    const path = operation.parameters.filter((parameter) => parameter.in === 'path');
    for (const { name: parameter } of path)
      test(`${name}: a ${parameter} that does not exist`, async () => {
        const got = await send(operation, { path: { [parameter]: 'no-such-thing' } });
        expectDocumented(operation, got, parameter);
        if (!operation.path.startsWith('/styles/names')) expect([400, 404]).toContain(got.status);
      });

    if (operation.responses[304])
      test(`${name}: the same again is 304`, async () => {
        const { headers } = await send(operation);
        const got = await send(operation, { headers: { 'if-none-match': headers.get('etag')! } });
        expect([got.status, got.text]).toEqual([304, '']);
      });
  }

  test('POST /within: bodies that its schema rules out', async () => {
    const operation = reads.find(({ id }) => id === 'within')!;
    await expectBadBodies(operation, 400);
  });

  test('POST /import/{layer}: rows that cannot be loaded, and without the key', async () => {
    const operation = reads.find(({ id }) => id === 'importRows')!;
    for (const [body, status] of [
      ['{"code": 1', 422],
      ['{"code":"C"}', 422],
      ['{"code":"C","lon":118,"lat":30,"zone":"roof"}', 422],
    ] as const) {
      const got = await send(operation, { body });
      expect(got.status, got.text).toBe(status);
      expectDocumented(operation, got, body);
    }
    const got = await send(operation, { withoutKey: true });
    expect(got.status).toBe(401);
    expectDocumented(operation, got, 'without the key');
  });
});

/** Bodies that are not JSON, not of the type, or have a member that its schema rules out. */
async function expectBadBodies(operation: Operation, status: number, origin = service!.url): Promise<void> {
  const { schema: given, example } = Object.values(operation.body!.content)[0]!;
  const attempts: [what: string, ask: Ask, status: number][] = [
    ['half a body', { body: '{"type":' }, 400],
    ['a list', { body: '[]' }, 400],
    ['a text', { type: 'text/plain', body: 'x' }, 415],
  ];
  const schema = contract.resolve(given);
  for (const [path, member] of membersOf(schema)) {
    const value = badValue(contract.resolve(member));
    if (value === undefined) continue;
    const isShape = path.length === 1;
    attempts.push([path.join('.'), { body: JSON.stringify(changed(example, path, value)) }, isShape ? 400 : status]);
  }
  for (const name of (schema.properties?.properties as Schema | undefined)?.required ?? []) {
    if (operation.method !== 'PATCH')
      attempts.push([
        `no ${name}`,
        { body: JSON.stringify(changed(example, ['properties', name], undefined)) },
        status,
      ]);
  }
  for (const [what, ask, expected] of attempts) {
    const got = await send(operation, ask, origin);
    expect(got.status, `${operation.id} ${what}: ${got.text.slice(0, 300)}`).toBe(expected);
    expectDocumented(operation, got, what);
  }
}

/** Members of a body, and those of its properties. */
function membersOf({ properties = {} }: Schema): [path: string[], schema: Schema][] {
  return Object.entries(properties).flatMap(([name, schema]): [string[], Schema][] =>
    name === 'properties' && schema.properties
      ? Object.entries(schema.properties).map(([inner, member]) => [['properties', inner], member])
      : [[[name], schema]],
  );
}

function changed(example: unknown, [name, ...rest]: string[], value: unknown): unknown {
  const object = example as Record<string, unknown>;
  return { ...object, [name!]: rest.length === 0 ? value : changed(object[name!], rest, value) };
}

/** Features of the demo that the example requests refer to. */
const COPIED: [LayerName, query: string][] = [
  ['grids', 'net=base&limit=1000'],
  ['workers', 'limit=10'],
  ['holidays', 'limit=10'],
  ['categories', 'limit=1000'],
  ['cameras', 'limit=10'],
  ['incidents', 'limit=10'],
  ['addresses', 'limit=10'],
  ['streets', 'limit=10'],
];

/** A part of the demo in a database of its own, which can be written: others read the demo. */
async function copyOfDemo(): Promise<Db> {
  const copy = await scratchDatabase();
  for (const [layer, query] of COPIED) {
    const page = await fetch(`${service!.url}/collections/${layer}/items?${query}`);
    const { features } = (await page.json()) as { features: Pick<SourceRow, 'properties' | 'geometry'>[] };
    const rows = features.map(({ properties, geometry }, i) => ({ line: i + 1, properties, geometry }));
    await importRows(copy, layer, rows, { crs: 'wgs84', timeZone: 'Asia/Shanghai' });
  }
  return copy;
}

describe('writes', () => {
  let writable: TestService | undefined;
  beforeAll(async () => {
    writable = await startService(await copyOfDemo());
  });
  afterAll(() => writable?.close());

  const sendWrite = (operation: Operation, ask?: Ask) => send(operation, ask, writable!.url);
  const collections = [...new Set(operations.filter(isWrite).map(({ path }) => path.split('/')[2]!))];

  /** What each example adds, it removes. */
  async function counts(): Promise<unknown> {
    const { collections: all } = (await (await fetch(`${writable!.url}/collections`)).json()) as {
      collections: unknown;
    };
    return all;
  }

  test.each(collections)('%s: refused without the key, for bad bodies and for bad parameters', async (id) => {
    const before = await counts();
    for (const operation of operations.filter((each) => isWrite(each) && each.path.split('/')[2] === id)) {
      expect(operation.isSecured).toBe(true);
      const closed = await sendWrite(operation, { withoutKey: true });
      expect(closed.status).toBe(401);
      expectDocumented(operation, closed, 'without the key');
      const unknown = await sendWrite(operation, { query: { no_such_parameter: '1' } });
      expect(unknown.status).toBe(400);
      expectDocumented(operation, unknown, 'an unknown parameter');
      for (const { name, schema } of operation.parameters.filter((parameter) => parameter.in === 'query')) {
        for (const bad of badValues(schema)) {
          const got = await sendWrite(operation, { query: { [name]: bad } });
          expect(got.status, `${operation.id} ${name}=${bad}`).toBe(400);
          expectDocumented(operation, got, `${name}=${bad}`);
        }
      }
      if (operation.method !== 'POST') {
        const missing = await sendWrite(operation, { path: { fid: 'no-such-thing' }, headers: { 'if-match': '"x"' } });
        expect([412, 422, 404]).toContain(missing.status);
        expectDocumented(operation, missing, 'a feature that does not exist');
      }
      if (operation.body && operation.method !== 'PATCH') await expectBadBodies(operation, 422, writable!.url);
    }
    expect(await counts()).toEqual(before);
  });

  test.each(collections)('%s: the example requests, one after another', async (id) => {
    const before = await counts();
    const own = operations.filter((each) => isWrite(each) && each.path.split('/')[2] === id);
    const of = (method: string) => own.find((operation) => operation.method === method)!;
    const posted = await sendWrite(of('POST'));
    expect(posted.status, posted.text).toBe(201);
    expectDocumented(of('POST'), posted, 'example');
    keepExample(of('POST'), posted);
    const [, , , , fid] = posted.headers.get('location')!.split(/[/?]/);
    const path = { fid: decodeURIComponent(fid!) };
    const twice = await sendWrite(of('POST'));
    expect(twice.status).toBe(409);
    expectDocumented(of('POST'), twice, 'twice');
    for (const method of ['PATCH', 'PUT'] as const) {
      const got = await sendWrite(of(method), { path });
      expect(got.status, got.text).toBe(200);
      expectDocumented(of(method), got, 'example');
      keepExample(of(method), got);
      const late = await sendWrite(of(method), { path, headers: { 'if-match': '"old"' } });
      expect(late.status).toBe(412);
      expectDocumented(of(method), late, 'with an old ETag');
    }
    const removed = await sendWrite(of('DELETE'), { path });
    expect([removed.status, removed.text]).toEqual([204, '']);
    if (of('PUT').responses[201]) {
      const made = await sendWrite(of('PUT'), { path });
      expect(made.status).toBe(201);
      expectDocumented(of('PUT'), made, 'adds');
      keepExample(of('PUT'), made);
      await sendWrite(of('DELETE'), { path });
    }
    expect(await counts()).toEqual(before);
  });
});

test.each(operations.filter(isPlan).map((operation) => [operation.path, operation] as const))(
  '%s: refused without the key and for bad bodies',
  async (_path, operation) => {
    const closed = await send(operation, { withoutKey: true });
    expect(closed.status).toBe(401);
    expectDocumented(operation, closed, 'without the key');
    await expectBadBodies(operation, 400);
  },
);

test('GET /changes: a stream of events', async () => {
  const stopped = new AbortController();
  const response = await fetch(`${service!.url}/changes`, { signal: stopped.signal });
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  const { value } = await response.body!.getReader().read();
  expect(new TextDecoder().decode(value)).toMatch(/^(retry|id|event|data|:)/);
  stopped.abort();
});

describe('the page', () => {
  test('takes everything from this service', async () => {
    const page = await (await fetch(`${service!.url}/docs`)).text();
    const links = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link!);
    expect(links.length).toBeGreaterThan(2);
    for (const link of links) expect((await fetch(new URL(link, `${service!.url}/docs`))).status, link).toBe(200);
    expect(links.filter((link) => !link.startsWith('/docs/'))).toEqual([]);
  });
});
