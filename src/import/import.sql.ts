import { sql } from '../db/db.ts';
import { type LayerTable, writtenColumns } from './tables.ts';

/** The staging table of one import: what was read, and what is wrong with it. Gone when the transaction ends. */
export function createStage({ columns, geometry }: LayerTable): string {
  const own = Object.entries(columns).map(([name, type]) => `${name} ${type}`);
  return sql`
    create temp table stage (
      n int primary key, line int not null, reason text, duplicate boolean not null default false,
      place_key text collate "C", cell bigint, owner_grid text collate "C",
      ${[...own, ...(geometry ? ['geom geometry'] : [])].join(', ')}
    ) on commit drop`;
}

/**
 * Rows of one key: the first counts, the same again is a duplicate, another content is a fault. By name only: the
 * region of an incident is not known yet.
 */
export function findDuplicates(table: LayerTable): string {
  const compared = writtenColumns(table).map((name) => [`s.${name}`, `f.${name}`]);
  const [left, right] = [0, 1].map((side) => `(${compared.map((pair) => pair[side]).join(', ')})`);
  return sql`
    with first as (
      select ${table.keyText} as key, min(n) as n from stage s where reason is null group by 1 having count(*) > 1
    )
    update stage s set
      duplicate = ${left!} is not distinct from ${right!},
      reason = case when ${left!} is distinct from ${right!}
        then format('line %s has the same key with other values', f.line) end
    from first k join stage f on f.n = k.n
    where k.key = ${table.keyText} and s.n > k.n and s.reason is null`;
}

/** `append` takes only what is not there yet. */
export function findExisting({ table, key }: LayerTable): string {
  const same = key.filter((name) => name !== 'region').map((name) => `t.${name} is not distinct from s.${name}`);
  return sql`
    update stage s set reason = 'it exists already; use --mode upsert to change it'
    where s.reason is null and not s.duplicate and exists (select from ${table} t where ${same.join(' and ')})`;
}

/** `replace` removes what the file does not have. */
export function removeOthers({ table, key, replaces }: LayerTable): string {
  const same = key.filter((name) => name !== 'region').map((name) => `t.${name} is not distinct from s.${name}`);
  return sql`
    with gone as (
      delete from ${table} t
      where ${replaces} and not exists (select from stage s where s.reason is null and ${same.join(' and ')})
      returning 1
    )
    select count(*)::int as n from gone`;
}

/** One set-based merge. A row that is the same already is not written, so it makes no change for any reader. */
export function merge(layer: LayerTable): string {
  const names = writtenColumns(layer);
  const values = names.map((name) => (name === 'geom' ? layer.geometry!.from : `s.${name}`));
  const rest = names.filter((name) => !layer.key.includes(name));
  const update =
    rest.length === 0
      ? 'nothing'
      : sql`update set ${rest.map((name) => `${name} = excluded.${name}`).join(', ')}
      where (${rest.map((name) => `t.${name}`).join(', ')}) is distinct from (${rest.map((name) => `excluded.${name}`).join(', ')})`;
  return sql`
    with merged as (
      insert into ${layer.table} as t (${names.join(', ')})
      select ${values.join(', ')} from stage s where s.reason is null and not s.duplicate
      order by ${layer.key.map((name) => `s.${name} nulls first`).join(', ')}
      on conflict (${layer.key.join(', ')}) do ${update}
      returning xmax::text = '0' as inserted
    )
    select (count(*) filter (where inserted))::int as inserted, (count(*) filter (where not inserted))::int as updated
    from merged`;
}

export const COUNTS = sql`
  select (count(*) filter (where reason is not null))::int as rejected,
    (count(*) filter (where reason is null and duplicate))::int as duplicates,
    (count(*) filter (where reason is null and not duplicate))::int as good
  from stage`;

export const REJECTS = sql`select line, reason from stage where reason is not null order by n`;

/** Rows without a point but with an address: the point of the address that reads exactly so. */
export const PLACE_BY_ADDRESS = sql`
  with found as (
    select s.n, count(distinct a.geom) as points, (array_agg(a.geom order by a.id))[1] as geom
    from stage s
    left join address_key k on k.key = s.place_key
    left join address a on a.id = k.id and a.text = k.text
    where s.reason is null and s.geom is null
    group by s.n
  )
  update stage s set geom = f.geom, reason = case
    when f.points = 0 then 'geometry: no point, and its address is not in the address book; give lon and lat'
    when f.points > 1 then format('geometry: no point, and its address is that of %s places; give lon and lat', f.points) end
  from found f where f.n = s.n`;

/** Polygons and lines that PostGIS finds faulty. */
export const FAULTY_SHAPES = sql`
  select n, d.reason, st_x(d.location) as x, st_y(d.location) as y, st_asgeojson(geom, 15) as geometry
  from stage cross join lateral st_isvaliddetail(geom) d
  where stage.reason is null and not st_isvalid(geom)
  order by n`;

/** Repair and say what it changed: square metres before and after, parts before and after. */
export const REPAIR_SHAPES = sql`
  with repaired as (
    select n, geom as before, st_multi(st_collectionextract(st_makevalid(geom), 3)) as geom
    from stage where reason is null and not st_isvalid(geom)
  )
  update stage s set geom = r.geom,
    reason = case when st_isempty(r.geom) then 'geometry: no area is left after repair' end
  from repaired r where r.n = s.n
  returning s.n, s.line, st_area(r.geom::geography) as area, st_numgeometries(r.geom) as parts,
    st_npoints(r.before) as vertices_before, st_npoints(r.geom) as vertices`;

export const SET_REASONS = sql`
  update stage s set reason = r.reason from unnest($1::int[], $2::text[]) r (n, reason) where r.n = s.n`;

/** Points of incidents whose cell the reader could not know yet. */
export const WITHOUT_CELL = sql`
  select n, st_x(geom) as x, st_y(geom) as y from stage where reason is null and not duplicate and cell is null`;
export const SET_CELLS = sql`
  update stage s set cell = r.cell from unnest($1::int[], $2::bigint[]) r (n, cell) where r.n = s.n`;

/** Owner by the rule of `grid_owner`, written out so that the planner sees the join. $1 at. */
export const SET_OWNERS = sql`
  update stage s set owner_grid = f.code
  from (
    select p.n, o.code
    from stage p cross join lateral (
      select c.code
      from level l cross join lateral (
        select g.code from grid g
        where g.net = 'base' and g.level = l.id and st_covers(g.geom, p.geom) and valid_at(g.valid_from, g.valid_to, $1)
        order by g.kind = 'dedicated' desc, g.code limit 1) c
      where l.net = 'base' order by l.rank desc limit 1) o
    where p.reason is null and not p.duplicate
  ) f
  where f.n = s.n`;

/** The region is the owner's ancestor at the configured level. $1 at. */
export const SET_REGIONS = sql`
  with recursive up as (
    select distinct owner_grid as start, owner_grid as code from stage where owner_grid is not null
    union
    select up.start, g.parent from up join grid g
      on g.net = 'base' and g.code = up.code and valid_at(g.valid_from, g.valid_to, $1)
    where g.parent is not null
  ), region as (
    select up.start, min(up.code) as code
    from up join grid g on g.net = 'base' and g.code = up.code and valid_at(g.valid_from, g.valid_to, $1)
    where g.level = (select value from setting where key = 'region_level')
    group by up.start
  )
  update stage s set region = coalesce(r.code, '-'),
    due_at = coalesce(s.due_at, coalesce(s.reported_at, s.occurred_at) + c.hours_limit * interval '1 hour')
  from stage o
  join category c on c.code = o.category
  left join region r on r.start = o.owner_grid
  where o.n = s.n and s.reason is null and not s.duplicate`;

/** A key cannot be changed in place once incidents are distributed by it: a move to another region is a new row. */
export const REMOVE_FROM_OTHER_REGIONS = sql`
  delete from incident i using stage s
  where s.id = i.id and s.region <> i.region and s.reason is null and not s.duplicate`;

/** $1 at. */
export const KEEP_PLACES = sql`
  with period as (
    select coalesce((select version from plan where net = 'base'), 0) as plan,
      max(edge) filter (where edge <= $1::timestamptz) as plan_from,
      min(edge) filter (where edge > $1::timestamptz) as plan_to
    from (select valid_from as edge from grid where net = 'base'
      union select valid_to from grid where net = 'base') edges
  )
  insert into incident_place (region, id, x, y, cell, owner, plan, plan_from, plan_to)
  select s.region, s.id, st_x(s.geom), st_y(s.geom), s.cell, s.owner_grid, p.plan, p.plan_from, p.plan_to
  from stage s, period p where s.reason is null and not s.duplicate
  order by s.region, s.id
  on conflict (region, id) do update set x = excluded.x, y = excluded.y, cell = excluded.cell, owner = excluded.owner,
    plan = excluded.plan, plan_from = excluded.plan_from, plan_to = excluded.plan_to
  where (incident_place.x, incident_place.y, incident_place.cell, incident_place.owner, incident_place.plan,
    incident_place.plan_from, incident_place.plan_to) is distinct from
    (excluded.x, excluded.y, excluded.cell, excluded.owner, excluded.plan, excluded.plan_from, excluded.plan_to)`;

/** $1 version of the rules of normalising. */
export const KEEP_KEYS = sql`
  insert into address_key (id, text, rules, key)
  select s.id, s.text, $1::int, s.place_key from stage s where s.reason is null and not s.duplicate
  order by s.id
  on conflict (id) do update set text = excluded.text, rules = excluded.rules, key = excluded.key
  where (address_key.text, address_key.rules) is distinct from (excluded.text, excluded.rules)`;
