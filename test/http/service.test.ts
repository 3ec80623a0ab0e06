import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoDatabase } from '../helpers/database.ts';
import { startService, type TestService } from '../helpers/service.ts';

let service: TestService;

beforeAll(async () => {
  service = await startService(await demoDatabase());
});
afterAll(() => service.close());

test('/healthz, /readyz and /metrics answer', async () => {
  expect(await (await fetch(`${service.url}/healthz`)).json()).toEqual({ status: 'ok' });
  const ready = await fetch(`${service.url}/readyz`);
  expect(ready.status).toBe(200);
  expect(await ready.json()).toMatchObject({ status: 'ready', version: expect.any(String) });
  const metrics = await (await fetch(`${service.url}/metrics`)).text();
  expect(metrics).toMatch(/^wangge_http_request_duration_seconds_count\{.*route="\/healthz".*\} 1$/m);
});

test('an unknown path is a problem document that names the cure', async () => {
  const response = await fetch(`${service.url}/nowhere`, { headers: { 'X-Request-Id': 'abc-1' } });
  expect(response.status).toBe(404);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(response.headers.get('x-request-id')).toBe('abc-1');
  expect(await response.json()).toMatchObject({
    title: 'Not Found',
    status: 404,
    detail: expect.stringContaining('/tiles'),
  });
});

test('a broken escape in the path is the client’s fault', async () => {
  expect((await fetch(`${service.url}/collections/%E0%A4%A`)).status).toBe(400);
});

test('maps of any origin may read', async () => {
  const response = await fetch(`${service.url}/tiles`, { headers: { Origin: 'https://map.example' } });
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  expect(response.headers.get('access-control-expose-headers')).toContain('Wangge-Version');
});

test('pages of any origin may send what the routes take', async () => {
  const response = await fetch(`${service.url}/within`, {
    method: 'OPTIONS',
    headers: {
      Origin: 'https://map.example',
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'content-type',
    },
  });
  expect(response.status).toBe(204);
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  expect(response.headers.get('access-control-allow-methods')).toContain('POST');
  expect(response.headers.get('access-control-allow-headers')).toMatch(/Content-Type.*If-Match.*Idempotency-Key/);
});

test.each([
  ['POST', '/locate', 'GET'],
  ['PUT', '/collections/grids/items', 'GET, POST'],
  ['GET', '/within', 'POST'],
  ['DELETE', '/tiles/grids/0/0/0.mvt', 'GET'],
])('%s %s is refused with what is taken there: %s', async (method, path, allowed) => {
  const response = await fetch(service.url + path, { method });
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')).toBe(allowed);
  expect(await response.json()).toMatchObject({ status: 405, detail: expect.stringContaining(allowed) });
});
