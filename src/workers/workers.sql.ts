import { sql } from '../db/db.ts';

/** Assignments of grids that run at $3 or later, with their worker. $1 net, $2 codes, $3 at. */
export const ASSIGNMENTS = sql`
  select a.id::text as id, a.worker, a.grid, a.duty, a.category, a.valid_from as "validFrom", a.valid_to as "validTo",
    a.hours, w.name, w.role, w.phone, w.org
  from assignment a join worker w on w.id = a.worker
  where a.net = $1 and a.grid = any($2::text[]) and (a.valid_to is null or a.valid_to > $3)
  order by a.grid, a.id`;

/** Days that change the week, around $1. */
export const HOLIDAYS = sql`
  select date, working from holiday where date between $1::timestamptz::date - 10 and $1::timestamptz::date + 420`;

/** A category and those above it, the nearest first. $1 code. */
export const CATEGORY_CHAIN = sql`
  with recursive up as (
    select code, parent, 0 as step from category where code = $1
    union all
    select c.code, c.parent, up.step + 1 from up join category c on c.code = up.parent where up.step < 20
  )
  select code from up order by step`;
