-- Fixed assets on the map: camera points, and the streets that are the base map.

create table camera (
  code code primary key,
  name text,
  zone text check (zone in ('entrance', 'public', 'unit', 'perimeter')),
  heading float8 check (heading >= 0 and heading < 360),
  status text not null default 'online' check (status in ('online', 'offline', 'fault')),
  owner text,
  geom geometry(Point, 4326) not null,
  constraint camera_gb28181_type check (code !~ '^[0-9]{20}$' or substr(code, 11, 3) in ('131', '132')),
  constraint camera_geom_on_earth check (not st_isempty(geom)
    and st_x(geom) between -180 and 180 and st_y(geom) between -90 and 90)
);
create index camera_geom on camera using gist (geom);

create table street (
  id code primary key,
  name text not null check (name <> ''),
  class text,
  geom geometry(LineString, 4326) not null,
  constraint street_geom_valid check (st_isvalid(geom) and not st_isempty(geom)),
  constraint street_geom_on_earth check (st_xmin(geom) >= -180 and st_xmax(geom) <= 180
    and st_ymin(geom) >= -90 and st_ymax(geom) <= 90)
);
create index street_geom on street using gist (geom);

call log_changes_of('camera', 'cameras', 'null', 'code', 'geom');
call log_changes_of('street', 'streets', 'null', 'id', 'geom');
