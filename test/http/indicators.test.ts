import { tableFromIPC } from 'apache-arrow';
import { parse } from 'csv-parse/sync';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Db } from '../../src/db/db.ts';
import type { Group, Indicator, Indicators } from '../../src/indicators/answer.ts';
import { DEMO_NOW, demoDatabase, scratchDatabase } from '../helpers/database.ts';
import { within } from '../helpers/incident-cells.ts';
import { startService, type TestService } from '../helpers/service.ts';

const FROM = '2026-09-01T00:00:00+08:00';
const TO = '2026-11-01T00:00:00+08:00';
const PERIOD = period(FROM, TO);

interface Row {
  owner: string | null;
  category: string;
  source: string;
  department: string;
  status: string;
  occurred_at: Date;
  reported_at: Date;
  triaged_at: Date | null;
  handled_at: Date | null;
  closed_at: Date | null;
  revisited_at: Date | null;
  due_at: Date;
  red_after_hours: number;
}

let db: Db;
let service: TestService;
let all: Row[];
let rows: Row[];

beforeAll(async () => {
  db = await demoDatabase();
  service = await startService(db);
  // Lengths of codes tell the levels of the demo apart, so that a prefix is an ancestor.
  all = await db.query<Row>(
    `select p.owner, i.category, i.source, i.department, i.status, i.occurred_at, i.reported_at, i.triaged_at,
       i.handled_at, i.closed_at, i.revisited_at, i.due_at, c.red_after_hours
     from incident i join incident_place p on p.id = i.id join category c on c.code = i.category`,
  );
  rows = ofPeriod(FROM, TO);
});
afterAll(() => service.close());

function period(from: string, to: string): string {
  return `from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`;
}

function ofPeriod(from: string, to: string): Row[] {
  return within(all, from, to);
}

async function ask<T = Indicators>(path: string, url = service.url): Promise<T> {
  const response = await fetch(`${url}${path}`);
  const body = await response.text();
  expect(response.status, `${path}: ${body.slice(0, 300)}`).toBe(200);
  return JSON.parse(body) as T;
}

const under = (code: string) => rows.filter(({ owner }) => owner?.startsWith(code));
const isClosed = ({ status }: Row) => status === 'closed' || status === 'revisited';
const hoursOf = (list: Row[], from: keyof Row, to: keyof Row) =>
  list.flatMap((row) => {
    const [a, b] = [row[from] as Date | null, row[to] as Date | null];
    return a && b ? [(b.getTime() - a.getTime()) / 3_600_000] : [];
  });
const meanOf = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** Linear interpolation between order statistics, as `percentile_cont` is defined. */
function percentile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  return sorted[low]! + (at - low) * ((sorted[low + 1] ?? sorted[low]!) - sorted[low]!);
}

function lightAt({ status, occurred_at, closed_at, due_at, red_after_hours }: Row, at: Date): string {
  if (occurred_at > at || status === 'void' || (isClosedText(status) && (!closed_at || closed_at <= at))) return 'none';
  if (at <= due_at) return 'green';
  return at.getTime() <= due_at.getTime() + red_after_hours * 3_600_000 ? 'yellow' : 'red';
}
const isClosedText = (status: string) => status === 'closed' || status === 'revisited';

describe('figures of grids', () => {
  test.each([
    ['district', 6],
    ['street', 9],
    ['community', 12],
    ['grid', 15],
  ])('every %s: incidents, closing, exact percentiles, lights, steps', async (level, length) => {
    const { grids } = await ask(`/indicators?level=${level}&${PERIOD}`);
    const codes = await db.query<{ code: string }>(
      `select code from grid where net = 'base' and level = '${level}' order by code`,
    );
    expect(grids.map(({ code }) => code)).toEqual(codes.map(({ code }) => code));
    for (const grid of grids) {
      expect(grid.code.length).toBe(length);
      const own = under(grid.code);
      const closed = own.filter(isClosed);
      const hours = hoursOf(closed, 'occurred_at', 'closed_at');
      expect(grid.incidents).toBe(own.length);
      expect(grid.closed).toBe(closed.length);
      expect(grid.void).toBe(own.filter(({ status }) => status === 'void').length);
      expect(grid.open).toBe(own.length - grid.closed - grid.void);
      expect(grid.closing_rate).toBeCloseTo(closed.length / (own.length - grid.void), 12);
      expect(grid.mean_hours).toBeCloseTo(meanOf(hours), 8);
      expect(grid.median_hours).toBeCloseTo(percentile(hours, 0.5), 8);
      expect(grid.p90_hours).toBeCloseTo(percentile(hours, 0.9), 8);
      for (const light of ['green', 'yellow', 'red'] as const) {
        expect(grid[light]).toBe(own.filter((row) => lightAt(row, minuteOf(DEMO_NOW)) === light).length);
      }
      expect(grid.overdue).toBe(grid.yellow + grid.red);
      expect(grid.triage_hours).toBeCloseTo(meanOf(hoursOf(own, 'reported_at', 'triaged_at')), 8);
      expect(grid.handle_hours).toBeCloseTo(meanOf(hoursOf(own, 'triaged_at', 'handled_at')), 8);
      expect(grid.close_hours).toBeCloseTo(meanOf(hoursOf(own, 'handled_at', 'closed_at')), 8);
      expect(grid.revisit_hours).toBeCloseTo(meanOf(hoursOf(own, 'closed_at', 'revisited_at')), 8);
    }
  });

  test('parents are the sums of their children', async () => {
    const { grids: streets } = await ask(`/indicators?level=street&${PERIOD}`);
    const { grids: communities } = await ask(`/indicators?level=community&${PERIOD}`);
    for (const street of streets) {
      const children = communities.filter(({ parent }) => parent === street.code);
      for (const figure of ['incidents', 'closed', 'red', 'households', 'population', 'cameras'] as const) {
        expect(street[figure], figure).toBe(children.reduce((sum, child) => sum + child[figure]!, 0));
      }
    }
  });

  test('who lives, looks and works there', async () => {
    const { grids } = await ask(`/indicators?level=street&${PERIOD}`);
    for (const grid of grids) {
      const [row] = await db.query<{ households: number; cameras: number; workers: number }>(
        `select g.households,
           (select count(*)::int from camera c where starts_with(grid_owner(c.geom, 'base', $2), g.code)) as cameras,
           (select count(distinct worker)::int from assignment a where a.net = 'base' and starts_with(a.grid, g.code)
             and valid_at(a.valid_from, a.valid_to, $2)) as workers
         from grid g where g.net = 'base' and g.code = $1`,
        [grid.code, minuteOf(DEMO_NOW)],
      );
      expect(grid).toMatchObject({ ...row, per_1000_households: (1000 * grid.incidents) / row!.households });
      expect(grid.incidents_per_worker).toBeCloseTo(grid.incidents / row!.workers, 12);
      expect(row!.workers).toBeGreaterThan(0);
    }
  });

  test('lights at an earlier moment are those of that moment', async () => {
    const at = '2026-09-15T10:00:00+08:00';
    const { grids, to } = await ask(`/indicators?from=${encodeURIComponent(FROM)}&at=${encodeURIComponent(at)}`);
    expect(to).toBe(new Date(at).toISOString());
    const seen = ofPeriod(FROM, at).filter(({ owner }) => owner !== null);
    for (const light of ['green', 'yellow', 'red'] as const) {
      expect(grids[0]![light]).toBe(seen.filter((row) => lightAt(row, new Date(at)) === light).length);
    }
    expect(grids[0]!.green).toBeGreaterThan(0);
  });
});

function minuteOf(at: Date): Date {
  return new Date(Math.floor(at.getTime() / 60_000) * 60_000);
}

describe('breakdowns', () => {
  test.each(['class', 'category', 'source', 'department'] as const)('overdue by %s', async (by) => {
    const { grids } = await ask(`/indicators?level=district&by=${by}&${PERIOD}`);
    const key = (row: Row) => (by === 'class' ? row.category.slice(0, 2) : row[by]);
    const own = rows.filter(({ owner }) => owner !== null);
    const groups = grids[0]!.groups as Group[];
    expect(groups.reduce((sum, { incidents }) => sum + incidents, 0)).toBe(own.length);
    for (const group of groups) {
      const mine = own.filter((row) => key(row) === group.key);
      const late = mine.filter((row) => ['yellow', 'red'].includes(lightAt(row, minuteOf(DEMO_NOW))));
      expect([group.incidents, group.overdue]).toEqual([mine.length, late.length]);
      expect(group.name).toBeTruthy();
    }
  });
});

describe('order and change', () => {
  test('sorted by a figure, ties share a rank, and a limit cuts', async () => {
    const { grids } = await ask(`/indicators?level=grid&sort=-overdue&limit=20&${PERIOD}`);
    expect(grids.length).toBe(20);
    grids.forEach((grid, i) => {
      const better = grids.filter(({ overdue }) => overdue > grid.overdue).length;
      expect(grid.rank).toBe(better + 1);
      if (i > 0) expect(grid.overdue).toBeLessThanOrEqual(grids[i - 1]!.overdue);
    });
  });

  test('change is against the period of equal length just before', async () => {
    const [from, to] = ['2026-09-01T00:00:00+08:00', '2026-11-01T00:00:00+08:00'];
    const answer = await ask(`/indicators?level=street&compare=previous&${period(from, to)}`);
    expect(answer.previous).toEqual({ from: '2026-07-01T16:00:00.000Z', to: '2026-08-31T16:00:00.000Z' });
    const before = ofPeriod('2026-07-02T00:00:00+08:00', from);
    for (const grid of answer.grids) {
      const own = before.filter(({ owner }) => owner?.startsWith(grid.code));
      expect(grid.previous!.incidents).toBe(own.length);
      expect(grid.change!.incidents).toBeCloseTo((grid.incidents - own.length) / own.length, 12);
      const hours = hoursOf(own.filter(isClosed), 'occurred_at', 'closed_at');
      expect(grid.previous!.median_hours).toBeCloseTo(percentile(hours, 0.5), 8);
    }
  });
});

describe('through time', () => {
  test.each(['week', 'month', 'quarter'])('steps of a %s', async (step) => {
    interface Series {
      grids: { code: string; steps: { from: string; to: string; incidents: number; median_hours: number | null }[] }[];
    }
    const { grids } = await ask<Series>(`/indicators/series?level=street&step=${step}&${PERIOD}`);
    for (const { code, steps } of grids) {
      const owned = under(code);
      for (const { from, to, incidents, median_hours } of steps) {
        const own = within(owned, from, to);
        expect(incidents).toBe(own.length);
        const hours = hoursOf(own.filter(isClosed), 'occurred_at', 'closed_at');
        if (hours.length > 0) expect(median_hours).toBeCloseTo(percentile(hours, 0.5), 8);
      }
      expect(steps.reduce((sum, { incidents }) => sum + incidents, 0)).toBe(owned.length);
      expect(steps.slice(1).every(({ from }, i) => from === steps[i]!.to)).toBe(true);
    }
  });
});

describe('forms', () => {
  test('JSON, CSV, Arrow and Parquet say the same', async () => {
    const path = `/indicators?level=community&sort=-incidents&${PERIOD}`;
    const { grids } = await ask(path);
    const pick = (grid: Indicator) => [grid.code, grid.name, grid.rank, grid.incidents, grid.median_hours];
    const names = ['code', 'name', 'rank', 'incidents', 'median_hours'];
    const csv = parse(await (await fetch(`${service.url}${path}&format=csv`)).text(), { columns: true });
    expect((csv as Record<string, string>[]).map((row) => names.map((name) => row[name]))).toEqual(
      grids.map((grid) => pick(grid).map(String)),
    );
    const arrow = new Uint8Array(await (await fetch(`${service.url}${path}&format=arrow`)).arrayBuffer());
    const table = tableFromIPC(arrow).toArray();
    expect(table.map((row) => names.map((name) => row![name]))).toEqual(grids.map(pick));
    const parquet = await (await fetch(`${service.url}${path}&format=parquet`)).arrayBuffer();
    const read = await parquetReadObjects({ file: parquet });
    expect(read.map((row) => names.map((name) => row[name]))).toEqual(grids.map(pick));
  });

  test.each([
    ['level=planet', 'level'],
    ['sort=beauty', 'sort'],
    ['by=colour', 'by'],
    ['under=nowhere', 'under'],
    ['net=nowhere', 'net'],
    [`to=${encodeURIComponent(TO)}&compare=previous`, 'compare'],
  ])('%s is refused at %s', async (query, path) => {
    const response = await fetch(`${service.url}/indicators?${query}`);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { errors: { path: string }[] }).errors.map((e) => e.path)).toContain(path);
  });
});

describe('questions that people ask', () => {
  test('how many were handled, and what share is closed', async () => {
    const [grid] = (await ask(`/indicators?level=district&${PERIOD}`)).grids;
    expect(grid!.closed).toBe(rows.filter((row) => row.owner !== null && isClosed(row)).length);
    expect(grid!.closing_rate).toBeGreaterThan(0.9);
  });

  test('how many classes and items there are', async () => {
    const { catalogue } = await ask(`/indicators?${PERIOD}`);
    const [row] = await db.query(
      'select (count(*) filter (where parent is null))::int as classes, count(parent)::int as items from category',
    );
    expect(catalogue).toEqual(row);
    expect(catalogue).toEqual({ classes: 7, items: 229 });
  });

  test('what is green in handling, yellow overdue, red long overdue', async () => {
    const [grid] = (await ask(`/indicators?level=district&${PERIOD}`)).grids;
    const open = rows.filter(
      ({ owner, status }) => owner !== null && !['closed', 'revisited', 'void'].includes(status),
    );
    expect(grid!.green + grid!.yellow + grid!.red).toBe(open.length);
  });
});

describe('a city whose handling got faster and whose offences fell', () => {
  let city: TestService;

  beforeAll(async () => {
    const scratch = await scratchDatabase();
    await scratch.script(`
      insert into grid (code, name, level, geom) values ('D1', '临江区', 'district',
        st_multi(st_makeenvelope(120, 30, 120.02, 30.02, 4326)));
      insert into category (code, name) values ('1', '警情');
      insert into category (code, name, parent, hours_limit) values ('11', '盗窃', '1', 480);`);
    // 88 offences in 2023, 51 in 2024, 26 in 2025; 4.3 days to close in May 2026, 2.6 in June.
    const add = (prefix: string, n: number, start: string, days: number) =>
      scratch.query(
        `insert into incident (id, category, occurred_at, status, closed_at, geom)
         select $1 || k, '11', $3::timestamptz + k * interval '1 hour', 'closed',
           $3::timestamptz + k * interval '1 hour' + $4 * interval '1 day', st_setsrid(st_point(120.01, 30.01), 4326)
         from generate_series(1, $2::int) k`,
        [prefix, n, start, days],
      );
    await add('a', 88, '2023-03-01T00:00:00+08:00', 3);
    await add('b', 51, '2024-03-01T00:00:00+08:00', 3);
    await add('c', 26, '2025-03-01T00:00:00+08:00', 3);
    await add('d', 40, '2026-05-02T00:00:00+08:00', 4.3);
    await add('e', 40, '2026-06-02T00:00:00+08:00', 2.6);
    city = await startService(scratch);
  });
  afterAll(() => city.close());

  test('offences fell from 88 to 26 in three years', async () => {
    const years = period('2023-01-01T00:00:00+08:00', '2026-01-01T00:00:00+08:00');
    const { grids } = await ask<{ grids: { steps: { incidents: number }[] }[] }>(
      `/indicators/series?step=year&category=1&${years}`,
      city.url,
    );
    expect(grids[0]!.steps.map(({ incidents }) => incidents)).toEqual([88, 51, 26]);
  });

  test('handling time fell from 4.3 to 2.6 days', async () => {
    const june = period('2026-06-01T00:00:00+08:00', '2026-07-01T00:00:00+08:00');
    const [grid] = (await ask(`/indicators?compare=previous&${june}`, city.url)).grids;
    expect(grid!.previous!.mean_hours! / 24).toBeCloseTo(4.3, 9);
    expect(grid!.mean_hours! / 24).toBeCloseTo(2.6, 9);
    expect(grid!.change!.mean_hours).toBeCloseTo(2.6 / 4.3 - 1, 9);
  });
});

describe('the report', () => {
  test.each([
    ['zh', '网格运行报告', '办结率'],
    ['en', 'Grid report', 'Closing rate'],
  ])('in %s says what the figures say', async (lang, title, rate) => {
    const response = await fetch(`${service.url}/report?under=990121001&lang=${lang}&${PERIOD}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    const html = await response.text();
    const { grids } = await ask(`/indicators?level=street&under=990121001&${PERIOD}`);
    expect(html).toContain(title);
    expect(html).toContain(rate);
    expect(html).toContain(grids[0]!.name);
    expect(html).toContain(new Intl.NumberFormat('en').format(grids[0]!.incidents));
    expect(html).toContain('@media print');
    const below = await ask(`/indicators?level=community&under=990121001&sort=-incidents&${PERIOD}`);
    for (const { name } of below.grids) expect(html).toContain(name);
    const spots = await ask<{ cells: { class: string }[] }>(`/hotspots?res=9&k=1&under=990121001&${PERIOD}`);
    const drawn = html.match(/<path d="[^"]*" fill="#/g)?.length ?? 0;
    expect(drawn).toBe(spots.cells.filter((cell) => cell.class !== 'ns').length);
  });
});
