import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createRowMapper } from '../../src/import/map-row.ts';
import { loadMapping } from '../../src/import/mapping.ts';
import { createRowParser } from '../../src/import/parse.ts';
import { isFault } from '../../src/import/read/fault.ts';
import { readRows } from '../../src/import/read/rows.ts';
import { openSource } from '../../src/import/read/source.ts';

const DATA = '../shared/data';

interface Account {
  rows: number;
  accepted: number;
  /** Rows whose id an earlier one has. */
  duplicates: number;
  /** Lines of rejected rows by their reasons, quoted values cut out. */
  rejected: Record<string, number[]>;
}

/** Read a source through its mapping as the importer does, and account for every row. */
async function account(mappingName: string, file: string): Promise<Account> {
  const mapping = await loadMapping(`data/mappings/${mappingName}.json`);
  const map = createRowMapper(mapping, 'Asia/Shanghai');
  const crs = mapping.crs ?? 'wgs84';
  const parse = createRowParser(mapping.layer, { crs, timeZone: 'Asia/Shanghai', placeByAddress: true });
  const source = await openSource(`${DATA}/${file}`);
  const ids = new Set<string>();
  const result: Account = { rows: 0, accepted: 0, duplicates: 0, rejected: {} };
  const reject = (line: number, reasons: string[]): void => {
    const reason = reasons.map((text) => text.replace(/'.*'/, '…')).join('; ');
    result.rejected[reason] ??= [];
    result.rejected[reason].push(line);
  };
  for await (const row of readRows(source.bytes, { ...source, encoding: mapping.encoding ?? 'utf8' })) {
    result.rows++;
    const mapped = isFault(row) ? { ok: false as const, reasons: [row.reason] } : map(row);
    const parsed = mapped.ok ? parse(mapped.row) : mapped;
    if (!parsed.ok) {
      reject(row.line, parsed.reasons);
      continue;
    }
    const record: object = parsed.record;
    const id = 'code' in record ? record.code : 'id' in record ? record.id : undefined;
    if (ids.has(String(id))) result.duplicates++;
    else result.accepted++;
    ids.add(String(id));
  }
  return result;
}

describe.skipIf(!existsSync(DATA))(`the mapping files on the published data (needs ${DATA})`, () => {
  it.each([
    ['taipei-county', 'taipei/polygons/atlas_county.geojson', 1],
    ['taipei-town', 'taipei/polygons/atlas_town.geojson', 12],
    ['taipei-village', 'taipei/polygons/atlas_village.geojson', 456],
    ['taipei-stat-town', 'taipei/polygons/atlas_town.geojson', 12],
    ['taipei-stat-code2', 'taipei/polygons/stat_code2.geojson', 907],
    ['taipei-stat-code1', 'taipei/polygons/stat_code1_3districts.geojson', 2001],
    ['taipei-stat-base', 'taipei/polygons/stat_base_3districts.geojson', 2931],
    ['taipei-traffic-cameras', 'taipei/cameras/traffic_cctv_416.csv', 416],
    ['taipei-police-cameras', 'taipei/cameras/police_cctv_15416_address_only.csv', 15_416],
    ['taipei-1999-202601', 'taipei/incidents/open1999_202601_floors_removed.csv', 14_616],
    ['taipei-bicycle-thefts', 'taipei/incidents/bicycle_theft_cp950.csv', 3928],
  ])('%s takes every row of %s', async (mapping, file, rows) => {
    expect(await account(mapping, file)).toEqual({ rows, accepted: rows, duplicates: 0, rejected: {} });
  });

  it('taipei-1999-202405 tells mangled ids apart and rejects shifted rows', async () => {
    const { rejected, ...counts } = await account(
      'taipei-1999-202405',
      'taipei/incidents/open1999_202405_floors_removed.csv',
    );
    expect(counts).toEqual({ rows: 13_111, accepted: 12_891, duplicates: 0 });
    const lines = Object.entries(rejected).flatMap(([reason, at]) => {
      expect(reason).toContain('occurred_at: 立案日期 … is not of the form YYYYMMDD');
      return at;
    });
    expect(lines).toHaveLength(220);
  });

  it('taipei-motorcycle-thefts rejects the two slips of the pen', async () => {
    const { rejected, ...counts } = await account(
      'taipei-motorcycle-thefts',
      'taipei/incidents/motorcycle_theft_cp950.csv',
    );
    expect(counts).toEqual({ rows: 2597, accepted: 2595, duplicates: 0 });
    expect(Object.values(rejected)).toEqual([[932], [1802]]);
  });

  it('taipei-addresses rejects rows without an address', async () => {
    const { rejected, ...counts } = await account('taipei-addresses', 'taipei/addresses/taipei_address_points.csv');
    expect(counts).toEqual({ rows: 10_675, accepted: 10_668, duplicates: 0 });
    expect(Object.keys(rejected)).toEqual(['text: is required but missing']);
  });

  it('shenzhen-fences rejects the two districts without name and level', async () => {
    const { rejected, ...counts } = await account('shenzhen-fences', 'shenzhen/fences_gcj02.geojson');
    expect(counts).toEqual({ rows: 9, accepted: 7, duplicates: 0 });
    expect(rejected).toEqual({ 'name: is required but missing; level: is required but missing': [1, 1] });
  });

  it('shenzhen-divisions rejects divisions without a centre point', async () => {
    const { rejected, ...counts } = await account('shenzhen-divisions', 'shenzhen/divisions.csv');
    expect(counts).toEqual({ rows: 868, accepted: 308, duplicates: 0 });
    expect(Object.keys(rejected)).toEqual(['geometry: no point; give lon and lat, or a geometry']);
  });

  it('taipei-categories.csv has every category that the mappings of incidents name', async () => {
    const source = await openSource('data/mappings/taipei-categories.csv');
    const parse = createRowParser('categories', { crs: 'wgs84', timeZone: 'Asia/Shanghai' });
    const codes = new Set<unknown>();
    for await (const row of readRows(source.bytes, { ...source, encoding: 'utf8' })) {
      const parsed = isFault(row) ? null : parse(row);
      if (!parsed?.ok) throw new Error(`line ${row.line} of taipei-categories.csv is not a category`);
      if (parsed.record.parent !== null) expect(codes).toContain(parsed.record.parent);
      codes.add(parsed.record.code);
    }
    for (const name of ['1999-202405', '1999-202601', 'bicycle-thefts', 'motorcycle-thefts']) {
      const { category } = (await loadMapping(`data/mappings/taipei-${name}.json`)).fields;
      for (const code of Object.values((category as { lookup: Record<string, unknown> }).lookup))
        expect(codes).toContain(code);
    }
  });
});
