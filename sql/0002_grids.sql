-- Nets, their levels, and the grids of every level with their validity in time.

create table net (
  id code primary key,
  name text not null
);
insert into net (id, name) values ('base', '基础网');

create table level (
  net code not null references net on delete cascade,
  id code not null,
  name text not null,
  rank int not null,
  primary key (net, id),
  unique (net, rank) deferrable initially deferred
);
comment on column level.rank is '0 is the top of the net; a parent has a smaller rank than its children';
insert into level (net, id, name, rank) values
  ('base', 'city', '市', 0),
  ('base', 'district', '区县', 1),
  ('base', 'street', '镇街', 2),
  ('base', 'area', '管区', 3),
  ('base', 'community', '社区/村', 4),
  ('base', 'grid', '网格', 5),
  ('base', 'microgrid', '微网格', 6);

-- A code may have several versions in time, so foreign keys point at the code alone.
create table grid_code (
  net code not null references net,
  code code not null,
  primary key (net, code)
);

create table grid (
  gid bigint generated always as identity primary key,
  net code not null default 'base',
  code code not null,
  name text not null check (name <> ''),
  level code not null,
  parent code,
  kind text not null default 'base' check (kind in ('base', 'dedicated')),
  households int check (households >= 0),
  population int check (population >= 0),
  valid_from timestamptz check (isfinite(valid_from)),
  valid_to timestamptz check (isfinite(valid_to)),
  props jsonb not null default '{}' check (jsonb_typeof(props) = 'object'),
  geom geometry(MultiPolygon, 4326) not null,
  foreign key (net, code) references grid_code,
  foreign key (net, level) references level,
  constraint grid_parent_exists foreign key (net, parent) references grid_code deferrable initially immediate,
  constraint grid_not_its_own_parent check (parent <> code),
  constraint grid_period check (valid_from < valid_to),
  constraint grid_geom_valid check (not st_isempty(geom) and st_isvalid(geom)),
  constraint grid_geom_on_earth check (st_xmin(geom) >= -180 and st_xmax(geom) <= 180
    and st_ymin(geom) >= -90 and st_ymax(geom) <= 90),
  constraint grid_code_once exclude using gist (
    (net::text) with =, (code::text) with =, tstzrange(valid_from, valid_to) with &&)
);
comment on table grid is 'Areas of responsibility; period [valid_from, valid_to), null is unbounded';
create unique index grid_version on grid (net, code, valid_from) nulls not distinct;
create index grid_geom on grid using gist (geom);
create index grid_parent on grid (net, parent);

create function keep_grid_code() returns trigger language plpgsql as $$
begin
  insert into grid_code (net, code) values (new.net, new.code) on conflict do nothing;
  return new;
end $$;
create trigger grid_code_keep before insert or update on grid for each row execute function keep_grid_code();

create function drop_grid_codes() returns trigger language plpgsql as $$
begin
  if tg_op = 'TRUNCATE' then
    delete from grid_code;
  else
    delete from grid_code c using (select distinct net, code from removed) r
    where c.net = r.net and c.code = r.code
      and not exists (select from grid g where g.net = c.net and g.code = c.code);
  end if;
  return null;
end $$;
create trigger grid_code_delete after delete on grid referencing old table as removed
  for each statement execute function drop_grid_codes();
create trigger grid_code_update after update on grid referencing old table as removed
  for each statement execute function drop_grid_codes();
create trigger grid_code_truncate after truncate on grid for each statement execute function drop_grid_codes();

-- A child needs a parent of a higher level through its whole period. Checked at commit, so that a plan can be changed
-- in any order inside one transaction; both sides are checked, the child's and the parent's.
create function check_grid_parent() returns trigger language plpgsql as $$
declare
  orphan record;
begin
  -- One branch for the child and one for the parent, so that each finds its grids by an index.
  for orphan in
    select c.* from grid c where tg_op <> 'DELETE' and c.gid = new.gid and c.parent is not null
    union all
    select c.* from grid c where tg_op <> 'INSERT' and c.net = old.net and c.parent = old.code
  loop
    if not coalesce((
      select range_agg(tstzrange(p.valid_from, p.valid_to)) @> tstzrange(orphan.valid_from, orphan.valid_to)
      from grid p
      join level pl on pl.net = p.net and pl.id = p.level
      join level cl on cl.net = p.net and cl.id = orphan.level
      where p.net = orphan.net and p.code = orphan.parent and pl.rank < cl.rank), false)
    then
      raise exception using errcode = '23503', constraint = 'grid_parent_valid', table = 'grid',
        message = format('grid %s of net %s: its parent %s is not a grid of a higher level during its whole period',
          orphan.code, orphan.net, orphan.parent);
    end if;
  end loop;
  return null;
end $$;
create constraint trigger grid_parent_valid
  after insert or delete or update of net, code, level, parent, valid_from, valid_to on grid
  deferrable initially deferred for each row execute function check_grid_parent();

-- Counts the changes of each net's plan, so that what was derived from it can be told to be of this plan.
create table plan (
  net code primary key references net on delete cascade,
  version bigint not null
);
create function count_plan() returns trigger language plpgsql as $$
begin
  insert into plan (net, version) select id, 1 from net
  on conflict (net) do update set version = plan.version + 1;
  return null;
end $$;
create trigger plan_count after insert or update or delete or truncate on grid
  for each statement execute function count_plan();
alter table grid enable always trigger plan_count;

-- Whether a grid's version is of the plan at a moment.
create function valid_at(valid_from timestamptz, valid_to timestamptz, at timestamptz) returns boolean
language sql immutable parallel safe as $$
  select (valid_from is null or valid_from <= at) and (valid_to is null or at < valid_to)
$$;

-- The owner of a point: deepest level that covers it, borders included; there dedicated before base, then the lowest
-- code. Level by level, so that the large areas on top are only tested where nothing below covers the point.
create function grid_owner(point geometry, net text, at timestamptz) returns code
language sql stable parallel safe as $$
  select o.code
  from level l
  cross join lateral (
    select g.code
    from grid g
    where g.net = $2 and g.level = l.id and st_covers(g.geom, point) and valid_at(g.valid_from, g.valid_to, $3)
    order by g.kind = 'dedicated' desc, g.code
    limit 1) o
  where l.net = $2
  order by l.rank desc
  limit 1
$$;

-- A grid and its ancestors, the grid first; level ranks fall on the way up.
create function grid_chain(net text, code text, at timestamptz) returns table (code code, name text, level code, rank int)
language sql stable parallel safe as $$
  with recursive up as (
    select g.code, g.name, g.level, g.parent
    from grid g
    where g.net = $1 and g.code = $2 and valid_at(g.valid_from, g.valid_to, $3)
    union all
    select g.code, g.name, g.level, g.parent
    from up join grid g on g.net = $1 and g.code = up.parent and valid_at(g.valid_from, g.valid_to, $3)
  )
  select up.code, up.name, up.level, l.rank from up join level l on l.net = $1 and l.id = up.level order by l.rank desc
$$;

-- A grid and all below it.
create function grid_subtree(net text, code text, at timestamptz) returns setof code
language sql stable parallel safe as $$
  with recursive below as (
    select g.code from grid g where g.net = $1 and g.code = $2 and valid_at(g.valid_from, g.valid_to, $3)
    union all
    select g.code
    from below b join grid g on g.net = $1 and g.parent = b.code and valid_at(g.valid_from, g.valid_to, $3)
  )
  select code from below
$$;

-- The region of a point: its owner's ancestor at the configured level; '-' outside.
create function region_of(point geometry) returns code
language sql stable parallel safe as $$
  select coalesce((
    select c.code
    from grid_chain('base', grid_owner(point, 'base', now()), now()) c
    where c.level = (select value from setting where key = 'region_level')), '-')
$$;

call log_changes_of('net', 'grids', 'null', 'null', '');
call log_changes_of('level', 'grids', 'null', 'null', '');
call log_changes_of('grid', 'grids', 'net', 'code', 'geom');
