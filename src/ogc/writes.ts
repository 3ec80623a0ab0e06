import type { Queryable } from '../db/db.ts';
import { HttpError } from '../errors.ts';
import type { Crs } from '../geo/crs.ts';
import { ImportRefused, loadRows } from '../import/import.ts';
import type { CollectionId } from './collections.sql.ts';
import {
  type CollectionFeature,
  noSuchFeature,
  PERSONAL,
  readStored,
  type StoredFeature,
  visible,
} from './collections.ts';
import { checkPreconditions, etagOf, type Preconditions } from './etag.ts';
import { mergePatch } from './merge-patch.ts';
import { type GridVersion, keyField, nameByKey, nameByPath } from './names.sql.ts';
import { type RecordInput, readRecord, refusal } from './record.ts';
import { type FeatureInput, inputOf, parseFeature, type parsePatch } from './writes.schema.ts';
import { CHECK_NOW, LOCK_FEATURE, MOVE_GRID_VERSION, NET_EXISTS, REKEY_ASSIGNMENT, removeSql } from './writes.sql.ts';

/** Who writes what, under which conditions. */
export interface WriteContext {
  /** An open transaction: everything is written, or nothing. */
  tx: Queryable;
  collection: CollectionId;
  preconditions: Preconditions;
  /** Of times without offset. */
  timeZone: string;
  /** Whether the writer sees telephone numbers and addresses of incidents. */
  seesPersonal: boolean;
  now: Date;
}

/** The feature that a path names. */
export interface Target {
  fid: string;
  net: string;
  /** Of grids: the version valid then. */
  at?: Date | undefined;
}

/** What was written, as its writer sees it. */
export interface Written {
  feature: CollectionFeature;
  etag: string;
  created: boolean;
}

/**
 * Add a feature.
 *
 * @throws HttpError 409 when it exists, 422 when its fields are not valid or name what does not exist
 */
export async function addFeature(context: WriteContext, input: FeatureInput, crs: Crs): Promise<Written> {
  const { tx, collection } = context;
  const record = readRecord(context, input, undefined, crs);
  const name = nameByKey(collection, record.values);
  await lock(context, JSON.stringify(collection === 'grids' ? [record.values.net, record.values.code] : name.values));
  const stored = await readStored(tx, collection, name, true);
  checkPreconditions(context.preconditions, etagFor(context, stored));
  if (stored) {
    const path = `/collections/${collection}/items/${encodeURIComponent(stored.feature.id)}`;
    throw new HttpError(409, `${stored.feature.id} exists already in ${collection}: change it by PUT or PATCH ${path}`);
  }
  return store(context, record, undefined);
}

/**
 * Put a feature in the place of the one that the path names, or add it there. Of grids, the version is the one valid at
 * the target's time; without a time the one that begins when the feature says, or is valid now.
 *
 * @throws HttpError 404 for an assignment that does not exist, 412, 422 as `addFeature`
 */
export async function putFeature(
  context: WriteContext,
  target: Target,
  input: FeatureInput,
  crs: Crs,
): Promise<Written> {
  const { tx, collection, preconditions } = context;
  const record = readRecord(context, input, target, crs);
  await lock(context, lockName(collection, target));
  const begins = target.at === undefined && (record.values.valid_from ?? null) !== null;
  const version = begins ? { net: target.net, from: String(record.values.valid_from) } : versionOf(context, target);
  const stored = await readStored(tx, collection, nameByPath(collection, target.fid, version), true);
  checkPreconditions(preconditions, etagFor(context, stored));
  if (!stored && keyField(collection) === undefined) {
    const cure = `ids are given by POST /collections/${collection}/items`;
    throw new HttpError(404, `There is no ${target.fid} in ${collection}; ${cure}`);
  }
  if (!stored || context.seesPersonal) return store(context, record, stored);
  return store(context, readRecord(context, keepUnseen(collection, input, stored.feature), target, crs), stored);
}

/**
 * Change a feature by a merge patch (RFC 7396).
 *
 * @throws HttpError 404 when there is none, 412, 422 as `addFeature`
 */
export async function patchFeature(
  context: WriteContext,
  target: Target,
  patch: ReturnType<typeof parsePatch>,
): Promise<Written> {
  const stored = await requireStored(context, target);
  const merged = parseFeature(mergePatch(inputOf(stored.feature), patch));
  return store(context, readRecord(context, merged, target, 'wgs84'), stored);
}

/**
 * Remove a feature; of a grid, one version.
 *
 * @throws HttpError 404 when there is none, 412; the database's own error while something refers to it
 */
export async function removeFeature(context: WriteContext, target: Target): Promise<void> {
  await requireStored(context, target);
  const { where, values } = nameByPath(context.collection, target.fid, versionOf(context, target));
  await context.tx.query(removeSql(context.collection, where), values);
  await context.tx.script(CHECK_NOW);
}

async function requireStored(context: WriteContext, target: Target): Promise<StoredFeature> {
  const { tx, collection } = context;
  await lock(context, lockName(collection, target));
  const name = nameByPath(collection, target.fid, versionOf(context, target));
  const stored = await readStored(tx, collection, name, true);
  checkPreconditions(context.preconditions, etagFor(context, stored));
  if (!stored) throw noSuchFeature(collection, target.fid, target.net);
  return stored;
}

/** Check and merge as an import of this one row would, and read back what the record now holds. */
async function store(context: WriteContext, record: RecordInput, stored: StoredFeature | undefined): Promise<Written> {
  const { tx, collection, timeZone } = context;
  if (collection === 'grids') await requireNet(tx, String(record.values.net));
  if (stored) await moveKey(context, record.values, stored.feature);
  try {
    await loadRows(tx, collection, [record.row], { crs: record.crs, timeZone });
  } catch (error) {
    if (error instanceof ImportRefused) throw refusal(collection, [error.rejects[0]!.reason]);
    throw error;
  }
  const now = await readStored(tx, collection, nameByKey(collection, record.values));
  const feature = visible(collection, now!.feature, context.seesPersonal);
  return { feature, etag: etagOf(feature, now!.version), created: !stored };
}

/** An import makes the nets that its grids name; one feature is more likely to name a wrong one. */
async function requireNet(tx: Queryable, net: string): Promise<void> {
  const [row] = await tx.query<{ found: boolean }>(NET_EXISTS, [net]);
  if (!row!.found) throw refusal('grids', [`net: ${net} does not exist; import its grids and levels first`]);
}

/** The importer finds rows by their keys: where a change is one of the key, the row gets it before. */
async function moveKey(
  { tx, collection }: WriteContext,
  values: Record<string, unknown>,
  { id, properties }: CollectionFeature,
): Promise<void> {
  const column = (name: string) => values[name] ?? null;
  if (collection === 'grids') {
    const [from, to] = [column('valid_from'), column('valid_to')];
    await tx.query(MOVE_GRID_VERSION, [properties.net, properties.code, properties.valid_from, from, to]);
  }
  if (collection === 'assignments') {
    const names = ['worker', 'net', 'grid', 'duty', 'category', 'valid_from', 'valid_to'];
    await tx.query(REKEY_ASSIGNMENT, [id, ...names.map(column)]);
  }
}

/** What a writer cannot see, a PUT leaves as it is. */
function keepUnseen(collection: CollectionId, input: FeatureInput, stored: CollectionFeature): FeatureInput {
  const personal = PERSONAL[collection];
  if (personal === undefined || Object.hasOwn(input.properties ?? {}, personal)) return input;
  return { ...input, properties: { ...input.properties, [personal]: stored.properties[personal] } };
}

function versionOf({ now }: WriteContext, { net, at }: Target): GridVersion {
  return { net, at: at ?? now };
}

/** All versions of a grid share a lock: they bound each other. */
function lockName(collection: CollectionId, { fid, net }: Target): string {
  return JSON.stringify(collection === 'grids' ? [net, fid] : [fid]);
}

async function lock({ tx, collection }: WriteContext, name: string): Promise<void> {
  await tx.query(LOCK_FEATURE, [`${collection}/${name}`]);
}

function etagFor({ collection, seesPersonal }: WriteContext, stored: StoredFeature | undefined): string | undefined {
  return stored && etagOf(visible(collection, stored.feature, seesPersonal), stored.version);
}
