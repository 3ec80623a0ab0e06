import type { Db } from '../../src/db/db.ts';
import { cellsBySql } from '../../src/heat/cells.ts';
import type { Tally } from '../../src/heat/heat.sql.ts';
import { cellsInMemory } from '../../src/heat/live.ts';
import { periodOf } from '../../src/incidents/incidents.schema.ts';
import { resolveFilter } from '../../src/incidents/incidents.ts';
import { Live } from '../../src/live/live.ts';
import { Mirror } from '../../src/live/mirror.ts';
import { livePlan } from '../../src/locate/live.ts';
import { type Plan, sqlPlan } from '../../src/locate/plan.ts';
import type { LayerId } from '../../src/tiles/layers.ts';
import { LiveTiles } from '../../src/tiles/live.ts';
import { type TileQuery, tileQuerySchema } from '../../src/tiles/tiles.schema.ts';
import { buildTile } from '../../src/tiles/tiles.ts';
import { pick, type Random } from '../helpers/noise.ts';

/** The moment of these tests. */
export const NOW = new Date('2026-11-01T00:30:20Z');

/** The small city lies between these longitudes and latitudes. */
export const WEST = 114;
export const SOUTH = 22.5;
export const SIDE = 0.16;
const CELLS = 8;

/** A lattice of grids of three levels with a hole and a part apart, cameras, streets, people and incidents. */
export async function fillCity(db: Db, incidents: number): Promise<void> {
  await db.script(`
    insert into category (code, name, parent, hours_limit, red_after_hours) values ('c', 'c', null, null, 24);
    insert into category (code, name, parent, hours_limit, red_after_hours)
      values ('c1', 'c1', 'c', 24, 24), ('c2', 'c2', 'c', 12, 1.5), ('d', 'd', null, null, 0);
    insert into grid (code, name, level, geom)
      select 'D', 'district', 'district', st_multi(st_makeenvelope(${WEST}, ${SOUTH}, ${WEST + SIDE}, ${SOUTH + SIDE}, 4326));
    insert into grid (code, name, level, parent, geom)
      select 'S' || i, 'street ' || i, 'street', 'D', st_multi(st_makeenvelope(
        ${WEST} + i * ${SIDE / 2}, ${SOUTH}, ${WEST} + (i + 1) * ${SIDE / 2}, ${SOUTH + SIDE}, 4326))
      from generate_series(0, 1) i;
    insert into grid (code, name, level, parent, geom)
      select 'G' || i || '-' || j, 'grid', 'grid', 'S' || (i / ${CELLS / 2}), st_multi(st_makeenvelope(
        ${WEST} + i * ${SIDE / CELLS}, ${SOUTH} + j * ${SIDE / CELLS},
        ${WEST} + (i + 1) * ${SIDE / CELLS}, ${SOUTH} + (j + 1) * ${SIDE / CELLS}, 4326))
      from generate_series(0, ${CELLS - 1}) i, generate_series(0, ${CELLS - 1}) j where (i, j) <> (3, 3);
    insert into grid (code, name, level, parent, kind, geom)
      select 'F', 'factory', 'grid', 'S0', 'dedicated', st_multi(st_union(
        st_difference(st_buffer(st_setsrid(st_point(${WEST + 0.05}, ${SOUTH + 0.05}), 4326), 0.012),
          st_buffer(st_setsrid(st_point(${WEST + 0.05}, ${SOUTH + 0.05}), 4326), 0.004)),
        st_buffer(st_setsrid(st_point(${WEST + 0.02}, ${SOUTH + 0.12}), 4326), 0.006)));
    insert into camera (code, zone, status, heading, geom)
      select 'k' || i, (array['entrance','public','unit','perimeter'])[1 + i % 4], (array['online','offline','fault'])[1 + i % 3],
        case when i % 2 = 0 then (i * 7.25)::numeric % 360 end,
        st_setsrid(st_point(${WEST} + ${SIDE} * ((i * 37) % 300) / 300.0, ${SOUTH} + ${SIDE} * ((i * 91) % 300) / 300.0), 4326)
      from generate_series(1, 300) i;
    insert into street (id, name, class, geom)
      select 's' || i, 'street ' || i, case when i % 2 = 0 then 'main' end, st_setsrid(st_makeline(array[
        st_point(${WEST} + i * ${SIDE} / 40, ${SOUTH}), st_point(${WEST} + i * ${SIDE} / 41, ${SOUTH} + 0.07),
        st_point(${WEST} + i * ${SIDE} / 40, ${SOUTH + SIDE})]), 4326)
      from generate_series(1, 40) i;
    insert into worker (id, name, role, phone) select 'w' || i, 'worker ' || i, 'fulltime', '1380000' || i from generate_series(1, 80) i;
    insert into assignment (worker, grid, duty, hours, category)
      select 'w' || (1 + i), 'G' || (i % 8) || '-' || (i / 8), (array['lead','member','backup'])[1 + i % 3],
        (array['Mo-Fr 08:00-18:00; PH off', null, '20:00-08:00'])[1 + i % 3], case when i % 5 = 0 then 'c' end
      from generate_series(0, 63) i where i <> 27;
    insert into assignment (worker, grid, duty) values ('w70', 'S0', 'lead'), ('w71', 'D', 'lead');
    insert into holiday (date, name, working) values ('2026-10-01', 'national day', false);`);
  await insertIncidents(db, 0, incidents);
}

/** Incidents numbered from `first`, all over the city, up to 90 days old and some of them far older. */
export async function insertIncidents(db: Pick<Db, 'script'>, first: number, count: number): Promise<void> {
  await db.script(`
    insert into incident (region, id, category, occurred_at, status, due_at, closed_at, geom)
    select 'D', 'i' || i, (array['c1','c2','d'])[1 + i % 3], o.at, (array['reported','triaged','handling','supervised','closed',
        'revisited','void'])[1 + (i * 5) % 7], o.at + ((i * 13) % 4000) * interval '1 hour',
      case when (i * 5) % 7 in (4, 5) then o.at + ((i * 17) % 100) * interval '37 minutes' end,
      st_setsrid(st_point(${WEST} + ${SIDE} * (((i * 7919) % 9973) / 9973.0) ^ 2, ${SOUTH} + ${SIDE} * ((i * 104729) % 9967) / 9967.0), 4326)
    from generate_series(${first}, ${first + count - 1}) i,
      lateral (select timestamptz '2026-11-01' - ((i * 31) % 90) * interval '1 day' - (i % 86400) * interval '1.000007 second'
        - case when i % 50 = 0 then interval '500 days' else interval '0' end as at) o;`);
}

/** The live answers beside those of SQL, over one database. */
export class World {
  readonly db: Db;
  readonly live: Live;
  readonly tiles: LiveTiles;
  readonly mirror: Mirror;
  now: Date;

  constructor(db: Db, now = NOW) {
    this.db = db;
    this.now = now;
    this.live = new Live(db, { timeZone: 'Asia/Shanghai', now: () => this.now, pollMs: 200 });
    this.tiles = new LiveTiles(this.live);
    this.mirror = new Mirror(db);
  }

  /** A tile by the live layers and by SQL, in hexadecimal; nothing where memory does not reach. */
  async tilePair(
    layers: LayerId[],
    z: number,
    x: number,
    y: number,
    query: TileQuery,
  ): Promise<[string, string] | undefined> {
    const tile = this.tiles.tile(this.tiles.view(layers, query), { z, x, y });
    if (!tile) return undefined;
    const expected = await buildTile(this.db, layers, { z, x, y }, query, this.now);
    return [hex(await tile.body('identity')), hex(expected)];
  }

  /** Cells of a heat by memory and by SQL. */
  async heatPair(res: number, tally: Tally, query: TileQuery) {
    const filter = await resolveFilter(this.db, { ...query, status: undefined }, periodOf(query, this.now), this.now);
    let asked = false;
    const record = cellsBySql(this.db);
    const onRecord = async () => {
      asked = true;
    };
    const memory = cellsInMemory(this.live, record)(onRecord);
    const answer = await memory.tally({ filter, res }, tally);
    return asked ? undefined : { memory: answer, sql: await record.tally({ filter, res }, tally) };
  }

  plans(): { memory: Plan; sql: Plan } {
    return { memory: livePlan(this.live, sqlPlan(this.db)), sql: sqlPlan(this.db) };
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** A query with all defaults. */
export function tileQuery(query: Record<string, string> = {}): TileQuery {
  return tileQuerySchema.parse(query);
}

export const QUERIES: Record<LayerId, Record<string, string>[]> = {
  grids: [{}, { level: 'grid' }, { under: 'S0' }, { net: 'other' }],
  cameras: [{}, { status: 'online' }, { zone: 'public,unit', under: 'S1' }],
  incidents: [
    {},
    { last: 'P80D' },
    { last: 'P80D', category: 'c', light: 'red,yellow' },
    { last: 'P60D', under: 'S0' },
    { from: '2026-10-05T00:00:00Z', to: '2026-10-09T00:00:00Z', status: 'reported,closed' },
  ],
  heat: [{}, { last: 'P80D', category: 'c1' }, { last: 'P80D', light: 'green' }, { last: 'P70D', under: 'F' }],
  streets: [{}],
};

/** A random tile of the city. */
export function randomTile(random: Random, maxZoom = 17): { z: number; x: number; y: number } {
  const z = Math.floor(random() * (maxZoom + 1));
  const lon = WEST - 0.01 + random() * (SIDE + 0.02);
  const lat = SOUTH - 0.01 + random() * (SIDE + 0.02);
  const n = 2 ** z;
  const sin = Math.sin((lat * Math.PI) / 180);
  return {
    z,
    x: Math.floor((lon / 360 + 0.5) * n),
    y: Math.floor((0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)) * n),
  };
}

export function randomLayer(random: Random): LayerId {
  return pick(random, Object.keys(QUERIES) as LayerId[]);
}
