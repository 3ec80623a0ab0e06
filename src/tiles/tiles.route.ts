import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import { MAX_ZOOM, type Tile } from '../geo/tile.ts';
import type { Analysis } from '../heat/analysis.ts';
import {
  type ContentEncoding,
  compress,
  encodingChooser,
  isNotModified,
  parseQuery,
  type Reads,
  sendJson,
  weakEtag,
} from '../http.ts';
import { encodePosition } from '../live/changes.ts';
import type { Live } from '../live/live.ts';
import type { Mirror } from '../live/mirror.ts';
import { analysisTileQuerySchema, namesAnalysis, parseAnyLayers } from './analysis.schema.ts';
import { buildAnalysisTile } from './analysis.ts';
import type { CachedTile } from './cache.ts';
import { LAYERS } from './layers.ts';
import type { LiveTiles } from './live.ts';
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
    const layers = parseAnyLayers(req.params.layers);
    parseQuery(namesAnalysis(req.params.layers) ? analysisTileQuerySchema : tileQuerySchema, req.url);
    const query = req.url.includes('?') ? req.url.slice(req.url.indexOf('?')) : '';
    sendJson(res, await tileJson(db, layers, originOf(req), query));
  };
}

/** What the path of a tile names, `undefined` for another path. */
const TILE_PATH = /^\/tiles\/([^/?]+)\/([^/?]+)\/([^/?]+)\/([^/?]+)\.mvt(?:\?|$)/;

/** Whether a request is for a tile: a hot read, answered in front of express. */
export function isTileRequest(req: IncomingMessage): boolean {
  return (req.method === 'GET' || req.method === 'HEAD') && isTilePath(req.url ?? '');
}

export function isTilePath(url: string): boolean {
  return TILE_PATH.test(url);
}

export interface TileDeps extends Reads {
  mirror: Mirror;
  /** Absent: tiles are built by SQL. */
  live?: Live;
  analysis: Analysis;
}

/**
 * `GET /tiles/{layers}/{z}/{x}/{y}.mvt`: from memory, from the record where memory does not reach.
 *
 * @returns a handler that adds its headers to those given and sends all at once
 */
export function getTile({ db, now, mirror, live, analysis }: TileDeps, tiles: LiveTiles | undefined) {
  const encodingOf = encodingChooser();
  return async (req: IncomingMessage, res: ServerResponse, headers: OutgoingHttpHeaders): Promise<void> => {
    const url = req.url!;
    const [, names, z, x, y] = TILE_PATH.exec(url)!;
    const layers = decodeName(names!);
    const search = url.includes('?') ? url.slice(url.indexOf('?')) : '';
    const tile = tileOfDigits(z!, x!, y!) ?? parseTilePath({ z: z!, x: x!, y: y! });
    if (namesAnalysis(layers)) {
      const query = parseQuery(analysisTileQuerySchema, search);
      const version = live?.version ?? encodePosition(await mirror.catchUp());
      const bytes = await buildAnalysisTile(analysis, parseAnyLayers(layers), tile, query, version);
      headers['Wangge-Version'] = version;
      return sendTile(req, res, uncached(bytes), headers, encodingOf);
    }
    const cached = tiles?.tile(tiles.viewOf(layers, search), tile);
    headers['Wangge-Source'] = cached ? 'memory' : 'sql';
    headers['Wangge-Version'] = cached ? live!.version : encodePosition(await mirror.catchUp());
    if (cached) {
      if (live!.isBehind) headers['Wangge-Lag'] = live!.lag.toFixed(0);
      return sendTile(req, res, cached, headers, encodingOf);
    }
    const bytes = await buildTile(db, parseLayers(layers), tile, parseQuery(tileQuerySchema, search), now());
    await sendTile(req, res, uncached(bytes), headers, encodingOf);
  };
}

/** A tile that is sent once. */
function uncached(bytes: Uint8Array): CachedTile {
  return {
    etag: weakEtag(bytes),
    isEmpty: bytes.length === 0,
    body: (encoding) => compress(bytes, encoding),
  };
}

async function sendTile(
  req: IncomingMessage,
  res: ServerResponse,
  tile: CachedTile,
  headers: OutgoingHttpHeaders,
  encodingOf: (req: IncomingMessage) => ContentEncoding,
): Promise<void> {
  headers.ETag = tile.etag;
  headers['Cache-Control'] = 'no-cache';
  headers.Vary = 'Accept-Encoding';
  if (isNotModified(req, tile.etag)) return void res.writeHead(304, headers).end();
  if (tile.isEmpty) return void res.writeHead(204, headers).end();
  const encoding = encodingOf(req);
  const made = tile.body(encoding);
  const body = made instanceof Uint8Array ? made : await made;
  headers['Content-Type'] = 'application/vnd.mapbox-vector-tile';
  headers['Content-Length'] = body.length;
  if (encoding !== 'identity') headers['Content-Encoding'] = encoding;
  res.writeHead(200, headers);
  res.end(req.method === 'HEAD' ? undefined : body);
}

/** The tile of three plain numbers, as nearly all requests have them; undefined: look closer. */
function tileOfDigits(z: string, x: string, y: string): Tile | undefined {
  if (!/^\d{1,2}$/.test(z) || !/^\d{1,7}$/.test(x) || !/^\d{1,7}$/.test(y)) return undefined;
  const tile = { z: Number(z), x: Number(x), y: Number(y) };
  const side = 2 ** tile.z;
  return tile.z <= MAX_ZOOM && tile.x < side && tile.y < side ? tile : undefined;
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
