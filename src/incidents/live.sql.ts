import { sql } from '../db/db.ts';

/** $1: the moment of owners. What was derived counts while it is of this point and this plan. */
const SELECT = sql`
  select i.id, i.category, i.status, st_x(i.geom) as lon, st_y(i.geom) as lat,
    date_part('epoch', i.occurred_at) as occurred, date_part('epoch', i.due_at) as due,
    date_part('epoch', i.closed_at) as closed, date_part('epoch', i.reported_at) as reported,
    date_part('epoch', i.triaged_at) as triaged, date_part('epoch', i.handled_at) as handled,
    date_part('epoch', i.revisited_at) as revisited, i.source, i.department,
    case when p.x = st_x(i.geom) and p.y = st_y(i.geom) then to_hex(p.cell) end as cell,
    p.x = st_x(i.geom) and p.y = st_y(i.geom) and valid_at(p.plan_from, p.plan_to, $1::timestamptz)
      and p.plan = (select version from plan where net = 'base') as "isPlaced", p.owner
  from incident i left join incident_place p on p.region = i.region and p.id = i.id`;

/** $2: the first moment of the window, null: all. */
export const INCIDENTS_SINCE = sql`${SELECT} where $2::timestamptz is null or i.occurred_at >= $2`;

/** $2: ids. */
export const INCIDENTS_OF_IDS = sql`${SELECT} where i.id = any($2::text[])`;

/** $1 the days' limit, $2 the rows' limit: when the oldest incident within both occurred; null: everything is. */
export const WINDOW = sql`
  with limits as (
    select $1::timestamptz as by_days,
      (select occurred_at from incident where occurred_at >= $1 order by occurred_at desc offset $2::bigint limit 1) as by_rows
  )
  select date_part('epoch', case
    when by_rows is not null then by_rows + interval '1 microsecond'
    when exists (select from incident where occurred_at < by_days) then by_days end) as since
  from limits`;
