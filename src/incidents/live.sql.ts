import { sql } from '../db/db.ts';

const epoch = (column: string) => sql`coalesce(date_part('epoch', ${column})::text, '')`;

/**
 * $1: the moment of owners. What was derived counts while it is of this point and this plan. All but free text comes as
 * one text with tabs between, see `IncidentRow`: to read a million rows field by field takes several times as long.
 */
const SELECT = sql`
  select concat_ws(e'\t', i.id, i.category, i.status, st_x(i.geom), st_y(i.geom), ${epoch('i.occurred_at')},
    ${epoch('i.due_at')}, ${epoch('i.closed_at')}, ${epoch('i.reported_at')}, ${epoch('i.triaged_at')},
    ${epoch('i.handled_at')}, ${epoch('i.revisited_at')},
    case when p.x = st_x(i.geom) and p.y = st_y(i.geom) then to_hex(p.cell) else '' end,
    case when p.x = st_x(i.geom) and p.y = st_y(i.geom) and valid_at(p.plan_from, p.plan_to, $1::timestamptz)
      and p.plan = (select version from plan where net = 'base') then 'placed' else '' end,
    coalesce(p.owner, '')) as packed,
    i.source, i.department
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
