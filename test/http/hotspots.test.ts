import { gridDisk, latLngToCell, polygonToCells } from 'h3-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Db } from '../../src/db/db.ts';
import { demoPlants } from '../../src/demo/demo.ts';
import { tileOfPoint } from '../../src/geo/tile.ts';
import { LEGENDS } from '../../src/heat/legends.ts';
import { EMERGING_CLASSES } from '../../src/heat/stats/emerging.ts';
import { DEMO_SEED, DEMO_UNTIL, demoDatabase } from '../helpers/database.ts';
import { type PlainIncident, perCell, plainIncidents, within } from '../helpers/incident-cells.ts';
import { mvtFaults } from '../helpers/mvt.ts';
import { startService, type TestService } from '../helpers/service.ts';
import { fetchTile, propertiesOf } from '../helpers/tiles.ts';

const FROM = '2025-11-01T00:00:00+08:00';
const TO = '2026-11-01T00:00:00+08:00';
const YEAR = period(FROM, TO);
const PLANTS = demoPlants({ size: 'county', seed: DEMO_SEED, until: DEMO_UNTIL });

interface Cell {
  cell: string;
  n: number;
  i?: number | null;
  rate?: number;
  z: number | null;
  p: number | null;
  q: number | null;
  class: string;
  s?: number;
}
interface Answer {
  area: { cells: number; mean: number; sd: number; outside: number; without_households?: number };
  steps: { from: string; to: string }[];
  cells: Cell[];
}

let db: Db;
let service: TestService;
let all: PlainIncident[];

beforeAll(async () => {
  db = await demoDatabase();
  service = await startService(db);
  all = await plainIncidents(db);
});
afterAll(() => service.close());

function period(from: string, to: string): string {
  return `from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`;
}

async function ask(path: string): Promise<Answer> {
  const response = await fetch(`${service.url}${path}`);
  const body = await response.text();
  expect(response.status, `${path}: ${body.slice(0, 300)}`).toBe(200);
  return JSON.parse(body) as Answer;
}

/** The cells of a grid, from its boundary alone. */
async function areaOf(code: string, res: number): Promise<string[]> {
  const [row] = await db.query<{ geometry: string }>(
    `select st_asgeojson(geom, 15) as geometry from grid where net = 'base' and code = $1`,
    [code],
  );
  const { coordinates } = JSON.parse(row!.geometry) as { coordinates: number[][][][] };
  return [...new Set(coordinates.flatMap((rings) => polygonToCells(rings, res, true)))].sort();
}

/** Gi* by its formula, cell by cell. */
function giStar(cells: string[], x: number[], k: number, weightAt: (distance: number) => number): number[] {
  const n = cells.length;
  const mean = x.reduce((a, b) => a + b, 0) / n;
  const s = Math.sqrt(x.reduce((a, b) => a + b * b, 0) / n - mean * mean);
  const at = new Map(cells.map((cell, i) => [cell, i]));
  return cells.map((cell) => {
    let [w, squares, sum] = [0, 0, 0];
    for (let d = 0; d <= k; d++) {
      const ring = gridDisk(cell, d).filter((c) => d === 0 || !gridDisk(cell, d - 1).includes(c));
      for (const other of ring.filter((c) => at.has(c))) {
        w += weightAt(d);
        squares += weightAt(d) ** 2;
        sum += weightAt(d) * x[at.get(other)!]!;
      }
    }
    return (sum - mean * w) / (s * Math.sqrt((n * squares - w * w) / (n - 1)));
  });
}

function expectZ({ cells }: Answer, z: number[]): void {
  for (const [i, value] of z.entries()) expect(cells[i]!.z).toBeCloseTo(value, 9);
}

describe('Gi*', () => {
  test.each([
    ['binary', 2, () => 1],
    ['triangular', 1, (d: number) => 1 - d / 2],
    ['quartic', 2, (d: number) => (1 - (d / 3) ** 2) ** 2],
  ])('with %s weights equals its formula over all cells of the county', async (weights, k, weightAt) => {
    const cells = await areaOf('990121', 9);
    const counts = perCell(within(all, FROM, TO), 9);
    const x = cells.map((cell) => counts.get(cell) ?? 0);
    const answer = await ask(`/hotspots?res=9&k=${k}&weights=${weights}&${YEAR}`);
    expect(answer.cells.map(({ cell, n }) => [cell, n])).toEqual(cells.map((cell, i) => [cell, x[i]]));
    expectZ(answer, giStar(cells, x, k, weightAt));
    expect(answer.area.cells).toBe(cells.length);
    expect(answer.area.mean).toBeCloseTo(x.reduce((a, b) => a + b, 0) / cells.length, 9);
    expect(answer.area.outside).toBe(all.length - x.reduce((a, b) => a + b, 0));
    for (const { z, q, class: of } of answer.cells) {
      expect(of.startsWith('hot')).toBe(z! > 0 && q! <= 0.1);
      expect(of.endsWith('99')).toBe(q! <= 0.01);
    }
    expect(answer.cells.some((c) => c.class === 'hot99')).toBe(true);
  });

  test('q is Benjamini–Hochberg by its definition', async () => {
    const { cells } = await ask(`/hotspots?res=9&k=1&${YEAR}`);
    for (const alpha of [0.01, 0.05, 0.1]) {
      const sorted = cells.map(({ p }) => p!).sort((a, b) => a - b);
      const last = sorted.findLastIndex((p, i) => p <= ((i + 1) * alpha) / sorted.length);
      expect(cells.filter(({ q }) => q! <= alpha).length).toBe(last + 1);
    }
  });

  test('a place keeps its z whatever is in view', async () => {
    const whole = (await ask(`/hotspots?res=9&k=2&${YEAR}`)).cells;
    const part = (await ask(`/hotspots?res=9&k=2&bbox=118.61,30.85,118.625,30.862&${YEAR}`)).cells;
    expect(part.length).toBeGreaterThan(10);
    expect(part.length).toBeLessThan(whole.length / 2);
    for (const cell of part) expect(whole).toContainEqual(cell);
  });

  test('a grid is a study area of its own, zeros included', async () => {
    const cells = await areaOf('990121001', 10);
    const answer = await ask(`/hotspots?res=10&k=1&under=990121001&category=05&${YEAR}`);
    expect(answer.cells.map(({ cell }) => cell)).toEqual(cells);
    expect(answer.cells.some(({ n }) => n === 0)).toBe(true);
  });

  test('rates are over cells where somebody lives', async () => {
    const answer = await ask(`/hotspots?res=9&k=1&value=rate&${YEAR}`);
    const cells = await areaOf('990121', 9);
    expect(answer.area.cells + answer.area.without_households!).toBe(cells.length);
    const z = giStar(
      answer.cells.map(({ cell }) => cell),
      answer.cells.map(({ rate }) => rate!),
      1,
      () => 1,
    );
    expectZ(answer, z);
  });

  test('finds the planted stable hotspots', async () => {
    const { cells } = await ask(`/hotspots?res=9&k=1&${YEAR}`);
    const byCell = new Map(cells.map((cell) => [cell.cell, cell]));
    for (const { lat, lon } of PLANTS.filter(({ kind }) => kind === 'stable')) {
      expect(byCell.get(latLngToCell(lat, lon, 9))!.z).toBeGreaterThan(1.96);
    }
  });

  test('without incidents there is no deviation, so no statistic', async () => {
    const { cells, area } = await ask(`/hotspots?res=8&${period('2001-01-01T00:00:00Z', '2001-02-01T00:00:00Z')}`);
    expect(area.sd).toBe(0);
    expect(cells.every(({ z, p, q, class: of }) => z === null && p === null && q === null && of === 'ns')).toBe(true);
  });
});

describe("local Moran's I", () => {
  test('equals its formula; its classes are the quadrants of what is significant', async () => {
    const cells = await areaOf('990121', 9);
    const counts = perCell(within(all, FROM, TO), 9);
    const x = cells.map((cell) => counts.get(cell) ?? 0);
    const answer = await ask(`/hotspots/moran?res=9&k=1&${YEAR}`);
    const mean = x.reduce((a, b) => a + b, 0) / x.length;
    const m2 = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
    const at = new Map(cells.map((cell, i) => [cell, i]));
    cells.forEach((cell, i) => {
      const near = gridDisk(cell, 1).filter((other) => other !== cell && at.has(other));
      const lag = near.reduce((sum, other) => sum + x[at.get(other)!]! - mean, 0) / near.length;
      expect(answer.cells[i]!.i).toBeCloseTo(((x[i]! - mean) / m2) * lag, 9);
      const quadrant = `${x[i]! > mean ? 'high' : 'low'}-${lag > 0 ? 'high' : 'low'}`;
      expect(answer.cells[i]!.class).toBe(answer.cells[i]!.q! <= 0.05 ? quadrant : 'ns');
    });
    expect(answer).toEqual(await ask(`/hotspots?method=moran&res=9&k=1&${YEAR}`));
  });
});

describe('emerging hotspots', () => {
  const at = (cells: Cell[], kind: string, res: number) => {
    const { lat, lon } = PLANTS.find((plant) => plant.kind === kind)!;
    return cells.find(({ cell }) => cell === latLngToCell(lat, lon, res))!;
  };

  test('the planted emerging hotspot is consecutively hot and rises', async () => {
    const { cells } = await ask(`/hotspots/emerging?res=9&step=month&${period('2025-12-01T00:00:00+08:00', TO)}`);
    const found = at(cells, 'emerging', 9);
    expect(found.class).toBe('consecutive_hot');
    expect(found.z).toBeGreaterThan(1.96);
  });

  test('the planted dying hotspot is one of the past and falls', async () => {
    const early = period('2025-11-03T00:00:00+08:00', '2026-03-23T00:00:00+08:00');
    const { cells, steps } = await ask(`/hotspots/emerging?res=9&step=week&category=05&${early}`);
    expect(steps.length).toBe(20);
    const found = at(cells, 'dying', 9);
    expect(found.class).toBe('historical_hot');
    expect(found.p).toBeLessThan(0.01);
    expect(found.s).toBeLessThan(0);
    const year = await ask(`/hotspots/emerging?res=9&step=week&category=05&${YEAR}`);
    const least = Math.min(...year.cells.map(({ s }) => s!));
    expect(at(year.cells, 'dying', 9).s).toBeLessThan(least / 2);
    expect(at(year.cells, 'dying', 9).class).toBe('none');
  });

  test('only whole steps count, and they are named', async () => {
    const { steps, cells } = await ask(`/hotspots/emerging?res=8&step=week&${YEAR}`);
    expect(steps[0]!.from).toBe('2025-11-02T16:00:00.000Z');
    expect(steps.at(-1)!.to).toBe('2026-10-25T16:00:00.000Z');
    expect(steps.length).toBe(51);
    const counts = perCell(within(all, steps[0]!.from, steps.at(-1)!.to), 8);
    for (const { cell, n, class: of } of cells) {
      expect(n).toBe(counts.get(cell) ?? 0);
      expect(EMERGING_CLASSES).toContain(of);
    }
    const day = period('2026-10-01T12:00:00+08:00', '2026-10-02T13:00:00+08:00');
    const response = await fetch(`${service.url}/hotspots/emerging?step=day&${day}`);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { detail: string }).detail).toContain('whole steps');
  });
});

describe('tiles', () => {
  test.each([
    ['gistar', '/hotspots?'],
    ['moran', '/hotspots/moran?'],
    ['emerging', '/hotspots/emerging?step=week&'],
  ])('%s shows in every tile what the answer says', async (method, path) => {
    const { cells } = await ask(`${path}res=8&k=1&${YEAR}`);
    const byCell = new Map(cells.map((cell) => [cell.cell, cell]));
    for (const z of [10, 13]) {
      const { bytes, tile } = (await fetchTile(
        service.url,
        'hotspots',
        tileOfPoint(118.62, 30.86, z),
        `?method=${method}&res=8&k=1&step=week&${YEAR}`,
      ))!;
      expect(mvtFaults(bytes)).toEqual([]);
      const shown = propertiesOf(tile, 'hotspots');
      expect(shown.length).toBeGreaterThan(3);
      for (const { cell, n, z: deviate, class: of } of shown) {
        const expected = byCell.get(cell as string)!;
        expect([n, deviate ?? null, of]).toEqual([expected.n, expected.z, expected.class]);
      }
    }
  });

  test('go with other layers, and are described', async () => {
    const { tile, bytes } = (await fetchTile(
      service.url,
      'grids,hotspots',
      tileOfPoint(118.62, 30.86, 13),
      `?res=9&${YEAR}`,
    ))!;
    expect(mvtFaults(bytes)).toEqual([]);
    expect(Object.keys(tile.layers).sort()).toEqual(['grids', 'hotspots']);
    const response = await fetch(`${service.url}/tiles/hotspots.json?res=9&method=moran`);
    const about = (await response.json()) as { vector_layers: { id: string }[] };
    expect(about.vector_layers.map(({ id }) => id)).toEqual(['hotspots']);
    expect((await fetch(`${service.url}/tiles/grids/13/1/1.mvt?method=moran`)).status).toBe(400);
  });

  test('legends have a colour for every class', () => {
    const classes = (legend: keyof typeof LEGENDS) => LEGENDS[legend].map((entry) => entry.class);
    expect(classes('emerging').sort()).toEqual([...EMERGING_CLASSES].sort());
    for (const legend of Object.values(LEGENDS)) {
      const looks = legend.map(({ color, symbol }) => `${color}${symbol ?? ''}`);
      expect(new Set(looks).size).toBe(legend.length);
    }
  });
});

test.each([
  ['/hotspots?k=21', 'k'],
  ['/hotspots?weights=cubic', 'weights'],
  ['/hotspots?net=nowhere', 'net'],
  ['/hotspots/emerging?step=hour', 'step'],
])('%s is refused at %s', async (path, at) => {
  const response = await fetch(`${service.url}${path}`);
  expect(response.status).toBe(400);
  expect(((await response.json()) as { errors: { path: string }[] }).errors.map((e) => e.path)).toContain(at);
});
