import type { Position } from 'geojson';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Db } from '../../src/db/db.ts';
import { scratchDatabase } from '../helpers/database.ts';
import { counts, load, loadGood, polygon, square, TOWN } from '../helpers/import.ts';

let db: Db;
beforeEach(async () => {
  db = await scratchDatabase();
});

const AREA = { code: 'a', name: 'a', level: 'city' };

function levelsOf(net: string): Promise<{ id: string; rank: number }[]> {
  return db.query('select id, rank from level where net = $1 order by rank', [net]);
}

describe('nets', () => {
  test('a net without levels gets those of its grids, parents above children', async () => {
    const grid = (code: string, level: string, parent?: string) => ({
      ...{ code, name: code, level, net: 'police', geometry: square(114, 22, 0.1) },
      ...(parent && { parent }),
    });
    await load(db, 'grids', [grid('b', 'beat', 's'), grid('s', 'station', 'o'), grid('o', 'bureau')]);
    expect((await levelsOf('police')).map(({ id }) => id)).toEqual(['bureau', 'station', 'beat']);
  });

  test('declared nets and levels are there before the rows, also when the file leaves some out', async () => {
    const levels = ['top', 'middle', 'low'].map((id) => ({ id, name: id }));
    const rows = [{ ...AREA, level: 'low', net: 'n', geometry: square(114, 22, 0.1) }];
    await load(db, 'grids', rows, { nets: [{ id: 'n', name: '网', levels }] });
    expect(await levelsOf('n')).toEqual(levels.map(({ id }, rank) => ({ id, rank })));
  });

  test('a level that the net does not have is named with those that it has', async () => {
    const { reasons } = await loadGood(db, 'grids', [{ ...AREA, level: 'block', geometry: square(114, 22, 0.1) }]);
    expect(reasons[2]).toBe(
      'level: block is not a level of net base; its levels are city, district, street, area, community, grid, microgrid',
    );
  });
});

describe('parents', () => {
  test('children may stand before their parents', async () => {
    expect(counts(await load(db, 'grids', [...TOWN].reverse()))).toEqual({ read: 6, inserted: 6 });
  });

  test('a missing parent, or one that is not of a higher level, is named', async () => {
    const at = (code: string, level: string, parent: string) => ({
      ...{ code, name: code, level, parent, geometry: square(114, 22, 0.01) },
    });
    const { report, reasons } = await loadGood(db, 'grids', [...TOWN, at('x', 'grid', 'no'), at('y', 'street', 'WS1')]);
    expect(counts(report)).toEqual({ read: 8, inserted: 6, rejected: 2 });
    expect(reasons).toEqual({
      8: 'parent: no is not a grid of a higher level of net base',
      9: 'parent: WS1 is not a grid of a higher level of net base',
    });
  });

  test('all below a rejected grid are rejected with it', async () => {
    const broken = TOWN.map((grid) => (grid.code === 'W' ? { ...grid, households: -1 } : grid));
    const { report, reasons } = await loadGood(db, 'grids', broken);
    expect(counts(report)).toEqual({ read: 6, inserted: 2, rejected: 4 });
    expect(Object.entries(reasons).map(([line, reason]) => `${line} ${reason.split(' is ')[0]}`)).toEqual([
      '3 households: -1',
      '5 parent: W',
      '6 parent: WS',
      '7 parent: WS',
    ]);
  });

  test('a parent must be there through the whole period of its child', async () => {
    const until = TOWN.map((grid) => (grid.code === 'W' ? { ...grid, valid_to: '2027-01-01' } : grid));
    const { reasons } = await loadGood(db, 'grids', until);
    expect(reasons).toEqual({
      5: 'parent: W is not valid during the whole period of WS',
      6: expect.stringContaining('parent: WS'),
      7: expect.stringContaining('parent: WS'),
    });
  });

  test('a parent in two versions without a gap is one through both', async () => {
    const west = TOWN.find((grid) => grid.code === 'W')!;
    const rest = TOWN.filter((grid) => grid.code !== 'W');
    const versions = [
      { ...west, valid_to: '2026-06-01' },
      { ...west, valid_from: '2026-06-01' },
    ];
    expect(counts(await load(db, 'grids', [...versions, ...rest]))).toEqual({ read: 7, inserted: 7 });
  });

  test('a parent of the record cannot end under its children; nothing is changed', async () => {
    await load(db, 'grids', TOWN);
    const west = { ...TOWN[1]!, valid_to: '2027-01-01' };
    await expect(load(db, 'grids', [west])).rejects.toThrow(
      'grid WS of net base: its parent W is not a grid of a higher level during its whole period',
    );
    expect(await db.query('select valid_to from grid where valid_to is not null')).toEqual([]);
  });
});

describe('versions in time', () => {
  const old = { ...AREA, geometry: square(114, 22, 0.1) };

  test('one file closes a version and begins the next, in either order', async () => {
    await load(db, 'grids', [old]);
    const next = { ...old, name: 'b', valid_from: '2026-06-01', geometry: square(114, 22, 0.2) };
    const report = await load(db, 'grids', [next, { ...old, valid_to: '2026-06-01' }]);
    expect(counts(report)).toEqual({ read: 2, inserted: 1, updated: 1 });
    const names = await db.query('select name, valid_from, valid_to from grid order by valid_from nulls first');
    const turn = new Date('2026-06-01T00:00:00+08:00');
    expect(names).toEqual([
      { name: 'a', valid_from: null, valid_to: turn },
      { name: 'b', valid_from: turn, valid_to: null },
    ]);
  });

  test('a version that overlaps one of the record is rejected with the cure', async () => {
    await load(db, 'grids', [old]);
    const { report, reasons } = await loadGood(db, 'grids', [{ ...old, valid_from: '2026-06-01' }]);
    expect(counts(report)).toEqual({ read: 1, rejected: 1 });
    expect(reasons[2]).toBe(
      'valid_from: the record has another version of a from ever to ever; import that one too, closed before this begins',
    );
  });

  test('of two versions of a file that overlap, the later line is rejected', async () => {
    const { report, reasons } = await loadGood(db, 'grids', [
      { ...old, valid_to: '2026-06-02' },
      { ...old, valid_from: '2026-06-01' },
    ]);
    expect(counts(report)).toEqual({ read: 2, inserted: 1, rejected: 1 });
    expect(reasons[3]).toBe(
      'valid_from: line 2 has another version of a for this period; close one before the other begins',
    );
  });

  test('a new version is rejected when the row that would close the old one is bad', async () => {
    await load(db, 'grids', [old]);
    const { report, reasons } = await loadGood(db, 'grids', [
      { ...old, valid_to: '2026-06-01', households: -1 },
      { ...old, valid_from: '2026-06-01' },
    ]);
    expect(counts(report)).toEqual({ read: 2, rejected: 2 });
    expect(reasons[3]).toMatch(/^valid_from: the record has another version of a/);
  });
});

describe('polygons', () => {
  const ring = (...corners: [number, number][]): Position[] => corners.map(([x, y]) => [114 + x / 10, 22 + y / 10]);
  const BOX = ring([0, 0], [4, 0], [4, 4], [0, 4], [0, 0]);
  const FAULTS: [string, Position[][], RegExp][] = [
    [
      'a bow tie',
      [ring([0, 0], [4, 4], [4, 0], [0, 4], [0, 0])],
      /^geometry: ring 1 of polygon 1 crosses itself or another ring near 114\.2,22\.2$/,
    ],
    [
      'a hole outside',
      [BOX, ring([6, 6], [7, 6], [7, 7], [6, 6])],
      /^geometry: ring 2 of polygon 1 is a hole outside its polygon near 114\.[67]/,
    ],
    [
      'a hole that crosses its shell',
      [BOX, ring([3, 1], [5, 1], [5, 2], [3, 2], [3, 1])],
      /^geometry: ring \d of polygon 1 crosses itself or another ring near 114\.4,22\.[12]/,
    ],
    [
      'an open ring',
      [ring([0, 0], [4, 0], [4, 4], [0, 4])],
      /^geometry: ring 1 is not closed: repeat its first position \[114,22\] at its end$/,
    ],
    ['two corners', [ring([0, 0], [4, 0], [0, 0])], /^geometry: ring 1 has 3 positions: at least 4 enclose an area$/],
    [
      'no area',
      [ring([0, 0], [4, 0], [2, 0], [0, 0])],
      /^geometry: .*(too few different positions|crosses itself|touches itself)/,
    ],
    [
      'projected coordinates',
      [
        [
          [12_695_000, 2_510_000],
          [12_696_000, 2_510_000],
          [12_696_000, 2_511_000],
          [12_695_000, 2_510_000],
        ],
      ],
      /^geometry: ring 1 has a position that is not on the earth: \[12695000,2510000\]; .*convert projected coordinates/,
    ],
  ];

  test('faulty ones are rejected: which ring and where', async () => {
    const rows = FAULTS.map(([name, rings], i) => ({ ...AREA, code: `g${i}`, name, geometry: polygon(...rings) }));
    const { report, reasons } = await loadGood(db, 'grids', rows);
    expect(counts(report)).toEqual({ read: FAULTS.length, rejected: FAULTS.length });
    for (const [i, [name, , reason]] of FAULTS.entries()) expect(reasons[i + 2], name).toMatch(reason);
  });

  test('the ring of a multipolygon is named by polygon and ring', async () => {
    const hole = ring([6.2, 6.2], [6.8, 6.8], [6.8, 6.2], [6.2, 6.8], [6.2, 6.2]);
    const coordinates = [[BOX], [ring([6, 6], [7, 6], [7, 7], [6, 7], [6, 6]), hole]];
    const geometry = { type: 'MultiPolygon', coordinates } as const;
    const { reasons } = await loadGood(db, 'grids', [{ ...AREA, geometry: geometry as never }]);
    expect(reasons[2]).toMatch(/^geometry: ring 2 of polygon 2 crosses itself or another ring near 114\.65,22\.65/);
  });

  test('repair mends what has an area, reports it, and rejects the rest', async () => {
    const rows = FAULTS.map(([name, rings], i) => ({ ...AREA, code: `g${i}`, name, geometry: polygon(...rings) }));
    const { report, reasons } = await loadGood(db, 'grids', rows, { repair: true });
    expect(counts(report)).toEqual({ read: 7, inserted: 4, rejected: 3 });
    expect(Object.keys(reasons)).toEqual(['6', '7', '8']);
    expect(Object.values(reasons)).toEqual([
      'geometry: no ring with three different corners is left to repair',
      'geometry: no area is left after repair',
      expect.stringMatching(/not on the earth/),
    ]);
    expect(report.repaired.map(({ line, parts }) => [line, parts])).toEqual([
      [2, 2],
      [3, 2],
      [4, expect.any(Number)],
    ]);
    for (const repair of report.repaired) expect(repair.area).toBeGreaterThan(1e6);
    expect(await db.query('select count(*) as n from grid where st_isvalid(geom)')).toEqual([{ n: 4 }]);
  });

  test('a Polygon and a MultiPolygon of it are the same', async () => {
    await load(db, 'grids', [{ ...AREA, geometry: polygon(BOX) }]);
    const multi = { type: 'MultiPolygon', coordinates: [[BOX]] } as const;
    expect(counts(await load(db, 'grids', [{ ...AREA, geometry: multi as never }]))).toEqual({ read: 1, unchanged: 1 });
  });
});
