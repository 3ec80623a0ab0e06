import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import express from 'express';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getPage, getPageAsset } from '../../src/web/web.route.ts';
import { demoDatabase } from '../helpers/database.ts';
import { startService, type TestService } from '../helpers/service.ts';
import { ensurePage } from './browser.ts';

/** What the first view may weigh, compressed with gzip. */
const MAX_KILOBYTES = 520;

let service: TestService;
let html: string;
beforeAll(async () => {
  await ensurePage();
  service = await startService(await demoDatabase());
  html = (await request(service.url).get('/').expect(200)).text;
});
afterAll(() => service?.close());

function assetsOf(text: string): string[] {
  return [...text.matchAll(/["'`(](?:\.?\/)?(assets\/[\w.-]+|[\w-]+-[\w-]{8}\.(?:m?js|css))["'`)]/g)].map(
    ([, name]) => `/assets/${name!.replace('assets/', '')}`,
  );
}

describe('serving the page', () => {
  test('nothing from elsewhere is allowed or asked for', async () => {
    const { headers } = await request(service.url).get('/');
    const policy = headers['content-security-policy']!;
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("worker-src 'self' blob:");
    expect(policy).not.toContain('unsafe');
    expect(policy).not.toContain('http');
    expect(headers['cache-control']).toBe('no-cache');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(html).not.toMatch(/(?:src|href)="https?:/);
    expect(html).not.toMatch(/<script(?![^>]*src=)/);
    expect(html).not.toMatch(/<style| style=/);
  });

  test('assets are kept for ever, compressed once, and small', async () => {
    const found = new Set(assetsOf(html));
    let bytes = (await request(service.url).get('/').set('Accept-Encoding', 'gzip')).text.length;
    for (const path of found) {
      const answer = await fetch(service.url + path, { headers: { 'Accept-Encoding': 'identity' } });
      expect(answer.status, path).toBe(200);
      expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(answer.headers.get('content-type')).toMatch(/^text\/(javascript|css); charset=utf-8$/);
      const text = await answer.text();
      const folder = new URL('../../dist/page', import.meta.url);
      const [gzip, brotli] = [
        await readFile(`${folder.pathname}${path}.gz`),
        await readFile(`${folder.pathname}${path}.br`),
      ];
      expect(gunzipSync(gzip).toString()).toBe(text);
      expect(brotliDecompressSync(brotli).toString()).toBe(text);
      bytes += gzip.length;
      // What a script loads later counts too.
      for (const inner of assetsOf(text)) found.add(inner);
    }
    expect(found.size).toBeGreaterThanOrEqual(6);
    expect(bytes / 1024).toBeLessThan(MAX_KILOBYTES);
  });

  test('the encoding is the one that the browser prefers', async () => {
    const [script] = assetsOf(html);
    const brotli = await fetch(service.url + script, { headers: { 'Accept-Encoding': 'br, gzip' } });
    expect(brotli.headers.get('content-encoding')).toBe('br');
    expect(brotli.headers.get('vary')).toBe('Accept-Encoding');
    const plain = await fetch(service.url + script, { headers: { 'Accept-Encoding': 'identity' } });
    expect(plain.headers.get('content-encoding')).toBeNull();
  });

  test('an asset of another build is 404, and no path leaves the folder', async () => {
    await request(service.url).get('/assets/index-00000000.js').expect(404);
    await request(service.url).get('/assets/..%2Findex.html').expect(404);
    await request(service.url).get('/assets/..%2F..%2Fcli.js').expect(404);
  });

  test('a page that is not built says how to build it', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'wangge-page-'));
    const app = express();
    app.get('/', getPage(empty));
    app.get('/assets/:file', getPageAsset(empty));
    app.use(
      (
        error: Error & { status: number },
        _req: express.Request,
        res: express.Response,
        _next: express.NextFunction,
      ) => {
        res.status(error.status).send(error.message);
      },
    );
    const { text } = await request(app).get('/').expect(503);
    expect(text).toContain('npm run build');
    await request(app).get('/assets/index-00000000.js').expect(404);
  });
});
