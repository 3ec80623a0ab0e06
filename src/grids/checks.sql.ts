import { sql } from '../db/db.ts';

/** Overlaps, gaps and overhangs up to this many square metres are the roundings of coordinates. */
export const TOLERANCE_M2 = 1;

/** Points outside every grid that are listed one by one. */
export const MAX_POINTS = 1_000;

/** The grids of a plan. $1 net, $2 at. */
export const GRIDS = sql`
  select g.code, g.name, g.level, l.rank, g.parent, g.kind, g.households, g.population,
    (st_xmin(g.geom) + st_xmax(g.geom)) / 2 as lon, (st_ymin(g.geom) + st_ymax(g.geom)) / 2 as lat
  from grid g join level l on l.net = g.net and l.id = g.level
  where g.net = $1 and valid_at(g.valid_from, g.valid_to, $2)
  order by l.rank, g.code`;

/** A grid of the plan: $1 net, $2 at. */
const ofPlan = (alias: string) => sql`${alias}.net = $1 and valid_at(${alias}.valid_from, ${alias}.valid_to, $2)`;

/** What a faulty area looks like: its square metres, a point inside and its outline. */
const shown = (geom: string) => sql`
  st_area(${geom}::geography) as m2, st_x(st_pointonsurface(${geom})) as lon, st_y(st_pointonsurface(${geom})) as lat,
  st_asgeojson(${geom}, 9) as geometry`;

/** Grids whose polygon is not valid. The record refuses them; a copy without its constraints does not. $3 codes. */
export const INVALID = sql`
  select g.code, r.reason, st_x(r.location) as lon, st_y(r.location) as lat
  from grid g cross join lateral st_isvaliddetail(g.geom) r
  where ${ofPlan('g')} and g.code = any($3::text[]) and not r.valid
  order by g.code`;

/**
 * Grids of one level and kind that share area, however little, each pair once. A dedicated grid may lie on a base one.
 * $3 codes: one of the pair is out of them.
 */
export const OVERLAPS = sql`
  with pair as materialized (
    select a.code, b.code as other, a.parent, b.parent as other_parent,
      st_collectionextract(st_intersection(a.geom, b.geom), 3) as geom
    from grid a join grid b on ${ofPlan('b')} and b.level = a.level and b.kind = a.kind and b.code <> a.code
      and a.geom && b.geom and (a.code < b.code or not b.code = any($3::text[]))
    where ${ofPlan('a')} and a.code = any($3) and st_isvalid(a.geom) and st_isvalid(b.geom)
      and st_relate(a.geom, b.geom, '2********')
  )
  select code, other, parent, other_parent, ${shown('geom')}
  from pair
  where not st_isempty(geom)
  order by code, other`;

/**
 * Grids whose children may not fill them: their areas do not add up to its own within 1e-13 square degrees (about a
 * thousandth of a square metre), or they are of several kinds or levels and may lie on each other. Where neither holds,
 * and no child overlaps another or the border, there is no gap. $3 codes.
 */
export const UNFILLED = sql`
  select p.code
  from grid p join grid c on ${ofPlan('c')} and c.parent = p.code
  where ${ofPlan('p')} and p.code = any($3::text[])
  group by p.gid, p.code
  having abs(st_area(p.geom) - sum(st_area(c.geom))) > 1e-13 or count(distinct (c.kind, c.level)) > 1
    or not bool_and(st_isvalid(c.geom))`;

/** Parts of a grid that has children, outside all of them. $3 codes of parents. */
export const GAPS = sql`
  with part as materialized (
    select p.code, d.geom
    from grid p
    cross join lateral (
      select st_union(c.geom) as geom from grid c where ${ofPlan('c')} and c.parent = p.code and st_isvalid(c.geom)) u
    cross join lateral st_dump(st_difference(p.geom, u.geom)) d
    where ${ofPlan('p')} and p.code = any($3::text[]) and u.geom is not null and st_isvalid(p.geom)
  )
  select code, ${shown('geom')}
  from part
  where st_dimension(geom) = 2
  order by code, st_area(geom) desc`;

/** Parts of grids outside their parent, however little. $3 codes. */
export const OVERHANGS = sql`
  with part as materialized (
    select c.code, p.code as other, st_collectionextract(st_difference(c.geom, p.geom), 3) as geom
    from grid c join grid p on ${ofPlan('p')} and p.code = c.parent
    where ${ofPlan('c')} and c.code = any($3::text[]) and st_isvalid(c.geom) and st_isvalid(p.geom)
      and not st_covers(p.geom, c.geom)
  )
  select code, other, ${shown('geom')}
  from part
  where not st_isempty(geom)
  order by code`;

/**
 * Points that no grid covers. Small pieces of the top grids sieve out nearly all of them by the points' own index; only
 * what they leave is asked for one by one, which is why the steps are kept apart. $1 net, $2 at.
 */
export function outsideSql(table: 'incident' | 'address'): string {
  return sql`
    with piece as materialized (
      select st_subdivide(g.geom, 64) as geom from grid g where ${ofPlan('g')} and g.parent is null
    ), covered as materialized (
      select t.ctid as row from piece join ${table} t on st_covers(piece.geom, t.geom)
    ), left_over as materialized (
      select t.id, t.geom from ${table} t where not exists (select from covered c where c.row = t.ctid)
    )
    select t.id, st_x(t.geom) as lon, st_y(t.geom) as lat, (count(*) over ())::int as total
    from left_over t
    where grid_owner(t.geom, $1, $2::timestamptz) is null
    order by t.id
    limit ${String(MAX_POINTS)}`;
}

/** Assignments to grids of a net that run at some time in [$2, $3). $1 net. */
export const ROSTER = sql`
  select a.id::text as id, a.worker, w.role, a.grid, a.duty, a.category, a.valid_from as "validFrom",
    a.valid_to as "validTo", a.hours
  from assignment a join worker w on w.id = a.worker
  where a.net = $1 and (a.valid_to is null or a.valid_to > $2) and (a.valid_from is null or a.valid_from < $3)
  order by a.grid, a.id`;
