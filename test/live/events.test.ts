import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import express from 'express';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Db } from '../../src/db/db.ts';
import { getChanges } from '../../src/live/events.route.ts';
import { EventLog } from '../../src/live/events.ts';
import { demoDatabase, scratchDatabase } from '../helpers/database.ts';
import { startService, type TestService } from '../helpers/service.ts';
import { fillCity, SOUTH, WEST } from './world.ts';

interface Message {
  id?: string;
  event?: string;
  data?: { layer: string; ids: string[] | null; tiles: string[] | null; cause: string; version: string };
}

/** Reads server-sent events until it has enough. */
class Listener {
  readonly messages: Message[] = [];
  readonly #abort = new AbortController();
  readonly #ended: Promise<void>;
  #text = '';

  constructor(url: string, lastEventId?: string) {
    this.#ended = this.#read(url, lastEventId).catch(() => {});
  }

  async #read(url: string, lastEventId?: string): Promise<void> {
    const headers: Record<string, string> = lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId };
    const response = await fetch(`${url}/changes`, { signal: this.#abort.signal, headers });
    const decoder = new TextDecoder();
    for await (const chunk of response.body!) {
      this.#text += decoder.decode(chunk, { stream: true });
      const blocks = this.#text.split('\n\n');
      this.#text = blocks.pop()!;
      for (const block of blocks) this.messages.push(messageOf(block));
    }
  }

  /** Waits, some seconds at most, for a message. */
  async until(isWanted: (message: Message) => boolean): Promise<Message> {
    for (const end = Date.now() + 10_000; Date.now() < end; ) {
      const found = this.messages.find(isWanted);
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`not among ${JSON.stringify(this.messages)}`);
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.#ended;
  }
}

function messageOf(block: string): Message {
  const fields = new Map(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );
  const [id, event, data] = [fields.get('id'), fields.get('event'), fields.get('data')];
  return { ...(id !== undefined && { id }), ...(event && { event }), ...(data && { data: JSON.parse(data) }) };
}

describe('GET /changes', () => {
  let db: Db;
  let service: TestService;

  beforeAll(async () => {
    db = await scratchDatabase();
    await fillCity(db, 500);
    service = await startService(db, { now: () => new Date('2026-11-01T00:30:20Z') });
  });
  afterAll(() => service.close());

  const insert = (id: string) =>
    db.script(`insert into incident (region, id, category, occurred_at, due_at, geom)
      values ('D', '${id}', 'c1', '2026-10-31', '2026-12-01', st_setsrid(st_point(${WEST + 0.01}, ${SOUTH + 0.01}), 4326))`);

  test('a row that was inserted past the service is announced with its tiles, and the tile has it', async () => {
    const listener = new Listener(service.url);
    await listener.until(({ id }) => id !== undefined);
    await insert('told');
    const { data } = await listener.until((message) => message.data?.layer === 'incidents');
    expect(data).toMatchObject({ ids: ['told'], cause: 'data' });
    expect(data!.tiles).toHaveLength(17);
    const z14 = data!.tiles!.find((tile) => tile.startsWith('14/'))!;
    const tile = await fetch(`${service.url}/tiles/incidents/${z14}.mvt`);
    expect(tile.headers.get('wangge-source')).toBe('memory');
    expect(Buffer.from(await tile.arrayBuffer()).includes('told')).toBe(true);
    const heat = await listener.until((message) => message.data?.layer === 'heat');
    expect(heat.data!.tiles!.length).toBeGreaterThanOrEqual(17);
    await listener.close();
  });

  test('who was away gets what was missed, once and in order', async () => {
    const first = new Listener(service.url);
    await first.until(({ id }) => id !== undefined);
    await insert('seen');
    const { id } = await first.until((message) => message.data?.layer === 'heat');
    await first.close();
    await insert('missed-1');
    await insert('missed-2');
    const second = new Listener(service.url, id!);
    await second.until((message) => message.data?.ids?.includes('missed-2') === true);
    const told = second.messages
      .filter((message) => message.data?.layer === 'incidents')
      .flatMap(({ data }) => data!.ids);
    expect(told).toEqual(['missed-1', 'missed-2']);
    await second.close();
  });

  test('an id that is not known any more gets a reset', async () => {
    const listener = new Listener(service.url, 'another.17');
    await listener.until(({ event }) => event === 'reset');
    await listener.close();
  });

  test('a whole layer is announced without names', async () => {
    const listener = new Listener(service.url);
    await listener.until(({ id }) => id !== undefined);
    await db.script('truncate street');
    const { data } = await listener.until((message) => message.data?.layer === 'streets');
    expect(data).toMatchObject({ ids: null, tiles: null });
    await listener.close();
  });
});

describe('a client that does not read', () => {
  const log = new EventLog();
  const sockets = new Set<Socket>();
  let server: Server;

  beforeAll(async () => {
    server = createServer(express().get('/changes', getChanges({ log })));
    server.on('connection', (socket: Socket) => sockets.add(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => server.close());

  test('is cut off before much waits for it, and who reads is not', async () => {
    const { port } = server.address() as AddressInfo;
    const reader = new Listener(`http://127.0.0.1:${port}`);
    await reader.until(({ id }) => id !== undefined);
    const [readers] = sockets;
    const slow = connect(port, '127.0.0.1', () => slow.write('GET /changes HTTP/1.1\r\nHost: slow\r\n\r\n'));
    await new Promise((resolve) => slow.once('data', resolve));
    slow.pause();
    const [slowServer] = [...sockets].filter((socket) => socket !== readers);
    const closed = new Promise((resolve) => slowServer!.once('close', resolve));
    const data = { layer: 'incidents', ids: [], tiles: [], cause: 'data', text: 'x'.repeat(200_000) };
    let most = 0;
    for (let n = 0; n < 500 && !slowServer!.destroyed; n++) {
      log.publish({ ...data, version: String(n) });
      most = Math.max(most, slowServer!.writableLength);
      await new Promise((resolve) => setImmediate(resolve));
      await reader.until((message) => message.data?.version === String(n));
    }
    await closed;
    expect(most).toBeLessThan(2 ** 20 + 300_000);
    log.publish({ ...data, version: 'last' });
    await reader.until((message) => message.data?.version === 'last');
    await reader.close();
    slow.destroy();
  }, 30_000);

  test('comes back to what it missed, or to a reset when that is too long ago', () => {
    const own = new EventLog();
    const before = own.last;
    for (let n = 0; n < 5_000; n++) own.publish({ n });
    expect(own.since(before)).toHaveLength(5_000);
    own.publish({ n: 5_000 });
    expect(own.since(before)).toBeUndefined();
    expect(own.since(own.last)).toEqual([]);
  });
});

describe('a tile in memory', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startService(await demoDatabase());
  });
  afterAll(() => service.close());

  test('is not built again for who has it, and has one body in each encoding', async () => {
    const url = `${service.url}/tiles/grids/9/0/0.mvt`;
    const empty = await fetch(url);
    expect(empty.status).toBe(204);
    const layers = (await (await fetch(`${service.url}/tiles`)).json()) as {
      layers: { id: string; bounds: number[] }[];
    };
    const [west, south] = layers.layers.find(({ id }) => id === 'grids')!.bounds as [number, number];
    const x = Math.floor((west / 360 + 0.5) * 1024);
    const y = Math.floor((0.5 - Math.asinh(Math.tan((south * Math.PI) / 180)) / (2 * Math.PI)) * 1024);
    const tile = `${service.url}/tiles/grids/10/${x}/${y}.mvt`;
    const full = await fetch(tile, { headers: { 'Accept-Encoding': 'identity' } });
    const etag = full.headers.get('etag')!;
    expect(full.status).toBe(200);
    const bytes = await full.arrayBuffer();
    for (const encoding of ['gzip', 'br']) {
      const again = await fetch(tile, { headers: { 'Accept-Encoding': encoding } });
      expect([again.headers.get('content-encoding'), again.headers.get('etag')]).toEqual([encoding, etag]);
      expect(Buffer.from(await again.arrayBuffer()).equals(Buffer.from(bytes))).toBe(true);
    }
    const same = await fetch(tile, { headers: { 'If-None-Match': etag } });
    expect(same.status).toBe(304);
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    expect(metrics).toMatch(/wangge_tiles_built_total 2\n/);
  });
});
