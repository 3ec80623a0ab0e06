-- Incidents. Region leads their keys so that they can be distributed by it; an id is unique over all regions.

create table incident (
  region code not null,
  id code not null,
  category code not null references category,
  occurred_at timestamptz not null check (isfinite(occurred_at)),
  status text not null default 'reported' check (status in ('reported', 'triaged', 'handling', 'supervised', 'closed',
    'revisited', 'void')),
  source text,
  department text,
  reported_at timestamptz check (isfinite(reported_at)),
  triaged_at timestamptz check (isfinite(triaged_at)),
  handled_at timestamptz check (isfinite(handled_at)),
  due_at timestamptz check (isfinite(due_at)),
  closed_at timestamptz check (isfinite(closed_at)),
  revisited_at timestamptz check (isfinite(revisited_at)),
  severity text,
  address text,
  geom geometry(Point, 4326) not null,
  primary key (region, id),
  constraint incident_closed_after_occurred check (closed_at >= occurred_at),
  constraint incident_geom_on_earth check (not st_isempty(geom)
    and st_x(geom) between -180 and 180 and st_y(geom) between -90 and 90)
);
create index incident_id on incident (id);
create index incident_occurred on incident (occurred_at);
create index incident_category on incident (category, occurred_at);
create index incident_geom on incident using gist (geom);

create table incident_key (
  id code primary key,
  region code not null
);

create function keep_incident_keys() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into incident_key (id, region) select id, region from added;
  elsif tg_op = 'DELETE' then
    delete from incident_key k using removed r where k.id = r.id;
  else
    delete from incident_key k
    using (select id, region from removed except select id, region from added) r where k.id = r.id;
    insert into incident_key (id, region) select id, region from added except select id, region from removed;
  end if;
  return null;
end $$;
create function drop_incident_keys() returns trigger language plpgsql as $$
begin
  delete from incident_key;
  return null;
end $$;
create trigger incident_key_insert after insert on incident referencing new table as added
  for each statement execute function keep_incident_keys();
create trigger incident_key_update after update on incident referencing old table as removed new table as added
  for each statement execute function keep_incident_keys();
create trigger incident_key_delete after delete on incident referencing old table as removed
  for each statement execute function keep_incident_keys();
create trigger incident_key_truncate after truncate on incident
  for each statement execute function drop_incident_keys();

-- When an incident is due unless it says so: its limit counts from the report in calendar hours.
create function incident_due(category text, occurred_at timestamptz, reported_at timestamptz) returns timestamptz
language sql stable parallel safe as $$
  select coalesce(reported_at, occurred_at) + hours_limit * interval '1 hour' from category c where c.code = $1
$$;

-- Rows that come by hand have no region and often no due time. The importer sets both, so it never pays for this.
create function fill_incident() returns trigger language plpgsql as $$
begin
  new.region := coalesce(new.region, region_of(new.geom));
  new.due_at := coalesce(new.due_at, incident_due(new.category, new.occurred_at, new.reported_at));
  return new;
end $$;
create trigger incident_fill before insert on incident for each row
  when (new.region is null or new.due_at is null) execute function fill_incident();

-- green: open and in time, yellow: overdue, red: overdue by more than the category allows, none: not open.
create function incident_light(status text, due_at timestamptz, red_after_hours float8, at timestamptz) returns text
language sql immutable parallel safe as $$
  select case
    when status in ('closed', 'revisited', 'void') then 'none'
    when due_at is null or at <= due_at then 'green'
    when at <= due_at + red_after_hours * interval '1 hour' then 'yellow'
    else 'red' end
$$;

-- What the service derives of an incident: the H3 cell of resolution 10 and the owning grid of net base. No trigger
-- and no foreign key: a row counts only while (x, y) is the incident's point, and its owner only while the plan is the
-- same and the asked time lies in [plan_from, plan_to), between which no grid begins or ends.
create table incident_place (
  region code not null,
  id code not null,
  x float8 not null,
  y float8 not null,
  cell bigint not null,
  owner code,
  plan bigint not null,
  plan_from timestamptz,
  plan_to timestamptz,
  primary key (region, id)
);

-- The owning grid of an incident: as derived while that holds, otherwise found anew.
create function incident_owner(i incident, p incident_place, net text, at timestamptz) returns code
language sql stable parallel safe as $$
  select case
    when $3 = 'base' and p.x = st_x(i.geom) and p.y = st_y(i.geom) and valid_at(p.plan_from, p.plan_to, $4)
      and p.plan = (select version from plan where plan.net = 'base') then p.owner
    else grid_owner(i.geom, $3, $4) end
$$;

call log_changes_of('incident', 'incidents', 'region', 'id', 'geom');
