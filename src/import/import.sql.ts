import { sql } from '../db/db.ts';
import { type LayerTable, writtenColumns } from './tables.ts';

/** The staging table of one import: what was read, and what is wrong with it. Gone when the transaction ends. */
export function createStage({ columns, geometry }: LayerTable): string {
  const own = Object.entries(columns).map(([name, type]) => `${name} ${type}`);
  return sql`
    create temp table stage (
      n int primary key, line int not null, reason text, raw text, duplicate boolean not null default false,
      place_key text collate "C", door text collate "C", city text collate "C", cell bigint,
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
  const { key, derived = [] } = layer;
  const names = writtenColumns(layer);
  const sourceOf = (name: string) => `${derived.includes(name) ? 'd' : 's'}.${name}`;
  const values = names.map((name) => (name === 'geom' ? layer.geometry!.from : sourceOf(name)));
  const rest = names.filter((name) => !key.includes(name));
  const update =
    rest.length === 0
      ? 'nothing'
      : sql`update set ${rest.map((name) => `${name} = excluded.${name}`).join(', ')}
      where (${rest.map((name) => `t.${name}`).join(', ')}) is distinct from (${rest.map((name) => `excluded.${name}`).join(', ')})`;
  return sql`
    with merged as (
      insert into ${layer.table} as t (${names.join(', ')})
      select ${values.join(', ')} from stage s ${derived.length > 0 ? 'join stage_derived d on d.n = s.n' : ''}
      where s.reason is null and not s.duplicate
      order by ${key.map((name) => `${sourceOf(name)} nulls first`).join(', ')}
      on conflict (${key.join(', ')}) do ${update}
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

/** Rows that cannot be loaded, in the order of the file: as they were read, or with the values that were made of them. */
export function rejects({ columns, geometry }: LayerTable): string {
  const values = [...Object.keys(columns).filter((name) => name !== 'region'), ...(geometry ? ['geom'] : [])];
  const pairs = values.map((name) => `'${name === 'geom' ? 'geometry' : name}', s.${name}`).join(', ');
  return sql`
    select line, reason, coalesce(raw::json, json_strip_nulls(json_build_object(${pairs}))) as row
    from stage s where reason is not null order by n`;
}

/** Rows that have an address in place of a point. */
export const WITHOUT_POINT = sql`
  select exists (select from stage where reason is null and geom is null) as found`;

/**
 * Rows without a point get that of their address: of the entry that reads exactly so, or else of the one with the same
 * district, road and number (\`doorOf\`), whatever the entry says before them. Entries at several places are none.
 */
export const PLACE_BY_ADDRESS = sql`
  with bare as (
    select n, place_key, door, city from stage where reason is null and geom is null
  ), wanted as (
    select n, 0 as rank, place_key as key from bare
    union all select n, 1, door from bare where door is not null
    union all select n, 1, city || door from bare where door is not null
  ), entry as materialized (
    select w.n, w.rank, k.id, k.text from wanted w join address_key k on k.key = w.key
    union all
    select b.n, 1, k.id, k.text
    from bare b join address_key k on reverse(k.key) collate "C" >= reverse(b.door)
      and reverse(k.key) collate "C" < reverse(b.door) || chr(1114111)
    where b.city is null and left(k.key, length(k.key) - length(b.door)) ~ '^[^0-9]{1,10}[市县]$'
  ), best as (
    select e.n, a.id, a.geom, e.rank, min(e.rank) over (partition by e.n) as first
    from entry e join address a on a.id = e.id and a.text = e.text
  ), found as (
    select n, count(distinct geom) as points, (array_agg(geom order by id))[1] as geom
    from best where rank = first
    group by n
  )
  update stage s set geom = case when f.points = 1 then f.geom end, reason = case
    when f.n is null then 'geometry: no point, and its address is not in the address book; give lon and lat'
    when f.points > 1 then format('geometry: no point, and its address is that of %s places; give lon and lat', f.points) end
  from bare b left join found f on f.n = b.n
  where b.n = s.n`;

/** Polygons and lines that PostGIS finds faulty. */
export const FAULTY_SHAPES = sql`
  select n, d.reason, st_x(d.location) as x, st_y(d.location) as y, st_asgeojson(geom, 15) as geometry
  from stage cross join lateral st_isvaliddetail(geom) d
  where stage.reason is null and not st_isvalid(geom)
  order by n`;

/** Repair and tell what came of it. By structure: where parts overlap they become one, where lines would leave a hole. */
export const REPAIR_SHAPES = sql`
  with repaired as (
    select n, geom as before,
      st_multi(st_collectionextract(st_makevalid(geom, 'method=structure keepcollapsed=false'), 3)) as geom
    from stage where reason is null and not st_isvalid(geom)
  )
  update stage s set geom = r.geom,
    reason = case when st_isempty(r.geom) then 'geometry: no area is left after repair' end
  from repaired r where r.n = s.n
  returning s.line, st_asgeojson(r.geom, 15) as geometry, st_numgeometries(r.geom) as parts,
    st_npoints(r.before) as "verticesBefore", st_npoints(r.geom) as vertices`;

export const SET_REASONS = sql`
  update stage s set reason = r.reason from unnest($1::int[], $2::text[]) r (n, reason) where r.n = s.n`;

/** Points of incidents whose cell the reader could not know yet. */
export const WITHOUT_CELL = sql`
  select n, st_x(geom) as x, st_y(geom) as y from stage where reason is null and not duplicate and cell is null`;
export const SET_CELLS = sql`
  update stage s set cell = r.cell from unnest($1::int[], $2::bigint[]) r (n, cell) where r.n = s.n`;

/** The good points by themselves, indexed, so that each grid finds those in it. */
export const CREATE_POINTS = sql`
  create temp table stage_owner (n int primary key, code text collate "C" not null) on commit drop;
  create temp table stage_point on commit drop as
    select n, geom from stage where reason is null and not duplicate;
  create index on stage_point using gist (geom);
  analyze stage_point`;

/** Levels of net base that have grids, from the deepest up. */
export const LEVELS_UP = sql`
  select l.id from level l
  where l.net = 'base' and exists (select from grid g where g.net = 'base' and g.level = l.id)
  order by l.rank desc`;

/**
 * Owner by the rule of `grid_owner`, for all points that no deeper level has covered. Grid by grid, since testing many
 * points on one polygon costs a twentieth of finding it for each. $1 level, $2 at. Answers how many were found.
 */
export const ADD_OWNERS = sql`
  with added as (
    insert into stage_owner (n, code)
    select p.n, (array_agg(g.code::text order by g.kind = 'dedicated' desc, g.code))[1]
    from grid g join stage_point p on st_covers(g.geom, p.geom)
    where g.net = 'base' and g.level = $1 and valid_at(g.valid_from, g.valid_to, $2)
    group by p.n
    returning 1
  )
  select count(*)::int as n from added`;

/** Only the points without owner are asked for at the next level. */
export const KEEP_POINTS_LEFT = sql`
  analyze stage_owner;
  alter table stage_point rename to stage_point_before;
  create temp table stage_point on commit drop as
    select p.n, p.geom from stage_point_before p where not exists (select from stage_owner o where o.n = p.n);
  drop table stage_point_before;
  create index on stage_point using gist (geom);
  analyze stage_point`;

/** What the service derives of good incidents. */
export const CREATE_DERIVED = sql`
  create temp table stage_derived (n int, region text collate "C", due_at timestamptz, owner text collate "C")
    on commit drop`;

/** The region is the owner's ancestor at the configured level. $1 at. */
export const ADD_DERIVED = sql`
  with recursive up as (
    select distinct code as start, code from stage_owner
    union
    select up.start, g.parent::text from up join grid g
      on g.net = 'base' and g.code = up.code and valid_at(g.valid_from, g.valid_to, $1)
    where g.parent is not null
  ), region as (
    select up.start, min(up.code) as code
    from up join grid g on g.net = 'base' and g.code = up.code and valid_at(g.valid_from, g.valid_to, $1)
    where g.level = (select value from setting where key = 'region_level')
    group by up.start
  )
  insert into stage_derived (n, region, due_at, owner)
  select s.n, coalesce(r.code, '-'),
    coalesce(s.due_at, coalesce(s.reported_at, s.occurred_at) + c.hours_limit * interval '1 hour'), o.code
  from stage s
  join category c on c.code = s.category
  left join stage_owner o on o.n = s.n
  left join region r on r.start = o.code
  where s.reason is null and not s.duplicate`;

export const FORGET_DERIVED = sql`drop table stage_point, stage_owner, stage_derived`;

/** A key cannot be changed in place once incidents are distributed by it: a move to another region is a new row. */
export const REMOVE_FROM_OTHER_REGIONS = sql`
  with moved as (
    delete from incident i using stage s join stage_derived d on d.n = s.n
    where s.id = i.id and d.region <> i.region
    returning 1
  )
  select count(*)::int as n from moved`;

/** The plan of net base, and the period around a moment in which no grid begins or ends. $1 at. */
export const PLAN = sql`
  select coalesce((select version from plan where net = 'base'), 0) as version,
    max(edge) filter (where edge <= $1::timestamptz)::text as from,
    min(edge) filter (where edge > $1::timestamptz)::text as to
  from (select valid_from as edge from grid where net = 'base'
    union select valid_to from grid where net = 'base') edges`;

/** What \`PLAN\` said before the owners were found: $1 version, $2 from, $3 to. */
export const KEEP_PLACES = sql`
  insert into incident_place (region, id, x, y, cell, owner, plan, plan_from, plan_to)
  select d.region, s.id, st_x(s.geom), st_y(s.geom), s.cell, d.owner, $1::bigint, $2::timestamptz, $3::timestamptz
  from stage s join stage_derived d on d.n = s.n
  order by d.region, s.id
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
