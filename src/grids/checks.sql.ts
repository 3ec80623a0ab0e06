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

/** Grids whose polygon the other checks of areas cannot judge, as it is not valid. $3 codes. */
export const UNSOUND = sql`
  select g.code from grid g where ${ofPlan('g')} and g.code = any($3::text[]) and not st_isvalid(g.geom)`;

const areOneKind = sql`b.level = a.level and b.kind = a.kind and b.code <> a.code and a.geom && b.geom`;

/**
 * Grids of one level and kind that share area, however little, each pair once. A dedicated grid may lie on a base one.
 * Looked at are grids of one parent, and what lies near the grids of $4: of others it is known that they cannot. $3 codes:
 * one of the pair is out of them; $5 codes of polygons that are not valid.
 */
export const OVERLAPS = sql`
  with candidate as materialized (
    select a.gid, b.gid as other
    from grid a join grid b on ${ofPlan('b')} and b.parent = a.parent and a.code < b.code and ${areOneKind}
    where ${ofPlan('a')} and a.code = any($3::text[]) and b.code = any($3)
    union
    select case when isfirst then a.gid else b.gid end, case when isfirst then b.gid else a.gid end
    from grid a join grid b on ${ofPlan('b')} and ${areOneKind}
    cross join lateral (select a.code < b.code or not b.code = any($3)) o (isfirst)
    where ${ofPlan('a')} and a.code = any($4::text[])
  ), pair as materialized (
    select a.code, b.code as other, st_collectionextract(st_intersection(a.geom, b.geom), 3) as geom
    from candidate p join grid a on a.gid = p.gid join grid b on b.gid = p.other
    where not a.code = any($5::text[]) and not b.code = any($5) and st_relate(a.geom, b.geom, '2********')
  )
  select code, other, ${shown('geom')}
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

/**
 * Parts of grids outside their parent, however little. Parent by parent, so that PostGIS prepares each of them once.
 * $3 codes, $4 codes of polygons that are not valid.
 */
export const OVERHANGS = sql`
  with child as materialized (
    select c.code, p.code as other, c.geom, p.geom as parent
    from grid c join grid p on ${ofPlan('p')} and p.code = c.parent
    where ${ofPlan('c')} and c.code = any($3::text[]) and not c.code = any($4::text[]) and not p.code = any($4)
    order by p.gid
  ), part as materialized (
    select code, other, st_collectionextract(st_difference(geom, parent), 3) as geom
    from child where not st_covers(parent, geom)
  )
  select code, other, ${shown('geom')}
  from part
  where not st_isempty(geom)
  order by code`;

/**
 * Points that no grid covers. Small pieces of the top grids sieve out nearly all of them by the points' own index; only
 * what they leave is asked for one by one, which is why the steps are kept apart. $1 net, $2 at.
 */
function outsideSql(table: 'incident' | 'address'): string {
  return sql`
    with piece as materialized (
      select st_subdivide(g.geom, 64) as geom from grid g where ${ofPlan('g')} and g.parent is null
    ), covered as materialized (
      select t.ctid as row from piece join ${table} t on st_covers(piece.geom, t.geom)
    ), left_over as materialized (
      select t.id, t.geom from ${table} t where not exists (select from covered c where c.row = t.ctid)
    )
    ${outsideOf('left_over')}`;
}

const outsideOf = (points: string) => sql`
  select t.id, st_x(t.geom) as lon, st_y(t.geom) as lat, (count(*) over ())::int as total
  from ${points} t
  where grid_owner(t.geom, $1, $2::timestamptz) is null
  order by t.id
  limit ${String(MAX_POINTS)}`;

/** Addresses that no grid covers, see `outsideSql`. */
export const ADDRESSES_OUTSIDE = outsideSql('address');

/** Incidents that no grid of another net than the base one covers, see `outsideSql`. */
export const INCIDENTS_OUTSIDE_NET = outsideSql('incident');

/** Incidents that no grid of the base net covers: only those are asked for whose owner has not been derived. $2 at. */
export const INCIDENTS_OUTSIDE = sql`
  with left_over as materialized (
    select i.id, i.geom
    from incident i left join incident_place p on p.region = i.region and p.id = i.id
    where (p.owner is not null and p.x = st_x(i.geom) and p.y = st_y(i.geom)
      and valid_at(p.plan_from, p.plan_to, $2::timestamptz)
      and p.plan = (select version from plan where net = $1)) is not true
  )
  ${outsideOf('left_over')}`;

/** Assignments to grids of a net that run at some time in [$2, $3). $1 net. */
export const ROSTER = sql`
  select a.id::text as id, a.worker, w.role, a.grid, a.duty, a.category, a.valid_from as "validFrom",
    a.valid_to as "validTo", a.hours
  from assignment a join worker w on w.id = a.worker
  where a.net = $1 and (a.valid_to is null or a.valid_to > $2) and (a.valid_from is null or a.valid_from < $3)
  order by a.grid, a.id`;
