import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { RequestHandler } from 'express';
import { HttpError } from '../errors.ts';
import { isNotModified, weakEtag } from '../http.ts';
import { openApiDocument } from './openapi.ts';

/** `GET /openapi.json`. Made once, at the first request. */
export function getOpenApi(): RequestHandler {
  let made: { text: string; etag: string } | undefined;
  return (req, res) => {
    if (!made) {
      const text = JSON.stringify(openApiDocument());
      made = { text, etag: weakEtag(text) };
    }
    res.setHeader('ETag', made.etag);
    res.setHeader('Cache-Control', 'no-cache');
    if (isNotModified(req, made.etag)) return void res.writeHead(304).end();
    res.writeHead(200, { 'Content-Type': 'application/vnd.oai.openapi+json' });
    res.end(req.method === 'HEAD' ? undefined : made.text);
  };
}

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>wangge API</title>
    <link rel="icon" href="/docs/favicon-32x32.png" />
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
  </head>
  <body>
    <main id="docs"></main>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

const START = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  docExpansion: 'list',
  tryItOutEnabled: true,
  validatorUrl: null,
});
`;

/** Swagger UI carries its icons in its style and styles single elements. */
const POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'";

/** `GET /docs`: Swagger UI over `/openapi.json`, everything from this service. */
export function getDocs(): RequestHandler {
  return (_req, res) => {
    res.setHeader('Content-Security-Policy', POLICY);
    res.setHeader('Cache-Control', 'no-cache');
    res.type('html').send(PAGE);
  };
}

const TYPES: Record<string, string> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

/** `GET /docs/{file}`: what the page is made of. */
export function getDocsFile(): RequestHandler<{ file: string }> {
  const folder = createRequire(import.meta.url)
    .resolve('swagger-ui-dist/package.json')
    .replace(/package\.json$/, '');
  return async (req, res) => {
    const { file } = req.params;
    res.setHeader('X-Content-Type-Options', 'nosniff');
    res.setHeader('Cache-Control', 'public, max-age=3600');
    if (file === 'start.js') return void res.type('js').send(START);
    if (!Object.hasOwn(TYPES, file)) throw new HttpError(404, `There is no ${file} here: see GET /docs`);
    res.setHeader('Content-Type', TYPES[file]!);
    res.end(await readFile(`${folder}${file}`));
  };
}
