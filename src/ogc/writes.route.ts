import type { Request, RequestHandler, Response } from 'express';
import type { Access } from '../access/access.ts';
import { readJson } from '../body.ts';
import type { Db } from '../db/db.ts';
import { parseQuery } from '../http.ts';
import { encodePosition } from '../live/changes.ts';
import type { Live } from '../live/live.ts';
import type { Mirror } from '../live/mirror.ts';
import { collectionId } from './collections.schema.ts';
import type { CollectionId } from './collections.sql.ts';
import { type Answer, idempotentRequest, once } from './idempotency.ts';
import { explainRefusal } from './refusal.ts';
import {
  FEATURE_TYPES,
  itemQuerySchema,
  PATCH_TYPES,
  parseFeature,
  parsePatch,
  postQuerySchema,
  putQuerySchema,
} from './writes.schema.ts';
import { addFeature, patchFeature, putFeature, removeFeature, type WriteContext, type Written } from './writes.ts';

export interface WriteDeps {
  db: Db;
  mirror: Pick<Mirror, 'catchUp'>;
  /** Absent: nothing is held in memory. */
  live?: Pick<Live, 'caughtUp'>;
  access: Access;
  timeZone: string;
  now(): Date;
}

type Items = RequestHandler<{ id: string }>;
type Item = RequestHandler<{ id: string; fid: string }>;

/** `POST /collections/{id}/items` */
export function postItem(deps: WriteDeps): Items {
  return async (req, res) => {
    deps.access.requireWrite(req);
    const id = collectionId(req.params.id);
    const { crs = 'wgs84' } = parseQuery(postQuerySchema(id), req.url);
    const { text, value } = await readJson(req, FEATURE_TYPES);
    const feature = parseFeature(value);
    await write(deps, { req, res, id, body: text }, async (context) =>
      answerOf(context, await addFeature(context, feature, crs)),
    );
  };
}

/** `PUT /collections/{id}/items/{fid}` */
export function putItem(deps: WriteDeps): Item {
  return async (req, res) => {
    deps.access.requireWrite(req);
    const id = collectionId(req.params.id);
    const { net = 'base', at, crs = 'wgs84' } = parseQuery(putQuerySchema(id), req.url);
    const { text, value } = await readJson(req, FEATURE_TYPES);
    const feature = parseFeature(value);
    const target = { fid: req.params.fid, net, at };
    await write(deps, { req, res, id, body: text }, async (context) =>
      answerOf(context, await putFeature(context, target, feature, crs)),
    );
  };
}

/** `PATCH /collections/{id}/items/{fid}` */
export function patchItem(deps: WriteDeps): Item {
  return async (req, res) => {
    deps.access.requireWrite(req);
    const id = collectionId(req.params.id);
    const { net = 'base', at } = parseQuery(itemQuerySchema(id), req.url);
    const { text, value } = await readJson(req, PATCH_TYPES);
    const patch = parsePatch(value);
    const target = { fid: req.params.fid, net, at };
    await write(deps, { req, res, id, body: text }, async (context) =>
      answerOf(context, await patchFeature(context, target, patch)),
    );
  };
}

/** `DELETE /collections/{id}/items/{fid}` */
export function deleteItem(deps: WriteDeps): Item {
  return async (req, res) => {
    deps.access.requireWrite(req);
    const id = collectionId(req.params.id);
    const { net = 'base', at } = parseQuery(itemQuerySchema(id), req.url);
    const target = { fid: req.params.fid, net, at };
    await write(deps, { req, res, id, body: '', removes: target }, async (context) => {
      await removeFeature(context, target);
      return { status: 204, headers: {}, body: null };
    });
  };
}

interface Call {
  req: Request<{ id: string }>;
  res: Response;
  id: CollectionId;
  body: string;
  /** What a DELETE names: the answer says what still refers to it. */
  removes?: { fid: string; net: string };
}

/** Write in one transaction, once for an `Idempotency-Key`, and answer when the reads of this process show it. */
async function write(
  { db, mirror, live, access, timeZone, now }: WriteDeps,
  { req, res, id, body, removes }: Call,
  work: (context: WriteContext) => Promise<Answer>,
): Promise<void> {
  const key = req.get('idempotency-key');
  const request = key === undefined ? undefined : idempotentRequest(key, [req.method, req.originalUrl, body]);
  const preconditions = { ifMatch: req.get('if-match'), ifNoneMatch: req.get('if-none-match') };
  const about = { collection: id, preconditions, timeZone, seesPersonal: access.seesPersonal(req), now: now() };
  let answer: Answer;
  try {
    answer = await db.transaction((tx) => {
      const run = () => work({ ...about, tx });
      return request ? once(tx, request, run) : run();
    });
  } catch (error) {
    throw await explainRefusal(db, id, removes, error);
  }
  await live?.caughtUp();
  res.setHeader('Wangge-Version', encodePosition(await mirror.catchUp()));
  res.writeHead(answer.status, answer.headers);
  res.end(answer.body ?? undefined);
}

function answerOf({ collection, now }: WriteContext, { feature, etag, created }: Written): Answer {
  return {
    status: created ? 201 : 200,
    headers: {
      'Content-Type': 'application/geo+json',
      ETag: etag,
      ...(created && { Location: locationOf(collection, feature, now) }),
    },
    body: JSON.stringify(feature),
  };
}

/** Where the feature answers; of grids with the net and a moment of the version, where they are not the usual ones. */
function locationOf(collection: CollectionId, { id, properties }: Written['feature'], now: Date): string {
  const path = `/collections/${collection}/items/${encodeURIComponent(id)}`;
  if (collection !== 'grids') return path;
  const { net, valid_from: from, valid_to: to } = properties as Record<string, string | null>;
  const query = new URLSearchParams();
  if (net !== 'base') query.set('net', net!);
  if (from !== null && new Date(from!) > now) query.set('at', from!);
  else if (to !== null && new Date(to!) <= now) query.set('at', from ?? new Date(Date.parse(to!) - 1).toISOString());
  return query.size > 0 ? `${path}?${query}` : path;
}
