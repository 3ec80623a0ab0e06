import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Db } from '../../src/db/db.ts';
import type { Box } from '../../src/geo/bbox.ts';
import { cellOfKey } from '../../src/geo/cellkey.ts';
import { cellTouchesBox } from '../../src/geo/h3.ts';
import { type Analysis, createAnalysis } from '../../src/heat/analysis.ts';
import { type CellQuestion, type CellSource, cellsBySql, type OnRecord, rowsOfTallies } from '../../src/heat/cells.ts';
import { cellsInMemory } from '../../src/heat/live.ts';
import { studyArea } from '../../src/heat/stats/area.ts';
import { LIGHTS, STATUSES } from '../../src/incidents/incidents.schema.ts';
import { indicatorQuerySchema, indicatorSeriesQuerySchema } from '../../src/indicators/indicators.schema.ts';
import { indicators } from '../../src/indicators/indicators.ts';
import { indicatorSeries } from '../../src/indicators/series.ts';
import type { Statistics } from '../../src/indicators/source.ts';
import { createStatistics } from '../../src/indicators/statistics.ts';
import { Live } from '../../src/live/live.ts';
import { Mirror } from '../../src/live/mirror.ts';
import { DEMO_NOW, demoDatabase, TEST_DATABASE_URL } from '../helpers/database.ts';

const RUNS = TEST_DATABASE_URL ? 60 : 12;
const HOUR = 3_600_000;

let db: Db;
let live: Live;
let record: CellSource;
let memory: CellSource;
/** How many questions went to the record. */
let recordAsked = 0;
let bySql: Statistics;
let byMemory: Statistics;
let grids: { net: string; code: string; level: string }[];
let categories: string[];

function statisticsOf(analysis: Analysis, ofMemory: Live | undefined, onRecord: OnRecord, most?: number): Statistics {
  return createStatistics(analysis, ofMemory, most)(analysis, onRecord);
}

beforeAll(async () => {
  db = await demoDatabase();
  await new Mirror(db).catchUp();
  live = new Live(db, { timeZone: 'Asia/Shanghai', now: () => DEMO_NOW });
  await live.start();
  record = cellsBySql(db);
  const onRecord = async () => {
    recordAsked += 1;
  };
  memory = cellsInMemory(live, record)(onRecord);
  const options = { db, timeZone: 'Asia/Shanghai', now: () => DEMO_NOW };
  bySql = statisticsOf(createAnalysis(options, record), undefined, onRecord);
  byMemory = statisticsOf(createAnalysis(options, memory), live, onRecord);
  grids = await db.query('select net, code, level from grid order by net, code');
  categories = (await db.query<{ code: string }>('select code from category order by code')).map(({ code }) => code);
}, 120_000);
afterAll(() => live.stop());

const someOf = <T>(words: readonly T[]) => fc.option(fc.subarray([...words], { minLength: 1 }), { freq: 2 });
const moment = fc.integer({ min: -13 * 30 * 24, max: 0 }).map((hours) => new Date(DEMO_NOW.getTime() + hours * HOUR));
const period = fc
  .tuple(moment, moment, fc.boolean())
  .filter(([a, b]) => a.getTime() !== b.getTime())
  .map(([a, b, isOpen]) => ({ from: a < b ? a : b, to: isOpen ? null : a < b ? b : a }));
const place = fc
  .tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([x, y]): [number, number] => [118.55 + 0.15 * x, 30.8 + 0.13 * y]);

/** Absolutely or relatively equal to 1e-9, through all members. */
function expectClose(actual: unknown, expected: unknown, path = ''): void {
  if (typeof actual === 'number' && typeof expected === 'number') {
    expect(Math.abs(actual - expected), `${path}: ${actual} and ${expected}`).toBeLessThanOrEqual(
      1e-9 * Math.max(1, Math.abs(expected)),
    );
  } else if (actual instanceof Date || actual === null || typeof actual !== 'object') {
    expect(actual, path).toEqual(expected);
  } else {
    expect(Object.keys(actual).sort(), path).toEqual(Object.keys(expected as object).sort());
    for (const [name, value] of Object.entries(actual)) {
      expectClose(value, (expected as Record<string, unknown>)[name], `${path}.${name}`);
    }
  }
}

describe('heat from memory is what SQL says', () => {
  const question = () =>
    fc.record({
      period,
      categories: someOf(categories),
      statuses: someOf(STATUSES),
      lights: someOf(LIGHTS),
      under: fc.option(fc.constantFrom(...grids.filter(({ net }) => net === 'base').map(({ code }) => code))),
      res: fc.integer({ min: 5, max: 10 }),
      box: fc.option(fc.tuple(place, place)),
      triangle: fc.option(fc.tuple(place, place, place)),
    });
  type Asked = ReturnType<typeof question> extends fc.Arbitrary<infer T> ? T : never;

  function questionOf({ res, box, triangle, ...filter }: Asked): CellQuestion {
    const at = new Date(Math.floor(DEMO_NOW.getTime() / 60_000) * 60_000);
    // The demo's items begin with their class.
    const below = filter.categories?.flatMap((code) => categories.filter((own) => own.startsWith(code)));
    return {
      filter: { ...filter, categories: below ? [...new Set(below)] : null, net: 'base', at },
      res,
      ...(box && { box: boxOf(box) }),
      ...(triangle && { polygon: { type: 'Polygon', coordinates: [[...triangle, triangle[0]!]] } }),
    };
  }
  const boxOf = ([[x, y], [u, v]]: [[number, number], [number, number]]): Box => [
    Math.min(x, u),
    Math.min(y, v),
    Math.max(x, u),
    Math.max(y, v),
  ];
  const shown = <C extends { cell: string }>(cells: C[], { box }: CellQuestion) =>
    box ? cells.filter(({ cell }) => cellTouchesBox(cell, box)) : cells;

  test.each(['count', 'open', 'overdue', 'mean_hours'] as const)(
    '%s of cells',
    async (tally) => {
      recordAsked = 0;
      await fc.assert(
        fc.asyncProperty(question(), async (asked) => {
          const own = questionOf(asked);
          const [mine, theirs] = [await memory.tallies(own, tally), await record.tallies(own, tally)];
          expectClose(shown(rowsOfTallies(mine), own), shown(rowsOfTallies(theirs), own));
        }),
        { numRuns: RUNS },
      );
      expect(recordAsked).toBe(0);
    },
    240_000,
  );

  test('cells and areas through time', async () => {
    recordAsked = 0;
    await fc.assert(
      fc.asyncProperty(question(), fc.integer({ min: 1, max: 9 }), async (asked, steps) => {
        const { box: _any, ...own } = questionOf(asked);
        const { from, to } = own.filter.period;
        const end = to ?? new Date(DEMO_NOW.getTime() + 24 * HOUR);
        own.filter.period = { from, to: end };
        const length = end.getTime() - from!.getTime();
        const edges = Array.from({ length: steps + 1 }, (_, i) => new Date(from!.getTime() + (i * length) / steps));
        const refuse = () => {};
        const series = await memory.series(own, edges, refuse);
        expect(series).toEqual(await record.series(own, edges, refuse));
        expect(await memory.timeline(own, edges)).toEqual(await record.timeline(own, edges));
        expect(await memory.earliest(own)).toEqual(await record.earliest(own));
        const area = studyArea(Array.from(series.keys, (key) => cellOfKey(key, own.res)).filter((_, i) => i % 3 !== 1));
        expect(await memory.countsOn(own, area)).toEqual(await record.countsOn(own, area));
        expect(await memory.cubeOn(own, area, edges)).toEqual(await record.cubeOn(own, area, edges));
      }),
      { numRuns: RUNS },
    );
    expect(recordAsked).toBe(0);
  }, 240_000);
});

describe('indicators from memory are what SQL says', () => {
  const text = (date: Date) => date.toISOString();
  const asked = () =>
    fc
      .record({
        grid: fc.constantFrom(...grids),
        hasUnder: fc.boolean(),
        hasLevel: fc.boolean(),
        period,
        category: someOf(categories),
        status: someOf(STATUSES),
        light: someOf(LIGHTS),
        at: fc.option(moment, { freq: 2 }),
      })
      .map(({ grid, hasUnder, hasLevel, period: { from, to }, category, status, light, at }) => ({
        net: grid.net,
        ...(hasUnder && { under: grid.code }),
        ...(hasLevel && { level: grid.level }),
        from: text(from),
        ...(to ? { to: text(to) } : at && at <= from ? { to: text(DEMO_NOW) } : {}),
        ...(category && { category: category.join() }),
        ...(status && { status: status.join() }),
        ...(light && { light: light.join() }),
        ...(at && { at: text(at) }),
      }));

  test('figures, the period before, and parts', async () => {
    recordAsked = 0;
    let others = 0;
    const by = fc.option(fc.constantFrom('class', 'category', 'source', 'department'));
    await fc.assert(
      fc.asyncProperty(asked(), by, fc.boolean(), async (question, part, isCompared) => {
        const query = indicatorQuerySchema.parse({
          ...question,
          ...(part && { by: part }),
          ...(isCompared && { compare: 'previous' }),
        });
        if (query.net !== 'base') others += 1;
        expectClose(await indicators(byMemory, query), await indicators(bySql, query));
      }),
      { numRuns: RUNS },
    );
    // Owners of other nets are not in memory.
    expect(recordAsked).toBeGreaterThanOrEqual(others);
  }, 240_000);

  test('through time', async () => {
    await fc.assert(
      fc.asyncProperty(asked(), fc.constantFrom('week', 'month', 'quarter'), async (question, step) => {
        const query = indicatorSeriesQuerySchema.parse({ ...question, step });
        expectClose(await indicatorSeries(byMemory, query), await indicatorSeries(bySql, query));
      }),
      { numRuns: RUNS },
    );
  }, 240_000);

  test('more groups than an answer may have are refused', async () => {
    const options = { db, timeZone: 'Asia/Shanghai', now: () => DEMO_NOW };
    const query = indicatorQuerySchema.parse({ level: 'grid', by: 'category' });
    const { grids: found } = await indicators(byMemory, query);
    const groups = found.reduce((sum, grid) => sum + grid.groups!.length, 0);
    expect(groups).toBeGreaterThan(1);
    for (const [source, ofMemory] of [
      [record, undefined],
      [memory, live],
    ] as const) {
      const limited = (most: number) => statisticsOf(createAnalysis(options, source), ofMemory, async () => {}, most);
      expect((await indicators(limited(groups), query)).grids).toHaveLength(found.length);
      const refused = indicators(limited(groups - 1), query);
      await expect(refused).rejects.toMatchObject({
        status: 400,
        faults: [{ path: 'by', message: 'makes too many groups' }],
      });
      await expect(refused).rejects.toThrow(`There are ${groups} groups, over ${groups - 1}: choose a higher level`);
    }
  });

  test('a year of the base net does not ask the record', async () => {
    recordAsked = 0;
    for (const level of ['district', 'street', 'community', 'grid', 'microgrid']) {
      const query = indicatorQuerySchema.parse({ level, last: 'P365D', by: 'department' });
      const { grids: found } = await indicators(byMemory, query);
      expect(found.reduce((sum, { incidents }) => sum + incidents, 0)).toBeGreaterThan(0);
    }
    expect(recordAsked).toBe(0);
  });
});
