import { sql } from '../db/db.ts';

/** What a collection is made of: the columns that become properties, where they come from, and its key. */
export interface CollectionSql {
  columns: string;
  from: string;
  /** Text that orders and names the features. */
  key: string;
  /** A number that orders features of one key; absent: there is one of each. */
  tie?: string;
  /** The geometry column; absent: the features have no place. */
  geom?: string;
  /** Condition on a period, $4 from and $5 to (half-open, either null); absent: the features have no time. */
  during?: string;
  /** Columns that a parameter of the same name filters, beside the common ones. */
  filters: string[];
}

export const COLLECTIONS = {
  grids: {
    columns: sql`t.net, t.code, t.name, t.level, t.parent, t.kind, t.households, t.population, t.valid_from, t.valid_to, t.props`,
    from: sql`grid t`,
    key: sql`t.code`,
    tie: sql`t.gid`,
    geom: sql`t.geom`,
    during: sql`tstzrange(t.valid_from, t.valid_to) && tstzrange($4::timestamptz, $5::timestamptz, case when $4 = $5 then '[]' else '[)' end)`,
    filters: ['net', 'level', 'parent', 'kind'],
  },
  workers: {
    columns: sql`t.id, t.name, t.role, t.phone, t.org`,
    from: sql`worker t`,
    key: sql`t.id`,
    filters: ['role'],
  },
  assignments: {
    columns: sql`t.id, t.worker, t.net, t.grid, t.duty, t.category, t.valid_from, t.valid_to, t.hours`,
    from: sql`assignment t`,
    key: sql`lpad(t.id::text, 19, '0')`,
    during: sql`tstzrange(t.valid_from, t.valid_to) && tstzrange($4::timestamptz, $5::timestamptz, case when $4 = $5 then '[]' else '[)' end)`,
    filters: ['worker', 'net', 'grid', 'duty'],
  },
  holidays: { columns: sql`t.date, t.name, t.working`, from: sql`holiday t`, key: sql`t.date::text`, filters: [] },
  cameras: {
    columns: sql`t.code, t.name, t.zone, t.heading, t.status, t.owner`,
    from: sql`camera t`,
    key: sql`t.code`,
    geom: sql`t.geom`,
    filters: ['zone', 'status', 'owner'],
  },
  categories: {
    columns: sql`t.code, t.name, t.parent, t.hours_limit, t.red_after_hours`,
    from: sql`category t`,
    key: sql`t.code`,
    filters: ['parent'],
  },
  incidents: {
    columns: sql`t.id, t.category, t.occurred_at, t.status, t.source, t.department, t.reported_at, t.triaged_at, t.handled_at,
      t.due_at, t.closed_at, t.revisited_at, t.severity, t.address, t.region`,
    from: sql`incident t`,
    key: sql`t.id`,
    geom: sql`t.geom`,
    during: sql`t.occurred_at >= coalesce($4::timestamptz, '-infinity')
      and (t.occurred_at < coalesce($5::timestamptz, 'infinity') or t.occurred_at = $4)`,
    filters: ['category', 'status', 'source', 'department', 'severity'],
  },
  addresses: { columns: sql`t.id, t.text`, from: sql`address t`, key: sql`t.id`, geom: sql`t.geom`, filters: [] },
  streets: {
    columns: sql`t.id, t.name, t.class`,
    from: sql`street t`,
    key: sql`t.id`,
    geom: sql`t.geom`,
    filters: ['class'],
  },
} as const satisfies Record<string, CollectionSql>;

export type CollectionId = keyof typeof COLLECTIONS;

/**
 * A page in byte order of the key. $1 after, $2 limit, $3 box as {w,s,e,n}, $4 from, $5 to, $6 tie after, then a value
 * per filter.
 */
export function pageSql(collection: CollectionSql, filters: string[]): string {
  const { columns, from, key, tie, geom } = collection;
  const after = tie
    ? sql`(${key}, ${tie}) > ($1::text collate "C", $6::bigint)`
    : sql`${key} > $1::text collate "C" and $6::bigint is null`;
  return sql`
    select (${key})::text collate "C" as fid, ${tie ?? 'null::bigint'} as tie, ${columns}${shape(geom)}
    from ${from}
    where ($1::text is null or ${after}) and $2::int > 0
      and ${
        geom
          ? sql`($3::float8[] is null or ${geom} && st_makeenvelope($3[1], $3[2], $3[3], $3[4], 4326)
        and st_intersects(${geom}, st_makeenvelope($3[1], $3[2], $3[3], $3[4], 4326)))`
          : '$3::float8[] is null'
      }
      and ${collection.during ? `($4::timestamptz is null and $5::timestamptz is null or ${collection.during})` : '$4::text is null and $5::text is null'}
      ${filters.map((filter, i) => `and t.${filter} = $${7 + i}`).join(' ')}
    order by ${key}${tie ? `, ${tie}` : ''}
    limit $2`;
}

/** Features that a condition on \`t\` names, each with the version of its row. */
export function itemSql({ columns, from, key, geom }: CollectionSql, where: string, lock = false): string {
  return sql`
    select (${key})::text collate "C" as fid, ${columns}${shape(geom)}, t.xmin::text as version
    from ${from}
    where ${where}
    ${lock ? 'for update of t' : ''}`;
}

/** How many features and where. */
export function extentSql({ from, geom }: CollectionSql): string {
  const box = geom ? `st_extent(${geom})` : 'null::box2d';
  return sql`
    select n, st_xmin(box) as west, st_ymin(box) as south, st_xmax(box) as east, st_ymax(box) as north
    from (select count(*)::int as n, ${box} as box from ${from}) t`;
}

/** 15 digits behind the point: a degree that was read comes out as it went in. */
function shape(geom: string | undefined): string {
  return geom ? `, st_asgeojson(${geom}, 15) as geometry` : ', null as geometry';
}
