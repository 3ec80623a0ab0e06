import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import { chooseEncoding, compress, isNotModified, parseQuery, type Reads, sendJson, weakEtag } from '../http.ts';
import { LAYERS } from './layers.ts';
import { describeLayers, tileJson } from './tilejson.ts';
import { parseLayers, parseTilePath, tileQuerySchema } from './tiles.schema.ts';
import { buildTile } from './tiles.ts';

/** `GET /tiles` */
export function getTileLayers({ db }: Reads): RequestHandler {
  return async (req, res) => {
    sendJson(res, { layers: await describeLayers(db, originOf(req)) });
  };
}

/** `GET /tiles/{layers}.json`: TileJSON 3.0.0. The filters of the request become those of the tiles. */
export function getTileJson({ db }: Reads): RequestHandler<{ layers: string }> {
  return async (req, res) => {
    const layers = parseLayers(req.params.layers);
    parseQuery(tileQuerySchema, req.url);
    const query = req.url.includes('?') ? req.url.slice(req.url.indexOf('?')) : '';
    sendJson(res, await tileJson(db, layers, originOf(req), query));
  };
}

/** What the path of a tile names, `undefined` for another path. */
const TILE_PATH = /^\/tiles\/([^/?]+)\/([^/?]+)\/([^/?]+)\/([^/?]+)\.mvt(?:\?|$)/;

/** Whether a request is for a tile: a hot read, answered in front of express. */
export function isTileRequest(req: IncomingMessage): boolean {
  return (req.method === 'GET' || req.method === 'HEAD') && TILE_PATH.test(req.url ?? '');
}

/** `GET /tiles/{layers}/{z}/{x}/{y}.mvt` */
export function getTile({ db, now }: Reads) {
  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const url = req.url!;
    const [, names, z, x, y] = TILE_PATH.exec(url)!;
    const layers = parseLayers(decodeName(names!));
    const tile = parseTilePath({ z: z!, x: x!, y: y! });
    const bytes = await buildTile(db, layers, tile, parseQuery(tileQuerySchema, url), now());
    await sendTile(req, res, bytes);
  };
}

async function sendTile(req: IncomingMessage, res: ServerResponse, bytes: Uint8Array): Promise<void> {
  const etag = weakEtag(bytes);
  res.setHeader('ETag', etag);
  res.setHeader('Cache-Control', 'no-cache');
  res.setHeader('Vary', 'Accept-Encoding');
  if (isNotModified(req, etag)) return void res.writeHead(304).end();
  if (bytes.length === 0) return void res.writeHead(204).end();
  const encoding = chooseEncoding(req);
  const body = await compress(bytes, encoding);
  res.writeHead(200, {
    'Content-Type': 'application/vnd.mapbox-vector-tile',
    'Content-Length': body.length,
    ...(encoding !== 'identity' && { 'Content-Encoding': encoding }),
  });
  res.end(req.method === 'HEAD' ? undefined : body);
}

/** Layers in a path may come escaped; an escape that is none names no layer. */
function decodeName(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Where the client reached the service, as its proxy says. */
function originOf(req: { protocol: string; get(name: string): string | undefined }): string {
  return `${req.protocol}://${req.get('host') ?? 'localhost'}`;
}

/** Ids of all layers, for documents. */
export const LAYER_IDS = Object.keys(LAYERS);
