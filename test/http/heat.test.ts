import { bbox, booleanPointInPolygon } from '@turf/turf';
import { tableFromIPC } from 'apache-arrow';
import { parse } from 'csv-parse/sync';
import type { MultiPolygon, Polygon } from 'geojson';
import { cellToBoundary, cellToParent, latLngToCell } from 'h3-js';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Db } from '../../src/db/db.ts';
import { cellOfKey } from '../../src/geo/cellkey.ts';
import { createAnalysis } from '../../src/heat/analysis.ts';
import { cellHouseholds } from '../../src/heat/households.ts';
import { DEMO_NOW, demoDatabase } from '../helpers/database.ts';
import { type PlainIncident, perCell, plainIncidents, within } from '../helpers/incident-cells.ts';
import { startService, type TestService } from '../helpers/service.ts';

const FROM = '2026-05-01T00:00:00+08:00';
const TO = '2026-11-01T00:00:00+08:00';
const PERIOD = period(FROM, TO);
const OVERDUE_HOURS = 3_600_000;

interface Cell {
  cell: string;
  n: number;
  value?: number | null;
}

let db: Db;
let service: TestService;
let all: PlainIncident[];
let half: PlainIncident[];

beforeAll(async () => {
  db = await demoDatabase();
  service = await startService(db);
  all = await plainIncidents(db);
  half = within(all, FROM, TO);
});
afterAll(() => service.close());

function period(from: string, to: string): string {
  return `from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`;
}

async function ask<T = { cells: Cell[] }>(path: string): Promise<T> {
  const response = await fetch(`${service.url}${path}`);
  const body = await response.text();
  expect(response.status, `${path}: ${body.slice(0, 300)}`).toBe(200);
  return JSON.parse(body) as T;
}

const total = (cells: Cell[], of: (cell: Cell) => number = ({ n }) => n) => cells.reduce((sum, c) => sum + of(c), 0);

function isOpen({ status }: PlainIncident): boolean {
  return !['closed', 'revisited', 'void'].includes(status);
}

function isClosed({ status, closed_at }: PlainIncident): boolean {
  return ['closed', 'revisited'].includes(status) && closed_at !== null;
}

describe('counts and measures', () => {
  test.each([5, 7, 8, 10])('resolution %i counts what the points say', async (res) => {
    const { cells } = await ask(`/heat?res=${res}&${PERIOD}`);
    expect(new Map(cells.map(({ cell, n }) => [cell, n]))).toEqual(perCell(half, res));
    expect(cells.map(({ cell }) => cell)).toEqual(cells.map(({ cell }) => cell).sort());
  });

  test('open, overdue and mean hours', async () => {
    const at = new Date(Math.floor(DEMO_NOW.getTime() / 60_000) * 60_000);
    const expected = {
      open: perCell(half, 8, (i) => Number(isOpen(i))),
      overdue: perCell(half, 8, (i) => Number(isOpen(i) && i.due_at !== null && i.due_at < at)),
    };
    for (const measure of ['open', 'overdue'] as const) {
      const { cells } = await ask(`/heat?res=8&measure=${measure}&${PERIOD}`);
      expect(new Map(cells.map(({ cell, value }) => [cell, value]))).toEqual(expected[measure]);
      expect(total(cells, ({ value }) => value!)).toBeGreaterThan(0);
    }
    const closed = half.filter(isClosed);
    const hours = perCell(closed, 8, (i) => (i.closed_at!.getTime() - i.occurred_at.getTime()) / OVERDUE_HOURS);
    const counts = perCell(closed, 8);
    const { cells } = await ask(`/heat?res=8&measure=mean_hours&${PERIOD}`);
    for (const { cell, value } of cells) expect(value).toBeCloseTo(hours.get(cell)! / counts.get(cell)!, 9);
  });

  test('a box chooses cells with their whole counts, a polygon chooses incidents', async () => {
    const { cells } = await ask(`/heat?res=9&${PERIOD}`);
    const inBox = (await ask(`/heat?res=9&bbox=118.61,30.85,118.63,30.87&${PERIOD}`)).cells;
    expect(inBox.length).toBeGreaterThan(20);
    expect(inBox.length).toBeLessThan(cells.length);
    for (const cell of inBox) expect(cells).toContainEqual(cell);
    const ring = [
      [118.61, 30.85],
      [118.64, 30.855],
      [118.615, 30.872],
      [118.61, 30.85],
    ];
    const polygon = { type: 'Polygon' as const, coordinates: [ring] };
    const inside = half.filter(({ lon, lat }) => booleanPointInPolygon([lon, lat], polygon));
    const asked = await ask(`/heat?res=9&geometry=${encodeURIComponent(JSON.stringify(polygon))}&${PERIOD}`);
    expect(new Map(asked.cells.map(({ cell, n }) => [cell, n]))).toEqual(perCell(inside, 9));
  });

  test('a grid and all below it, and a category with its items', async () => {
    const [row] = await db.query<{ n: number }>(
      `select count(*)::int as n from incident where occurred_at >= $1 and occurred_at < $2
        and left(grid_owner(geom, 'base', $3), 12) = '990121001002' and category like '01%'`,
      [new Date(FROM), new Date(TO), DEMO_NOW],
    );
    const { cells } = await ask(`/heat?res=9&under=990121001002&category=01&${PERIOD}`);
    expect(total(cells)).toBe(row!.n);
    expect(row!.n).toBeGreaterThan(0);
  });
});

/** Microgrids and the cells of their addresses, found point by point in JavaScript. */
async function addressesByMicrogrid(): Promise<{ households: number; places: string[] }[]> {
  const addresses = await db.query<{ lon: number; lat: number }>(
    'select st_x(geom) as lon, st_y(geom) as lat from address',
  );
  const rows = await db.query<{ households: number; geometry: string }>(
    `select households, st_asgeojson(geom, 15) as geometry from grid
     where net = 'base' and level = 'microgrid' order by code`,
  );
  const grids = rows.map(({ households, geometry }) => {
    const shape = JSON.parse(geometry) as MultiPolygon;
    return { households, shape, box: bbox(shape), places: [] as string[] };
  });
  for (const { lon, lat } of addresses) {
    const near = grids.filter(({ box: [w, s, e, n] }) => lon >= w && lon <= e && lat >= s && lat <= n);
    near.find(({ shape }) => booleanPointInPolygon([lon, lat], shape))?.places.push(latLngToCell(lat, lon, 10));
  }
  return grids;
}

describe('households', () => {
  let fine: ReadonlyMap<string, number>;

  beforeAll(async () => {
    const { cache } = createAnalysis({ db, timeZone: 'Asia/Shanghai', now: () => DEMO_NOW });
    const { fine: byKey } = await cellHouseholds(db, cache, 'base', DEMO_NOW);
    fine = new Map([...byKey].map(([key, households]) => [cellOfKey(key, 10), households]));
  });

  test('each address has its share of its grid, and nothing is lost', async () => {
    const sum = [...fine.values()].reduce((a, b) => a + b, 0);
    const [row] = await db.query<{ households: number }>(
      `select sum(households)::int as households from grid where net = 'base' and level = 'microgrid'`,
    );
    expect(sum).toBeCloseTo(row!.households, 6);

    const expected = new Map<string, number>();
    for (const { households, places } of await addressesByMicrogrid()) {
      for (const cell of places) expected.set(cell, (expected.get(cell) ?? 0) + households / places.length);
    }
    expect([...fine.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [cell, households] of fine) expect(households).toBeCloseTo(expected.get(cell)!, 9);
  });

  test('rates per 1,000 households are counts over these households', async () => {
    const households = new Map<string, number>();
    for (const [cell, n] of fine) {
      const parent = cellToParent(cell, 8);
      households.set(parent, (households.get(parent) ?? 0) + n);
    }
    const { cells } = await ask(`/heat?res=8&measure=per_1000_households&${PERIOD}`);
    for (const { cell, n, value } of cells) {
      const own = households.get(cell);
      if (own) expect(value).toBeCloseTo((1000 * n) / own, 9);
      else expect(value).toBeNull();
    }
  });
});

describe('smoothing', () => {
  test.each(['uniform', 'triangular', 'quartic', 'gaussian'])('%s keeps the total', async (kernel) => {
    for (const k of [1, 3]) {
      const { cells } = await ask(`/heat?res=9&kernel=${kernel}&k=${k}&${PERIOD}`);
      expect(total(cells)).toBe(half.length);
      expect(total(cells, ({ value }) => value!)).toBeCloseTo(half.length, 6);
      expect(cells.filter(({ n }) => n > 0).some(({ n, value }) => Math.abs(value! - n) > 1)).toBe(true);
    }
  });

  test('a smoothed cell keeps its value in any box', async () => {
    const whole = (await ask(`/heat?res=9&kernel=quartic&k=2&${PERIOD}`)).cells;
    const part = (await ask(`/heat?res=9&kernel=quartic&k=2&bbox=118.61,30.85,118.62,30.86&${PERIOD}`)).cells;
    expect(part.length).toBeGreaterThan(3);
    for (const cell of part) expect(whole).toContainEqual(cell);
  });

  test('a mean is smoothed as a fraction: hours and incidents alone', async () => {
    const closed = half.filter(isClosed);
    const mean =
      closed.reduce((sum, i) => sum + (i.closed_at!.getTime() - i.occurred_at.getTime()) / OVERDUE_HOURS, 0) /
      closed.length;
    // A kernel so wide that all cells have nearly the same value comes close to the mean of all.
    const { cells } = await ask(`/heat?res=6&kernel=uniform&k=10&measure=mean_hours&${PERIOD}`);
    for (const { value } of cells) expect(value).toBeCloseTo(mean, 6);
  });
});

describe('two periods', () => {
  test('counts, difference, ratio and significance', async () => {
    interface Compared {
      total: { a: number; b: number; difference: number; p: number };
      cells: { cell: string; a: number; b: number; difference: number; ratio: number | null; p: number; q: number }[];
    }
    const [a, b] = [
      '2025-11-03T00:00:00+08:00/2026-01-26T00:00:00+08:00',
      '2026-08-10T00:00:00+08:00/2026-11-01T00:00:00+08:00',
    ];
    const answer = await ask<Compared>(`/heat/compare?res=9&a=${encodeURIComponent(a)}&b=${encodeURIComponent(b)}`);
    const [first, second] = [a, b].map((text) => within(all, ...(text.split('/') as [string, string])));
    const [inA, inB] = [perCell(first!, 9), perCell(second!, 9)];
    const days = 83 / 84;
    for (const row of answer.cells) {
      expect([row.a, row.b]).toEqual([inA.get(row.cell) ?? 0, inB.get(row.cell) ?? 0]);
      expect(row.difference).toBe(row.b - row.a);
      if (row.a > 0) expect(row.ratio).toBeCloseTo(row.b / days / row.a, 9);
      else expect(row.ratio).toBeNull();
      expect(row.q).toBeGreaterThanOrEqual(row.p);
      // Far from equal in numbers that allow it: the normal approximation agrees which cells are beyond doubt.
      const z = (row.b - (row.a + row.b) * (days / (1 + days))) / Math.sqrt(((row.a + row.b) * days) / (1 + days) ** 2);
      if (Math.abs(z) > 5) expect(row.p).toBeLessThan(1e-4);
      if (Math.abs(z) < 1) expect(row.p).toBeGreaterThan(0.2);
    }
    expect(answer.cells.length).toBe(new Set([...inA.keys(), ...inB.keys()]).size);
    expect(answer.total.a).toBe(first!.length);
    expect(answer.total.difference).toBe(second!.length - first!.length);
  });

  test('overlapping periods are refused', async () => {
    const a = encodeURIComponent('2026-01-01T00:00:00Z/2026-03-01T00:00:00Z');
    const b = encodeURIComponent('2026-02-01T00:00:00Z/2026-04-01T00:00:00Z');
    const response = await fetch(`${service.url}/heat/compare?a=${a}&b=${b}`);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { detail: string }).detail).toContain('overlap');
  });
});

describe('through time', () => {
  interface Series {
    steps: { from: string; to: string; n: number }[];
    cells?: { cell: string; n: number[] }[];
  }

  test.each(['day', 'week', 'month', 'quarter'])('steps of a %s are those of the calendar here', async (step) => {
    const { steps } = await ask<Series>(`/heat/series?step=${step}&${PERIOD}`);
    const rows = await db.query<{ start: Date; n: number }>(
      `select date_trunc('${step}', occurred_at at time zone 'Asia/Shanghai') at time zone 'Asia/Shanghai' as start,
         count(*)::int as n
       from incident where occurred_at >= $1 and occurred_at < $2 group by 1 order by 1`,
      [new Date(FROM), new Date(TO)],
    );
    const counted = steps.filter(({ n }) => n > 0);
    expect(counted.map(({ n }) => n)).toEqual(rows.map(({ n }) => n));
    // The first step may be cut to the period.
    expect(counted.slice(1).map(({ from }) => Date.parse(from))).toEqual(
      rows.slice(1).map(({ start }) => start.getTime()),
    );
    expect(steps[0]!.from).toBe(new Date(FROM).toISOString());
    expect(steps.at(-1)!.to).toBe(new Date(TO).toISOString());
  });

  test('cells through time add up to the cells of the period', async () => {
    const { steps, cells } = await ask<Series>(`/heat/series?step=week&res=8&${PERIOD}`);
    const sums = new Map(cells!.map(({ cell, n }) => [cell, n.reduce((a, b) => a + b, 0)]));
    expect(sums).toEqual(perCell(half, 8));
    expect(steps.map((_, t) => cells!.reduce((sum, { n }) => sum + n[t]!, 0))).toEqual(steps.map(({ n }) => n));
  });

  test('too many steps are refused with a cure', async () => {
    const response = await fetch(`${service.url}/heat/series?step=hour&${period('2020-01-01T00:00:00Z', TO)}`);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { detail: string }).detail).toContain('longer step');
  });
});

describe('forms', () => {
  test('JSON, CSV, GeoJSON, Arrow and Parquet say the same', async () => {
    const path = `/heat?res=8&measure=mean_hours&${PERIOD}`;
    const { cells } = await ask(path);
    const rows = cells.map(({ cell, n, value }) => ({ cell, n, mean_hours: value }));

    const csv = await (await fetch(`${service.url}${path}&format=csv`)).text();
    const parsed = parse(csv, { columns: true }) as Record<string, string>[];
    expect(parsed.map(({ cell, n, mean_hours }) => ({ cell, n: Number(n), mean_hours: Number(mean_hours) }))).toEqual(
      rows,
    );

    const arrow = await fetch(`${service.url}${path}&format=arrow`);
    expect(arrow.headers.get('content-type')).toBe('application/vnd.apache.arrow.stream');
    const table = tableFromIPC(new Uint8Array(await arrow.arrayBuffer()));
    expect(table.toArray().map((row) => row!.toJSON())).toEqual(rows);
    expect(JSON.parse(table.schema.metadata.get('wangge')!)).toMatchObject({ res: 8, measure: 'mean_hours' });

    const parquet = await (await fetch(`${service.url}${path}&format=parquet`)).arrayBuffer();
    expect(await parquetReadObjects({ file: parquet })).toEqual(rows);

    const geojson = await ask<{ features: { id: string; properties: Cell; geometry: Polygon }[] }>(
      `${path}&format=geojson`,
    );
    expect(geojson.features.map(({ properties }) => properties)).toEqual(cells);
    const first = geojson.features[0]!;
    expect(first.geometry.coordinates[0]!.slice(0, 6)).toEqual(cellToBoundary(first.id, true).slice(0, 6));
  });

  test('an empty answer is empty in every form', async () => {
    const path = `/heat?res=8&${period('2001-01-01T00:00:00Z', '2001-02-01T00:00:00Z')}`;
    expect((await ask(path)).cells).toEqual([]);
    expect(await (await fetch(`${service.url}${path}&format=csv`)).text()).toBe('cell,n\r\n');
    const arrow = new Uint8Array(await (await fetch(`${service.url}${path}&format=arrow`)).arrayBuffer());
    expect(tableFromIPC(arrow).numRows).toBe(0);
    const parquet = await (await fetch(`${service.url}${path}&format=parquet`)).arrayBuffer();
    expect(await parquetReadObjects({ file: parquet })).toEqual([]);
  });

  test.each([
    ['res=4', 'res'],
    ['res=11', 'res'],
    ['measure=loud', 'measure'],
    ['k=2', 'k'],
    ['kernel=quartic&k=99', 'k'],
    ['geometry=%7B%7D', 'geometry'],
    ['under=nowhere', 'under'],
    ['colour=red', 'colour'],
  ])('%s is refused at %s', async (query, path) => {
    const response = await fetch(`${service.url}/heat?${query}`);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { errors: { path: string }[] }).errors.map((e) => e.path)).toContain(path);
  });
});
