import { sql } from '../db/db.ts';
import { FROM_INCIDENT, WHERE_INCIDENT } from '../incidents/incidents.sql.ts';

/** The parent of a stored cell at resolution $9, by the bits of an H3 index: resolution 52–55, unused digits 7. */
const PARENT = sql`((p.cell & ~(15::bigint << 52)) | ($9::bigint << 52) | ((1::bigint << (3 * (15 - $9::int))) - 1))`;

/** Finished as it should be, with a time to measure by; void is neither open nor closed. */
const IS_CLOSED = sql`i.status in ('closed', 'revisited') and i.closed_at is not null`;
const IS_OPEN = sql`i.status not in ('closed', 'revisited', 'void')`;
const IS_OVERDUE = sql`incident_light(i.status, i.due_at, c.red_after_hours, $6) in ('yellow', 'red')`;
/** From the occurrence to the closing. */
const HOURS = sql`(extract(epoch from i.closed_at - i.occurred_at) / 3600)::float8`;

/** What is added up in a cell, and, for means, what it is divided by. Both add up over cells. */
const TALLIES = {
  count: { sum: sql`count(*)::int`, of: null },
  open: { sum: sql`(count(*) filter (where ${IS_OPEN}))::int`, of: null },
  overdue: { sum: sql`(count(*) filter (where ${IS_OVERDUE}))::int`, of: null },
  mean_hours: {
    sum: sql`coalesce(sum(${HOURS}) filter (where ${IS_CLOSED}), 0)`,
    of: sql`(count(*) filter (where ${IS_CLOSED}))::int`,
  },
} as const;

/** What the record itself can tell of a cell. */
export type Tally = keyof typeof TALLIES;

export const MEASURES = [...(Object.keys(TALLIES) as Tally[]), 'per_1000_households'] as const;
/** What `/heat` shows of a cell. */
export type Measure = Tally | 'per_1000_households';

/**
 * Incidents that have a cell. Parameters of `WHERE_INCIDENT`, $9 resolution, $10–$13 a box in degrees or nulls, wide
 * enough to hold every point of the cells wanted, $14 a GeoJSON polygon that holds the incidents or null.
 */
const PLACED_INCIDENTS = sql`
  ${FROM_INCIDENT}
  ${WHERE_INCIDENT} and p.cell is not null
    and ($10::float8 is null or i.geom && st_makeenvelope($10, $11::float8, $12::float8, $13::float8, 4326))
    and ($14::text is null or st_covers(st_setsrid(st_geomfromgeojson($14), 4326), i.geom))`;

/** Cells with incidents, in the order of their numbers. */
export function tallySql(tally: Tally): string {
  const { sum, of } = TALLIES[tally];
  return sql`
    select to_hex(${PARENT}) as cell, count(*)::int as n, ${sum} as sum, ${of ?? sql`null::int`} as "of"
    ${PLACED_INCIDENTS}
    group by ${PARENT}
    order by ${PARENT}`;
}

/** Incidents by cell and step. $15: edges of the steps, ascending; the period lies between the first and the last. */
export const CELL_SERIES = sql`
  select to_hex(${PARENT}) as cell, width_bucket(i.occurred_at, $15::timestamptz[]) - 1 as step, count(*)::int as n
  ${PLACED_INCIDENTS}
  group by ${PARENT}, 2
  order by ${PARENT}, 2`;

/** Incidents by step; parameters as in `CELL_SERIES`. */
export const TIMELINE = sql`
  select width_bucket(i.occurred_at, $15::timestamptz[]) - 1 as step, count(*)::int as n
  ${PLACED_INCIDENTS} and $9::int is not null
  group by 1
  order by 1`;

/** The earliest incident of a filter; parameters as in `CELL_SERIES` but the last. */
export const EARLIEST = sql`
  select min(i.occurred_at) as at
  ${PLACED_INCIDENTS} and $9::int is not null`;
