import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Db } from '../../src/db/db.ts';
import { exportRows } from '../../src/import/export.ts';
import { LAYERS, type LayerName } from '../../src/import/fields.ts';
import { importRows } from '../../src/import/import.ts';
import { type Format, readRows } from '../../src/import/read/rows.ts';
import { openSource } from '../../src/import/read/source.ts';
import { TABLES } from '../../src/import/tables.ts';
import { writeRows } from '../../src/import/write.ts';
import { scratchDatabase } from '../helpers/database.ts';
import { CATEGORIES, changesAfter, counts, lastChange, load, point, square, TOWN } from '../helpers/import.ts';

let db: Db;
let directory: string;

beforeAll(async () => {
  db = await scratchDatabase();
  directory = await mkdtemp(join(tmpdir(), 'wangge-'));
  await fill();
});
afterAll(() => rm(directory, { recursive: true }));

/** Rows of every layer with whatever is hard to write: quotes, commas, breaks, other scripts, long fractions, absences. */
async function fill(): Promise<void> {
  const odd = 'a,"b"\r\n\t街\\N 😀 𠮷';
  const hole = [
    [114.105, 22.005],
    [114.105, 22.015],
    [114.115, 22.005],
    [114.105, 22.005],
  ];
  const shell = (square(114.1, 22, 0.1) as unknown as { coordinates: number[][][] }).coordinates[0]!;
  const multi = { type: 'MultiPolygon', coordinates: [[shell, hole]] } as never;
  await load(db, 'grids', [
    ...TOWN,
    { code: 'é', name: odd, level: 'district', parent: 'C', valid_to: '2026-01-01', geometry: multi },
    {
      ...{ code: 'é', name: odd, level: 'district', parent: 'C', valid_from: '2026-01-01', kind: 'dedicated' },
      ...{ households: 0, population: 2_147_483_647, props: { a: [1, { b: null }], 名: odd }, geometry: multi },
    },
    { code: 'p', name: '所', level: 'station', net: 'police', geometry: square(114, 22, 1 / 3) },
  ]);
  await load(db, 'workers', [
    { id: '1', name: odd, role: 'chief', phone: '0755-1', org: odd },
    { id: 'w2', name: '乙', role: 'other' },
  ]);
  await load(db, 'categories', [...CATEGORIES, { code: 'B', name: odd, hours_limit: 1 / 3, red_after_hours: 0 }]);
  await load(db, 'holidays', [
    { date: '2026-10-01', name: odd },
    { date: '2026-10-10', working: true },
  ]);
  await load(db, 'assignments', [
    { worker: '1', grid: 'WS1', duty: 'lead', hours: 'Mo-Fr 08:00-18:00; PH off' },
    {
      worker: 'w2',
      net: 'police',
      grid: 'p',
      duty: 'backup',
      category: 'A1',
      valid_from: '2026-01-01',
      valid_to: '2027-01-01',
    },
  ]);
  await load(db, 'cameras', [
    {
      code: '44030101001310000001',
      name: odd,
      zone: 'unit',
      heading: 359.999,
      status: 'fault',
      owner: odd,
      geometry: point(114 + 1 / 3, 22 + 1 / 7),
    },
    { code: 'K', geometry: point(-180, -90) },
  ]);
  await load(db, 'addresses', [{ id: 'a', text: odd, geometry: point(340 / 3, 22.1) }]);
  await load(db, 'incidents', [
    { id: 'i1', category: 'A1', occurred_at: '2026-03-01T08:00:00.123456+08:00', geometry: point(114.01, 22.01) },
    {
      ...{ id: 'i2', category: 'A3', occurred_at: '1999-12-31T23:59:59Z', status: 'revisited' },
      ...{ source: odd, department: odd, severity: 'high', address: odd, reported_at: '2026-03-01' },
      ...{ triaged_at: '2026-03-02', handled_at: '2026-03-03', due_at: '2026-03-04', closed_at: '2026-03-05' },
      ...{ revisited_at: '2026-03-06', geometry: point(10, 10) },
    },
  ]);
  const coordinates = [
    [114, 22],
    [114 + 1 / 3, 22],
    [114, 22],
  ];
  await load(db, 'streets', [{ id: 's', name: odd, class: 'x', geometry: { type: 'LineString', coordinates } }]);
}

async function dumpOf(layer: LayerName): Promise<unknown[]> {
  const { table, key } = TABLES[layer];
  const rows = await db.query<{ row: Record<string, unknown> }>(
    `select to_jsonb(t) as row from ${table} t order by ${key.join(', ')}`,
  );
  return rows.map(({ row: { gid: _gid, id, ...rest } }) => (layer === 'assignments' ? rest : { id, ...rest }));
}

async function exportTo(layer: LayerName, name: string, format: Format): Promise<string> {
  const path = join(directory, name);
  const gzip = name.endsWith('.gz');
  await writeRows(layer, exportRows(db, layer), createWriteStream(path), { format, gzip });
  return path;
}

async function importFrom(layer: LayerName, path: string, mode: 'upsert' | 'replace' = 'upsert') {
  const source = await openSource(path);
  const rows = readRows(source.bytes, { ...source, encoding: 'utf8' });
  return importRows(db, layer, rows, { crs: 'wgs84', timeZone: 'Asia/Shanghai', mode });
}

const FORMS: [Format, string][] = [
  ['csv', 'csv'],
  ['geojson', 'geojson'],
  ['ndjson', 'ndjson.gz'],
];

describe.each(FORMS)('as %s', (format, ending) => {
  test('what every layer exports is what it holds: importing it changes nothing', async () => {
    const before = await lastChange(db);
    for (const layer of LAYERS) {
      const path = await exportTo(layer, `${layer}.${ending}`, format);
      const n = (await dumpOf(layer)).length;
      expect(n, layer).toBeGreaterThan(0);
      expect(counts(await importFrom(layer, path)), layer).toEqual({ read: n, unchanged: n });
    }
    expect(await changesAfter(db, before)).toEqual([]);
  });

  test('an empty record gets all of it back', async () => {
    const held: [LayerName, unknown[]][] = [];
    for (const layer of LAYERS) {
      await exportTo(layer, `${layer}.${ending}`, format);
      held.push([layer, await dumpOf(layer)]);
    }
    await db.script(
      'truncate incident, incident_place, address, address_key, camera, street, assignment, worker, category, holiday, grid, grid_code',
    );
    const order: LayerName[] = [
      'grids',
      'workers',
      'categories',
      'holidays',
      'assignments',
      'cameras',
      'addresses',
      'incidents',
      'streets',
    ];
    for (const layer of order) await importFrom(layer, join(directory, `${layer}.${ending}`));
    for (const [layer, rows] of held) expect(await dumpOf(layer), layer).toEqual(rows);
  });
});

test('an export of an empty layer is a file that can be imported', async () => {
  await db.script('truncate street');
  for (const [format, ending] of FORMS) {
    const path = await exportTo('streets', `empty.${ending}`, format);
    expect(counts(await importFrom('streets', path))).toEqual({});
    if (format === 'csv') expect(await readFile(path, 'utf8')).toBe('id,name,class,geometry\n');
  }
});
