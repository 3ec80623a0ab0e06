import { chunkLines, copyLine, type Db } from '../../src/db/db.ts';
import { generateDemo } from '../../src/demo/demo.ts';
import { importRows } from '../../src/import/import.ts';
import { cellAt } from '../../src/incidents/place.ts';

/** The demo city of the benches: 365 days up to this midnight of Asia/Shanghai. */
export const UNTIL = new Date('2026-11-01T00:00:00+08:00');
export const SEED = 1;

const NEEDED = new Set(['grids', 'workers', 'assignments', 'holidays', 'cameras', 'categories', 'streets']);

/** Load the demo city unless it is there: small layers by the importer, incidents and their cells by COPY. */
export async function loadCity(db: Db, report: (line: string) => void): Promise<void> {
  const [{ isFull }] = (await db.query<{ isFull: boolean }>(
    'select exists (select from grid) and exists (select from incident_place) as "isFull"',
  )) as [{ isFull: boolean }];
  if (isFull) return;
  const demo = generateDemo({ size: 'city', seed: SEED, until: UNTIL });
  for (const { layer, count, rows } of demo.layers) {
    if (!NEEDED.has(layer)) continue;
    report(`loading ${count} ${layer}`);
    const nets = layer === 'grids' ? demo.nets : [];
    await importRows(db, layer, rows(), { crs: 'wgs84', timeZone: 'Asia/Shanghai', nets });
  }
  const layer = demo.layers.find((one) => one.layer === 'incidents')!;
  report(`loading ${layer.count} incidents`);
  const limits = new Map(
    (await db.query<{ code: string; hours: number | null }>('select code, hours_limit as hours from category')).map(
      ({ code, hours }) => [code, hours],
    ),
  );
  await db.script('truncate incident, incident_place; alter table incident disable trigger user');
  const points: [string, number, number][] = [];
  await db.copyIn(
    'incident (region, id, category, occurred_at, status, due_at, closed_at, geom)',
    chunkLines(incidentLines(layer.rows(), limits, points)),
  );
  await db.copyIn('incident_place (region, id, x, y, cell, plan)', chunkLines(placeLines(points)));
  await db.script('alter table incident enable trigger user; analyze incident; analyze incident_place; analyze grid');
}

type Rows = ReturnType<ReturnType<typeof generateDemo>['layers'][number]['rows']>;

function* incidentLines(rows: Rows, limits: Map<string, number | null>, points: [string, number, number][]) {
  for (const { properties, geometry } of rows) {
    if (geometry?.type !== 'Point') throw new Error('an incident of the demo has no point');
    const [lon, lat] = geometry.coordinates as [number, number];
    const p = properties as Record<string, string | null | undefined>;
    const hours = limits.get(p.category!);
    const start = new Date(p.reported_at ?? p.occurred_at!);
    const due = p.due_at ?? (hours ? new Date(start.getTime() + hours * 3_600_000).toISOString() : null);
    points.push([p.id!, lon, lat]);
    yield copyLine([
      '-',
      p.id!,
      p.category!,
      p.occurred_at!,
      p.status ?? 'reported',
      due,
      p.closed_at ?? null,
      `SRID=4326;POINT(${lon} ${lat})`,
    ]);
  }
}

/** Owners are left to be found: plan 0 is none. */
function* placeLines(points: readonly [string, number, number][]) {
  for (const [id, lon, lat] of points) yield copyLine(['-', id, lon, lat, String(cellAt(lon, lat)), 0]);
}
