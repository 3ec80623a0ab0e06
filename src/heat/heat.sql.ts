import { sql } from '../db/db.ts';
import { FROM_INCIDENT, WHERE_INCIDENT } from '../incidents/incidents.sql.ts';

/** The parent of a stored cell at resolution $9, by the bits of an H3 index: resolution 52–55, unused digits 7. */
const PARENT = sql`((p.cell & ~(15::bigint << 52)) | ($9::bigint << 52) | ((1::bigint << (3 * (15 - $9::int))) - 1))`;

/** Measures of a cell beside its count. */
const MEASURES = {
  count: sql`count(*)::int`,
  open: sql`(count(*) filter (where i.status not in ('closed', 'revisited', 'void')))::int`,
  overdue: sql`(count(*) filter (where incident_light(i.status, i.due_at, c.red_after_hours, $6) in ('yellow', 'red')))::int`,
  mean_hours: sql`(avg(extract(epoch from i.closed_at - i.occurred_at) / 3600))::float8`,
} as const;

export type Measure = keyof typeof MEASURES;
export const MEASURE_NAMES = Object.keys(MEASURES) as [Measure, ...Measure[]];

/**
 * Cells with incidents, in the order of their numbers. Parameters of `WHERE_INCIDENT`, then $9 resolution and
 * $10–$13 a box in degrees or nulls, wide enough to hold every point of the cells wanted.
 */
export function cellsSql(measure: Measure): string {
  return sql`
    select to_hex(${PARENT}) as cell, count(*)::int as n, ${MEASURES[measure]} as value
    ${FROM_INCIDENT}
    ${WHERE_INCIDENT}
      and ($10::float8 is null or i.geom && st_makeenvelope($10, $11::float8, $12::float8, $13::float8, 4326))
    group by ${PARENT}
    order by ${PARENT}`;
}
