import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Request, RequestHandler, Response } from 'express';
import { HttpError } from '../errors.ts';
import { type ContentEncoding, chooseEncoding } from '../http.ts';

/** Where the build puts the page; it lies at the same distance from `src/web` and from `dist/web`. */
const PAGE_FOLDER = fileURLToPath(new URL('../../dist/page/', import.meta.url));

const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  json: 'application/json',
};
const SUFFIXES: Record<ContentEncoding, string> = { br: '.br', gzip: '.gz', identity: '' };

/** Everything comes from this service; MapLibre makes its worker and images from blobs. */
const POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "worker-src 'self' blob:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'self'",
].join('; ');

/** `GET /`: the map page. */
export function getPage(folder = PAGE_FOLDER): RequestHandler {
  return async (req, res) => {
    res.setHeader('Content-Security-Policy', POLICY);
    res.setHeader('X-Content-Type-Options', 'nosniff');
    // The address of a shared view holds the place that somebody looked at.
    res.setHeader('Referrer-Policy', 'no-referrer');
    res.setHeader('Cache-Control', 'no-cache');
    const sent = await sendFile(req, res, folder, 'index.html');
    if (!sent) throw new HttpError(503, 'The map page is not built: run `npm run build`');
  };
}

/** `GET /assets/{file}`: what the page is made of. The names hold a hash of the content, so they may be kept for ever. */
export function getPageAsset(folder = PAGE_FOLDER): RequestHandler<{ file: string }> {
  return async (req, res) => {
    const { file } = req.params;
    res.setHeader('X-Content-Type-Options', 'nosniff');
    res.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
    const sent =
      /^[\w-]+(\.[\w-]+)*\.(m?js|css|svg|json)$/.test(file) && (await sendFile(req, res, folder, `assets/${file}`));
    if (!sent) throw new HttpError(404, `There is no ${file} in this build of the page: reload the page`);
  };
}

/** Send a built file in the best encoding that it was built in; false when there is no such file. */
async function sendFile(req: Request, res: Response<unknown>, folder: string, name: string): Promise<boolean> {
  const encoding = chooseEncoding(req);
  const compressed = await read(join(folder, name + SUFFIXES[encoding]));
  const body = compressed ?? (await read(join(folder, name)));
  if (!body) return false;
  res.setHeader('Vary', 'Accept-Encoding');
  if (compressed && encoding !== 'identity') res.setHeader('Content-Encoding', encoding);
  res.writeHead(200, { 'Content-Type': TYPES[name.split('.').at(-1)!]!, 'Content-Length': body.length });
  res.end(req.method === 'HEAD' ? undefined : body);
  return true;
}

function read(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}
