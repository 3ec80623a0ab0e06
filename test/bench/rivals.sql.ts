import { sql } from '../../src/db/db.ts';

/** What a tile server in the database would keep: Web Mercator, indexed. */
export const PREPARE = sql`
  create table if not exists bench_incident as
    select i.id, i.category, i.status, i.occurred_at, i.due_at, c.red_after_hours, p.cell, st_transform(i.geom, 3857) as geom
    from incident i join category c on c.code = i.category join incident_place p on p.region = i.region and p.id = i.id;
  create index if not exists bench_incident_geom on bench_incident using gist (geom);
  create index if not exists bench_incident_at on bench_incident (occurred_at);
  create index if not exists bench_incident_cells on bench_incident (occurred_at) include (cell);
  create table if not exists bench_grid as
    select gid, code, name, level, kind, net, parent, st_transform(geom, 3857) as geom from grid where net = 'base';
  create index if not exists bench_grid_geom on bench_grid using gist (geom);
  analyze bench_incident;
  analyze bench_grid;`;

/** $1 z, $2 x, $3 y, $4 from, $5 at. */
export const POINTS_TILE = sql`
  select st_asmvt(t, 'incidents') as tile from (
    select id, category, status, incident_light(status, due_at, red_after_hours, $5) as light,
      floor(extract(epoch from occurred_at))::float8 as occurred,
      st_asmvtgeom(geom, st_tileenvelope($1, $2, $3), 4096, 0, true) as geom
    from bench_incident where geom && st_tileenvelope($1, $2, $3) and occurred_at >= $4
    order by id) t`;

/** The same points by cell. $1 z, $2 x, $3 y, $4 from, $5 resolution. */
export const CELLS_TILE = sql`
  select st_asmvt(t, 'incidents') as tile from (
    select to_hex(parent) as cell, count(*)::int as n,
      st_asmvtgeom(st_setsrid(st_point(avg(st_x(geom)), avg(st_y(geom))), 3857), st_tileenvelope($1, $2, $3), 4096, 0, true) as geom
    from (select ((cell & ~(15::bigint << 52)) | ($5::bigint << 52) | ((1::bigint << (3 * (15 - $5::int))) - 1)) as parent, geom
      from bench_incident where geom && st_tileenvelope($1, $2, $3) and occurred_at >= $4) p
    group by parent order by parent) t`;

/** $1 z, $2 x, $3 y. */
export const GRIDS_TILE = sql`
  select st_asmvt(t, 'grids') as tile from (
    select code, name, level, kind, net, parent,
      st_asmvtgeom(geom, st_tileenvelope($1, $2, $3), 4096, 64, true) as geom
    from bench_grid where geom && st_tileenvelope($1, $2, $3, margin => 64.0 / 4096)
    order by code, gid) t`;

/** $1 resolution, $2 from. */
export const HEAT = sql`
  select to_hex(parent) as cell, count(*)::int as n
  from (select ((cell & ~(15::bigint << 52)) | ($1::bigint << 52) | ((1::bigint << (3 * (15 - $1::int))) - 1)) as parent
    from bench_incident where occurred_at >= $2) p
  group by parent order by parent`;

/** $1 lon, $2 lat: the owner among the deepest level, the common case. */
export const OWNER = sql`
  select code from grid
  where net = 'base' and level = 'grid' and st_covers(geom, st_setsrid(st_point($1, $2), 4326))
  order by kind = 'dedicated' desc, code limit 1`;
