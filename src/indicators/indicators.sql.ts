import { sql } from '../db/db.ts';
import { FROM_INCIDENT, WHERE_INCIDENT } from '../incidents/incidents.sql.ts';
import type { Breakdown } from './indicators.schema.ts';

const IS_CLOSED = sql`status in ('closed', 'revisited')`;

/**
 * The light at $6, which may lie before now: what was closed after it was still open then, what had not occurred has none.
 */
const LIGHT = sql`
  case when i.occurred_at > $6 then 'none'
    when i.status in ('closed', 'revisited') and i.closed_at > $6
      then incident_light('handling', i.due_at, c.red_after_hours, $6)
    else incident_light(i.status, i.due_at, c.red_after_hours, $6) end`;

/** As a double: `extract` gives a numeric, which costs ten times as much. */
const hours = (from: string, to: string) => sql`date_part('epoch', ${to} - ${from}) / 3600`;

/** `incident_owner`, written out: called as a function for each row it asks for the plan each time, at a hundred times the cost. */
const OWNER = sql`
  case when $8 = 'base' and p.x = st_x(i.geom) and p.y = st_y(i.geom) and valid_at(p.plan_from, p.plan_to, $6)
      and p.plan = (select version from plan where plan.net = 'base') then p.owner
    else grid_owner(i.geom, $8, $6) end`;

/**
 * Incidents of a filter with the grid that they count for. Parameters of `WHERE_INCIDENT`; $9 codes of grids and $10 the
 * codes that they count for, position by position.
 */
const SEEN = sql`
  seen as (
    select s.root, i.occurred_at, i.reported_at, i.triaged_at, i.handled_at, i.closed_at, i.revisited_at, i.status,
      i.category, i.source, i.department, coalesce(c.parent, c.code) as class, ${LIGHT} as light,
      case when i.${IS_CLOSED} then ${hours('i.occurred_at', 'i.closed_at')} end as hours
    ${FROM_INCIDENT}
    join unnest($9::text[], $10::text[]) s (owner, root) on s.owner = ${OWNER}
    ${WHERE_INCIDENT}
  )`;

const COUNTS = sql`
  count(*)::int as incidents,
  (count(*) filter (where ${IS_CLOSED}))::int as closed,
  (count(*) filter (where status = 'void'))::int as void,
  avg(hours)::float8 as mean_hours,
  percentile_cont(0.5) within group (order by hours) as median_hours,
  percentile_cont(0.9) within group (order by hours) as p90_hours,
  (count(*) filter (where light = 'green'))::int as green,
  (count(*) filter (where light = 'yellow'))::int as yellow,
  (count(*) filter (where light = 'red'))::int as red`;

/** Mean hours of each step of the loop, of incidents that have taken it. */
const LOOP = sql`
  avg(${hours('occurred_at', 'reported_at')})::float8 as report_hours,
  avg(${hours('coalesce(reported_at, occurred_at)', 'triaged_at')})::float8 as triage_hours,
  avg(${hours('triaged_at', 'handled_at')})::float8 as handle_hours,
  avg(${hours('handled_at', 'closed_at')})::float8 as close_hours,
  avg(${hours('closed_at', 'revisited_at')})::float8 as revisit_hours`;

/** Figures per grid, those of a parent over all incidents below it. */
export const FIGURES_BY_GRID = sql`
  with ${SEEN}
  select root as code, ${COUNTS}, ${LOOP} from seen group by root`;

/** The same of each step; $11 edges of the steps. */
export const FIGURES_BY_STEP = sql`
  with ${SEEN}
  select root as code, width_bucket(occurred_at, $11::timestamptz[]) - 1 as step, ${COUNTS} from seen group by 1, 2`;

/** The same of each class, category, source or department; what states none comes under null. */
export function figuresBySql(breakdown: Breakdown): string {
  return sql`
    with ${SEEN}
    select root as code, b.key, ${isCategory(breakdown) ? sql`c.name` : sql`b.key`} as name, ${COUNTS}
    from (select seen.*, seen.${breakdown} as key from seen) b
    ${isCategory(breakdown) ? sql`left join category c on c.code = b.key` : ''}
    group by 1, 2, 3
    order by 1, count(*) desc, b.key collate "C"`;
}

function isCategory(breakdown: Breakdown): boolean {
  return breakdown === 'class' || breakdown === 'category';
}

/** Classes and items of the table of categories. */
export const CATALOGUE = sql`
  select (count(*) filter (where parent is null))::int as classes,
    (count(*) filter (where parent is not null))::int as items
  from category`;

/** Workers who serve a grid or one below, each counted once. $1 net, $2 at, $3 codes, $4 codes that they count for. */
export const WORKERS_BY_GRID = sql`
  select s.root as code, count(distinct a.worker)::int as n
  from assignment a join unnest($3::text[], $4::text[]) s (owner, root) on s.owner = a.grid
  where a.net = $1 and valid_at(a.valid_from, a.valid_to, $2)
  group by 1`;

/** Cameras by owning grid. $1 net, $2 at. */
export const CAMERAS_BY_OWNER = sql`
  select owner as code, count(*)::int as n
  from (select grid_owner(c.geom, $1, $2::timestamptz) as owner from camera c) o
  where owner is not null
  group by 1`;

/** What the owners of cameras depend on beside the plan. */
export const CAMERAS_KEY = sql`
  select count(*)::int as n, coalesce(max(seq), 0) as seq, (select count(*)::int from camera) as cameras
  from change where layer = 'cameras'`;
