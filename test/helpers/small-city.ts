import type { Db } from '../../src/db/db.ts';
import type { LayerName } from '../../src/import/fields.ts';
import { importRows } from '../../src/import/import.ts';
import { scratchDatabase } from './database.ts';

/** A square of degrees as GeoJSON. */
export function square(west: number, south: number, size: number) {
  const [east, north] = [west + size, south + size];
  const ring = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ];
  return { type: 'Polygon' as const, coordinates: [ring] };
}

export function point(lon: number, lat: number) {
  return { type: 'Point' as const, coordinates: [lon, lat] };
}

type Row = Record<string, unknown> & { geometry?: unknown };

const LAYERS: [LayerName, Row[]][] = [
  [
    'grids',
    [
      { code: 'D1', name: '临江区', level: 'district', geometry: square(120, 30, 0.02) },
      { code: 'G1', name: '一网格', level: 'grid', parent: 'D1', geometry: square(120, 30, 0.01) },
      { code: 'G2', name: '二网格', level: 'grid', parent: 'D1', geometry: square(120.01, 30, 0.01) },
    ],
  ],
  [
    'workers',
    [
      { id: 'W1', name: '甲甲', role: 'fulltime', phone: '5550001' },
      { id: 'W2', name: '乙乙', role: 'police' },
    ],
  ],
  [
    'categories',
    [
      { code: '1', name: '市容' },
      { code: '11', name: '占道', parent: '1', hours_limit: 48 },
    ],
  ],
  [
    'assignments',
    [
      { worker: 'W1', grid: 'G1', duty: 'lead' },
      { worker: 'W2', grid: 'D1', duty: 'lead' },
    ],
  ],
  ['holidays', [{ date: '2026-10-01', name: '国庆节' }]],
  ['cameras', [{ code: 'C1', name: '东门', geometry: point(120.005, 30.005) }]],
  [
    'incidents',
    [
      {
        id: 'I1',
        category: '11',
        occurred_at: '2026-10-30T08:00:00+08:00',
        address: '临江路1号',
        geometry: point(120.004, 30.004),
      },
    ],
  ],
  ['addresses', [{ id: 'A1', text: '临江区临江路1号', geometry: point(120.004, 30.004) }]],
  [
    'streets',
    [
      {
        id: 'S1',
        name: '临江路',
        geometry: {
          type: 'LineString',
          coordinates: [
            [120, 30],
            [120.02, 30.02],
          ],
        },
      },
    ],
  ],
];

/** The scratch database with one or two features of every layer: a district of 2 km and two grids in it. */
export async function smallCity(): Promise<Db> {
  const db = await scratchDatabase();
  for (const [layer, rows] of LAYERS) {
    const source = rows.map(({ geometry, ...properties }, i) => ({
      line: i + 1,
      properties,
      geometry: (geometry ?? null) as never,
    }));
    await importRows(db, layer, source, { crs: 'wgs84', timeZone: 'Asia/Shanghai' });
  }
  return db;
}
