import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import type { Analysis } from '../heat/analysis.ts';
import {
  type ContentEncoding,
  encodingChooser,
  type HeaderList,
  isNotModified,
  parseQuery,
  type Reads,
  sendJson,
} from '../http.ts';
import { encodePosition } from '../live/changes.ts';
import type { Live } from '../live/live.ts';
import type { Mirror } from '../live/mirror.ts';
import { analysisTileQuerySchema, namesAnalysis, parseAnyLayers } from './analysis.schema.ts';
import { AnalysisTiles } from './analysis.ts';
import { type CachedTile, KeptTile } from './cache.ts';
import { LAYERS } from './layers.ts';
import type { LiveTiles } from './live.ts';
import { isTilePath, type TileQuestion, tileQuestions } from './questions.ts';
import { describeLayers, tileJson } from './tilejson.ts';
import { parseLayers, tileQuerySchema } from './tiles.schema.ts';
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

/** Whether a request is for a tile: a hot read, answered in front of express. */
export function isTileRequest(req: IncomingMessage): boolean {
  return (req.method === 'GET' || req.method === 'HEAD') && isTilePath(req.url ?? '');
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
export function getTile(deps: TileDeps, tiles: LiveTiles | undefined) {
  const { live } = deps;
  const analysed = new AnalysisTiles(deps.analysis);
  const questionOf = tileQuestions();
  const encodingOf = encodingChooser();
  return (req: IncomingMessage, res: ServerResponse, headers: HeaderList, begun: number): Promise<void> | undefined => {
    const question = questionOf(req.url!);
    const cached = question.isAnalysed ? undefined : tiles?.tile(tiles.viewOf(question), question.tile);
    if (!live || !cached) {
      const made = question.isAnalysed
        ? analysedTile(analysed, deps, question, headers)
        : recordTile(deps, question, headers);
      return made.then((tile) => sendTile(req, res, tile, headers, encodingOf(req)));
    }
    headers.push('Wangge-Source', 'memory', 'Wangge-Version', live.version);
    const lag = live.lagToSay(begun);
    if (lag !== undefined) headers.push('Wangge-Lag', lag);
    return sendTile(req, res, cached, headers, encodingOf(req));
  };
}

/** A tile of layers of which one shows an analysis. */
async function analysedTile(
  analysed: AnalysisTiles,
  { live, mirror }: TileDeps,
  { layers, search, tile }: TileQuestion,
  headers: HeaderList,
): Promise<CachedTile> {
  const query = parseQuery(analysisTileQuerySchema, search);
  const version = live?.version ?? encodePosition(await mirror.catchUp());
  headers.push('Wangge-Version', version);
  return analysed.tile({ layers: parseAnyLayers(layers), tile, query, version });
}

/** A tile that reaches beyond what memory holds. */
async function recordTile(
  { db, now, mirror }: TileDeps,
  { layers, search, tile }: TileQuestion,
  headers: HeaderList,
): Promise<CachedTile> {
  headers.push('Wangge-Source', 'sql', 'Wangge-Version', encodePosition(await mirror.catchUp()));
  return new KeptTile(await buildTile(db, parseLayers(layers), tile, parseQuery(tileQuerySchema, search), now()));
}

function sendTile(
  req: IncomingMessage,
  res: ServerResponse,
  tile: CachedTile,
  headers: HeaderList,
  encoding: ContentEncoding,
): Promise<void> | undefined {
  headers.push('ETag', tile.etag, 'Cache-Control', 'no-cache', 'Vary', 'Accept-Encoding');
  const isSame = isNotModified(req, tile.etag);
  if (isSame || tile.isEmpty) {
    res.writeHead(isSame ? 304 : 204, headers).end();
    return undefined;
  }
  headers.push('Content-Type', 'application/vnd.mapbox-vector-tile');
  if (encoding !== 'identity') headers.push('Content-Encoding', encoding);
  const body = tile.body(encoding);
  if (!(body instanceof Uint8Array)) return body.then((made) => sendBody(req, res, headers, made));
  sendBody(req, res, headers, body);
  return undefined;
}

function sendBody(req: IncomingMessage, res: ServerResponse, headers: HeaderList, body: Uint8Array): void {
  headers.push('Content-Length', String(body.length));
  res.writeHead(200, headers).end(req.method === 'HEAD' ? undefined : body);
}

/** Where the client reached the service, as its proxy says. */
function originOf(req: { protocol: string; get(name: string): string | undefined }): string {
  return `${req.protocol}://${req.get('host') ?? 'localhost'}`;
}

/** Ids of all layers, for documents. */
export const LAYER_IDS = Object.keys(LAYERS);
