import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type Encoding, MAX_ROW, ReadError } from './fault.ts';

/** Decompress a gzip stream, members after the first included. Nothing is read before the first chunk is asked for. */
export async function* gunzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const unzip = createGunzip();
  // The loop that reads gets the error; thrown beside it, where nobody listens any more, it would end the process.
  unzip.on('error', () => {});
  yield* pipeline(Readable.from(pass(source)), unzip, () => {}) as AsyncIterable<Uint8Array>;
}

/** Keeps an error of decompressing from being thrown into the source: a request that is destroyed with it ends the process. */
async function* pass(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const bytes of source) yield bytes;
}

/**
 * Decode bytes to text, without a byte order mark. Bytes that the encoding does not know become U+FFFD.
 *
 * @throws ReadError when the compressed stream is damaged or cut off
 */
export async function* decode(source: AsyncIterable<Uint8Array>, encoding: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { ignoreBOM: true });
  let line = 1;
  let first = true;
  try {
    for await (const bytes of source) {
      const text = decoder.decode(bytes, { stream: true });
      if (text === '') continue;
      yield first && text.startsWith('\uFEFF') ? text.slice(1) : text;
      first = false;
      line += countOf(text, '\n');
    }
  } catch (error) {
    throw damaged(error, line);
  }
  const rest = decoder.decode();
  if (rest !== '') yield rest;
}

function damaged(error: unknown, line: number): unknown {
  const code = (error as { code?: unknown }).code;
  if (typeof code !== 'string' || !code.startsWith('Z_')) return error;
  return new ReadError(
    line,
    code === 'Z_BUF_ERROR'
      ? 'the gzip stream is cut off here; fetch the file again'
      : `the gzip stream is damaged (${(error as Error).message}); fetch the file again, or drop .gz from its name if it is not compressed`,
  );
}

/** How often a short text occurs in another, without overlaps. */
export function countOf(text: string, part: string): number {
  let n = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) n++;
  return n;
}

/**
 * Split text into its lines without `\n` (a `\r` before it stays), several at a time.
 *
 * @throws ReadError for a line too long to hold
 */
export async function* splitLines(chunks: AsyncIterable<string>): AsyncGenerator<string[]> {
  let rest: string[] = [];
  let held = 0;
  let line = 1;
  for await (const chunk of chunks) {
    const lines = chunk.split('\n');
    rest.push(lines[0]!);
    held += lines[0]!.length;
    if (held > MAX_ROW) throw new ReadError(line, `the line is longer than ${MAX_ROW} characters`);
    if (lines.length === 1) continue;
    lines[0] = rest.join('');
    const last = lines.pop()!;
    rest = [last];
    held = last.length;
    line += lines.length;
    yield lines;
  }
  if (held > 0) yield [rest.join('')];
}
