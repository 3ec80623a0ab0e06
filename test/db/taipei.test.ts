import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Db } from '../../src/db/db.ts';
import { tileOfPoint } from '../../src/geo/tile.ts';
import { ownerOf } from '../../src/grids/grids.ts';
import { type ImportReport, importRows } from '../../src/import/import.ts';
import { createRowMapper } from '../../src/import/map-row.ts';
import { loadMapping, type Mapping } from '../../src/import/mapping.ts';
import { isFault, type RowFault } from '../../src/import/read/fault.ts';
import { readRows } from '../../src/import/read/rows.ts';
import { openSource } from '../../src/import/read/source.ts';
import type { SourceRow } from '../../src/import/row.ts';
import { scratchDatabase, TEST_DATABASE_URL } from '../helpers/database.ts';
import { mvtFaults } from '../helpers/mvt.ts';
import { startService, type TestService } from '../helpers/service.ts';
import { hasSharedData, sharedData } from '../helpers/shared-data.ts';
import { areaOfLayer, FULL_AREA, fetchTile, propertiesOf, seeTiles, tilesOver } from '../helpers/tiles.ts';

type Rows = AsyncIterable<SourceRow | RowFault>;

async function* mapped(rows: Rows, mapping: Mapping): Rows {
  const map = createRowMapper(mapping, 'Asia/Taipei');
  for await (const row of rows) {
    const result = isFault(row) ? undefined : map(row);
    if (!result) yield row;
    else yield result.ok ? result.row : { line: row.line, reason: result.reasons.join('; '), raw: '{}' };
  }
}

interface Account {
  rows: number;
  loaded: number;
  duplicates: number;
  /** Rows by reason, what is particular of a row cut out. */
  rejected: Record<string, number>;
}

/** Import a source with its mapping, as `import LAYER FILE --mapping FILE --rejects FILE` does, and account for every row. */
async function importSource(db: Db, name: string, file: string, repair = false): Promise<[Account, ImportReport]> {
  const mapping = await loadMapping(`data/mappings/${name}.json`);
  const source = await openSource(sharedData(`taipei/${file}`), { format: mapping.format });
  const rows = readRows(source.bytes, { ...source, encoding: mapping.encoding ?? 'utf8' });
  const rejected: Record<string, number> = {};
  const report = await importRows(db, mapping.layer, mapped(rows, mapping), {
    ...{ crs: mapping.crs ?? 'wgs84', timeZone: 'Asia/Taipei', nets: mapping.nets, repair },
    onReject: ({ reason }) => {
      const kind = reason
        .replace(/'[^']*'/g, '…')
        .replace(/of \d+ places/, 'of several places')
        .split('; ')[0]!;
      rejected[kind] = (rejected[kind] ?? 0) + 1;
    },
  });
  const { read, inserted, duplicates } = report;
  return [{ rows: read, loaded: inserted, duplicates, rejected }, report];
}

const NO_ADDRESS = 'geometry: no point, and its address is not in the address book';
const SEVERAL = 'geometry: no point, and its address is that of several places';

/** Sources in the order of loading, with what becomes of their rows. */
const SOURCES: [name: string, file: string, account: Account][] = [
  ['taipei-county', 'polygons/atlas_county.geojson', { rows: 1, loaded: 1, duplicates: 0, rejected: {} }],
  ['taipei-town', 'polygons/atlas_town.geojson', { rows: 12, loaded: 12, duplicates: 0, rejected: {} }],
  ['taipei-village', 'polygons/atlas_village.geojson', { rows: 456, loaded: 456, duplicates: 0, rejected: {} }],
  ['taipei-stat-town', 'polygons/atlas_town.geojson', { rows: 12, loaded: 12, duplicates: 0, rejected: {} }],
  ['taipei-stat-code2', 'polygons/stat_code2.geojson', { rows: 907, loaded: 907, duplicates: 0, rejected: {} }],
  [
    'taipei-stat-code1',
    'polygons/stat_code1_3districts.geojson',
    { rows: 2001, loaded: 2001, duplicates: 0, rejected: {} },
  ],
  [
    'taipei-stat-base',
    'polygons/stat_base_3districts.geojson',
    { rows: 2931, loaded: 2931, duplicates: 0, rejected: {} },
  ],
  [
    'taipei-addresses',
    'addresses/taipei_address_points.csv',
    { rows: 10_675, loaded: 10_668, duplicates: 0, rejected: { 'text: is required but missing': 7 } },
  ],
  ['taipei-traffic-cameras', 'cameras/traffic_cctv_416.csv', { rows: 416, loaded: 416, duplicates: 0, rejected: {} }],
  [
    'taipei-police-cameras',
    'cameras/police_cctv_15416_address_only.csv',
    { rows: 15_416, loaded: 266, duplicates: 0, rejected: { [NO_ADDRESS]: 15_083, [SEVERAL]: 67 } },
  ],
  [
    'taipei-1999-202405',
    'incidents/open1999_202405_floors_removed.csv',
    {
      rows: 13_111,
      loaded: 666,
      duplicates: 0,
      rejected: {
        [NO_ADDRESS]: 12_128,
        [SEVERAL]: 97,
        'occurred_at: 立案日期 … is not of the form YYYYMMDD': 220,
      },
    },
  ],
  [
    'taipei-1999-202601',
    'incidents/open1999_202601_floors_removed.csv',
    { rows: 14_616, loaded: 733, duplicates: 0, rejected: { [NO_ADDRESS]: 13_779, [SEVERAL]: 104 } },
  ],
  [
    'taipei-bicycle-thefts',
    'incidents/bicycle_theft_cp950.csv',
    { rows: 3928, loaded: 0, duplicates: 0, rejected: { [NO_ADDRESS]: 3928 } },
  ],
  [
    'taipei-motorcycle-thefts',
    'incidents/motorcycle_theft_cp950.csv',
    {
      rows: 2597,
      loaded: 0,
      duplicates: 0,
      rejected: {
        [NO_ADDRESS]: 2593,
        [SEVERAL]: 2,
        'occurred_at: 發生日期 … is not of the form roc': 1,
        'occurred_at: 發生時段 … is not of the form hours': 1,
      },
    },
  ],
];

// 42,000 rows and 6,320 polygons: minutes on the embedded database.
describe.skipIf(!hasSharedData || !TEST_DATABASE_URL)('Taipei (needs ../shared/data and TEST_DATABASE_URL)', () => {
  let db: Db;
  const accounts = new Map<string, Account>();
  const reports = new Map<string, ImportReport>();

  beforeAll(async () => {
    db = await scratchDatabase();
    const categories = await openSource('data/mappings/taipei-categories.csv');
    const options = { crs: 'wgs84', timeZone: 'Asia/Taipei' } as const;
    await importRows(db, 'categories', readRows(categories.bytes, { ...categories, encoding: 'utf8' }), options);
    for (const [name, file] of SOURCES) {
      const [account, report] = await importSource(db, name, file, name === 'taipei-village');
      accounts.set(name, account);
      reports.set(name, report);
    }
  });

  test.each(SOURCES)('every row of %s (%s) is accounted for', (name, _file, expected) => {
    const account = accounts.get(name)!;
    expect(account).toEqual(expected);
    const rejected = Object.values(account.rejected).reduce((sum, n) => sum + n, 0);
    expect(account.loaded + account.duplicates + rejected).toBe(account.rows);
  });

  test('one village crosses itself: told where, and mended on request', async () => {
    const [{ rejected }] = await importSource(db, 'taipei-village', 'polygons/atlas_village.geojson');
    expect(rejected).toEqual({
      'geometry: ring 1 of polygon 1 crosses itself or another ring near 121.564862,24.96419': 1,
    });
    expect(reports.get('taipei-village')!.repaired).toMatchObject([{ parts: 1, verticesBefore: 39, vertices: 36 }]);
  });

  test('importing a source again changes nothing', async () => {
    for (const [name, file] of SOURCES.filter(([name]) => /traffic-cameras|1999-202405|county/.test(name))) {
      const [, report] = await importSource(db, name, file);
      expect([name, report.inserted, report.updated]).toEqual([name, 0, 0]);
      expect(report.unchanged).toBe(accounts.get(name)!.loaded);
    }
  });

  describe('the nets', () => {
    test('stand in their order of levels', async () => {
      const levels = await db.query(
        `select net, string_agg(id, ' ' order by rank) as levels from level where net <> 'base' group by net order by net`,
      );
      expect(levels).toEqual([
        { net: 'admin', levels: 'county town village' },
        { net: 'stat', levels: 'town code2 code1 base' },
      ]);
    });

    test('a point has its owner and chain in each', async () => {
      const station: [number, number] = [121.5319, 25.0173];
      const village = await ownerOf(db, station, 'admin', new Date());
      const base = await ownerOf(db, station, 'stat', new Date());
      expect(village?.grid.level).toBe('village');
      expect(['base', 'code2']).toContain(base?.grid.level);
    });
  });

  describe('the shelters', () => {
    interface Shelter {
      id: string;
      label: string;
      lon: number;
      lat: number;
    }
    interface Found extends Shelter {
      town: string | null;
      village: string | null;
    }
    let found: Found[];

    beforeAll(async () => {
      const shelters: Shelter[] = [];
      const source = await openSource(sharedData('taipei/addresses/taipei_address_points.csv'));
      for await (const row of readRows(source.bytes, { ...source, encoding: 'utf8' })) {
        if (isFault(row)) throw new Error(row.reason);
        const { kind, id, district, village, lon, lat } = row.properties as Record<string, string>;
        if (kind === 'shelter')
          shelters.push({ id: id!, label: `${district}${village}`, lon: Number(lon), lat: Number(lat) });
      }
      const owners = await db.query<{ n: number; town: string | null; village: string | null }>(
        `select p.n, t.name as town, v.name as village
         from unnest($1::float8[], $2::float8[]) with ordinality p (lon, lat, n)
         left join grid v on v.net = 'admin' and v.code = grid_owner(st_setsrid(st_point(lon, lat), 4326), 'admin', now())
         left join grid t on t.net = 'admin' and t.code = v.parent
         order by p.n`,
        [shelters.map(({ lon }) => lon), shelters.map(({ lat }) => lat)],
      );
      found = owners.map(({ n, town, village }) => ({ ...shelters[n - 1]!, town, village }));
    });

    test('lie in their own district in 99.7 %, in their own village in 97.5 %', () => {
      const district = found.filter(({ label, town }) => town !== null && label.startsWith(town)).length;
      const village = found.filter(({ label, town, village }) => label === `${town}${village}`).length;
      expect(found).toHaveLength(6052);
      expect([district, village]).toEqual([6039, 5905]);
      expect(district / found.length).toBeGreaterThanOrEqual(0.997);
      expect(village / found.length).toBeGreaterThanOrEqual(0.975);
    });

    test('each other one has a distance to the village of its label, or there is none of that name', async () => {
      const others = found.filter(({ label, town, village }) => label !== `${town}${village}`);
      const rows = await db.query<{ id: string; metres: number | null }>(
        `select s.id, round(st_distance(v.geom::geography, st_setsrid(st_point(lon, lat), 4326)::geography)::numeric, 1) as metres
         from unnest($1::text[], $2::text[], $3::float8[], $4::float8[]) s (id, label, lon, lat)
         left join (grid v join grid t on t.net = v.net and t.code = v.parent and v.level = 'village' and v.net = 'admin')
           on t.name || v.name = s.label`,
        [
          others.map(({ id }) => id),
          others.map(({ label }) => label),
          others.map(({ lon }) => lon),
          others.map(({ lat }) => lat),
        ],
      );
      const metres = rows.flatMap(({ metres }) => metres ?? []);
      const unknown = rows
        .filter(({ metres }) => metres === null)
        .map(({ id }) => others.find((o) => o.id === id)!.label);
      expect(rows).toHaveLength(147);
      // Younger names and other characters than those of the polygons of 2021.
      expect(new Set(unknown)).toEqual(
        new Set(['大安區梨元里', '萬華區糖蔀里', '文山區興德里', '南港區舊庄里', '大安區大安里', '內湖區舊宗里']),
      );
      expect(metres.every((m) => m > 0)).toBe(true);
      expect(metres.filter((m) => m < 50).length / metres.length).toBeGreaterThan(0.7);
      // An owner that the single question finds is the one that the whole table found.
      for (const other of others.slice(0, 5)) {
        const owner = await ownerOf(db, [other.lon, other.lat], 'admin', new Date());
        expect(owner?.grid.name).toBe(other.village);
      }
    });
  });

  describe('its tiles', () => {
    type Box = [number, number, number, number];
    const ZOOMS = [0, 5, 8, 10, 11, 12, 13, 14, 15, 16];
    let service: TestService;
    beforeAll(async () => {
      service = await startService(db);
    });
    afterAll(() => service.close());

    const boxOf = async (table: string, condition = 'true'): Promise<Box> => {
      const [row] = await db.query<{ box: Box }>(
        `select array[st_xmin(b), st_ymin(b), st_xmax(b), st_ymax(b)] as box
         from (select st_extent(geom) as b from ${table} where ${condition}) t`,
      );
      return row!.box;
    };
    const codes = async (query: string) => (await db.query<{ v: string }>(query)).map(({ v }) => v);

    test.each(['admin', 'stat'])('obey MVT 2.1 and hold every grid of net %s', async (net) => {
      const box = await boxOf('grid', `net = '${net}'`);
      const { faults, seen } = await seeTiles(service.url, { grids: 'code' }, box, ZOOMS, `?net=${net}`);
      expect(faults).toEqual([]);
      expect([...seen.grids!].sort()).toEqual(
        await codes(`select code as v from grid where net = '${net}' order by 1`),
      );
    });

    test('hold every camera and, of each zoom, the exact number of requests', async () => {
      const period = '?from=2024-01-01T00:00:00Z';
      const { faults, seen } = await seeTiles(service.url, { cameras: 'code' }, await boxOf('camera'), ZOOMS);
      expect(faults).toEqual([]);
      expect([...seen.cameras!].sort()).toEqual(await codes('select code as v from camera order by 1'));
      const box = await boxOf('incident');
      for (const z of [0, 8, 11, 13, 14]) {
        let n = 0;
        for (const tile of tilesOver(box, z)) {
          const got = await fetchTile(service.url, 'incidents', tile, period);
          if (got) expect(mvtFaults(got.bytes)).toEqual([]);
          for (const properties of propertiesOf(got?.tile, 'incidents')) n += Number(properties.n ?? 1);
        }
        expect(n, `zoom ${z}`).toBe(1399);
      }
    });

    test('have no cracks between neighbouring villages', async () => {
      for (const z of [14, 15, 16]) {
        const got = await fetchTile(service.url, 'grids', tileOfPoint(121.545, 25.035, z), '?net=admin&level=village');
        expect(areaOfLayer(got!.tile, 'grids'), `zoom ${z}`).toBe(FULL_AREA);
      }
    });
  });

  test('what has only an address stands where the book has it', async () => {
    const [row] = await db.query<{ n: number; off: number }>(
      `select count(*)::int as n, (count(*) filter (where not exists (select from address a where st_equals(a.geom, i.geom))))::int as off
       from incident i`,
    );
    expect(row).toEqual({
      n: accounts.get('taipei-1999-202405')!.loaded + accounts.get('taipei-1999-202601')!.loaded,
      off: 0,
    });
    const ranges = await db.query(`select id from incident where address like '%~%' or id like '%theft%'`);
    expect(ranges).toEqual([]);
  });
});
