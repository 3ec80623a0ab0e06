import { createHash } from 'node:crypto';
import { booleanPointInPolygon, kinks, point, polygon } from '@turf/turf';
import type { MultiPolygon, Point, Polygon, Position } from 'geojson';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Demo, type DemoLayerId, generateDemo } from '../../src/demo/demo.ts';
import { drawPlan } from '../../src/demo/plan.ts';
import { loadSettings } from '../../src/demo/settings.ts';
import type { SourceRow } from '../../src/import/row.ts';

const until = new Date('2026-07-01T10:00:00+08:00');
const county = (seed = 1) => generateDemo({ size: 'county', seed, until });

function rowsOf(demo: Demo, layer: DemoLayerId): SourceRow[] {
  return [...demo.layers.find((l) => l.layer === layer)!.rows()];
}

function digest(demo: Demo): string {
  const hash = createHash('sha256');
  for (const layer of demo.layers) for (const row of layer.rows()) hash.update(JSON.stringify(row));
  return hash.digest('hex');
}

const polygonsOf = (geometry: SourceRow['geometry']): Position[][][] =>
  geometry!.type === 'Polygon' ? [(geometry as Polygon).coordinates] : (geometry as MultiPolygon).coordinates;

/** Shoelace area in square microdegrees: whole numbers, so that sums are exact. */
function areaOf(row: SourceRow): bigint {
  let sum = 0n;
  const micro = (degrees: number) => BigInt(Math.round(degrees * 1e6));
  for (const ring of polygonsOf(row.geometry).flat()) {
    for (let k = 1; k < ring.length; k++) {
      const [[x0, y0], [x1, y1]] = [ring[k - 1]!, ring[k]!] as [Position, Position];
      sum += micro(x0!) * micro(y1!) - micro(x1!) * micro(y0!);
    }
  }
  return sum;
}

function edgesOf(rows: SourceRow[]): Map<string, number> {
  const edges = new Map<string, number>();
  for (const row of rows) {
    for (const ring of polygonsOf(row.geometry).flat()) {
      for (let k = 1; k < ring.length; k++) {
        const key = [ring[k - 1]!.join(' '), ring[k]!.join(' ')].sort().join(' ');
        edges.set(key, (edges.get(key) ?? 0) + 1);
      }
    }
  }
  return edges;
}

let demo: Demo;
let grids: SourceRow[];
const level = (id: string) => grids.filter((row) => row.properties.level === id);

beforeAll(() => {
  demo = county();
  grids = rowsOf(demo, 'grids');
});

describe('the demo as a whole', () => {
  test('is the same for the same seed and another for another', () => {
    const first = digest(demo);
    expect(digest(county())).toBe(first);
    expect(digest(county(2))).not.toBe(first);
  });

  test('holds as many rows as its layers say, numbered from 1', () => {
    for (const layer of demo.layers) {
      const rows = [...layer.rows()];
      expect(rows.length, layer.layer).toBe(layer.count);
      expect(rows.every((row, k) => row.line === k + 1)).toBe(true);
    }
    const counts = Object.fromEntries(demo.layers.map(({ layer, count }) => [layer, count]));
    expect(counts).toMatchObject({ cameras: 1410, categories: 236, addresses: 20_000, incidents: 30_000 });
  });

  test.each([1, 7, 42])('has unique codes and ids with seed %i', (seed) => {
    const other = county(seed);
    for (const [layer, field] of [
      ['grids', 'code'],
      ['workers', 'id'],
      ['cameras', 'code'],
      ['categories', 'code'],
      ['holidays', 'date'],
      ['addresses', 'id'],
      ['addresses', 'text'],
      ['streets', 'id'],
    ] as const) {
      const values = rowsOf(other, layer).map((row) => row.properties[field]);
      expect(new Set(values).size, `${layer}.${field}`).toBe(values.length);
    }
  });
});

describe('grids', () => {
  test('are 59 base grids of 300 to 500 households and 6 dedicated ones in 3 streets of one county', () => {
    expect(level('district').length).toBe(1);
    expect(level('street').length).toBe(3);
    const base = level('grid').filter((row) => row.properties.kind === 'base');
    expect(base.length).toBe(59);
    expect(level('grid').length).toBe(65);
    for (const { properties } of base) {
      expect(properties.households).toBeGreaterThanOrEqual(300);
      expect(properties.households).toBeLessThanOrEqual(500);
    }
  });

  test('have codes that begin with the parent, and figures that add up', () => {
    const sums = new Map<unknown, [number, number]>();
    for (const { properties: p } of grids) {
      if (p.parent === undefined) continue;
      expect(String(p.code).startsWith(String(p.parent))).toBe(true);
      const [households, population] = sums.get(p.parent) ?? [0, 0];
      sums.set(p.parent, [households + Number(p.households), population + Number(p.population)]);
    }
    for (const { properties: p } of grids) {
      const sum = sums.get(p.code);
      if (sum) expect([p.households, p.population]).toEqual(sum);
    }
  });

  test('are valid polygons whose children fill them exactly', () => {
    const filled = new Map<unknown, bigint>();
    for (const row of grids) {
      expect(areaOf(row)).toBeGreaterThan(0n);
      for (const rings of polygonsOf(row.geometry)) expect(kinks(polygon(rings)).features.length).toBe(0);
      filled.set(row.properties.parent, (filled.get(row.properties.parent) ?? 0n) + areaOf(row));
    }
    for (const row of grids) {
      const sum = filled.get(row.properties.code);
      if (sum !== undefined) expect(sum).toBe(areaOf(row));
    }
  });

  test.each(['street', 'community', 'grid', 'station', 'beat'])('of level %s meet edge to edge', (id) => {
    const outline = edgesOf(level('district'));
    for (const [edge, n] of edgesOf(level(id))) expect(n).toBe(outline.has(edge) ? 1 : 2);
  });

  test('of the police do not follow the borders of the base net', () => {
    const base = edgesOf(level('grid'));
    const beats = [...edgesOf(level('beat')).keys()];
    expect(beats.filter((edge) => !base.has(edge)).length).toBeGreaterThan(beats.length / 4);
  });
});

describe('workers', () => {
  test('staff every base grid with five people, a legal officer and, but for one, a full-time lead', () => {
    const roles = new Map(rowsOf(demo, 'workers').map(({ properties: p }) => [p.id, String(p.role)]));
    const assignments = rowsOf(demo, 'assignments').map((row) => row.properties);
    const base = level('grid').filter((row) => row.properties.kind === 'base');
    let leaderless = 0;
    for (const { properties: grid } of base) {
      const own = assignments.filter((a) => a.grid === grid.code);
      expect(new Set(own.map((a) => a.worker)).size).toBeGreaterThanOrEqual(5);
      expect(own.some((a) => /judge|prosecutor|police|lawyer/.test(roles.get(a.worker)!))).toBe(true);
      if (!own.some((a) => a.duty === 'lead' && roles.get(a.worker) === 'fulltime')) leaderless++;
    }
    expect(leaderless).toBe(1);
    expect(assignments.some((a) => /20:00-08:00/.test(String(a.hours)))).toBe(true);
    expect(assignments.some((a) => a.net === 'police' && roles.get(a.worker) === 'police')).toBe(true);
  });

  test('are assigned once, to grids, categories and hours that exist', () => {
    const codes = new Set(grids.map(({ properties: p }) => `${p.net} ${p.code}`));
    const categories = new Set(rowsOf(demo, 'categories').map((row) => row.properties.code));
    const keys = new Set<string>();
    const time = '\\d\\d:\\d\\d-\\d\\d:\\d\\d';
    const rule = `(?:(?:Mo|Tu|We|Th|Fr|Sa|Su)(?:-(?:Mo|Tu|We|Th|Fr|Sa|Su))? ${time}(?:,${time})*|PH off)`;
    const hours = new RegExp(`^(?:24/7|${rule}(?:; ${rule})*)$`);
    for (const { properties: a } of rowsOf(demo, 'assignments')) {
      expect(codes.has(`${a.net ?? 'base'} ${a.grid}`)).toBe(true);
      if (a.category !== undefined) expect(categories.has(a.category)).toBe(true);
      if (a.hours !== undefined) expect(a.hours).toMatch(hours);
      const key = [a.worker, a.net, a.grid, a.duty, a.category, a.valid_from].join(' ');
      expect(keys.has(key)).toBe(false);
      keys.add(key);
    }
  });
});

describe('points', () => {
  test('addresses lie in the street or town that they name', () => {
    const streets = level('street');
    rowsOf(demo, 'addresses').forEach((row, k) => {
      if (k % 13 > 0) return;
      const inside = streets.filter((s) => booleanPointInPolygon(row.geometry as Point, s.geometry as Polygon));
      expect(inside.map((s) => s.properties.name)).toEqual([
        streets.find((s) => String(row.properties.text).includes(`云溪县${s.properties.name}`))!.properties.name,
      ]);
    });
  });

  test('cameras have 20-digit codes and stand in the county, many exactly on a shared border', () => {
    const vertices = new Set(level('grid').flatMap((row) => polygonsOf(row.geometry).flat(2).map(String)));
    const outline = level('district')[0]!.geometry as Polygon;
    const cameras = rowsOf(demo, 'cameras');
    for (const { properties, geometry } of cameras) {
      expect(properties.code).toMatch(/^990121\d{4}13[12]\d{7}$/);
      expect(booleanPointInPolygon(point((geometry as Point).coordinates), outline)).toBe(true);
    }
    const online = cameras.filter((row) => row.properties.status === 'online').length;
    expect(online / cameras.length).toBeGreaterThan(0.9);
    expect(online).toBeLessThan(cameras.length);
    expect(cameras.filter((row) => vertices.has(String((row.geometry as Point).coordinates))).length).toBeGreaterThan(
      100,
    );
  });
});

describe('the city', () => {
  test('has 6,098 grids, 6,100 workers and a million addresses to stream', () => {
    const city = generateDemo({ size: 'city', seed: 1, until });
    const counts = Object.fromEntries(city.layers.map(({ layer, count }) => [layer, count]));
    expect(counts).toMatchObject({ workers: 6100, cameras: 20_000, addresses: 1_000_000, incidents: 1_300_000 });
    const levels = new Map<string, number>();
    for (const area of drawPlan(loadSettings('city'), 1).areas)
      levels.set(area.level, (levels.get(area.level) ?? 0) + 1);
    expect(levels.get('grid')).toBe(6098);
    expect([...levels.keys()]).toEqual(city.nets[0]!.levels.map(({ id }) => id));
    const [first] = city.layers.find((l) => l.layer === 'incidents')!.rows();
    expect(first!.properties.id).toBe('SJ20250701-000001');
  });
});
