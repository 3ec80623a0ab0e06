import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { AddressBook } from '../../src/addresses/live.ts';
import { nearestCameras } from '../../src/cameras/cameras.ts';
import { CameraLayer } from '../../src/cameras/live.ts';
import type { Db } from '../../src/db/db.ts';
import { scratchDatabase } from '../helpers/database.ts';

let db: Db;

beforeEach(async () => {
  db = await scratchDatabase();
});

interface Place {
  lon: number;
  lat: number;
}

/** Latitudes at which a degree of longitude is long and short. */
const CENTRES: Place[] = [
  { lon: 118.6, lat: 30.9 },
  { lon: 0, lat: 0 },
  { lon: -70.3, lat: -33.4 },
  { lon: 25.5, lat: 71.2 },
];

/** Places within some hundred metres or kilometres, some of them at the same spot. */
function placesAround(centre: Place, degrees: number, maxLength: number) {
  const off = fc.double({ min: -degrees, max: degrees, noNaN: true });
  const place = fc.record({ x: off, y: off }).map(({ x, y }) => ({ lon: centre.lon + x, lat: centre.lat + y }));
  return fc
    .tuple(fc.array(place, { minLength: 1, maxLength }), fc.array(fc.nat(), { maxLength: 8 }))
    .map(([places, again]) => [...places, ...again.map((i) => places[i % places.length]!)]);
}

function write(table: 'address' | 'camera', places: readonly Place[]): Promise<unknown> {
  const columns = table === 'address' ? '(id, text, geom)' : '(code, name, geom)';
  return db.query(
    `insert into ${table} ${columns}
     select 'X' || lpad(i::text, 4, '0'), '长江路' || i || '号', st_setsrid(st_point(lon, lat), 4326)
     from unnest($1::float8[], $2::float8[]) with ordinality p (lon, lat, i)`,
    [places.map(({ lon }) => lon), places.map(({ lat }) => lat)],
  );
}

/** For each point the nearest address, null where there is none. */
async function nearestBySql(points: readonly Place[]): Promise<unknown[]> {
  const rows = await db.query<{ near: unknown }>(
    `select (
       select jsonb_build_object('id', id, 'text', text, 'lon', st_x(geom), 'lat', st_y(geom),
         'metres', round(metres, 1))
       from (select *, round(st_distance(geom::geography, st_setsrid(st_point(p.lon, p.lat), 4326)::geography)::numeric, 3) as metres
         from address) a
       where metres <= 100 order by metres, id limit 1) as near
     from unnest($1::float8[], $2::float8[]) with ordinality p (lon, lat, n) order by n`,
    [points.map(({ lon }) => lon), points.map(({ lat }) => lat)],
  );
  return rows.map(({ near }) => near);
}

function camerasBySql({ lon, lat }: Place, limit: number): Promise<unknown[]> {
  return db.query(
    `select code, name, zone, heading, status, lon, lat, round(metres, 1)::float8 as metres
     from (select c.*, st_x(geom) as lon, st_y(geom) as lat,
             round(st_distance(geom::geography, st_setsrid(st_point($1, $2), 4326)::geography)::numeric, 3) as metres from camera c) c
     order by c.metres, code limit $3`,
    [lon, lat, limit],
  );
}

test('the nearest address in memory is that of the record, also after edits', async () => {
  const book = new AddressBook(db);
  const around = fc.constantFrom(...CENTRES).chain((centre) =>
    fc.record({
      places: placesAround(centre, 0.003, 60),
      points: placesAround(centre, 0.004, 12),
      moved: fc.array(fc.nat({ max: 60 }), { maxLength: 5 }),
      gone: fc.array(fc.nat({ max: 60 }), { maxLength: 5 }),
    }),
  );
  const expectSame = async (points: Place[]) => {
    await book.catchUp();
    const found = points.map(({ lon, lat }) => book.nearest([lon, lat], 100) ?? null);
    expect(found).toEqual(await nearestBySql(points));
  };
  const property = fc.asyncProperty(around, async ({ places, points, moved, gone }) => {
    await db.script('truncate address');
    await write('address', places);
    await expectSame([...points, places[0]!]);
    const ids = (list: number[]) => list.map((i) => `X${`${i}`.padStart(4, '0')}`);
    await db.query('update address set geom = st_translate(geom, 0.0004, 0.0002) where id = any($1::text[])', [
      ids(moved),
    ]);
    await db.query('delete from address where id = any($1::text[])', [ids(gone)]);
    await expectSame(points);
  });
  await fc.assert(property, { numRuns: 15 });
});

test('the nearest cameras are the same by distance alone, by the index, and in memory where they are near', async () => {
  const around = fc.constantFrom(...CENTRES).chain((centre) =>
    fc.record({
      places: placesAround(centre, 0.2, 40),
      points: placesAround(centre, 0.1, 3),
      limit: fc.integer({ min: 1, max: 20 }),
    }),
  );
  let inMemory = 0;
  const property = fc.asyncProperty(around, async ({ places, points, limit }) => {
    await db.script('truncate camera');
    await write('camera', places);
    const cameras = await db.transaction((tx) => CameraLayer.load(tx));
    for (const point of points) {
      const expected = await camerasBySql(point, limit);
      expect(await nearestCameras(db, [point.lon, point.lat], limit), JSON.stringify(point)).toEqual(expected);
      const near = cameras.nearest(point.lon, point.lat, limit);
      if (near) expect(near, JSON.stringify(point)).toEqual(expected);
      if (near) inMemory += 1;
    }
  });
  await fc.assert(property, { numRuns: 12 });
  expect(inMemory).toBeGreaterThan(0);
});
