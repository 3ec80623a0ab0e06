import type { Feature, Geometry } from 'geojson';
import type { Queryable, Row } from '../db/db.ts';
import { HttpError } from '../errors.ts';
import type { Box } from '../geo/bbox.ts';
import { COLLECTIONS, type CollectionId, type CollectionSql, extentSql, itemSql, pageSql } from './collections.sql.ts';

export interface Page {
  limit: number;
  after?: string | undefined;
  bbox?: Box | undefined;
  datetime?: { from: Date | null; to: Date | null } | undefined;
  /** Values of the collection's own filters. */
  filters: Record<string, string>;
}

export type CollectionFeature = Feature<Geometry | null, Record<string, unknown>> & { id: string };

/** Columns that leave the service only for those who may see them. */
const PERSONAL: Partial<Record<CollectionId, string>> = { workers: 'phone', incidents: 'address' };

/** A page of features in byte order of their ids, and the id to go on after; null on the last page. */
export async function readPage(
  db: Queryable,
  id: CollectionId,
  page: Page,
  seesPersonal: boolean,
): Promise<{ features: CollectionFeature[]; next: string | null }> {
  const collection: CollectionSql = COLLECTIONS[id];
  const names = Object.keys(page.filters);
  const rows = await db.query(pageSql(collection, names), [
    page.after ?? null,
    page.limit + 1,
    page.bbox ?? null,
    page.datetime?.from ?? null,
    page.datetime?.to ?? null,
    ...names.map((name) => page.filters[name]),
  ]);
  const shown = rows.slice(0, page.limit);
  const features = shown.map((row) => toFeature(id, row, seesPersonal));
  return { features, next: rows.length > page.limit ? String(shown.at(-1)!.fid) : null };
}

/**
 * One feature.
 *
 * @throws HttpError 404 when there is none
 */
export async function readItem(
  db: Queryable,
  id: CollectionId,
  fid: string,
  version: { net: string; at: Date },
  seesPersonal: boolean,
): Promise<CollectionFeature> {
  const versioned = id === 'grids';
  const key = id === 'assignments' ? fid.padStart(19, '0') : fid;
  const values = versioned ? [key, version.net, version.at] : [key];
  const [row] = await db.query(itemSql(COLLECTIONS[id], versioned), values);
  if (!row)
    throw new HttpError(404, `There is no ${fid} in ${id}${versioned ? ` of net ${version.net} at that time` : ''}`);
  return toFeature(id, row, seesPersonal);
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

function toFeature(id: CollectionId, row: Row, seesPersonal: boolean): CollectionFeature {
  const { fid, geometry, ...properties } = row;
  const personal = PERSONAL[id];
  if (personal !== undefined && !seesPersonal) delete properties[personal];
  return {
    type: 'Feature',
    id: id === 'assignments' ? String(properties.id) : String(fid),
    geometry: typeof geometry === 'string' ? (JSON.parse(geometry) as Geometry) : null,
    properties,
  };
}
