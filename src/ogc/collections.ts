import type { Feature, Geometry } from 'geojson';
import type { Queryable, Row } from '../db/db.ts';
import { HttpError } from '../errors.ts';
import type { Box } from '../geo/bbox.ts';
import { COLLECTIONS, type CollectionId, type CollectionSql, extentSql, itemSql, pageSql } from './collections.sql.ts';
import { etagOf } from './etag.ts';
import { type GridVersion, nameByPath, type RowName } from './names.sql.ts';

export interface Page {
  limit: number;
  /** Where the page before ended, as its `next` said. */
  after?: string | undefined;
  bbox?: Box | undefined;
  datetime?: { from: Date | null; to: Date | null } | undefined;
  /** Values of the collection's own filters. */
  filters: Record<string, string>;
}

export type CollectionFeature = Feature<Geometry | null, Record<string, unknown>> & { id: string };

/** Columns that leave the service only for those who may see them. */
export const PERSONAL: Partial<Record<CollectionId, string>> = { workers: 'phone', incidents: 'address' };

/** A feature as it is stored, with the version of its row. */
export interface StoredFeature {
  /** With everything, seen by nobody but the service. */
  feature: CollectionFeature;
  version: string;
}

/** A page of features in byte order of their ids, and where to go on; null on the last page. */
export async function readPage(
  db: Queryable,
  id: CollectionId,
  page: Page,
  seesPersonal: boolean,
): Promise<{ features: CollectionFeature[]; next: string | null }> {
  const collection: CollectionSql = COLLECTIONS[id];
  const names = Object.keys(page.filters);
  const [after, tie] = splitAfter(collection, page.after);
  const rows = await db.query(pageSql(collection, names), [
    after,
    page.limit + 1,
    page.bbox ?? null,
    page.datetime?.from ?? null,
    page.datetime?.to ?? null,
    tie,
    ...names.map((name) => page.filters[name]),
  ]);
  const shown = rows.slice(0, page.limit);
  const features = shown.map((row) => visible(id, toFeature(id, row), seesPersonal));
  const last = shown.at(-1);
  const next = last && `${String(last.fid)}${collection.tie ? `~${String(last.tie)}` : ''}`;
  return { features, next: rows.length > page.limit ? next! : null };
}

/** Where versions share a code, a page may end between them: `code~number`. */
function splitAfter(collection: CollectionSql, after: string | undefined): [string | null, string | null] {
  if (after === undefined || !collection.tie) return [after ?? null, null];
  const [, key, tie] = /^(.*)~(\d{1,18})$/s.exec(after) ?? [];
  return key === undefined ? [after, '9223372036854775807'] : [key, tie!];
}

/**
 * One feature and its ETag, as a reader sees it.
 *
 * @throws HttpError 404 when there is none
 */
export async function readItem(
  db: Queryable,
  id: CollectionId,
  fid: string,
  version: GridVersion,
  seesPersonal: boolean,
): Promise<{ feature: CollectionFeature; etag: string }> {
  const stored = await readStored(db, id, nameByPath(id, fid, version));
  if (!stored) throw noSuchFeature(id, fid, version.net);
  const feature = visible(id, stored.feature, seesPersonal);
  return { feature, etag: etagOf(feature, stored.version) };
}

/** The 404 of a feature. */
export function noSuchFeature(id: CollectionId, fid: string, net: string): HttpError {
  return new HttpError(404, `There is no ${fid} in ${id}${id === 'grids' ? ` of net ${net} at that time` : ''}`);
}

/** The feature of a row, locked for the rest of the transaction if asked. */
export async function readStored(
  db: Queryable,
  id: CollectionId,
  { where, values }: RowName,
  lock = false,
): Promise<StoredFeature | undefined> {
  const [row] = await db.query(itemSql(COLLECTIONS[id], where, lock), values);
  if (!row) return undefined;
  const { version, ...columns } = row;
  return { feature: toFeature(id, columns), version: String(version) };
}

/** The feature without what its reader may not see. */
export function visible(id: CollectionId, feature: CollectionFeature, seesPersonal: boolean): CollectionFeature {
  const personal = PERSONAL[id];
  if (personal === undefined || seesPersonal) return feature;
  const { [personal]: _hidden, ...properties } = feature.properties;
  return { ...feature, properties };
}

export interface Extent {
  n: number;
  bbox: [number, number, number, number] | null;
}

/** How many features a collection has and the box around them. */
export async function readExtent(db: Queryable, id: CollectionId): Promise<Extent> {
  const [row] = await db.query<Record<'n' | 'west' | 'south' | 'east' | 'north', number | null>>(
    extentSql(COLLECTIONS[id]),
  );
  const { n, west, south, east, north } = row!;
  return { n: n!, bbox: west === null ? null : [west, south!, east!, north!] };
}

/** Times are texts from here on, as they leave the service. */
function toFeature(id: CollectionId, row: Row): CollectionFeature {
  const { fid, tie: _tie, geometry, ...columns } = row;
  const properties = Object.fromEntries(
    Object.entries(columns).map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value]),
  );
  return {
    type: 'Feature',
    id: id === 'assignments' ? String(properties.id) : String(fid),
    geometry: typeof geometry === 'string' ? (JSON.parse(geometry) as Geometry) : null,
    properties,
  };
}
