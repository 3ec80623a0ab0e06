import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Db } from '../../src/db/db.ts';
import { DEMO_NOW } from '../helpers/database.ts';
import { ADMIN_KEY, startService, type TestService } from '../helpers/service.ts';
import { smallCity, square } from '../helpers/small-city.ts';

/** Before the change, at it, and after it. */
const AT = '2026-11-01T00:00:00+08:00';
const BEFORE = '2026-10-31T23:59:59+08:00';
const AFTER = DEMO_NOW.toISOString();

let db: Db;
let service: TestService;

beforeEach(async () => {
  db = await smallCity();
  service = await startService(db);
});
afterEach(() => service.close());

interface Change {
  closed: string[];
  grids: {
    code: string;
    name: string;
    level: string;
    parent: string | null;
    kind: string;
    households: number | null;
  }[];
  children: { code: string; from: string; to: string }[];
  assignments: {
    carried: { worker: string; grid: string; to: string }[];
    open: { worker: string; grid: string; duty: string }[];
  };
}

async function post(path: string, body: unknown, key: string | null = ADMIN_KEY): Promise<Response> {
  return fetch(`${service.url}${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', ...(key !== null && { Authorization: `Bearer ${key}` }) },
  });
}

async function done(path: string, body: unknown): Promise<Change> {
  const response = await post(path, body);
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return JSON.parse(text) as Change;
}

async function refused(path: string, body: unknown): Promise<{ status: number; errors: string[]; detail: string }> {
  const before = await plan();
  const response = await post(path, body);
  const problem = (await response.json()) as { detail: string; errors?: { path: string; message: string }[] };
  expect(await plan()).toEqual(before);
  const errors = (problem.errors ?? []).map(({ path: where, message }) => `${where}: ${message}`);
  return { status: response.status, errors, detail: problem.detail };
}

function plan(): Promise<unknown[]> {
  return db.query('select code, parent, valid_from, valid_to from grid order by code, valid_from');
}

async function locate(query: string): Promise<{ chain: string[]; workers: string[] }> {
  const response = await fetch(`${service.url}/locate?${query}`);
  const answer = (await response.json()) as { chain: { code: string }[]; workers: { id: string }[] };
  return { chain: answer.chain.map(({ code }) => code), workers: answer.workers.map(({ id }) => id) };
}

function box(west: number, south: number, east: number, north: number) {
  const ring = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ];
  return { type: 'Polygon', coordinates: [ring] };
}

/** The two halves of G1. */
const WEST = { code: 'G11', geometry: box(120, 30, 120.004, 30.01) };
const EAST = { code: 'G12', name: '东半', households: 80, geometry: box(120.004, 30, 120.01, 30.01) };
const IN_WEST = 'lon=120.002&lat=30.005';
const IN_EAST = 'lon=120.008&lat=30.005';

describe('split', () => {
  test('answers by the plan valid at the asked time', async () => {
    const change = await done('/grids/G1/split', { parts: [WEST, EAST], carry: 'G12', at: AT });
    expect(change.closed).toEqual(['G1']);
    expect(change.grids).toEqual([
      expect.objectContaining({ code: 'G11', name: '一网格-1', level: 'grid', parent: 'D1', households: null }),
      expect.objectContaining({ code: 'G12', name: '东半', level: 'grid', parent: 'D1', households: 80 }),
    ]);
    expect(await locate(`${IN_WEST}&at=${BEFORE}`)).toEqual({ chain: ['D1', 'G1'], workers: ['W1'] });
    expect(await locate(`${IN_WEST}&at=${AT}`)).toEqual({ chain: ['D1', 'G11'], workers: ['W2'] });
    expect(await locate(`${IN_EAST}&at=${AFTER}`)).toEqual({ chain: ['D1', 'G12'], workers: ['W1'] });
    expect(await locate(`address=临江路1号&at=${AFTER}`)).toMatchObject({ chain: ['D1', 'G11'] });
    expect(await locate(`address=临江路1号&at=${BEFORE}`)).toMatchObject({ chain: ['D1', 'G1'] });
  });

  test('assignments go to the named part, or are listed as open and end with the grid', async () => {
    await db.query(
      `insert into assignment (worker, grid, duty, hours, valid_from) values
         ('W2', 'G1', 'backup', 'Mo-Fr 08:00-18:00', null), ('W2', 'G1', 'member', null, '2026-12-01T00:00+08')`,
    );
    const { assignments } = await done('/grids/G1/split', { parts: [WEST, EAST], at: AT });
    expect(assignments.carried).toEqual([]);
    expect(assignments.open.map(({ worker, duty }) => `${worker} ${duty}`)).toEqual([
      'W1 lead',
      'W2 backup',
      'W2 member',
    ]);
    const running = await db.query("select from assignment where grid = 'G1' and valid_to is null");
    expect(running).toHaveLength(1);
  });

  test('what has not begun goes over as it is', async () => {
    await db.query(
      `insert into assignment (worker, grid, duty, hours, valid_from, valid_to)
       values ('W2', 'G1', 'member', '24/7', '2026-12-01T00:00+08', '2027-01-01T00:00+08')`,
    );
    const { assignments } = await done('/grids/G1/split', { parts: [WEST, EAST], carry: 'G11', at: AT });
    expect(assignments.carried.map(({ worker, to }) => [worker, to])).toEqual([
      ['W1', 'G11'],
      ['W2', 'G11'],
    ]);
    const rows = await db.query('select worker, grid, hours, valid_from, valid_to from assignment order by 1, 2');
    expect(rows).toEqual([
      { worker: 'W1', grid: 'G1', hours: null, valid_from: null, valid_to: new Date(AT) },
      { worker: 'W1', grid: 'G11', hours: null, valid_from: new Date(AT), valid_to: null },
      { worker: 'W2', grid: 'D1', hours: null, valid_from: null, valid_to: null },
      {
        worker: 'W2',
        grid: 'G11',
        hours: '24/7',
        valid_from: new Date('2026-12-01T00:00:00+08:00'),
        valid_to: new Date('2027-01-01T00:00:00+08:00'),
      },
    ]);
  });

  test('children get a version under the part that they lie in', async () => {
    const halves = [
      { code: 'DA', geometry: box(120, 30, 120.01, 30.02) },
      { code: 'DB', geometry: box(120.01, 30, 120.02, 30.02) },
    ];
    const change = await done('/grids/D1/split', { parts: halves, carry: 'DB', at: AT });
    expect(change.children).toEqual([
      { code: 'G1', from: 'D1', to: 'DA' },
      { code: 'G2', from: 'D1', to: 'DB' },
    ]);
    expect(await locate(`${IN_WEST}&at=${BEFORE}`)).toMatchObject({ chain: ['D1', 'G1'] });
    expect(await locate(`${IN_WEST}&at=${AFTER}`)).toEqual({ chain: ['DA', 'G1'], workers: ['W1'] });
    expect(await locate(`lon=120.015&lat=30.005&at=${AFTER}`)).toEqual({ chain: ['DB', 'G2'], workers: ['W2'] });
    expect(await locate(`lon=120.015&lat=30.015&at=${AFTER}`)).toMatchObject({ chain: ['DB'] });
  });

  test('a child across the new border is named, and nothing is changed', async () => {
    const parts = [
      { code: 'DA', geometry: box(120, 30, 120.02, 30.005) },
      { code: 'DB', geometry: box(120, 30.005, 120.02, 30.02) },
    ];
    const { status, errors } = await refused('/grids/D1/split', { parts, at: AT });
    expect(status).toBe(422);
    expect(errors).toEqual([expect.stringMatching(/child G1 /), expect.stringMatching(/child G2 /)]);
  });

  test('gaps, overlaps and what reaches outside are named with their size and place', async () => {
    const split = (east: unknown) => refused('/grids/G1/split', { parts: [WEST, { code: 'G12', geometry: east }] });
    const gap = await split(box(120.005, 30, 120.01, 30.01));
    expect(gap.status).toBe(422);
    expect(gap.errors).toEqual([expect.stringMatching(/^parts: a gap: 10\d{4}(\.\d)? m² around 120\.0045,30\.005 /)]);
    const overlap = await split(box(120.003, 30, 120.01, 30.01));
    expect(overlap.errors).toEqual([expect.stringMatching(/^parts\.0\.geometry: an overlap with parts\.1: 10\d{4}/)]);
    const outside = await split(box(120.004, 30, 120.011, 30.01));
    expect(outside.errors).toEqual([
      expect.stringMatching(/^parts\.1\.geometry: 10\d{4}(\.\d)? m² .* outside grid G1/),
    ]);
    const bowTie = {
      type: 'Polygon',
      coordinates: [
        [WEST, EAST]
          .map(() => [120, 30])
          .concat([
            [120.01, 30.01],
            [120, 30.01],
            [120.01, 30],
            [120, 30],
          ]),
      ],
    };
    expect((await split(bowTie)).errors[0]).toMatch(/^parts\.1\.geometry: Self-intersection/);
  });

  test('borders that differ by rounding are taken', async () => {
    const east = { code: 'G12', geometry: box(120.004 + 1e-9, 30, 120.01, 30.01) };
    await done('/grids/G1/split', { parts: [WEST, east], at: AT });
  });

  test('codes in use, unknown grids and wrong bodies are refused', async () => {
    const used = await refused('/grids/G1/split', { parts: [WEST, { ...EAST, code: 'G2' }] });
    expect([used.status, used.errors]).toEqual([409, ['parts.1.code: G2 is in use']]);
    expect((await refused('/grids/G9/split', { parts: [WEST, EAST] })).status).toBe(404);
    expect((await refused('/grids/G1/split', { parts: [WEST] })).errors).toEqual(['parts: must be at least 2']);
    expect((await refused('/grids/G1/split', { parts: [WEST, WEST] })).errors).toEqual([
      'parts.1.code: is given twice',
    ]);
    expect((await refused('/grids/G1/split', { parts: [WEST, EAST], carry: 'x' })).errors[0]).toMatch(/G11, G12/);
    await done('/grids/G1/split', { parts: [WEST, EAST], at: AT });
    const again = {
      parts: [
        { ...WEST, code: 'G111' },
        { ...EAST, code: 'G112' },
      ],
      at: AT,
    };
    expect((await refused('/grids/G1/split', again)).status).toBe(404);
    const young = await refused('/grids/G11/split', {
      parts: [WEST, EAST].map((p, i) => ({ ...p, code: `H${i}` })),
      at: AT,
    });
    expect([young.status, young.errors[0]]).toEqual([422, expect.stringMatching(/^at: grid G11 begins/)]);
  });

  test('writes need the key', async () => {
    expect((await post('/grids/G1/split', { parts: [WEST, EAST] }, null)).status).toBe(401);
    expect((await post('/grids/merge', { codes: ['G1', 'G2'], into: { code: 'G3' } }, 'wrong')).status).toBe(401);
  });
});

describe('merge', () => {
  const MERGE = { codes: ['G1', 'G2'], into: { code: 'G3', name: '合网格' }, at: AT };

  test('makes one grid; assignments go over, each once', async () => {
    await db.query(
      `insert into assignment (worker, grid, duty, hours) values ('W1', 'G2', 'lead', null),
         ('W2', 'G1', 'member', '24/7'), ('W2', 'G2', 'member', 'Mo-Fr 08:00-18:00')`,
    );
    const change = await done('/grids/merge', MERGE);
    expect(change.closed).toEqual(['G1', 'G2']);
    expect(change.grids).toEqual([
      expect.objectContaining({ code: 'G3', name: '合网格', parent: 'D1', level: 'grid' }),
    ]);
    expect(change.assignments.carried.map(({ worker, grid, to }) => [worker, grid, to])).toEqual([
      ['W1', 'G1', 'G3'],
      ['W2', 'G1', 'G3'],
    ]);
    expect(change.assignments.open.map(({ worker, grid }) => [worker, grid])).toEqual([['W2', 'G2']]);
    for (const place of [IN_WEST, 'lon=120.015&lat=30.005']) {
      const { chain, workers } = await locate(`${place}&at=${AFTER}`);
      expect([chain, workers.sort()]).toEqual([
        ['D1', 'G3'],
        ['W1', 'W2'],
      ]);
    }
    expect(await locate(`lon=120.015&lat=30.005&at=${BEFORE}`)).toMatchObject({ chain: ['D1', 'G2'] });
  });

  test('without a time the change is of now, and children follow', async () => {
    const micro = `insert into grid (code, name, level, parent, geom)
      values ('M1', '微', 'microgrid', 'G1', st_multi(st_geomfromgeojson($1)))`;
    await db.query(micro, [JSON.stringify(square(120.001, 30.001, 0.002))]);
    const { children } = await done('/grids/merge', { codes: ['G2', 'G1'], into: { code: 'G3' } });
    expect(children).toEqual([{ code: 'M1', from: 'G1', to: 'G3' }]);
    expect((await locate(`lon=120.002&lat=30.002&at=${AFTER}`)).chain).toEqual(['D1', 'G3', 'M1']);
    expect((await locate(`lon=120.002&lat=30.002&at=${AT}`)).chain).toEqual(['D1', 'G1', 'M1']);
  });

  test('grids that do not go together are refused', async () => {
    const levels = await refused('/grids/merge', { ...MERGE, codes: ['G1', 'D1'] });
    expect([levels.status, levels.errors]).toEqual([422, ['codes: D1 and G1 differ in their level']]);
    expect((await refused('/grids/merge', { ...MERGE, codes: ['G1', 'G1'] })).errors[0]).toMatch(/different/);
    expect((await refused('/grids/merge', { ...MERGE, into: { code: 'G2' } })).status).toBe(409);
    expect((await refused('/grids/merge', { ...MERGE, codes: ['G1', 'nope'] })).status).toBe(404);
  });
});
