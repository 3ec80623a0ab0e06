import { sql } from '../db/db.ts';

/** Categories asked for with all below them. $1: codes. */
export const EXPAND_CATEGORIES = sql`
  with recursive below as (
    select code as asked, code from category where code = any($1::text[])
    union
    select b.asked, c.code from below b join category c on c.parent = b.code
  )
  select asked, code from below`;

/** Incidents with their category and place; the aliases that `WHERE_INCIDENT` and its users rely on. */
export const FROM_INCIDENT = sql`
  from incident i
  join category c on c.code = i.category
  left join incident_place p on p.region = i.region and p.id = i.id`;

/**
 * The filter of incidents. $1 from, $2 to, $3 categories, $4 statuses, $5 lights, $6 moment of lights and plan,
 * $7 grid, $8 net; each null is "any". The grid's polygon is tested first: it has an index, the owner has none.
 */
export const WHERE_INCIDENT = sql`
  where ($1::timestamptz is null or i.occurred_at >= $1)
    and ($2::timestamptz is null or i.occurred_at < $2)
    and ($3::text[] is null or i.category = any($3))
    and ($4::text[] is null or i.status = any($4))
    and ($5::text[] is null or incident_light(i.status, i.due_at, c.red_after_hours, $6::timestamptz) = any($5))
    and ($7::text is null or (
      st_covers((select g.geom from grid g
        where g.net = $8::text and g.code = $7 and valid_at(g.valid_from, g.valid_to, $6)), i.geom)
      and incident_owner(i, p, $8, $6) in (select grid_subtree($8, $7, $6))))`;
