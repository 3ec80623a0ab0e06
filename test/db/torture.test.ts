import { readdirSync, readFileSync } from 'node:fs';
import type { Geometry, Position } from 'geojson';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Db } from '../../src/db/db.ts';
import { ImportRefused } from '../../src/import/import.ts';
import { isFault } from '../../src/import/read/fault.ts';
import { readRows } from '../../src/import/read/rows.ts';
import { openSource } from '../../src/import/read/source.ts';
import { scratchDatabase } from '../helpers/database.ts';
import { counts, load, loadGood, polygon } from '../helpers/import.ts';
import { hasSharedData, sharedData } from '../helpers/shared-data.ts';

interface Fixture {
  name: string;
  geometry: Geometry;
}

function jsonFiles(folder: string): string[] {
  const names = readdirSync(sharedData(folder), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => /\.(geo)?json$/.test(name)).sort();
}

/** Rings in pixels, most of them open. */
function earcut(): Fixture[] {
  const folder = 'torture/earcut/test/fixtures/';
  return jsonFiles(folder).map((name) => {
    const rings = JSON.parse(readFileSync(sharedData(folder + name), 'utf8')) as Position[][];
    return { name, geometry: polygon(...rings) };
  });
}

/** Every feature of every file of a folder, in coordinates of its own. */
async function features(folder: string): Promise<Fixture[]> {
  const fixtures: Fixture[] = [];
  for (const name of jsonFiles(folder)) {
    // Some files hold the path of another: links, stored as text.
    if (readFileSync(sharedData(folder + name), 'utf8').startsWith('../')) continue;
    const source = await openSource(sharedData(folder + name));
    for await (const row of readRows(source.bytes, { ...source, encoding: 'utf8' })) {
      if (isFault(row)) throw new Error(`${name}: ${row.reason}`);
      if (row.geometry) fixtures.push({ name: `${name}#${fixtures.length}`, geometry: row.geometry });
    }
  }
  return fixtures;
}

type Nested = Position | Nested[];

function positionsOf(nested: Nested): Position[] {
  return typeof nested[0] === 'number' || nested.length === 0
    ? [nested as Position]
    : (nested as Nested[]).flatMap(positionsOf);
}

/** The same shape in a box of half a degree, its rings closed. */
function scaled({ name, geometry }: Fixture): Fixture {
  if (geometry.type === 'GeometryCollection') return { name, geometry };
  const coordinates: Nested = geometry.coordinates;
  const all = positionsOf(coordinates).filter((position) => position.length >= 2);
  const [west, east] = [Math.min(...all.map((p) => p[0]!)), Math.max(...all.map((p) => p[0]!))];
  const [south, north] = [Math.min(...all.map((p) => p[1]!)), Math.max(...all.map((p) => p[1]!))];
  const scale = 0.5 / (Math.max(east - west, north - south) || 1);
  const place = (p: Position): Position => [114 + (p[0]! - west) * scale, 22 + (p[1]! - south) * scale];
  const isRing = (nested: Nested) => Array.isArray(nested[0]) && typeof nested[0][0] === 'number';
  const move = (nested: Nested): Nested => {
    if (!isRing(nested)) return (nested as Nested[]).map(move);
    const ring = (nested as Position[]).map(place);
    const [first, last] = [ring[0]!, ring.at(-1)!];
    return first[0] === last[0] && first[1] === last[1] ? ring : [...ring, first];
  };
  return { name, geometry: { type: geometry.type, coordinates: move(coordinates) } as Geometry };
}

function rowsOf(fixtures: Fixture[]) {
  return fixtures.map(({ name, geometry }, i) => ({ code: `T${i}`, name, level: 'city', geometry }));
}

const FAULTS = [
  /^geometry: ring \d+ of polygon \d+ (crosses itself or another ring|touches itself|is a hole outside its polygon|is a hole inside another hole|cuts its polygon in two|lies inside another polygon of the same geometry|is there twice|has too few different positions to enclose an area) near -?[\d.e-]+,-?[\d.e-]+$/,
  /^geometry: (polygon \d+, )?ring \d+ is not closed: repeat its first position \[.*\] at its end$/,
  /^geometry: (polygon \d+, )?ring \d+ has [123] positions: at least 4 enclose an area$/,
  /^geometry: (polygon \d+, )?ring \d+ has a position that is not on the earth: \[.*\]; positions are longitude, latitude in degrees; convert/,
  /^geometry: (the polygon|polygon \d+|the geometry|(polygon \d+, )?ring \d+) is empty: leave it out$/,
  /^geometry: \w+ is not Polygon or MultiPolygon$/,
];

const REPAIR_FAULTS = [
  /^geometry: no (area is left after repair|ring with three different corners is left to repair)$/,
  /^geometry: \[.*\] is not on the earth; convert projected coordinates, and cut areas at the 180th meridian$/,
  /^geometry: the geometry or one of its parts is empty$/,
  /^geometry: \w+ is not Polygon or MultiPolygon$/,
  /^geometry: ring \d+ of polygon \d+ .* near .*; it could not be repaired, draw it anew$/,
];

describe.skipIf(!hasSharedData)('polygons that broke other programs (needs ../shared/data)', () => {
  let db: Db;
  beforeEach(async () => {
    db = await scratchDatabase();
  });

  const SETS: [string, () => Fixture[] | Promise<Fixture[]>, number][] = [
    ['earcut', earcut, 59],
    ['polygon-clipping', () => features('torture/polygon-clipping/test/'), 318],
    ['antimeridian', () => features('torture/antimeridian/tests/data/'), 117],
  ];

  async function check(fixtures: Fixture[], repair: boolean): Promise<{ loaded: number; rejected: number }> {
    const { report, rejects, reasons } = await loadGood(db, 'grids', rowsOf(fixtures), { repair });
    expect(counts(report).read).toBe(fixtures.length);
    for (const [line, reason] of Object.entries(reasons)) {
      const known = (repair ? REPAIR_FAULTS : FAULTS).some((fault) => fault.test(reason));
      expect(known, `${fixtures[Number(line) - 2]!.name}: ${reason}`).toBe(true);
    }
    const [stored] = await db.query<{ n: number; bad: number }>(
      `select count(*)::int as n, (count(*) filter (where not st_isvalid(geom) or st_isempty(geom) or st_area(geom) = 0))::int as bad from grid`,
    );
    expect(stored).toEqual({ n: fixtures.length - rejects.length, bad: 0 });
    return { loaded: stored!.n, rejected: rejects.length };
  }

  describe.each(SETS)('%s', (_name, read, total) => {
    test('as they are: each is loaded as a valid geometry, or rejected by the name of its fault', async () => {
      const { loaded, rejected } = await check(await read(), false);
      expect(loaded + rejected).toBe(total);
      expect(Math.min(loaded, rejected)).toBeGreaterThan(0);
    });

    test('scaled to the earth and closed, then repaired', async () => {
      const fixtures = (await read()).map(scaled);
      const { loaded } = await check(fixtures, false);
      const repaired = await check(fixtures, true);
      expect(repaired.loaded).toBeGreaterThan(loaded);
      expect(repaired.loaded / total).toBeGreaterThan(0.9);
    });

    test('as they are, repaired', async () => {
      await check(await read(), true);
    });

    test('with one bad polygon among them, nothing is loaded', async () => {
      const error = await load(db, 'grids', rowsOf((await read()).map(scaled))).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(ImportRefused);
      expect(await db.query('select code from grid')).toEqual([]);
    });
  });
});
