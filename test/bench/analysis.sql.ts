import { sql } from '../../src/db/db.ts';

const parent = (res: string) =>
  sql`((cell & ~(15::bigint << 52)) | (${res}::bigint << 52) | ((1::bigint << (3 * (15 - ${res}::int))) - 1))`;

/** What counting needs of incidents and nothing else, in the order of time under a covering index. */
export const FILL_EVENTS = sql`
  create temporary table bench_event as
    select i.occurred_at, p.cell, i.category, i.status, p.owner, i.geom
    from incident i join incident_place p on p.region = i.region and p.id = i.id
    order by i.occurred_at;
  create index on bench_event (occurred_at) include (cell, category, status, owner);
  analyze bench_event;`;

/** $1 resolution, $2 from, $3 pattern of categories or null, $4 statuses or null, $5 begin of owners or null. */
export const HEAT_OF_EVENTS = sql`
  select to_hex(cell) as cell, n from (
    select ${parent('$1')} as cell, count(*)::int as n
    from bench_event
    where occurred_at >= $2 and ($3::text is null or category like $3) and ($4::text[] is null or status = any($4))
      and ($5::text is null or starts_with(owner, $5))
    group by 1) c
  order by c.cell`;

/** $1 resolution, $2 from, $3 an area as GeoJSON. */
export const HEAT_IN_AREA = sql`
  with area as materialized (select st_setsrid(st_geomfromgeojson($3), 4326) as geom)
  select to_hex(cell) as cell, n from (
    select ${parent('$1')} as cell, count(*)::int as n
    from bench_event e, area a
    where e.occurred_at >= $2 and st_covers(a.geom, e.geom)
    group by 1) c
  order by c.cell`;

/** Counting then needs the index alone. */
export const VACUUM_EVENTS = sql`vacuum bench_event`;

/** Cells and weeks from $2 on at resolution $1. */
export const WEEKS_OF_EVENTS = sql`
  select ${parent('$1')} as cell, floor(extract(epoch from occurred_at - $2::timestamptz) / 604800)::int as week,
    count(*)::int as n
  from bench_event
  where occurred_at >= $2
  group by 1, 2`;

/** Neighbours of each cell, itself included. $1 cells, $2 where the neighbours of each end, $3 positions of neighbours from 0. */
export const FILL_DISKS = sql`
  create temporary table bench_disk as
    with cell as (select row_number() over () - 1 as position, ('x' || lpad(c, 16, '0'))::bit(64)::bigint as id from unnest($1::text[]) c),
    ends as (select row_number() over () - 1 as position, e as last, lag(e, 1, 0) over () as first from unnest($2::int[]) e),
    entry as (select ordinality - 1 as at, n as other from unnest($3::int[]) with ordinality u (n, ordinality))
    select c.id as cell, o.id as other
    from ends join entry on entry.at >= ends.first and entry.at < ends.last
    join cell c on c.position = ends.position join cell o on o.position = entry.other`;

/** Gi* over the cells of the table of neighbours. $1 resolution, $2 from. */
export const GISTAR = sql`
  with counted as (
    select ${parent('$1')} as cell, count(*) as n from bench_event where occurred_at >= $2 group by 1
  ), area as materialized (
    select a.cell, coalesce(c.n, 0)::float8 as x from (select distinct cell from bench_disk) a left join counted c using (cell)
  ), moments as (
    select count(*)::float8 as n, avg(x) as mean, stddev_pop(x) as sd from area
  ), lagged as (
    select d.cell, sum(a.x) as lag, count(*)::float8 as w from bench_disk d join area a on a.cell = d.other group by d.cell
  )
  select to_hex(l.cell) as cell, (lag - mean * w) / (sd * sqrt((n * w - w * w) / (n - 1))) as z
  from lagged l, moments`;
