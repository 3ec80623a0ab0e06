import type { Geometry, Position } from 'geojson';
import type { Db } from '../../src/db/db.ts';
import type { LayerName } from '../../src/import/fields.ts';
import { type ImportOptions, type ImportReport, importRows, type Reject } from '../../src/import/import.ts';
import type { SourceRow } from '../../src/import/row.ts';

type Properties = Record<string, unknown> & { geometry?: Geometry };

/** Records as the rows of a file with a header: the first stands in line 2. */
export function rowsOf(records: readonly Properties[]): SourceRow[] {
  return records.map(({ geometry = null, ...properties }, i) => ({ line: i + 2, properties, geometry }));
}

export function load(
  db: Db,
  layer: LayerName,
  records: readonly Properties[],
  options: Partial<ImportOptions> = {},
): Promise<ImportReport> {
  return importRows(db, layer, rowsOf(records), { crs: 'wgs84', timeZone: 'Asia/Shanghai', ...options });
}

/** Load what can be loaded; the reasons of the rest by line. */
export async function loadGood(
  db: Db,
  layer: LayerName,
  records: readonly Properties[],
  options: Partial<ImportOptions> = {},
): Promise<{ report: ImportReport; reasons: Record<number, string>; rejects: Reject[] }> {
  const rejects: Reject[] = [];
  const report = await load(db, layer, records, { ...options, onReject: (reject) => void rejects.push(reject) });
  return { report, rejects, reasons: Object.fromEntries(rejects.map(({ line, reason }) => [line, reason])) };
}

/** The counts of a report that are not zero. */
export function counts(report: ImportReport): Record<string, number> {
  const { read, inserted, updated, unchanged, duplicates, rejected, removed } = report;
  const all = { read, inserted, updated, unchanged, duplicates, rejected, removed };
  if (read !== inserted + updated + unchanged + duplicates + rejected)
    throw new Error(`rows are lost: ${JSON.stringify(all)}`);
  return Object.fromEntries(Object.entries(all).filter(([, n]) => n !== 0));
}

/** A square by its south-west corner, in degrees. */
export function square(west: number, south: number, side: number): Geometry {
  const [east, north] = [west + side, south + side];
  return polygon([
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ]);
}

export function polygon(...rings: Position[][]): Geometry {
  return { type: 'Polygon', coordinates: rings };
}

export function point(lon: number, lat: number): Geometry {
  return { type: 'Point', coordinates: [lon, lat] };
}

/** A city of two districts, west and east of 114.1, one street in the west with two grids side by side. */
export const TOWN: readonly Properties[] = [
  { code: 'C', name: '市', level: 'city', geometry: rectangle(114, 22, 114.2, 22.1) },
  { code: 'W', name: '西区', level: 'district', parent: 'C', geometry: square(114, 22, 0.1) },
  { code: 'E', name: '东区', level: 'district', parent: 'C', geometry: square(114.1, 22, 0.1) },
  { code: 'WS', name: '西街', level: 'street', parent: 'W', geometry: square(114, 22, 0.05) },
  { code: 'WS1', name: '一格', level: 'grid', parent: 'WS', geometry: square(114, 22, 0.02) },
  { code: 'WS2', name: '二格', level: 'grid', parent: 'WS', geometry: square(114.02, 22, 0.02) },
];

export const CATEGORIES: readonly Properties[] = [
  { code: 'A', name: '市容' },
  { code: 'A1', name: '垃圾', parent: 'A', hours_limit: 24 },
  { code: 'A2', name: '噪音', parent: 'A', hours_limit: 0.5, red_after_hours: 0 },
  { code: 'A3', name: '其他', parent: 'A' },
];

export function rectangle(west: number, south: number, east: number, north: number): Geometry {
  return polygon([
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ]);
}

/** Rows of the change log, and a mark to count those that come after. */
export async function changesAfter(db: Db, mark = 0): Promise<{ seq: number; layer: string; id: string | null }[]> {
  return db.query('select seq, layer, id from change where seq > $1 order by seq', [mark]);
}

export async function lastChange(db: Db): Promise<number> {
  const [row] = await db.query<{ seq: number }>('select coalesce(max(seq), 0) as seq from change');
  return row!.seq;
}
