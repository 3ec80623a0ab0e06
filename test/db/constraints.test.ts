import { beforeAll, describe, expect, test } from 'vitest';
import type { Db } from '../../src/db/db.ts';
import { scratchDatabase } from '../helpers/database.ts';
import { CATEGORIES, load, TOWN } from '../helpers/import.ts';

let db: Db;

/** What must hold is held by the tables themselves: here everything is written past the service. */
beforeAll(async () => {
  db = await scratchDatabase();
  await load(db, 'grids', TOWN);
  await load(db, 'categories', CATEGORIES);
  await load(db, 'workers', [{ id: 'w', name: '甲', role: 'chief' }]);
});

const BOX = `'srid=4326;multipolygon(((114 22,114.1 22,114.1 22.1,114 22.1,114 22)))'`;
const POINT = `'srid=4326;point(114.01 22.01)'`;

function grid(values: Record<string, string>): string {
  const all = { code: `'x'`, name: `'x'`, level: `'city'`, geom: BOX, ...values };
  return `insert into grid (${Object.keys(all).join(', ')}) values (${Object.values(all).join(', ')})`;
}

function camera(values: Record<string, string>): string {
  const all = { code: `'x'`, geom: POINT, ...values };
  return `insert into camera (${Object.keys(all).join(', ')}) values (${Object.values(all).join(', ')})`;
}

function incident(values: Record<string, string>): string {
  const all = { id: `'x'`, category: `'A1'`, occurred_at: `'2026-03-01'`, geom: POINT, ...values };
  return `insert into incident (${Object.keys(all).join(', ')}) values (${Object.values(all).join(', ')})`;
}

function assignment(values: Record<string, string>): string {
  const all = { worker: `'w'`, grid: `'WS1'`, duty: `'lead'`, ...values };
  return `insert into assignment (${Object.keys(all).join(', ')}) values (${Object.values(all).join(', ')})`;
}

class Undone extends Error {}

/** The name of the constraint, or SQLSTATE, that stops these statements at commit at the latest; null when none does. */
async function stopped(...statements: string[]): Promise<string | null> {
  try {
    await db.transaction(async (tx) => {
      for (const statement of statements) await tx.script(statement);
      await tx.script('set constraints all immediate');
      throw new Undone();
    });
  } catch (error) {
    if (error instanceof Undone) return null;
    const { constraint, code } = error as { constraint?: string; code?: string };
    return constraint ?? code ?? String(error);
  }
  return null;
}

const polygon = (rings: string) => `'srid=4326;multipolygon((${rings}))'`;

describe('grids', () => {
  test.each([
    ['a plain one', grid({}), null],
    ['a bow tie', grid({ geom: polygon('(114 22,115 23,115 22,114 23,114 22)') }), 'grid_geom_valid'],
    ['an empty one', grid({ geom: `'srid=4326;multipolygon empty'` }), 'grid_geom_valid'],
    ['off the earth', grid({ geom: polygon('(179 0,181 0,181 1,179 0)') }), 'grid_geom_on_earth'],
    ['another projection', grid({ geom: `'srid=3857;multipolygon(((0 0,1 0,1 1,0 0)))'` }), '22023'],
    ['a point', grid({ geom: POINT }), '22023'],
    ['no shape', grid({ geom: 'null' }), '23502'],
    ['no name', grid({ name: `''` }), 'grid_name_check'],
    ['a level that is not of its net', grid({ level: `'block'` }), 'grid_net_level_fkey'],
    ['a net that is not there', grid({ net: `'n'` }), /^grid_(code_)?net/],
    ['a kind out of the list', grid({ kind: `'special'` }), 'grid_kind_check'],
    ['fewer than no households', grid({ households: '-1' }), 'grid_households_check'],
    ['props that are no object', grid({ props: `'[1]'` }), 'grid_props_check'],
    [
      'a period that ends before it begins',
      grid({ valid_from: `'2026-02-01'`, valid_to: `'2026-01-01'` }),
      'grid_period',
    ],
    ['an infinite time', grid({ valid_to: `'infinity'` }), 'grid_valid_to_check'],
    ['a code with blanks around', grid({ code: `' x'` }), 'code_check'],
    ['a code with a line break', grid({ code: `E'x\\ny'` }), 'code_check'],
    ['a code of 65 bytes', grid({ code: `'${'x'.repeat(65)}'` }), 'code_check'],
    ['its own parent', grid({ parent: `'x'` }), 'grid_not_its_own_parent'],
  ])('%s', async (_name, statement, constraint) => {
    const found = await stopped(statement);
    if (constraint instanceof RegExp) expect(found).toMatch(constraint);
    else expect(found).toBe(constraint);
  });

  test('a code is unique at any moment of its net', async () => {
    const version = (from: string, to: string) => grid({ code: `'V'`, valid_from: from, valid_to: to });
    const until = version('null', `'2026-01-01'`);
    expect(await stopped(until, version(`'2026-01-01'`, 'null'))).toBeNull();
    expect(await stopped(until, version(`'2025-12-31'`, 'null'))).toBe('grid_code_once');
    expect(await stopped(until, until)).toMatch(/^grid_(code_once|version)$/);
    const police = [`insert into net (id, name) values ('n', 'n')`, `insert into level values ('n', 'city', 'c', 0)`];
    expect(await stopped(...police, grid({}), grid({ net: `'n'` }))).toBeNull();
  });

  test('codes are told apart and ordered by bytes', async () => {
    expect(await stopped(grid({ code: `'v'` }), grid({ code: `'V'` }))).toBeNull();
    const rows = await db.query<{ code: string }>(
      `select code::code from unnest(array['a1', 'B1', 'a-2', 'A10', '一']) c (code) order by code::code`,
    );
    expect(rows.map(({ code }) => code)).toEqual(['A10', 'B1', 'a-2', 'a1', '一']);
  });

  test('a parent is there, of a higher level, at the end of the transaction', async () => {
    const child = grid({ code: `'c'`, level: `'district'`, parent: `'p'` });
    expect(await stopped(child)).toBe('grid_parent_exists');
    expect(await stopped('set constraints all deferred', child, grid({ code: `'p'` }))).toBeNull();
    const low = grid({ code: `'p'`, level: `'street'` });
    expect(await stopped('set constraints all deferred', child, low)).toBe('grid_parent_valid');
  });

  test.each([
    ['removing it', `delete from grid where code = 'WS'`, /^grid_parent_/],
    ['ending it', `update grid set valid_to = '2030-01-01' where code = 'WS'`, 'grid_parent_valid'],
    ['beginning it later', `update grid set valid_from = '2030-01-01' where code = 'WS'`, 'grid_parent_valid'],
    ['lowering its level', `update grid set level = 'microgrid', parent = null where code = 'WS'`, 'grid_parent_valid'],
    ['renaming its code', `update grid set code = 'WX' where code = 'WS'`, /^grid_parent_/],
    [
      'renaming it with its children',
      `set constraints all deferred; update grid set code = 'WX' where code = 'WS'; update grid set parent = 'WX' where parent = 'WS'`,
      null,
    ],
    ['ending it with all below', `update grid set valid_to = '2030-01-01' where code like 'WS%'`, null],
  ])('a parent stays while it has children: %s', async (_name, statement, constraint) => {
    const found = await stopped(statement);
    if (constraint instanceof RegExp) expect(found).toMatch(constraint);
    else expect(found).toBe(constraint);
  });

  test('a grid with people stays', async () => {
    expect(await stopped(assignment({}), `delete from grid where code = 'WS1'`)).toBe('assignment_grid_exists');
  });
});

describe('workers and assignments', () => {
  test.each([
    ['a role out of the list', `insert into worker (id, name, role) values ('x', 'x', 'boss')`, 'worker_role_check'],
    ['a plain one', assignment({}), null],
    ['no such worker', assignment({ worker: `'no'` }), 'assignment_worker_fkey'],
    ['no such grid', assignment({ grid: `'no'` }), 'assignment_grid_exists'],
    ['no such category', assignment({ category: `'no'` }), 'assignment_category_fkey'],
    ['a duty out of the list', assignment({ duty: `'boss'` }), 'assignment_duty_check'],
    ['an empty period', assignment({ valid_from: `'2026-01-01'`, valid_to: `'2026-01-01'` }), 'assignment_period'],
    ['hours', assignment({ hours: `'Mo-Fr 08:00-18:00; PH off'` }), null],
    ['hours past midnight', assignment({ hours: `'Mo-Su 20:00-32:00'` }), null],
    ['hours that are none', assignment({ hours: `'all day'` }), 'assignment_hours_check'],
    [
      'hours without days of the week as OpenStreetMap has them',
      assignment({ hours: `'Mon 08:00-18:00'` }),
      'assignment_hours_check',
    ],
    ['empty hours', assignment({ hours: `''` }), 'assignment_hours_check'],
  ])('%s', async (_name, statement, constraint) => {
    expect(await stopped(statement)).toBe(constraint);
  });

  test('the same assignment twice, also with nothing in its optional parts', async () => {
    expect(await stopped(assignment({}), assignment({}))).toBe('assignment_once');
  });
});

describe('cameras and streets', () => {
  const street = (geom: string) => `insert into street (id, name, geom) values ('x', 'x', ${geom})`;
  test.each([
    ['a plain one', camera({}), null],
    ['a GB/T 28181 camera', camera({ code: `'44030101001310000001'` }), null],
    ['a GB/T 28181 network camera', camera({ code: `'44030101001320000001'` }), null],
    ['a GB/T 28181 code of another device', camera({ code: `'44030101001110000001'` }), 'camera_gb28181_type'],
    ['a zone out of the list', camera({ zone: `'roof'` }), 'camera_zone_check'],
    ['a status out of the list', camera({ status: `'gone'` }), 'camera_status_check'],
    ['a heading of 360', camera({ heading: '360' }), 'camera_heading_check'],
    ['a heading that is no number', camera({ heading: `'NaN'` }), 'camera_heading_check'],
    ['off the earth', camera({ geom: `'srid=4326;point(114 91)'` }), 'camera_geom_on_earth'],
    ['an empty point', camera({ geom: `'srid=4326;point empty'` }), 'camera_geom_on_earth'],
    ['a street', street(`'srid=4326;linestring(0 0,1 1)'`), null],
    ['a street of one place', street(`'srid=4326;linestring(0 0,0 0)'`), 'street_geom_valid'],
  ])('%s', async (_name, statement, constraint) => {
    expect(await stopped(statement)).toBe(constraint);
  });
});

describe('categories and incidents', () => {
  const category = (values: string) => `insert into category (code, name, parent, hours_limit) values (${values})`;
  test.each([
    ['no such class', category(`'x', 'x', 'no', 1`), 'category_parent_fkey'],
    ['its own class', category(`'x', 'x', 'x', 1`), 'category_not_its_own_parent'],
    ['no time to close in', category(`'x', 'x', null, 0`), 'category_hours_limit_check'],
    ['a class with items', `delete from category where code = 'A'`, 'category_parent_fkey'],
    ['a plain one', incident({}), null],
    ['a status out of the list', incident({ status: `'open'` }), 'incident_status_check'],
    ['no such category', incident({ category: `'no'` }), 'incident_category_fkey'],
    ['closed before it occurred', incident({ closed_at: `'2026-02-28'` }), 'incident_closed_after_occurred'],
    ['closed as it occurred', incident({ closed_at: `'2026-03-01'` }), null],
    ['an infinite time', incident({ due_at: `'infinity'` }), 'incident_due_at_check'],
    ['off the earth', incident({ geom: `'srid=4326;point(181 0)'` }), 'incident_geom_on_earth'],
  ])('%s', async (_name, statement, constraint) => {
    expect(await stopped(statement)).toBe(constraint);
  });

  test('an id is unique over all regions', async () => {
    expect(await stopped(incident({ region: `'W'` }), incident({ region: `'E'` }))).toBe('incident_key_pkey');
    const renamed = `update incident set id = 'y' where id = 'x'`;
    expect(await stopped(incident({}), renamed, incident({ region: `'E'` }))).toBeNull();
  });
});

test('an address has a text of at most 1000 bytes', async () => {
  const address = (text: string) => `insert into address (id, text, geom) values ('x', '${text}', ${POINT})`;
  expect(await stopped(address('街'.repeat(333)))).toBeNull();
  expect(await stopped(address('街'.repeat(334)))).toBe('address_text_check');
  expect(await stopped(address(''))).toBe('address_text_check');
});
