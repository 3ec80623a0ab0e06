import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import express, { type ErrorRequestHandler, type NextFunction, type Request, type Response } from 'express';
import type { Logger } from 'pino';
import type { Access } from './access/access.ts';
import { getSuggestions } from './addresses/addresses.route.ts';
import type { AddressBook } from './addresses/live.ts';
import type { Db } from './db/db.ts';
import { HttpError } from './errors.ts';
import { getChecks } from './grids/checks.route.ts';
import { postMerge, postSplit } from './grids/plan.route.ts';
import { type Analysis, createAnalysis, type ForAnswer } from './heat/analysis.ts';
import { cellsBySql } from './heat/cells.ts';
import { getHeat, getHeatCompare, getHeatSeries } from './heat/heat.route.ts';
import { getEmerging, getHotspots } from './heat/hotspots.route.ts';
import { cellsInMemory } from './heat/live.ts';
import { type HeaderList, type RequestNamer, requestNamer, sendProblem } from './http.ts';
import { postImport } from './import/import.route.ts';
import { getIndicatorSeries, getIndicators } from './indicators/indicators.route.ts';
import { getReport } from './indicators/report.route.ts';
import type { Statistics } from './indicators/source.ts';
import { createStatistics } from './indicators/statistics.ts';
import { encodePosition, type Position } from './live/changes.ts';
import { getChanges } from './live/events.route.ts';
import { getHealthz, getReadyz } from './live/health.route.ts';
import type { Live } from './live/live.ts';
import { getMetrics, type Metrics, type Observer } from './live/metrics.ts';
import type { Mirror } from './live/mirror.ts';
import { getLocate, isLocatePath, isLocateRequest, postLocateBatch } from './locate/locate.route.ts';
import { answerPreflight, methodsOf } from './methods.ts';
import { getCollection, getCollections, getItem, getItems } from './ogc/collections.route.ts';
import { getDocs, getDocsFile, getOpenApi } from './ogc/openapi.route.ts';
import { deleteItem, patchItem, postItem, putItem } from './ogc/writes.route.ts';
import type { Runner } from './threads/task.ts';
import { LiveTiles } from './tiles/live.ts';
import { LiveEvents } from './tiles/live-events.ts';
import { observeLive } from './tiles/live-metrics.ts';
import { isTilePath } from './tiles/questions.ts';
import { getGridNames, getStyle } from './tiles/styles.route.ts';
import { getTile, getTileJson, getTileLayers, isTileRequest } from './tiles/tiles.route.ts';
import { getPage, getPageAsset } from './web/web.route.ts';
import { postWithin } from './within/within.route.ts';

/** What the routes need of the running service. */
export interface Deps {
  db: Db;
  mirror: Mirror;
  /** Absent: everything is asked of the record. */
  live?: Live;
  book: AddressBook;
  /** Where long work goes, so that it delays no request. */
  threads: Runner;
  access: Access;
  metrics: Metrics;
  log: Logger;
  timeZone: string;
  now(): Date;
}

/** Every route of the service. */
export function createApp(deps: Deps): RequestListener {
  const { db, mirror, live, book, metrics } = deps;
  const written = live ? { ...deps, live: { caughtUp: () => bothCaughtUp(live, book) } } : deps;
  const recordFor = (res: ServerResponse) => () => {
    sayRecord(res);
    return mirror.catchUp();
  };
  const cells = live && cellsInMemory(live, cellsBySql(db));
  const analysis = createAnalysis(
    deps,
    cells?.(() => mirror.catchUp()),
  );
  const analysisFor: ForAnswer<Analysis> = (res) => (cells ? { ...analysis, cells: cells(recordFor(res)) } : analysis);
  const statistics = createStatistics(analysis, live);
  const statisticsFor: ForAnswer<Statistics> = (res) => statistics(analysisFor(res), recordFor(res));
  const tiles = live && new LiveTiles(live);
  if (live && tiles) observeLive(metrics, live, tiles);
  const nameOf = requestNamer();
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(identify(deps, nameOf));
  app.use(answerPreflight());
  app.get('/', getPage());
  app.get('/assets/:file', getPageAsset());
  app.get('/healthz', getHealthz());
  app.get('/readyz', getReadyz(deps));
  app.get('/metrics', getMetrics(deps.metrics));
  app.get('/openapi.json', getOpenApi());
  app.get('/docs', getDocs());
  app.get('/docs/:file', getDocsFile());

  const reads = express.Router();
  if (live) reads.get('/changes', getChanges(new LiveEvents(live)));
  reads.use(reflect(deps));
  reads.get('/tiles', getTileLayers(deps));
  reads.get('/tiles/:layers.json', getTileJson(deps));
  reads.get('/styles/names/:net.geojson', getGridNames(deps));
  reads.get('/styles/:name.json', getStyle({ ...deps, ...(live && { changes: '/changes' }) }));
  reads.post('/locate/batch', postLocateBatch(deps));
  reads.get('/addresses/suggest', getSuggestions(deps));
  reads.post('/within', postWithin({ ...deps, onRecord: sayRecord }));
  reads.get('/heat', getHeat(analysisFor));
  reads.get('/heat/compare', getHeatCompare(analysisFor));
  reads.get('/heat/series', getHeatSeries(analysisFor));
  reads.get('/hotspots', getHotspots(analysisFor));
  reads.get('/hotspots/moran', getHotspots(analysisFor, 'moran'));
  reads.get('/hotspots/emerging', getEmerging(analysisFor));
  reads.get('/indicators', getIndicators(statisticsFor));
  reads.get('/indicators/series', getIndicatorSeries(statisticsFor));
  reads.get('/report', getReport(statisticsFor));
  reads.get('/checks', getChecks(analysis));
  reads.post('/grids/merge', postMerge(deps));
  reads.post('/grids/:code/split', postSplit(deps));
  reads.post('/import/:layer', postImport(written));
  reads.get('/collections', getCollections(deps));
  reads.get('/collections/:id', getCollection(deps));
  reads.get('/collections/:id/items', getItems(deps));
  reads.get('/collections/:id/items/:fid', getItem(deps));
  reads.post('/collections/:id/items', postItem(written));
  reads.put('/collections/:id/items/:fid', putItem(written));
  reads.patch('/collections/:id/items/:fid', patchItem(written));
  reads.delete('/collections/:id/items/:fid', deleteItem(written));
  app.use(reads);

  app.use(refuse([app.router, reads]));
  app.use(answerErrors(deps.log));
  // The chain of express costs several times what a tile or a point does.
  const tile = hot(deps, nameOf, 'tile', getTile({ ...deps, analysis }, tiles));
  const locate = hot(deps, nameOf, '/locate', getLocate(deps));
  return (req, res) => {
    if (isTileRequest(req)) return tile(req, res);
    return isLocateRequest(req) ? locate(req, res) : app(req, res);
  };
}

/** Resolves when everything that was committed before the call is visible, in the book of addresses too. */
async function bothCaughtUp(live: Live, book: AddressBook): Promise<Position> {
  const [position] = await Promise.all([live.caughtUp(), book.catchUp()]);
  return position;
}

/** A handler answers at once where it can, without a promise, which costs as much as finding a cached tile. */
type Handler = (
  req: IncomingMessage,
  res: ServerResponse,
  headers: HeaderList,
  begun: number,
) => Promise<void> | undefined;

/** A hot read in front of express: the same headers, errors and figures as behind it. The handler sends the headers. */
function hot({ metrics, log }: Deps, nameOf: RequestNamer, route: string, handler: Handler): RequestListener {
  const figures = figuresOf(metrics, route);
  const fail = (error: unknown, req: IncomingMessage, res: ServerResponse, id: string) => {
    if (!res.headersSent) res.setHeader(ALLOW_ORIGIN, '*');
    answerError(log, error, req, res, id);
  };
  return (req, res) => {
    const begun = performance.now();
    const id = nameOf(req);
    try {
      const headers = ['X-Request-Id', id, ALLOW_ORIGIN, '*', 'Access-Control-Expose-Headers', EXPOSED];
      const answered = handler(req, res, headers, begun);
      if (answered) {
        answered.catch((error) => fail(error, req, res, id)).finally(() => figures(req, res, begun));
        return;
      }
    } catch (error) {
      fail(error, req, res, id);
    }
    figures(req, res, begun);
  };
}

/** Counts the answers of a route; finding the labels costs more than counting. */
function figuresOf({ httpSeconds }: Metrics, route: string) {
  const known = new Map<number, Observer>();
  return ({ method }: IncomingMessage, { statusCode: status }: ServerResponse, begun: number): void => {
    const key = method === 'HEAD' ? -status : status;
    let figure = known.get(key);
    if (!figure) {
      figure = httpSeconds.observer({ method: method!, route, status });
      known.set(key, figure);
    }
    figure.observe((performance.now() - begun) / 1000);
  };
}

const ALLOW_ORIGIN = 'Access-Control-Allow-Origin';
const EXPOSED = 'Wangge-Version, Wangge-Source, Wangge-Lag, ETag, X-Request-Id';

/** Name the request, allow any origin to read, and count it. */
function identify({ metrics }: Deps, nameOf: RequestNamer) {
  return (req: Request, res: Response, next: NextFunction) => {
    res.locals.requestId = nameOf(req);
    res.setHeader('X-Request-Id', res.locals.requestId as string);
    res.setHeader(ALLOW_ORIGIN, '*');
    const begun = performance.now();
    res.on('finish', () => {
      const labels = { method: req.method, route: routeOf(req), status: res.statusCode };
      metrics.httpSeconds.observe(labels, (performance.now() - begun) / 1000);
    });
    next();
  };
}

/** The pattern that answered, so that metrics have a bounded set of labels. */
function routeOf(req: Request): string {
  const path = (req.route as { path?: unknown } | undefined)?.path;
  return typeof path === 'string' ? path : 'none';
}

/** No route took the request: another method may, or nothing is there. */
function refuse(routers: readonly express.Router[]) {
  return (req: Request) => {
    const isHot = isTilePath(req.path) || isLocatePath(req.path);
    const methods = isHot ? ['GET'] : methodsOf(routers, req.path);
    if (methods.length === 0) {
      throw new HttpError(
        404,
        `There is no ${req.path}: see GET /tiles, /locate, /heat, /collections, or /docs for all`,
      );
    }
    const allowed = methods.join(', ');
    throw new HttpError(405, `${req.path} does not take ${req.method}: use ${allowed}`, [], { Allow: allowed });
  };
}

/** What is answered from the live layers: nothing that the record derives is read. */
const FROM_MEMORY = /^\/(heat|hotspots|indicators|report|locate|within)(\/|$)/;

/** Say in the header what the answer reflects; bring what the record derives up to date where the answer reads it. */
function reflect({ mirror, live }: Deps) {
  return async (req: Request, res: Response, next: NextFunction) => {
    const isFromMemory = live !== undefined && FROM_MEMORY.test(req.path);
    res.locals.version = isFromMemory ? live.version : encodePosition(await mirror.catchUp());
    res.setHeader('Wangge-Version', res.locals.version as string);
    res.setHeader('Access-Control-Expose-Headers', EXPOSED);
    if (!isFromMemory) return next();
    const lag = live.lagToSay();
    if (lag !== undefined) res.setHeader('Wangge-Lag', lag);
    res.setHeader('Wangge-Source', 'memory');
    next();
  };
}

/** Memory does not reach where the question does. */
function sayRecord(res: ServerResponse): void {
  res.setHeader('Wangge-Source', 'sql');
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
