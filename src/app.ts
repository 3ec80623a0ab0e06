import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import express, { type ErrorRequestHandler, type NextFunction, type Request, type Response } from 'express';
import type { Logger } from 'pino';
import type { Access } from './access/access.ts';
import type { Db } from './db/db.ts';
import { HttpError } from './errors.ts';
import { getHeat } from './heat/heat.route.ts';
import { requestId, sendProblem } from './http.ts';
import { postImport } from './import/import.route.ts';
import { encodePosition } from './live/changes.ts';
import { getHealthz, getReadyz } from './live/health.route.ts';
import { getMetrics, type Metrics } from './live/metrics.ts';
import type { Mirror } from './live/mirror.ts';
import { getLocate, postLocateBatch } from './locate/locate.route.ts';
import { getCollection, getCollections, getItem, getItems } from './ogc/collections.route.ts';
import { getTile, getTileJson, getTileLayers, isTileRequest } from './tiles/tiles.route.ts';

/** What the routes need of the running service. */
export interface Deps {
  db: Db;
  mirror: Mirror;
  access: Access;
  metrics: Metrics;
  log: Logger;
  timeZone: string;
  now(): Date;
}

/** Every route of the service. */
export function createApp(deps: Deps): RequestListener {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(identify(deps));
  app.get('/healthz', getHealthz());
  app.get('/readyz', getReadyz(deps));
  app.get('/metrics', getMetrics(deps.metrics));

  const reads = express.Router();
  reads.use(reflect(deps.mirror));
  reads.get('/tiles', getTileLayers(deps));
  reads.get('/tiles/:layers.json', getTileJson(deps));
  reads.get('/locate', getLocate(deps));
  reads.post('/locate/batch', postLocateBatch(deps));
  reads.get('/heat', getHeat(deps));
  reads.post('/import/:layer', postImport(deps));
  reads.get('/collections', getCollections(deps));
  reads.get('/collections/:id', getCollection(deps));
  reads.get('/collections/:id/items', getItems(deps));
  reads.get('/collections/:id/items/:fid', getItem(deps));
  app.use(reads);

  app.use((req: Request) => {
    throw new HttpError(404, `There is no ${req.method} ${req.path}: see GET /tiles, /locate, /heat, /collections`);
  });
  app.use(answerErrors(deps.log));
  // The chain of express costs several times what a tile does.
  const tile = hot(deps, 'tile', getTile(deps));
  return (req, res) => (isTileRequest(req) ? tile(req, res) : app(req, res));
}

type Handler = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

/** A hot read in front of express: the same headers, errors and figures as behind it. */
function hot({ mirror, metrics, log }: Deps, route: string, handler: Handler): RequestListener {
  return async (req, res) => {
    const id = requestId(req);
    const end = metrics.httpSeconds.startTimer();
    res.on('finish', () => end({ method: req.method!, route, status: res.statusCode }));
    res.setHeader('X-Request-Id', id);
    res.setHeader('Access-Control-Allow-Origin', '*');
    res.setHeader('Access-Control-Expose-Headers', EXPOSED);
    try {
      res.setHeader('Wangge-Version', encodePosition(await mirror.catchUp()));
      await handler(req, res);
    } catch (error) {
      answerError(log, error, req, res, id);
    }
  };
}

const EXPOSED = 'Wangge-Version, ETag, X-Request-Id';

/** Name the request, allow any origin to read, and count it. */
function identify({ metrics }: Deps) {
  return (req: Request, res: Response, next: NextFunction) => {
    res.locals.requestId = requestId(req);
    res.setHeader('X-Request-Id', res.locals.requestId as string);
    res.setHeader('Access-Control-Allow-Origin', '*');
    const end = metrics.httpSeconds.startTimer();
    res.on('finish', () => end({ method: req.method, route: routeOf(req), status: res.statusCode }));
    next();
  };
}

/** The pattern that answered, so that metrics have a bounded set of labels. */
function routeOf(req: Request): string {
  const path = (req.route as { path?: unknown } | undefined)?.path;
  return typeof path === 'string' ? path : 'none';
}

/** Bring what is derived up to the record before reading, and say in the header what the answer reflects. */
function reflect(mirror: Mirror) {
  return async (_req: Request, res: Response, next: NextFunction) => {
    res.locals.version = encodePosition(await mirror.catchUp());
    res.setHeader('Wangge-Version', res.locals.version as string);
    res.setHeader('Access-Control-Expose-Headers', EXPOSED);
    next();
  };
}

/** Express takes only a handler of four parameters for one of errors. */
function answerErrors(log: Logger): ErrorRequestHandler {
  return (error: unknown, req, res, _next) => answerError(log, error, req, res, res.locals.requestId as string);
}

function answerError(log: Logger, error: unknown, req: IncomingMessage, res: ServerResponse, id: string): void {
  const known = toHttpError(error);
  if (!known || known.status >= 500)
    log.error({ err: error, id, method: req.method, url: pathOf(req) }, 'request failed');
  sendProblem(res, known ?? error, id);
}

/** Without the query, which may hold an address. */
function pathOf(req: IncomingMessage): string | undefined {
  return req.url?.split('?')[0];
}

/** Errors of express itself, such as a malformed escape in the path, are the client's. */
function toHttpError(error: unknown): HttpError | undefined {
  if (error instanceof HttpError) return error;
  const status = (error as { status?: unknown }).status;
  const isClients = typeof status === 'number' && status >= 400 && status < 500;
  return isClients ? new HttpError(status, (error as Error).message) : undefined;
}
