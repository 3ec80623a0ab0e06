import type { IncomingMessage } from 'node:http';
import { HttpError } from './errors.ts';

/** Most bytes of a body that is read into memory. */
export const MAX_BODY = 10 * 1024 * 1024;

/** A body as it came, and the JSON value in it. */
export interface JsonBody {
  text: string;
  value: unknown;
}

/**
 * Read a JSON body into memory.
 *
 * @param types media types that are taken, the first one as the cure in the message
 * @throws HttpError 415 for another type or coding, 413 for a body over `MAX_BODY`, 400 for one that is not JSON, with
 *   the line and column where it stops being JSON
 */
export async function readJson(req: IncomingMessage, types: readonly string[]): Promise<JsonBody> {
  requireType(req, types);
  const text = decode(await readBytes(req));
  try {
    return { text, value: JSON.parse(text) as unknown };
  } catch {
    const { line, column } = placeOf(text, faultPosition(text));
    throw new HttpError(400, `The body is not JSON: see line ${line}, column ${column}`, [
      {
        path: `line ${line}, column ${column}`,
        message: text === '' ? 'the body is empty' : 'is not JSON from here on',
      },
    ]);
  }
}

function requireType(req: IncomingMessage, types: readonly string[]): void {
  const type = req.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type === undefined || !types.includes(type)) {
    throw new HttpError(415, `${type ?? 'A body without a type'} cannot be read: send ${types.join(' or ')}`);
  }
  const coding = req.headers['content-encoding'];
  if (coding !== undefined && coding !== 'identity') {
    throw new HttpError(415, `Content-Encoding ${coding} cannot be read here: send the body as it is`);
  }
}

/** The rest of a body that is too long is not read: the connection closes after the answer. */
async function readBytes(req: IncomingMessage): Promise<Buffer> {
  const tooLong = new HttpError(
    413,
    `The body is over ${MAX_BODY} bytes: send many features to POST /import/{layer}`,
    [],
    {
      Connection: 'close',
    },
  );
  if (Number(req.headers['content-length'] ?? 0) > MAX_BODY) throw tooLong;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY) throw tooLong;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new HttpError(400, 'The body is not UTF-8: encode it so');
  }
}

/** Where a text stops being the beginning of JSON. V8 does not always say, but a shorter text either fails there too or is only unfinished. */
function faultPosition(text: string): number {
  let good = 0;
  let bad = text.length + 1;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isBeginning(text.slice(0, middle))) good = middle;
    else bad = middle;
  }
  return good;
}

function isBeginning(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const { message } = error as SyntaxError;
    const at = /at position (\d+)/.exec(message)?.[1];
    return /^Un(?:expected end|terminated)/.test(message) || (at !== undefined && Number(at) >= text.length);
  }
}

function placeOf(text: string, position: number): { line: number; column: number } {
  const before = text.slice(0, position).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}
