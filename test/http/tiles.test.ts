import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Db } from '../../src/db/db.ts';
import { EXTENT, type Tile, tileFilterBounds, tileOfPoint } from '../../src/geo/tile.ts';
import { demoDatabase } from '../helpers/database.ts';
import { startService, type TestService } from '../helpers/service.ts';
import { areaOfLayer, FULL_AREA, fetchTile, propertiesOf, seeTiles, tilesOver } from '../helpers/tiles.ts';

const ALL = 'grids,cameras,incidents,heat,streets';

let db: Db;
let service: TestService;
let box: [number, number, number, number];

beforeAll(async () => {
  db = await demoDatabase();
  service = await startService(db);
  const [row] = await db.query<{ box: number[] }>(
    'select array[st_xmin(b), st_ymin(b), st_xmax(b), st_ymax(b)] as box from (select st_extent(geom) as b from incident) t',
  );
  box = row!.box as typeof box;
});
afterAll(() => service.close());

/** Codes that must be found, each at some zoom. */
async function column(sql: string): Promise<string[]> {
  return (await db.query<{ v: string }>(sql)).map((row) => row.v);
}

describe('tiles of every zoom', () => {
  test('obey MVT 2.1 and hold every feature', async () => {
    const keys = { grids: 'code', cameras: 'code', incidents: 'id', heat: 'cell', streets: 'name' };
    const { faults, seen } = await seeTiles(service.url, keys, box, [0, 3, 6, 8, 10, 11, 12, 13, 14, 15, 16]);
    expect(faults).toEqual([]);
    expect([...seen.grids!].sort()).toEqual(
      await column(`select code as v from grid where net = 'base' order by code`),
    );
    expect([...seen.cameras!].sort()).toEqual(await column('select code as v from camera order by code'));
    expect(seen.streets).toEqual(new Set(await column('select name as v from street')));
  });

  test('features ascend by id and carry exactly the attributes of their layer', async () => {
    const { tile } = (await fetchTile(service.url, ALL, tileOfPoint(118.62, 30.86, 14)))!;
    for (const [layer, id, allowed] of [
      ['grids', 'code', ['code', 'name', 'level', 'kind', 'net', 'parent']],
      ['cameras', 'code', ['code', 'zone', 'status', 'heading']],
      ['incidents', 'id', ['id', 'category', 'status', 'light', 'occurred']],
      ['heat', 'cell', ['cell', 'n']],
    ] as const) {
      const properties = propertiesOf(tile, layer);
      expect(properties.length, layer).toBeGreaterThan(0);
      const ids = properties.map((p) => String(p[id]));
      expect(ids, layer).toEqual([...ids].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
      expect(new Set(properties.flatMap((p) => Object.keys(p))), layer).toEqual(new Set(allowed));
    }
  });

  test('neighbouring grids meet without cracks: inside the county their areas fill the tile', async () => {
    for (const z of [14, 15, 16]) {
      const tile = tileOfPoint(118.6207, 30.8601, z);
      const got = (await fetchTile(service.url, 'grids', tile, '?level=grid'))!;
      expect(areaOfLayer(got.tile, 'grids'), `zoom ${z}`).toBe(FULL_AREA);
    }
  });
});

describe('incidents', () => {
  const periods = ['?from=2025-01-01T00:00:00Z', '', '?last=P90D&category=01', '?last=P365D&status=closed,void'];

  test.each(periods)('the counts of all tiles of a zoom add up to the number of incidents: %s', async (query) => {
    const { url } = service;
    const total = await countBySql(query);
    expect(total).toBeGreaterThan(0);
    for (const z of [0, 9, 12, 14]) {
      let sum = 0;
      for (const tile of tilesOver(box, z)) {
        const got = await fetchTile(url, 'incidents', tile, query);
        for (const { n } of propertiesOf(got?.tile, 'incidents')) sum += typeof n === 'number' ? n : 1;
      }
      expect(sum, `zoom ${z}`).toBe(total);
    }
  });

  test('more than 5,000 points become one point per cell of the right resolution, inside the tile', async () => {
    const tile = tileOfPoint(118.62, 30.86, 10);
    const got = (await fetchTile(service.url, 'incidents', tile, '?last=P365D'))!;
    const layer = got.tile.layers.incidents!;
    for (let i = 0; i < layer.length; i++) {
      const feature = layer.feature(i);
      const [[{ x, y }]] = feature.loadGeometry() as unknown as [[{ x: number; y: number }]];
      expect(String(feature.properties.cell)).toMatch(/^87/);
      expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
      expect(Math.max(x, y)).toBeLessThan(EXTENT);
    }
    expect(layer.length).toBeGreaterThan(1);
  });

  test('the points of a tile are those of plain SQL', async () => {
    const tile = tileOfPoint(118.6203, 30.8602, 15);
    const got = (await fetchTile(service.url, 'incidents', tile, '?last=P365D&light=none'))!;
    const { west, south, east, north } = tileFilterBounds(tile.z, tile.x, tile.y);
    const ids = await column(`
      select id as v from incident
      where st_x(geom) >= ${west} and st_x(geom) < ${east} and st_y(geom) > ${south} and st_y(geom) <= ${north}
        and status in ('closed', 'revisited', 'void') and occurred_at >= timestamptz '2026-10-31T16:00:00Z' - interval '365 days'
      order by id`);
    expect(ids.length).toBeGreaterThan(10);
    expect(propertiesOf(got.tile, 'incidents').map((p) => p.id)).toEqual(ids);
  });

  /** The number that a filter chooses, written down anew in SQL. */
  async function countBySql(query: string): Promise<number> {
    const hour = `timestamptz '2026-10-31T16:00:00Z'`;
    const where: Record<string, string> = {
      [periods[0]!]: `occurred_at >= '2025-01-01T00:00:00Z'`,
      [periods[1]!]: `occurred_at >= ${hour} - interval '30 days'`,
      [periods[2]!]: `occurred_at >= ${hour} - interval '90 days' and (category = '01' or category in (select code from category where parent = '01'))`,
      [periods[3]!]: `occurred_at >= ${hour} - interval '365 days' and status in ('closed', 'void')`,
    };
    const [row] = await db.query<{ n: number }>(`select count(*)::int as n from incident where ${where[query]}`);
    return row!.n;
  }
});

describe('filters', () => {
  test('level, net and under choose grids', async () => {
    const tile = tileOfPoint(118.62, 30.86, 10);
    const codes = async (query: string) =>
      propertiesOf((await fetchTile(service.url, 'grids', tile, query))?.tile, 'grids').map((p) => p.code);
    expect(await codes('?level=street')).toEqual(
      await column(`select code as v from grid where net = 'base' and level = 'street' order by code`),
    );
    expect(await codes('?net=police')).toEqual(
      await column(`select code as v from grid where net = 'police' order by code`),
    );
    const [community] = await column(`select code as v from grid where level = 'community' order by code limit 1`);
    expect(await codes(`?under=${community}&level=grid`)).toEqual(
      await column(`select code as v from grid where level = 'grid' and code like '${community}%' order by code`),
    );
  });

  test('under chooses incidents by their owner', async () => {
    const [grid] = await column(`
      select p.owner as v from incident_place p where p.owner is not null group by 1 order by count(*) desc, 1 limit 1`);
    const tile = tileOfPoint(118.62, 30.86, 8);
    const got = await fetchTile(service.url, 'incidents', tile, `?last=P365D&under=${grid}`);
    const expected = await column(`
      select i.id as v from incident i join lateral (
        select g.code from grid g join level l on l.net = g.net and l.id = g.level
        where g.net = 'base' and st_covers(g.geom, i.geom)
        order by l.rank desc, g.kind = 'dedicated' desc, g.code limit 1) o on true
      where o.code = '${grid}' and st_covers((select geom from grid where net = 'base' and code = '${grid}'), i.geom)
      order by i.id`);
    expect(expected.length).toBeGreaterThan(10);
    expect(propertiesOf(got?.tile, 'incidents').map((p) => p.id)).toEqual(expected);
  });

  test('zone and status choose cameras', async () => {
    const tile = tileOfPoint(118.62, 30.86, 9);
    const got = await fetchTile(service.url, 'cameras', tile, '?zone=entrance&status=fault,offline');
    expect(propertiesOf(got?.tile, 'cameras').map((p) => p.code)).toEqual(
      await column(
        `select code as v from camera where zone = 'entrance' and status in ('fault', 'offline') order by code`,
      ),
    );
  });

  test('heat shows whole cells with their whole counts in every tile that they touch', async () => {
    const counts = new Map<unknown, Set<unknown>>();
    let sum = 0;
    for (const tile of tilesOver([box[0] - 0.02, box[1] - 0.02, box[2] + 0.02, box[3] + 0.02], 13)) {
      const got = await fetchTile(service.url, 'heat', tile, '?last=P365D');
      for (const { cell, n } of propertiesOf(got?.tile, 'heat')) {
        if (!counts.has(cell)) sum += n as number;
        counts.set(cell, (counts.get(cell) ?? new Set()).add(n));
      }
    }
    expect([...counts.values()].every((values) => values.size === 1)).toBe(true);
    const [row] = await db.query<{ n: number }>('select count(*)::int as n from incident');
    expect(sum).toBe(row!.n);
  });
});

describe('HTTP', () => {
  const path = () => {
    const { z, x, y } = tileOfPoint(118.62, 30.86, 14);
    return `${service.url}/tiles/grids/${z}/${x}/${y}.mvt`;
  };

  test('an ETag of the uncompressed bytes, weak, shared by encodings, and answered by 304', async () => {
    const plain = await fetch(path(), { headers: { 'Accept-Encoding': 'identity' } });
    const gzip = await fetch(path(), { headers: { 'Accept-Encoding': 'gzip' } });
    const etag = plain.headers.get('etag')!;
    expect(etag).toMatch(/^W\/"[\w-]+"$/);
    expect(gzip.headers.get('etag')).toBe(etag);
    expect(gzip.headers.get('content-encoding')).toBe('gzip');
    expect(gzip.headers.get('vary')).toBe('Accept-Encoding');
    expect(gzip.headers.get('cache-control')).toBe('no-cache');
    expect(gzip.headers.get('content-type')).toBe('application/vnd.mapbox-vector-tile');
    expect(Buffer.from(await gzip.arrayBuffer())).toEqual(Buffer.from(await plain.arrayBuffer()));
    const again = await fetch(path(), { headers: { 'If-None-Match': etag } });
    expect(again.status).toBe(304);
    expect(again.headers.get('etag')).toBe(etag);
    expect(await again.text()).toBe('');
    expect((await fetch(path(), { headers: { 'If-None-Match': '"another"' } })).status).toBe(200);
  });

  test('brotli where the client prefers it', async () => {
    const response = await fetch(path(), { headers: { 'Accept-Encoding': 'br' } });
    expect(response.headers.get('content-encoding')).toBe('br');
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(100);
  });

  test('equal layer lists in another order are the same bytes', async () => {
    const { z, x, y } = tileOfPoint(118.62, 30.86, 14);
    const [a, b] = await Promise.all(
      ['grids,streets', 'streets,grids,streets'].map(async (layers) =>
        (await fetch(`${service.url}/tiles/${layers}/${z}/${x}/${y}.mvt`)).headers.get('etag'),
      ),
    );
    expect(a).toBe(b);
  });

  const bad: [string, number, RegExp][] = [
    ['/tiles/nope/0/0/0.mvt', 404, /there are: grids/],
    ['/tiles/grids/23/0/0.mvt', 400, /z/],
    ['/tiles/grids/2/4/0.mvt', 400, /x must be .* 3/],
    ['/tiles/grids/2/0/-1.mvt', 400, /y/],
    ['/tiles/grids/a/0/0.mvt', 400, /whole number/],
    ['/tiles/incidents/0/0/0.mvt?from=2026-01-01T00:30:00Z', 400, /whole hour/],
    ['/tiles/incidents/0/0/0.mvt?last=P30D&from=2026-01-01T00:00:00Z', 400, /last/],
    ['/tiles/incidents/0/0/0.mvt?last=30', 400, /ISO 8601/],
    ['/tiles/incidents/0/0/0.mvt?status=gone', 400, /reported/],
    ['/tiles/incidents/0/0/0.mvt?category=nope', 400, /no category nope/],
    ['/tiles/grids/0/0/0.mvt?under=nope', 400, /no grid nope/],
    ['/tiles/grids/0/0/0.mvt?colour=red', 400, /colour/],
    ['/tiles/grids/0/0/0.mvt?net=base&net=police', 400, /twice/],
  ];
  test.each(bad)('%s is answered %i with the cure', async (url, status, message) => {
    const response = await fetch(service.url + url);
    const problem = (await response.json()) as { status: number; detail: string };
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect([response.status, problem.status]).toEqual([status, status]);
    expect(problem.detail).toMatch(message);
  });

  test('an empty tile is 204', async () => {
    expect((await fetch(`${service.url}/tiles/grids/5/0/0.mvt`)).status).toBe(204);
  });
});

describe('documents', () => {
  test('GET /tiles lists the layers with what they hold', async () => {
    const { layers } = (await (await fetch(`${service.url}/tiles`)).json()) as {
      layers: { id: string; count: number; url: string }[];
    };
    const byId = new Map(layers.map((layer) => [layer.id, layer]));
    expect([...byId.keys()]).toEqual(expect.arrayContaining(['grids', 'cameras', 'incidents', 'heat', 'streets']));
    expect(byId.get('cameras')!.count).toBe(1410);
    expect(byId.get('incidents')!.count).toBe(30_000);
    expect((await fetch(byId.get('grids')!.url)).status).toBe(200);
  });

  test('TileJSON 3.0.0 whose template gives tiles, filters included', async () => {
    const json = (await (await fetch(`${service.url}/tiles/grids,cameras.json?level=grid`)).json()) as {
      tilejson: string;
      tiles: string[];
      bounds: number[];
      vector_layers: { id: string; fields: Record<string, string> }[];
    };
    expect(json.tilejson).toBe('3.0.0');
    expect(json.vector_layers.map((layer) => layer.id)).toEqual(['cameras', 'grids']);
    const { z, x, y }: Tile = tileOfPoint(
      (json.bounds[0]! + json.bounds[2]!) / 2,
      (json.bounds[1]! + json.bounds[3]!) / 2,
      14,
    );
    const url = json.tiles[0]!.replace('{z}', `${z}`).replace('{x}', `${x}`).replace('{y}', `${y}`);
    const response = await fetch(url);
    expect(response.status).toBe(200);
    expect(response.headers.get('wangge-version')).toMatch(/^[\w-]+$/);
  });
});
