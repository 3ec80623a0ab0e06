import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { pino } from 'pino';
import { createAccess } from '../../src/access/access.ts';
import { AddressBook } from '../../src/addresses/live.ts';
import { createApp } from '../../src/app.ts';
import type { Db } from '../../src/db/db.ts';
import type { Tile } from '../../src/geo/tile.ts';
import { weakEtag } from '../../src/http.ts';
import type { Live } from '../../src/live/live.ts';
import { createMetrics } from '../../src/live/metrics.ts';
import { Mirror } from '../../src/live/mirror.ts';
import { ownThread } from '../../src/threads/holdings.ts';
import { TileBuilder } from '../../src/tiles/live-features.ts';
import { compileQuery } from '../../src/tiles/live-views.ts';
import { tileQuerySchema } from '../../src/tiles/tiles.schema.ts';
import { Client } from './client.ts';
import { figure, median } from './figures.ts';

const CONNECTIONS = 16;
/** Milliseconds. Short, as how fast these machines are changes within seconds: what is compared takes turns. */
const TURN = 120;
const ROUNDS = 60;
/** Milliseconds in which a tile is built again and again. */
const COLD = 800;

/** Bytes of a compressed tile that is asked for. */
const TILE_BYTES = 20_000;

/**
 * What HTTP costs: a cached tile of some 20 KB and a point beside bare `node:http`, and an unchanged tile.
 *
 * @param tiles to choose from
 */
export async function httpFigures(db: Db, live: Live, tiles: readonly Tile[]): Promise<void> {
  const service = serviceOf(db, live);
  // The bare answers are copied from these: none says that it is behind, as none does of a service that runs.
  await live.caughtUp();
  const tile = await tileOfSize(service, tiles);
  const tag = (await answerOf(service, tile)).headers.etag!;
  const unchanged = { path: tile.path, headers: { ...tile.headers, 'If-None-Match': tag } };
  const { grids } = live.layers;
  const [west, south, east, north] = [...grids].find((grid) => grids.depthOf(grid) === 0)!.box;
  // As telephones say where they are.
  const [lon, lat] = [(west + east) / 2, (south + north) / 2].map((degrees) => degrees.toFixed(7));
  const point = { path: `/locate?lon=${lon}&lat=${lat}`, headers: {} };
  const bareTile = await bareOf(service, tile);
  const barePoint = await bareOf(service, point);
  const [own, bare, same, locate, bareLocate] = (await rates([
    { listener: service, request: tile },
    { listener: bareTile, request: tile },
    { listener: service, request: unchanged },
    { listener: service, request: point },
    { listener: barePoint, request: point },
  ])) as [number[], number[], number[], number[], number[]];
  const size = `${((await answerOf(service, tile)).body.length / 1000).toFixed(1)} KB`;
  const line = (what: string, a: number[], rival: string, b: number[], target: string) =>
    figure({
      what,
      wangge: perSecond(median(a)),
      rival: `${rival} ${perSecond(median(b))}`,
      // Of each round by itself: the two of a round met the same machine.
      ratio: median(a.map((rate, i) => rate / b[i]!)).toFixed(2),
      target,
    });
  line(`cached tile of ${size} over HTTP`, own, 'bare node:http', bare, '≥ 0.8');
  line('the same unchanged, 304', same, 'cached 200', own, '≥ 1');
  line('point located over HTTP', locate, 'bare node:http', bareLocate, '≥ 0.8');
  const cold = coldRate(live, tile.path);
  figure({
    what: 'unchanged, 304',
    wangge: perSecond(median(same)),
    rival: `the tile built and compressed ${perSecond(cold)}`,
    ratio: (median(same) / cold).toFixed(2),
    target: '≥ 5',
  });
}

function perSecond(rate: number): string {
  return `${rate.toFixed(0)}/s`;
}

/** Of the tiles the one whose compressed size is nearest to that wanted. */
async function tileOfSize(service: RequestListener, tiles: readonly Tile[]): Promise<Request> {
  const headers = { 'Accept-Encoding': 'gzip' };
  let best: { request: Request; miss: number } | undefined;
  for (const { z, x, y } of tiles) {
    const request = { path: `/tiles/grids/${z}/${x}/${y}.mvt`, headers };
    const miss = Math.abs((await answerOf(service, request)).body.length - TILE_BYTES);
    if (!best || miss < best.miss) best = { request, miss };
  }
  return best!.request;
}

/** How many times a second a tile can be built, named and compressed: a cold answer without its HTTP. */
function coldRate(live: Live, path: string): number {
  const [, z, x, y] = /(\d+)\/(\d+)\/(\d+)\.mvt/.exec(path)!.map(Number) as [number, number, number, number];
  const builder = new TileBuilder(live);
  const compiled = compileQuery(live, ['grids'], tileQuerySchema.parse({}));
  const begun = performance.now();
  let n = 0;
  for (; performance.now() - begun < COLD; n++) {
    const bytes = builder.build(compiled, { z, x, y });
    weakEtag(bytes);
    gzipSync(bytes, { level: 6 });
  }
  return (1000 * n) / (performance.now() - begun);
}

/** A request as the benches ask it. */
export interface Request {
  path: string;
  headers: Record<string, string>;
}

/** The whole service without a port; its address book is empty. */
export function serviceOf(db: Db, live: Live): RequestListener {
  return createApp({
    db,
    live,
    threads: ownThread(),
    mirror: new Mirror(db),
    book: unread(new AddressBook(db)),
    access: createAccess(undefined, false),
    metrics: createMetrics(),
    log: pino({ level: 'silent' }),
    timeZone: 'Asia/Shanghai',
    now: () => live.at,
  });
}

/** A book that a point does not open. */
function unread(book: AddressBook): AddressBook {
  return Object.defineProperties(book, {
    isFollowing: { value: true },
    ready: { value: async () => {} },
    nearest: { value: () => undefined },
  });
}

/** Answers a second of several listeners to their requests, in rounds in which they take turns. */
async function rates(asked: readonly { listener: RequestListener; request: Request }[]): Promise<number[][]> {
  const client = new Client();
  const servers = await Promise.all(asked.map(({ listener }) => listen(listener)));
  const found: number[][] = asked.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    const turns = [...asked.entries()];
    // Nobody always comes behind the same one.
    for (const [i, { request }] of round % 2 ? turns.reverse() : turns) {
      const load = {
        port: portOf(servers[i]!),
        request: textOf(request),
        connections: CONNECTIONS,
        milliseconds: TURN,
      };
      found[i]!.push(await client.answersPerSecond(load));
    }
  }
  await Promise.all([client.close(), ...servers.map(close)]);
  return found;
}

/** What `node:http` alone can do: the same bytes with the same headers, without looking at the request. */
export async function bareOf(listener: RequestListener, request: Request): Promise<RequestListener> {
  const { status, headers, body } = await answerOf(listener, request);
  const own = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding']);
  const copied = Object.fromEntries(Object.entries(headers).filter(([name]) => !own.has(name)));
  return (_req, res) => {
    res.writeHead(status, copied);
    res.end(body);
  };
}

/** One answer, its body as it is sent. */
export async function answerOf(listener: RequestListener, { path, headers }: Request) {
  const server = await listen(listener);
  const { get } = await import('node:http');
  const answer = await new Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }>(
    (resolve, reject) => {
      get({ port: portOf(server), path, headers }, (res) => {
        const chunks: Buffer[] = [];
        res.on('data', (chunk: Buffer) => chunks.push(chunk));
        res.on('end', () => resolve({ status: res.statusCode!, headers: res.headers, body: Buffer.concat(chunks) }));
      }).on('error', reject);
    },
  );
  await close(server);
  return answer;
}

function textOf({ path, headers }: Request): string {
  const fields = Object.entries({ Host: 'bench', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${path} HTTP/1.1\r\n${fields.join('')}\r\n`;
}

async function listen(listener: RequestListener): Promise<Server> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
