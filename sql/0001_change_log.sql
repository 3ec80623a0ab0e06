-- The record's ground: extensions, settings and the change log that keeps every reader true.

create extension if not exists postgis;
create extension if not exists btree_gist;

create table setting (
  key text primary key,
  value text not null
);
comment on table setting is 'Choices of this deployment that belong to the data, such as region_level';

-- Which level's code leads the keys of incidents, so that they can be distributed by it later.
insert into setting (key, value) values ('region_level', 'district');

-- One row per changed row of a layer; one row without id for a bulk change. The cursor of a reader is a pg_snapshot:
-- sequence numbers and transaction ids alone lose rows, because their order is not the order of commits.
create table change (
  seq bigint generated always as identity primary key,
  xid xid8 not null default pg_current_xact_id(),
  at timestamptz not null default clock_timestamp(),
  layer text not null,
  scope text collate "C",
  id text collate "C",
  west float8,
  south float8,
  east float8,
  north float8
);
comment on column change.scope is 'What qualifies the id: net of a grid, region of an incident';
comment on column change.id is 'null: bulk, read the whole layer again';
comment on column change.west is 'Box of the old and the new place in degrees; null: no place, or everywhere';
create index change_xid on change (xid);
create index change_at on change (at);

-- A reader whose snapshot does not see every transaction up to here must load everything again.
create table change_pruned (
  only_row boolean primary key default true check (only_row),
  below xid8 not null
);
insert into change_pruned (below) values ('0');

-- Statement-level with transition tables: row triggers double the time of inserts. Arguments: layer, expressions of
-- scope, id and geometry (empty: none).
create function log_change() returns trigger language plpgsql as $$
declare
  bulk_above constant int := 10000;
  changed constant text := case tg_op
    when 'INSERT' then 'select * from added'
    when 'DELETE' then 'select * from removed'
    when 'UPDATE' then 'select * from removed union all select * from added' end;
  box constant text := case when tg_argv[3] = '' then 'null::float8, null::float8, null::float8, null::float8'
    else format('min(st_xmin(%1$s)), min(st_ymin(%1$s)), max(st_xmax(%1$s)), max(st_ymax(%1$s))', tg_argv[3]) end;
  n bigint;
begin
  if tg_op = 'TRUNCATE' then
    insert into change (layer) values (tg_argv[0]);
    perform pg_notify('wangge_change', '');
    return null;
  end if;
  execute format('select count(*) from (select 1 from (%s) r limit %s) c', changed, bulk_above + 1) into n;
  if n = 0 then
    return null;
  elsif n > bulk_above then
    execute format('insert into change (layer, west, south, east, north) select %L, %s from (%s) r',
      tg_argv[0], box, changed);
  else
    execute format('insert into change (layer, scope, id, west, south, east, north)
      select %L, (%s)::text, (%s)::text, %s from (%s) r group by 2, 3',
      tg_argv[0], tg_argv[1], tg_argv[2], box, changed);
  end if;
  perform pg_notify('wangge_change', '');
  return null;
end $$;

-- ALWAYS: edits that arrive by replication count like any other.
create procedure log_changes_of(target regclass, layer text, scope text, id text, geom text) language plpgsql as $$
declare
  args constant text := format('%L, %L, %L, %L', layer, scope, id, geom);
begin
  execute format('create trigger change_insert after insert on %s referencing new table as added
    for each statement execute function log_change(%s)', target, args);
  execute format('create trigger change_update after update on %s referencing old table as removed new table as added
    for each statement execute function log_change(%s)', target, args);
  execute format('create trigger change_delete after delete on %s referencing old table as removed
    for each statement execute function log_change(%s)', target, args);
  execute format('create trigger change_truncate after truncate on %s
    for each statement execute function log_change(%s)', target, args);
  execute format('alter table %s enable always trigger change_insert, enable always trigger change_update,
    enable always trigger change_delete, enable always trigger change_truncate', target);
end $$;

-- Forget changes older than an age; returns how many.
create function prune_changes(older_than interval) returns bigint language sql as $$
  with gone as (
    delete from change where at < clock_timestamp() - older_than returning xid
  ), mark as (
    update change_pruned set below = greatest(below, (select max(xid) from gone))
    where exists (select from gone)
  )
  select count(*) from gone
$$;

-- Codes and ids: text in byte order, no control characters, no blank ends, at most 64 bytes.
create domain code as text collate "C"
  check (octet_length(value) between 1 and 64 and value !~ '[[:cntrl:]]' and value = btrim(value));
