import type { RequestHandler } from 'express';
import type { Access } from '../access/access.ts';
import { isNotModified, parseQuery, type Reads, sendJson } from '../http.ts';
import { collectionId, itemsQuerySchema } from './collections.schema.ts';
import { COLLECTIONS, type CollectionId } from './collections.sql.ts';
import { readExtent, readItem, readPage } from './collections.ts';
import { itemQuerySchema } from './writes.schema.ts';

export interface CollectionDeps extends Reads {
  access: Access;
}

const GEOJSON = { type: 'application/geo+json' };

/** `GET /collections` */
export function getCollections({ db }: CollectionDeps): RequestHandler {
  return async (_req, res) => {
    const ids = Object.keys(COLLECTIONS) as CollectionId[];
    const collections = [];
    for (const id of ids) collections.push(describe(id, await readExtent(db, id)));
    sendJson(res, { collections, links: [{ rel: 'self', href: '/collections', type: 'application/json' }] });
  };
}

/** `GET /collections/{id}` */
export function getCollection({ db }: CollectionDeps): RequestHandler<{ id: string }> {
  return async (req, res) => {
    const id = collectionId(req.params.id);
    sendJson(res, describe(id, await readExtent(db, id)));
  };
}

/** `GET /collections/{id}/items` */
export function getItems({ db, access }: CollectionDeps): RequestHandler<{ id: string }> {
  return async (req, res) => {
    const id = collectionId(req.params.id);
    const { limit, after, bbox, datetime, ...own } = parseQuery(itemsQuerySchema(id), req.url);
    const filters = Object.fromEntries(
      Object.entries(own).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    const { features, next } = await readPage(
      db,
      id,
      { limit, after, bbox, datetime, filters },
      access.seesPersonal(req),
    );
    const self = `/collections/${id}/items`;
    const links = [{ rel: 'self', href: req.originalUrl, type: GEOJSON.type }];
    if (next !== null) links.push({ rel: 'next', href: nextPage(req.originalUrl, self, next), type: GEOJSON.type });
    sendJson(res, { type: 'FeatureCollection', features, numberReturned: features.length, links }, GEOJSON);
  };
}

/** `GET /collections/{id}/items/{fid}` */
export function getItem({ db, access, now }: CollectionDeps): RequestHandler<{ id: string; fid: string }> {
  return async (req, res) => {
    const id = collectionId(req.params.id);
    const { net = 'base', at } = parseQuery(itemQuerySchema(id), req.url);
    const version = { net, at: at ?? now() };
    const { feature, etag } = await readItem(db, id, req.params.fid, version, access.seesPersonal(req));
    res.setHeader('ETag', etag);
    res.setHeader('Cache-Control', 'no-cache');
    res.setHeader('Vary', 'Authorization');
    if (isNotModified(req, etag)) return void res.writeHead(304).end();
    sendJson(res, feature, GEOJSON);
  };
}

function describe(id: CollectionId, { n, bbox }: { n: number; bbox: number[] | null }) {
  return {
    id,
    title: id,
    itemType: 'feature',
    numberOfItems: n,
    ...(bbox && { extent: { spatial: { bbox: [bbox], crs: 'http://www.opengis.net/def/crs/OGC/1.3/CRS84' } } }),
    links: [
      { rel: 'self', href: `/collections/${id}`, type: 'application/json' },
      { rel: 'items', href: `/collections/${id}/items`, type: GEOJSON.type },
    ],
  };
}

function nextPage(url: string, path: string, after: string): string {
  const query = new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?') + 1) : '');
  query.set('after', after);
  return `${path}?${query}`;
}
