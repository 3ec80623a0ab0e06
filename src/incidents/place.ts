import { latLngToCell } from 'h3-js';
import { type Queryable, sql } from '../db/db.ts';

/** The resolution that is stored; coarser cells are parents of these, never indexed anew. */
const RESOLUTION = 10;
const BATCH = 5_000;

const UNPLACED = sql`
  select i.region, i.id, st_x(i.geom) as x, st_y(i.geom) as y
  from incident i left join incident_place p on p.region = i.region and p.id = i.id
  where (p.id is null or p.x <> st_x(i.geom) or p.y <> st_y(i.geom)
      or p.plan is distinct from coalesce((select version from plan where net = 'base'), 0)
      or not valid_at(p.plan_from, p.plan_to, $1::timestamptz))`;

const UNPLACED_OF_IDS = sql`${UNPLACED} and i.id = any($2::text[])`;

const PLACE = sql`
  with period as (
    select coalesce((select version from plan where net = 'base'), 0) as plan,
      max(edge) filter (where edge <= $1::timestamptz) as plan_from,
      min(edge) filter (where edge > $1::timestamptz) as plan_to
    from (select valid_from as edge from grid where net = 'base'
      union select valid_to from grid where net = 'base') edges
  )
  insert into incident_place (region, id, x, y, cell, owner, plan, plan_from, plan_to)
  select b.region, b.id, b.x, b.y, b.cell,
    grid_owner(st_setsrid(st_point(b.x, b.y), 4326), 'base', $1::timestamptz), p.plan, p.plan_from, p.plan_to
  from unnest($2::text[], $3::text[], $4::float8[], $5::float8[], $6::bigint[]) b (region, id, x, y, cell), period p
  order by b.region, b.id
  on conflict (region, id) do update set x = excluded.x, y = excluded.y, cell = excluded.cell, owner = excluded.owner,
    plan = excluded.plan, plan_from = excluded.plan_from, plan_to = excluded.plan_to`;

const FORGET = sql`
  delete from incident_place p
  where not exists (select from incident i where i.region = p.region and i.id = p.id)`;
const FORGET_IDS = sql`${FORGET} and p.id = any($1::text[])`;

interface Point {
  region: string;
  id: string;
  x: number;
  y: number;
}

/**
 * Derive cell and owning grid of incidents that have none yet, have moved, or were placed by another plan; forget the
 * places of those that are gone. Needs a transaction.
 *
 * @param ids only these; absent: whatever needs it
 * @returns how many were placed
 */
export async function placeIncidents(tx: Queryable, ids?: readonly string[], at = new Date()): Promise<number> {
  if (ids) await tx.query(FORGET_IDS, [ids]);
  else await tx.query(FORGET);
  const unplaced = ids ? tx.cursor<Point>(UNPLACED_OF_IDS, [at, ids], BATCH) : tx.cursor<Point>(UNPLACED, [at], BATCH);
  let placed = 0;
  for await (const points of unplaced) placed += await place(tx, points, at);
  return placed;
}

/** Like `placeIncidents`, but at most `limit` of those that need it. */
export async function placeSome(tx: Queryable, limit: number, at = new Date()): Promise<number> {
  return place(tx, await tx.query<Point>(`${UNPLACED} limit ${limit}`, [at]), at);
}

async function place(tx: Queryable, points: Point[], at: Date): Promise<number> {
  if (points.length === 0) return 0;
  await tx.query(PLACE, [
    at,
    points.map((p) => p.region),
    points.map((p) => p.id),
    points.map((p) => p.x),
    points.map((p) => p.y),
    points.map((p) => cellAt(p.x, p.y).toString()),
  ]);
  return points.length;
}

/** The stored cell of a point as a 64-bit integer. */
export function cellAt(lon: number, lat: number): bigint {
  return BigInt(`0x${latLngToCell(lat, lon, RESOLUTION)}`);
}
