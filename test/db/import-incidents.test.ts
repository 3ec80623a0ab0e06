import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Db } from '../../src/db/db.ts';
import { importRows } from '../../src/import/import.ts';
import type { SourceRow } from '../../src/import/row.ts';
import { cellAt } from '../../src/incidents/place.ts';
import { Mirror } from '../../src/live/mirror.ts';
import { scratchDatabase } from '../helpers/database.ts';
import {
  CATEGORIES,
  changesAfter,
  counts,
  lastChange,
  load,
  loadGood,
  point,
  square,
  TOWN,
} from '../helpers/import.ts';

let db: Db;
beforeEach(async () => {
  db = await scratchDatabase();
  await load(db, 'grids', TOWN);
  await load(db, 'categories', CATEGORIES);
});

const INCIDENT = { id: 'i1', category: 'A1', occurred_at: '2026-03-01T08:00:00+08:00', geometry: point(114.01, 22.01) };

interface Derived {
  id: string;
  region: string;
  owner: string | null;
  cell: number;
}

function derived(): Promise<Derived[]> {
  return db.query(
    'select i.id, i.region, p.owner, p.cell::text as cell from incident i left join incident_place p using (region, id) order by i.id',
  );
}

function cellOf(lon: number, lat: number): string {
  return cellAt(lon, lat).toString();
}

describe('what is derived', () => {
  test('region, owner and cell come with the import', async () => {
    await load(db, 'incidents', [
      INCIDENT,
      { ...INCIDENT, id: 'i2', geometry: point(114.07, 22.07) },
      { ...INCIDENT, id: 'i3', geometry: point(114.15, 22.05) },
      { ...INCIDENT, id: 'i4', geometry: point(100, 22) },
    ]);
    expect(await derived()).toEqual([
      { id: 'i1', region: 'W', owner: 'WS1', cell: cellOf(114.01, 22.01) },
      { id: 'i2', region: 'W', owner: 'W', cell: cellOf(114.07, 22.07) },
      { id: 'i3', region: 'E', owner: 'E', cell: cellOf(114.15, 22.05) },
      { id: 'i4', region: '-', owner: null, cell: cellOf(100, 22) },
    ]);
  });

  test('on a border the lowest code of the deepest level owns, dedicated before base', async () => {
    const border = { ...INCIDENT, geometry: point(114.02, 22.01) };
    await load(db, 'incidents', [border]);
    const school = { code: 'Z', name: '学校', level: 'grid', kind: 'dedicated', parent: 'WS' };
    await load(db, 'grids', [{ ...school, geometry: square(114.02, 22, 0.01) }]);
    await load(db, 'incidents', [{ ...border, id: 'i2' }]);
    expect((await derived()).map(({ owner }) => owner)).toEqual(['WS1', 'Z']);
  });

  test('the import derives what the same rows get by hand', async () => {
    const at: [number, number][] = [];
    for (let i = 0; i < 40; i++) at.push([113.99 + (i % 8) * 0.03, 21.99 + Math.floor(i / 8) * 0.02]);
    await load(
      db,
      'incidents',
      at.map(([lon, lat], i) => ({ ...INCIDENT, id: `i${100 + i}`, geometry: point(lon, lat) })),
    );
    const imported = await derived();
    await db.script('truncate incident, incident_place');
    for (const [i, [lon, lat]] of at.entries())
      await db.query(
        `insert into incident (id, category, occurred_at, geom) values ($1, 'A1', '2026-03-01', st_setsrid(st_point($2::float8, $3::float8), 4326))`,
        [`i${100 + i}`, lon, lat],
      );
    await new Mirror(db).catchUp();
    expect(await derived()).toEqual(imported);
    expect(new Set(imported.map(({ region }) => region))).toEqual(new Set(['W', 'E', '-']));
  });

  test('an incident of psql gets region and due time at once, cell and owner by the next look', async () => {
    const mirror = new Mirror(db);
    await mirror.catchUp();
    await db.query(
      `insert into incident (id, category, occurred_at, geom) values ('h', 'A1', '2026-03-01 08:00+08', 'srid=4326;point(114.01 22.01)')`,
    );
    const [row] = await db.query('select region, due_at from incident');
    expect(row).toEqual({ region: 'W', due_at: new Date('2026-03-02T08:00:00+08:00') });
    expect((await derived())[0]).toMatchObject({ owner: null, cell: null });
    await mirror.catchUp();
    expect((await derived())[0]).toMatchObject({ owner: 'WS1', cell: cellOf(114.01, 22.01) });
    await db.query(`update incident set geom = 'srid=4326;point(114.03 22.01)'`);
    await mirror.catchUp();
    expect((await derived())[0]).toMatchObject({ owner: 'WS2', cell: cellOf(114.03, 22.01) });
    await db.script('truncate incident');
    await mirror.catchUp();
    expect(await db.query('select id from incident_place union select id from incident_key')).toEqual([]);
  });

  test('a new plan gives incidents new owners at once, and then keeps them', async () => {
    const mirror = new Mirror(db);
    await load(db, 'incidents', [INCIDENT]);
    await mirror.catchUp();
    await load(db, 'grids', [{ ...TOWN[4]!, name: '新一格', geometry: square(114.015, 22, 0.005) }]);
    await mirror.catchUp();
    const [row] = await db.query(
      `select incident_owner(i, p, 'base', now()) as owner from incident i join incident_place p using (region, id)`,
    );
    expect(row).toEqual({ owner: 'WS' });
    await mirror.followPlan();
    expect((await derived())[0]!.owner).toBe('WS');
  });
});

test('an incident that moves to another region is updated, not doubled', async () => {
  await load(db, 'incidents', [INCIDENT, { ...INCIDENT, id: 'i2' }]);
  const moved = { ...INCIDENT, geometry: point(114.15, 22.05) };
  const before = await lastChange(db);
  expect(counts(await load(db, 'incidents', [moved, { ...INCIDENT, id: 'i2' }]))).toEqual({
    read: 2,
    updated: 1,
    unchanged: 1,
  });
  expect((await derived()).map(({ id, region }) => [id, region])).toEqual([
    ['i1', 'E'],
    ['i2', 'W'],
  ]);
  expect((await db.query('select id, region from incident_key order by id'))[0]).toEqual({ id: 'i1', region: 'E' });
  expect(new Set((await changesAfter(db, before)).map(({ id }) => id))).toEqual(new Set(['i1']));
});

test('due_at is the report, or the occurrence, plus the hours of the category; given ones stay', async () => {
  await load(db, 'incidents', [
    INCIDENT,
    { ...INCIDENT, id: 'i2', category: 'A2', reported_at: '2026-03-01 09:00' },
    { ...INCIDENT, id: 'i3', category: 'A3' },
    { ...INCIDENT, id: 'i4', due_at: '2026-03-09 12:00' },
  ]);
  const rows = await db.query<{ due_at: Date | null }>('select due_at from incident order by id');
  expect(rows.map(({ due_at }) => due_at?.toISOString() ?? null)).toEqual([
    '2026-03-02T00:00:00.000Z',
    '2026-03-01T01:30:00.000Z',
    null,
    '2026-03-09T04:00:00.000Z',
  ]);
});

test('times without offset are of the zone of the import; times that are not there or in the wrong order are refused', async () => {
  const { reasons } = await loadGood(db, 'incidents', [
    { ...INCIDENT, occurred_at: '2026-03-01 08:00' },
    { ...INCIDENT, id: 'i2', occurred_at: '2026-02-30 08:00' },
    { ...INCIDENT, id: 'i3', closed_at: '2026-03-01T07:59:59+08:00' },
    { ...INCIDENT, id: 'i4', status: 'open' },
    { ...INCIDENT, id: 'i5', geometry: point(114, 91) },
  ]);
  expect(reasons).toEqual({
    3: expect.stringMatching(/^occurred_at: '2026-02-30 08:00' is not a time/),
    4: 'closed_at: 2026-03-01T07:59:59+08:00 must not lie before occurred_at 2026-03-01T08:00:00+08:00',
    5: expect.stringMatching(/^status: 'open' is not one of reported, triaged/),
    6: expect.stringMatching(/^geometry: the point has a position that is not on the earth: \[114,91\]/),
  });
  expect(await db.query('select occurred_at from incident')).toEqual([{ occurred_at: new Date('2026-03-01T00:00Z') }]);
});

describe('a place by address', () => {
  const BOOK = [
    { id: '1', text: '臺北市大同區承德路二段235號', geometry: point(114.01, 22.01) },
    { id: '2', text: '臺北市大同區承德路二段237號', geometry: point(114.03, 22.01) },
    { id: '3', text: '臺北市大同區承德路二段237號', geometry: point(114.031, 22.01) },
    { id: '4', text: '臺北市中山區長春路1號', geometry: point(114.15, 22.05) },
    { id: '5', text: '長安路3號', geometry: point(114.15, 22.06) },
    { id: '6', text: '臺北市大同區承德路二段31之2號', geometry: point(114.01, 22.02) },
    { id: '7', text: '臺北市大同區承德路二段1號', geometry: point(114.01, 22.03) },
  ];
  const at = (address: string) => ({
    id: createHash('sha256').update(address).digest('hex'),
    category: 'A3',
    occurred_at: '2026-03-01',
    address,
  });
  beforeEach(async () => {
    await load(db, 'addresses', BOOK);
  });

  test('is that of the one entry with this text, or with this district, road and number', async () => {
    const expected = {
      臺北市大同區承德路二段235號: '1',
      台北市大同区承德路2段２３５号: '1',
      大同區臺北市大同區國慶里005鄰承德路二段２３５號: '1',
      大同區承德路二段235: '1',
      中山區長春路1號: '4',
      長安路3號: '5',
      大同區承德路二段31之2號: '6',
    };
    await load(db, 'incidents', Object.keys(expected).map(at));
    const found = await db.query<{ address: string; id: string }>(
      'select i.address, a.id from incident i join address a on st_equals(a.geom, i.geom)',
    );
    expect(Object.fromEntries(found.map(({ address, id }) => [address, id]))).toEqual(expected);
  });

  test('is never a guess', async () => {
    const expected = {
      臺北市大同區承德路二段237號: 'is that of 2 places',
      大同區承德路二段237號: 'is that of 2 places',
      承德路二段235號: 'is not in the address book',
      高雄市大同區承德路二段235號: 'is not in the address book',
      中山區長安路3號: 'is not in the address book',
      '臺北市大同區承德路二段1~30號': 'is not in the address book',
      '臺北市大同區承德路二段1 - 30號': 'is not in the address book',
      大同區承德路二段235號前燈桿: 'is not in the address book',
      大同區承德路二段235號5樓: 'is not in the address book',
      大同區承德路二段: 'is not in the address book',
      路口: 'is not in the address book',
    };
    const { rejects } = await loadGood(db, 'incidents', Object.keys(expected).map(at));
    const reasons = rejects.map(({ row, reason }) => [
      (row as { address: string }).address,
      /^geometry: no point, and its address (.*); give lon and lat$/.exec(reason)?.[1],
    ]);
    expect(Object.fromEntries(reasons)).toEqual(expected);
  });

  test('entries written by hand count', async () => {
    await db.query(
      `insert into address (id, text, geom) values ('h', '大同區寧夏路7號', 'srid=4326;point(114.01 22.04)')`,
    );
    await db.query(`update address set text = '大同區寧夏路9號' where id = '1'`);
    const { report, reasons } = await loadGood(db, 'incidents', [
      at('大同區寧夏路7號'),
      at('大同區寧夏路9號'),
      at('大同區承德路二段235號'),
    ]);
    expect(counts(report)).toEqual({ read: 3, inserted: 2, rejected: 1 });
    expect(Object.keys(reasons)).toEqual(['4']);
  });

  test('cameras get one too', async () => {
    await load(db, 'cameras', [{ code: 'K1', address: '大同區承德路二段235號' }]);
    expect(await db.query('select st_x(geom) as x from camera')).toEqual([{ x: 114.01 }]);
  });
});

test('over 10,000 rows are one bulk change with their box', async () => {
  function* rows(n: number): Iterable<SourceRow> {
    for (let i = 0; i < n; i++)
      yield {
        line: i + 1,
        properties: { id: `b${i}`, category: 'A3', occurred_at: '2026-03-01' },
        geometry: point(114 + (i % 100) / 1000, 22 + i / 1e6),
      };
  }
  const options = { crs: 'wgs84', timeZone: 'Asia/Shanghai' } as const;
  const before = await lastChange(db);
  await importRows(db, 'incidents', rows(10_001), options);
  const changes = await db.query('select layer, scope, id, west, south, east, north from change where seq > $1', [
    before,
  ]);
  expect(changes).toEqual([
    { layer: 'incidents', scope: null, id: null, west: 114, south: 22, east: 114.099, north: 22.01 },
  ]);
  const again = await lastChange(db);
  expect(counts(await importRows(db, 'incidents', rows(10_001), options))).toEqual({ read: 10_001, unchanged: 10_001 });
  expect(await changesAfter(db, again)).toEqual([]);
});
