import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { headerOf, requestNamer } from '../../src/http.ts';

/** What a server makes of a request with these headers. */
async function received<T>(headers: Record<string, string | string[]>, read: (req: IncomingMessage) => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const server = createServer((req, res) => {
      resolve(read(req));
      res.end();
      server.close();
    });
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      request({ port, host: '127.0.0.1', headers }, (res) => res.resume())
        .on('error', reject)
        .end();
    });
  });
}

test.each([
  ['once, however it is written', { 'IF-NONE-match': 'W/"a"' }],
  ['twice, as a list', { 'If-None-Match': ['W/"a"', 'W/"b"'] }],
  ['beside one that is as long', { 'If-None-March': 'x', 'If-None-Match': '"a"' }],
  ['empty', { 'If-None-Match': '' }],
  ['not at all', {}],
])('a header that is given %s is what Node takes it for', async (_, headers: Record<string, string | string[]>) => {
  const [own, nodes] = await received(headers, (req) => [headerOf(req, 'if-none-match'), req.headers['if-none-match']]);
  expect(own).toBe(nodes);
});

test('of a key that is given twice the first counts', async () => {
  const headers = { Authorization: ['Bearer a', 'Bearer b'] };
  expect(await received(headers, (req) => headerOf(req, 'authorization'))).toBe('Bearer a');
});

test('requests without a name of their own get names that differ', () => {
  const nameOf = requestNamer();
  const bare = { rawHeaders: [] as string[] } as IncomingMessage;
  const names = Array.from({ length: 10_000 }, () => nameOf(bare));
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[\w-]{9}$/);
  expect(nameOf({ rawHeaders: ['X-Request-Id', 'mine'] } as IncomingMessage)).toBe('mine');
});
