import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Db } from '../../src/db/db.ts';
import type { LayerName } from '../../src/import/fields.ts';
import { ImportRefused, importRows } from '../../src/import/import.ts';
import { ReadError } from '../../src/import/read/fault.ts';
import { readRows } from '../../src/import/read/rows.ts';
import type { SourceRow } from '../../src/import/row.ts';
import { scratchDatabase } from '../helpers/database.ts';
import {
  CATEGORIES,
  changesAfter,
  counts,
  lastChange,
  load,
  loadGood,
  point,
  rowsOf,
  square,
  TOWN,
} from '../helpers/import.ts';

let db: Db;
beforeEach(async () => {
  db = await scratchDatabase();
});

const CAMERA = { code: 'K1', name: '东门', zone: 'entrance', heading: 90, geometry: point(114.05, 22.05) };
const OPTIONS = { crs: 'wgs84', timeZone: 'Asia/Shanghai' } as const;

async function countOf(table: string): Promise<number> {
  const [row] = await db.query<{ n: number }>(`select count(*) as n from ${table}`);
  return row!.n;
}

test('importing the same rows twice changes nothing and logs no change', async () => {
  const layers: [LayerName, readonly object[]][] = [
    ['grids', TOWN],
    ['workers', [{ id: 'w1', name: '甲一', role: 'chief' }]],
    ['categories', CATEGORIES],
    ['holidays', [{ date: '2026-10-01', name: '国庆节' }]],
    ['assignments', [{ worker: 'w1', grid: 'WS1', duty: 'lead', hours: 'Mo-Fr 08:00-18:00' }]],
    ['cameras', [CAMERA]],
    ['addresses', [{ id: 'a1', text: '西街1号', geometry: point(114.01, 22.01) }]],
    ['incidents', [{ id: 'i1', category: 'A1', occurred_at: '2026-03-01 08:00', geometry: point(114.01, 22.01) }]],
    [
      'streets',
      [
        {
          id: 's1',
          name: '西街',
          geometry: {
            type: 'LineString',
            coordinates: [
              [114, 22],
              [114.1, 22],
            ],
          },
        },
      ],
    ],
  ];
  for (const [layer, records] of layers)
    expect(counts(await load(db, layer, records as never)), layer).toEqual({
      read: records.length,
      inserted: records.length,
    });
  const before = await lastChange(db);
  for (const [layer, records] of layers)
    expect(counts(await load(db, layer, records as never)), layer).toEqual({
      read: records.length,
      unchanged: records.length,
    });
  expect(await changesAfter(db, before)).toEqual([]);
});

test('only rows that differ are written and logged', async () => {
  await load(db, 'cameras', [CAMERA, { ...CAMERA, code: 'K2' }]);
  const before = await lastChange(db);
  const report = await load(db, 'cameras', [CAMERA, { ...CAMERA, code: 'K2', status: 'fault' }]);
  expect(counts(report)).toEqual({ read: 2, updated: 1, unchanged: 1 });
  expect((await changesAfter(db, before)).map(({ layer, id }) => [layer, id])).toEqual([['cameras', 'K2']]);
});

test('a dry run reports what would happen and keeps nothing', async () => {
  await load(db, 'cameras', [CAMERA]);
  const before = await lastChange(db);
  const report = await load(
    db,
    'cameras',
    [
      { ...CAMERA, name: '西门' },
      { ...CAMERA, code: 'K2' },
    ],
    { dryRun: true },
  );
  expect(counts(report)).toEqual({ read: 2, inserted: 1, updated: 1 });
  expect(report.dryRun).toBe(true);
  expect(await db.query('select code, name from camera')).toEqual([{ code: 'K1', name: '东门' }]);
  expect(await changesAfter(db, before)).toEqual([]);
});

test('a dry run finds bad rows, and nets of grids that it would make do not stay', async () => {
  await expect(load(db, 'cameras', [{ code: 'K1' }], { dryRun: true })).rejects.toThrow(ImportRefused);
  const grids = [{ code: 'p', name: '所', level: 'station', net: 'police', geometry: square(114, 22, 0.1) }];
  expect(counts(await load(db, 'grids', grids, { dryRun: true }))).toEqual({ read: 1, inserted: 1 });
  expect(await db.query('select id from net')).toEqual([{ id: 'base' }]);
});

describe('all or nothing', () => {
  test('one bad row refuses all, with its line and reason', async () => {
    const bad = { ...CAMERA, code: 'K3', heading: 360 };
    const error = await load(db, 'cameras', [CAMERA, { ...CAMERA, code: 'K2' }, bad]).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ImportRefused);
    expect((error as ImportRefused).rejects).toMatchObject([
      { line: 4, reason: 'heading: 360 is not a heading, 0 ≤ degrees < 360' },
    ]);
    expect((error as Error).message).toBe(
      'cameras: 1 of the rows cannot be loaded, so none was: line 4: heading: 360 is not a heading, 0 ≤ degrees < 360; ' +
        'mend them, or send them to a file with --rejects',
    );
    expect(await countOf('camera')).toBe(0);
  });

  test('a source that breaks off loads nothing', async () => {
    async function* broken(): AsyncIterable<SourceRow> {
      yield* rowsOf([CAMERA]);
      throw new ReadError(3, 'the file is cut off');
    }
    await expect(importRows(db, 'cameras', broken(), OPTIONS)).rejects.toThrow('line 3: the file is cut off');
    expect(await countOf('camera')).toBe(0);
  });

  test('many reasons are counted, the first hundred are carried', async () => {
    const rows = Array.from({ length: 150 }, (_, i) => ({ code: `K${i}` }));
    const error = (await load(db, 'cameras', rows).catch((e: unknown) => e)) as ImportRefused;
    expect([error.rejected, error.rejects.length]).toEqual([150, 100]);
    expect(error.message).toContain('(and 149 more)');
  });
});

test('rejects take every bad row with line, reason and content; the rest is loaded', async () => {
  const { report, rejects } = await loadGood(db, 'cameras', [
    CAMERA,
    { ...CAMERA, code: '44030101001310000001'.replace('0131', '0999') },
    { ...CAMERA, code: 'K2', zone: 'roof' },
    { ...CAMERA },
    { ...CAMERA, name: '另一个' },
    { code: 'K4', name: '无点' },
    { ...CAMERA, code: 'K5' },
  ]);
  expect(counts(report)).toEqual({ read: 7, inserted: 2, duplicates: 1, rejected: 4 });
  expect(rejects.map(({ line, reason }) => `${line} ${reason.split(':')[0]}`)).toEqual([
    '3 code',
    '4 zone',
    '6 line 2 has the same key with other values',
    '7 geometry',
  ]);
  expect(rejects.map(({ row }) => (row as { name?: string }).name)).toEqual(['东门', '东门', '另一个', '无点']);
  expect(rejects[1]!.row).toEqual({ ...CAMERA, code: 'K2', zone: 'roof' });
  expect(rejects[2]!.row).toMatchObject({ code: 'K1', geometry: CAMERA.geometry });
  expect((await db.query<{ code: string }>('select code from camera order by code')).map((c) => c.code)).toEqual([
    'K1',
    'K5',
  ]);
});

test('a rejected row that is mended and given again is loaded', async () => {
  const { rejects } = await loadGood(db, 'cameras', [CAMERA, { ...CAMERA, code: 'K2', zone: 'roof' }]);
  const mended = { ...(rejects[0]!.row as typeof CAMERA), zone: 'public' };
  expect(counts(await load(db, 'cameras', [mended]))).toEqual({ read: 1, inserted: 1 });
});

describe('modes', () => {
  test('append refuses rows that exist', async () => {
    await load(db, 'cameras', [CAMERA]);
    const { report, reasons } = await loadGood(db, 'cameras', [CAMERA, { ...CAMERA, code: 'K2' }], { mode: 'append' });
    expect(counts(report)).toEqual({ read: 2, inserted: 1, rejected: 1 });
    expect(reasons).toEqual({ 2: 'it exists already; use --mode upsert to change it' });
  });

  test('replace removes what the file does not have', async () => {
    await load(db, 'cameras', [CAMERA, { ...CAMERA, code: 'K2' }, { ...CAMERA, code: 'K3' }]);
    const report = await load(db, 'cameras', [CAMERA, { ...CAMERA, code: 'K2', name: '南门' }], { mode: 'replace' });
    expect(counts(report)).toEqual({ read: 2, updated: 1, unchanged: 1, removed: 1 });
    expect(await countOf('camera')).toBe(2);
  });

  test('replace of grids removes only within the nets of the file', async () => {
    await load(db, 'grids', TOWN);
    const police = (code: string) => ({
      code,
      name: code,
      level: 'beat',
      net: 'police',
      geometry: square(114, 22, 0.1),
    });
    await load(db, 'grids', [police('p1'), police('p2')]);
    const report = await load(db, 'grids', [police('p2'), police('p3')], { mode: 'replace' });
    expect(counts(report)).toEqual({ read: 2, inserted: 1, unchanged: 1, removed: 1 });
    expect(await countOf('grid')).toBe(TOWN.length + 2);
  });

  test('replace of grids keeps assignments to a code that gets another period, and refuses to drop an assigned one', async () => {
    await load(db, 'grids', TOWN);
    await load(db, 'workers', [{ id: 'w1', name: '甲一', role: 'chief' }]);
    await load(db, 'assignments', [{ worker: 'w1', grid: 'WS1', duty: 'lead' }]);
    const dated: Record<string, unknown>[] = TOWN.map((grid) => ({ ...grid, valid_from: '2020-01-01' }));
    expect(counts(await load(db, 'grids', dated, { mode: 'replace' }))).toEqual({ read: 6, inserted: 6, removed: 6 });
    const without = dated.filter((grid) => grid.code !== 'WS1');
    await expect(load(db, 'grids', without, { mode: 'replace' })).rejects.toThrow(/assignment_grid_exists/);
    expect([await countOf('grid'), await countOf('assignment')]).toEqual([6, 1]);
  });

  test('replace of categories moves items to a new class before it removes the old one', async () => {
    await load(db, 'categories', CATEGORIES);
    const renamed = CATEGORIES.map((c) => ({ ...c, ...(c.code === 'A' ? { code: 'B' } : { parent: 'B' }) }));
    const report = await load(db, 'categories', renamed, { mode: 'replace' });
    expect(counts(report)).toEqual({ read: 4, inserted: 1, updated: 3, removed: 1 });
    const orphans = CATEGORIES.filter((c) => c.code !== 'A');
    const { reasons } = await loadGood(db, 'categories', orphans, { mode: 'replace', dryRun: true });
    expect(reasons).toEqual({
      2: 'parent: A is not a category',
      3: 'parent: A is not a category',
      4: 'parent: A is not a category',
    });
  });
});

test('what a row refers to must exist', async () => {
  await load(db, 'grids', TOWN);
  await load(db, 'workers', [{ id: 'w1', name: '甲一', role: 'chief' }]);
  const assignments = await loadGood(db, 'assignments', [
    { worker: 'w9', grid: 'WS1', duty: 'lead' },
    { worker: 'w1', grid: 'WS9', duty: 'lead' },
    { worker: 'w1', grid: 'WS1', net: 'police', duty: 'lead' },
    { worker: 'w1', grid: 'WS1', duty: 'lead', category: 'A1' },
    { worker: 'w1', grid: 'WS1', duty: 'lead', hours: 'Mo 25:00' },
    { worker: 'w1', grid: 'WS1', duty: 'lead' },
  ]);
  expect(assignments.report.inserted).toBe(1);
  expect(Object.values(assignments.reasons).map((reason) => reason.slice(0, 24))).toEqual([
    'worker: w9 does not exis',
    'grid: WS9 does not exist',
    'grid: WS1 does not exist',
    'category: A1 does not ex',
    expect.stringMatching(/^hours: /),
  ]);
  const { reasons } = await loadGood(db, 'incidents', [
    { id: 'i', category: 'Z', occurred_at: '2026-01-01', geometry: point(114, 22) },
  ]);
  expect(reasons).toEqual({ 2: 'category: Z does not exist; import categories first' });
});

test('children of a category whose row is bad are rejected with it', async () => {
  const { report, reasons } = await loadGood(db, 'categories', [
    { code: 'A', name: '市容', hours_limit: -1 },
    { code: 'A1', name: '垃圾', parent: 'A' },
    { code: 'A11', name: '厨余', parent: 'A1' },
    { code: 'B', name: '道路' },
  ]);
  expect(counts(report)).toEqual({ read: 4, inserted: 1, rejected: 3 });
  expect(reasons).toMatchObject({ 3: 'parent: A is not a category', 4: 'parent: A1 is not a category' });
});

test('coordinates in GCJ-02 arrive in WGS 84', async () => {
  await load(db, 'cameras', [{ ...CAMERA, geometry: point(114.057939, 22.543527) }], { crs: 'gcj02' });
  const [camera] = await db.query<{ x: number; y: number }>('select st_x(geom) as x, st_y(geom) as y from camera');
  // The city hall of Shenzhen is 560 m away when the shift is forgotten.
  expect(camera!.x).toBeCloseTo(114.0529, 3);
  expect(camera!.y).toBeCloseTo(22.5463, 3);
});

test.each(['big5', 'gb18030'] as const)(
  'text in %s is decoded, and in the wrong encoding rejected with the cure',
  async (encoding) => {
    // 東門 in Big5 and 东门 in GBK, as bytes.
    const name = encoding === 'big5' ? [0xaa, 0x46, 0xaa, 0xf9] : [0xb6, 0xab, 0xc3, 0xc5];
    const bytes = Buffer.concat([Buffer.from('code,name,lon,lat\nK1,'), Buffer.from(name), Buffer.from(',114,22\n')]);
    const rows = (as: 'utf8' | typeof encoding) => readRows(chunk(bytes), { format: 'csv', gzip: false, encoding: as });
    await importRows(db, 'cameras', rows(encoding), OPTIONS);
    expect(await db.query('select name from camera')).toEqual([{ name: encoding === 'big5' ? '東門' : '东门' }]);
    await expect(importRows(db, 'cameras', rows('utf8'), OPTIONS)).rejects.toThrow(
      /line 2: bytes that are not utf8.*--encoding/,
    );
  },
);

async function* chunk(bytes: Buffer): AsyncIterable<Buffer> {
  yield bytes;
}

test('memory does not grow with the file', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const n = 30_000;
  const heap: number[] = [];
  function* rows(): Iterable<SourceRow> {
    for (let i = 0; i < n; i++) {
      if (i === n / 3 || i === n - 1) {
        collect();
        heap.push(process.memoryUsage().heapUsed);
      }
      yield {
        line: i,
        properties: { code: `a${i}`, name: `${i}${'路'.repeat(300)}` },
        geometry: point(114 + i / n, 22),
      };
    }
  }
  expect((await importRows(db, 'cameras', rows(), OPTIONS)).inserted).toBe(n);
  // The names between the two looks alone take 12 MB.
  expect(heap[1]! - heap[0]!).toBeLessThan(5e6);
});
