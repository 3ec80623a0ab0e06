import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Format } from './rows.ts';

/** A file or standard input, opened for reading. */
export interface Source {
  /** What messages call it. */
  name: string;
  format: Format;
  gzip: boolean;
  /** Bytes in the file; undefined for a stream. */
  size: number | undefined;
  /** Bytes read so far, for a progress bar. */
  bytesRead: () => number;
  bytes: AsyncIterable<Uint8Array>;
}

export interface SourceOptions {
  /** Overrides what the name says; needed for standard input, whose default is `ndjson`. */
  format?: Format | undefined;
  /** Where `-` reads from. */
  stdin?: AsyncIterable<Uint8Array> | undefined;
}

const FORMAT_OF: Record<string, Format> = {
  csv: 'csv',
  json: 'geojson',
  geojson: 'geojson',
  ndjson: 'ndjson',
  geojsonl: 'ndjson',
  jsonl: 'ndjson',
  geojsons: 'ndjson',
};

/** What a file's name says about its form, such as `grids.geojson.gz`; an unknown ending gives no format. */
export function formOf(name: string): { format: Format | undefined; gzip: boolean } {
  const lower = name.toLowerCase();
  const gzip = lower.endsWith('.gz');
  const ending = (gzip ? lower.slice(0, -3) : lower).split('.').at(-1) ?? '';
  return { format: FORMAT_OF[ending], gzip };
}

/**
 * Open a path, or standard input for `-`. Compression is recognised by the first bytes, so that a wrong or missing
 * `.gz` does no harm.
 *
 * @throws Error naming the file and the cure when it cannot be opened or its format is unknown
 */
export async function openSource(path: string, options: SourceOptions = {}): Promise<Source> {
  const isStdin = path === '-';
  const name = isStdin ? 'standard input' : path;
  const format = options.format ?? (isStdin ? 'ndjson' : formOf(path).format);
  if (format === undefined) {
    throw new Error(`${path}: the name does not say what it holds; add --format csv, geojson or ndjson`);
  }
  const size = isStdin ? undefined : await sizeOf(path);
  const input = isStdin ? (options.stdin ?? process.stdin) : createReadStream(path, { highWaterMark: 1 << 18 });
  const { gzip, bytes } = await sniff(input);
  let read = 0;
  return { name, format, gzip, size, bytesRead: () => read, bytes: count(bytes, (n) => (read += n)) };
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new Error(`${path} is a directory; name a file in it`);
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ENOENT') throw error;
    throw new Error(`${path}: no such file`);
  }
}

/** Look at the first two bytes for the gzip signature (RFC 1952) and give all bytes back. */
async function sniff(input: AsyncIterable<Uint8Array>): Promise<{ gzip: boolean; bytes: AsyncIterable<Uint8Array> }> {
  const iterator = input[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array();
  while (head.length < 2) {
    const next = await iterator.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    try {
      if (head.length > 0) yield head;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  return { gzip: head[0] === 0x1f && head[1] === 0x8b, bytes: all() };
}

async function* count(bytes: AsyncIterable<Uint8Array>, add: (n: number) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    add(chunk.length);
    yield chunk;
  }
}
