import { beforeAll, describe, expect, test } from 'vitest';
import type { Db } from '../../src/db/db.ts';
import { chainOf, ownerOf } from '../../src/grids/grids.ts';
import { type ImportReport, importRows, type Reject } from '../../src/import/import.ts';
import { createRowMapper } from '../../src/import/map-row.ts';
import { loadMapping } from '../../src/import/mapping.ts';
import { isFault, type RowFault } from '../../src/import/read/fault.ts';
import { readRows } from '../../src/import/read/rows.ts';
import { openSource } from '../../src/import/read/source.ts';
import type { SourceRow } from '../../src/import/row.ts';
import { scratchDatabase } from '../helpers/database.ts';
import { counts } from '../helpers/import.ts';
import { startService } from '../helpers/service.ts';
import { hasSharedData, sharedData } from '../helpers/shared-data.ts';
import { seeTiles } from '../helpers/tiles.ts';

/** Import a source with its mapping, its coordinates read as `crs`. */
async function importSource(
  db: Db,
  name: string,
  file: string,
  crs?: 'wgs84',
): Promise<{ report: ImportReport; rejects: Reject[] }> {
  const mapping = await loadMapping(`data/mappings/${name}.json`);
  const source = await openSource(sharedData(`shenzhen/${file}`), { format: mapping.format });
  const map = createRowMapper(mapping, 'Asia/Shanghai');
  async function* rows(): AsyncIterable<SourceRow | RowFault> {
    for await (const row of readRows(source.bytes, { ...source, encoding: 'utf8' })) {
      const mapped = isFault(row) ? undefined : map(row);
      if (mapped?.ok) yield mapped.row;
    }
  }
  const rejects: Reject[] = [];
  const options = {
    crs: crs ?? mapping.crs!,
    timeZone: 'Asia/Shanghai',
    onReject: (reject: Reject) => void rejects.push(reject),
  };
  return { report: await importRows(db, mapping.layer, rows(), options), rejects };
}

describe.skipIf(!hasSharedData)('Shenzhen (needs ../shared/data)', () => {
  let db: Db;
  let fences: Awaited<ReturnType<typeof importSource>>;
  let divisions: Awaited<ReturnType<typeof importSource>>;

  beforeAll(async () => {
    db = await scratchDatabase();
    fences = await importSource(db, 'shenzhen-fences', 'fences_gcj02.geojson');
    divisions = await importSource(db, 'shenzhen-divisions', 'divisions.csv');
  });

  test('city and counties become grids; two fences without name and level are rejected', async () => {
    expect(counts(fences.report)).toEqual({ read: 9, inserted: 7, rejected: 2 });
    expect(fences.rejects.map(({ row }) => (row as { code: string }).code)).toEqual(['440309000000', '440310000000']);
    expect(await db.query('select name, level from grid order by code')).toEqual([
      { name: '深圳市', level: 'city' },
      ...['罗湖区', '福田区', '南山区', '宝安区', '龙岗区', '盐田区'].map((name) => ({ name, level: 'district' })),
    ]);
  });

  test('divisions without a centre point are rejected, the others are places', () => {
    expect(counts(divisions.report)).toEqual({ read: 868, inserted: 308, rejected: 560 });
    expect(new Set(divisions.rejects.map(({ reason }) => reason))).toEqual(
      new Set(['geometry: no point; give lon and lat, or a geometry']),
    );
  });

  interface Centre {
    id: string;
    lon: number;
    lat: number;
  }
  const centres = () => db.query<Centre>('select id, st_x(geom) as lon, st_y(geom) as lat from address order by id');

  test('the centre of every division lies in its own county', async () => {
    let checked = 0;
    for (const { id, lon, lat } of await centres()) {
      const owner = await ownerOf(db, [lon, lat], 'base', new Date());
      const chain = await chainOf(db, 'base', owner!.grid.code, new Date());
      const own = id === '440300000000' ? id : `${id.slice(0, 6)}000000`;
      expect(
        chain.map(({ code }) => code),
        id,
      ).toContain(own);
      expect(chain, id).toHaveLength(2);
      checked += 1;
    }
    expect(checked).toBe(308);
  });

  test('its tiles obey MVT 2.1 and hold every county and every zoom down to 12', async () => {
    const service = await startService(db);
    try {
      const box = [113.7, 22.4, 114.7, 22.9] as const;
      for (const z of [0, 4, 7, 9, 10, 11, 12]) {
        const { faults, seen } = await seeTiles(service.url, { grids: 'code' }, box, [z]);
        expect(faults).toEqual([]);
        if (z >= 9) expect(seen.grids!.size, `zoom ${z}`).toBe(7);
      }
    } finally {
      await service.close();
    }
  });

  test('without the conversion of one side, centres fall into other counties', async () => {
    await importSource(db, 'shenzhen-divisions', 'divisions.csv', 'wgs84');
    const [row] = await db.query<{ n: number }>(
      `select count(*)::int as n from address a
       where grid_owner(a.geom, 'base', now()) is distinct from left(a.id, 6) || '000000' and a.id <> '440300000000'`,
    );
    expect(row!.n).toBeGreaterThan(5);
  });
});
