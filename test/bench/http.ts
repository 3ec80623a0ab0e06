import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { pino } from 'pino';
import { createAccess } from '../../src/access/access.ts';
import { AddressBook } from '../../src/addresses/live.ts';
import { createApp } from '../../src/app.ts';
import type { Db } from '../../src/db/db.ts';
import type { Tile } from '../../src/geo/tile.ts';
import type { Live } from '../../src/live/live.ts';
import { createMetrics } from '../../src/live/metrics.ts';
import { Mirror } from '../../src/live/mirror.ts';
import { ownThread } from '../../src/threads/holdings.ts';

const CONNECTIONS = 16;
const SECONDS = 3;

/** Requests a second of one request, asked again and again on some connections. The client shares the process. */
async function rate(listener: RequestListener, path: string, headers: Record<string, string>): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const fields = Object.entries({ Host: 'bench', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = `GET ${path} HTTP/1.1\r\n${fields.join('')}\r\n`;
  let answers = 0;
  const end = performance.now() + SECONDS * 1000;
  await Promise.all(
    Array.from(
      { length: CONNECTIONS },
      () =>
        new Promise<void>((resolve, reject) => {
          const socket = connect(port, '127.0.0.1', () => socket.write(request));
          let received: Buffer = Buffer.alloc(0);
          socket.on('error', reject);
          socket.on('data', (chunk: Buffer) => {
            received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
            const length = lengthOfAnswer(received);
            if (length === undefined || received.length < length) return;
            received = received.subarray(length);
            answers++;
            if (performance.now() < end) socket.write(request);
            else {
              socket.destroy();
              resolve();
            }
          });
        }),
    ),
  );
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  return answers / SECONDS;
}

function lengthOfAnswer(bytes: Buffer): number | undefined {
  const head = bytes.indexOf('\r\n\r\n');
  if (head < 0) return undefined;
  const body = /content-length: (\d+)/i.exec(bytes.toString('latin1', 0, head))?.[1];
  return head + 4 + Number(body ?? 0);
}

/** Lines about the whole path of a request, beside a bare server that sends the same bytes. */
export async function httpFigures(db: Db, live: Live, { z, x, y }: Tile): Promise<string[]> {
  const app = createApp({
    db,
    live,
    threads: ownThread(),
    mirror: new Mirror(db),
    book: new AddressBook(db),
    access: createAccess(undefined, false),
    metrics: createMetrics(),
    log: pino({ level: 'silent' }),
    timeZone: 'Asia/Shanghai',
    now: () => live.at,
  });
  const path = `/tiles/grids/${z}/${x}/${y}.mvt`;
  const { etag, body } = await fetchOnce(app, path);
  const bare: RequestListener = (_req, res) => {
    res.writeHead(200, {
      'Content-Type': 'application/vnd.mapbox-vector-tile',
      'Content-Encoding': 'gzip',
      'Content-Length': body.length,
      ETag: etag,
    });
    res.end(body);
  };
  const plain = await rate(bare, path, {});
  await rate(app, path, { 'Accept-Encoding': 'gzip' });
  const cached = await rate(app, path, { 'Accept-Encoding': 'gzip' });
  const unchanged = await rate(app, path, { 'If-None-Match': etag });
  return [
    `| cached tile of ${body.length} bytes over HTTP | ${cached.toFixed(0)}/s | bare node:http ${plain.toFixed(0)}/s | ${(cached / plain).toFixed(2)} |`,
    `| the same unchanged, 304 | ${unchanged.toFixed(0)}/s | cached 200 ${cached.toFixed(0)}/s | ${(unchanged / cached).toFixed(2)} |`,
  ];
}

async function fetchOnce(app: RequestListener, path: string): Promise<{ etag: string; body: Buffer }> {
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { 'Accept-Encoding': 'identity' } });
  const { gzipSync } = await import('node:zlib');
  const body = gzipSync(new Uint8Array(await response.arrayBuffer()));
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  return { etag: response.headers.get('etag')!, body };
}
