-- The address book.

create table address (
  id code primary key,
  text text not null check (text <> '' and octet_length(text) <= 1000),
  geom geometry(Point, 4326) not null,
  constraint address_geom_on_earth check (not st_isempty(geom)
    and st_x(geom) between -180 and 180 and st_y(geom) between -90 and 90)
);
create index address_geom on address using gist (geom);

-- The normalised form that the service derives. No trigger and no foreign key: a row counts only while `text` is the
-- address's text and `rules` the version of the rules in force.
create table address_key (
  id code primary key,
  text text not null,
  rules int not null,
  key text collate "C" not null
);
-- Whole addresses and their ends are looked up: an address may be asked for without its leading parts.
create index address_key_end on address_key (reverse(key) collate "C");

call log_changes_of('address', 'addresses', 'null', 'id', 'geom');
