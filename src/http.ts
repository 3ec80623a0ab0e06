import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeader, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import Negotiator from 'negotiator';
import { z } from 'zod';
import type { Db } from './db/db.ts';
import { badInput, type Fault, HttpError, toProblem } from './errors.ts';

/** What a reading handler needs. */
export interface Reads {
  db: Db;
  now(): Date;
}

/** Names and values of headers in turn, which Node writes faster than an object; and texts faster than numbers. */
export type HeaderList = OutgoingHttpHeader[];

export type ContentEncoding = 'br' | 'gzip' | 'identity';

/**
 * A header of a request. `req.headers` takes all of them apart, which costs a hot read as much as finding its answer.
 *
 * @param name in small letters
 */
export function headerOf(req: IncomingMessage, name: string): string | undefined {
  const { rawHeaders } = req;
  let found: string | undefined;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const other = rawHeaders[i]!;
    if (other.length !== name.length || other.toLowerCase() !== name) continue;
    // Given twice, it is what Node makes of it.
    if (found !== undefined) return req.headers[name]?.toString();
    found = rawHeaders[i + 1];
  }
  return found;
}

/** The id that ties an answer to the log: the client's own when it is a sane one, otherwise a new one. */
export type RequestNamer = (req: IncomingMessage) => string;

/**
 * Five characters that are drawn, and four that count. With more than twelve in all they would be kept apart until they
 * are checked, and copied then; and a number is written as text by way of a table that keeps the last ones. Either costs
 * a hot read as much as finding a cached tile.
 */
export function requestNamer(): RequestNamer {
  let drawn = '';
  let count = 0;
  return (req) => {
    const given = headerOf(req, 'x-request-id');
    if (given !== undefined && /^[\w.:-]{1,80}$/.test(given)) return given;
    if (count === 0) drawn = randomBytes(4).toString('base64url').slice(0, 5);
    const id = drawn + PAIRS[count >> PAIR_BITS] + PAIRS[count & (PAIRS.length - 1)];
    count = (count + 1) % PAIRS.length ** 2;
    return id;
  };
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** All pairs of characters of base64url: what twelve bits can be written as. */
const PAIR_BITS = 12;
const PAIRS = Array.from(DIGITS, (first) => Array.from(DIGITS, (second) => first + second)).flat();

/** The query of a request as an object of strings. A parameter given twice is refused: neither value would be a guess. */
export function queryOf(url: string): Record<string, string> {
  const start = url.indexOf('?');
  if (start < 0) return {};
  const query: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(url.slice(start + 1))) {
    if (Object.hasOwn(query, name)) throw new HttpError(400, `${name} is given twice: give it once`, [fault(name)]);
    query[name] = value;
  }
  return query;
}

function fault(path: string) {
  return { path, message: 'is given twice' };
}

/**
 * Parse a query by a strict object schema.
 *
 * @throws HttpError 400 with one fault per parameter; an unknown one names those that exist
 */
export function parseQuery<S extends z.ZodObject>(schema: S, url: string): z.infer<S> {
  const query = queryOf(url);
  const zero = Object.keys(query).find((name) =>
    isNothingAsZero(schema.shape[name] as z.ZodType | undefined, query[name]!),
  );
  if (zero !== undefined) throw badInput([{ path: zero, message: 'must not be empty; leave it out' }], 'The query');
  const parsed = schema.safeParse(query);
  if (parsed.success) return parsed.data;
  const known = Object.keys(schema.shape).join(', ');
  const faults = parsed.error.issues.flatMap((issue): Fault[] =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((path) => ({ path, message: `is not a parameter here; there are: ${known}` }))
      : [{ path: issue.path.join('.'), message: issue.message }],
  );
  throw badInput(faults, 'The query');
}

/** Coercion to a number takes an empty text for zero, which nobody meant. */
function isNothingAsZero(schema: z.ZodType | undefined, value: string): boolean {
  return value.trim() === '' && typeof schema?.safeParse(value).data === 'number';
}

/** Answer an error as `application/problem+json`. */
export function sendProblem(res: ServerResponse, error: unknown, id: string): void {
  const problem = toProblem(error, id);
  if (res.headersSent) {
    // Half an answer cannot be taken back: break the connection so that nobody takes it for a whole one.
    res.destroy();
    return;
  }
  for (const name of res.getHeaderNames()) if (name !== 'access-control-allow-origin') res.removeHeader(name);
  const headers = error instanceof HttpError ? error.headers : {};
  const body = JSON.stringify(problem);
  res.writeHead(problem.status, {
    ...headers,
    'X-Request-Id': id,
    'Content-Type': 'application/problem+json',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
  });
  res.end(res.req.method === 'HEAD' ? undefined : body);
}

/** The best encoding that the client takes and the service makes. */
export function chooseEncoding(req: IncomingMessage): ContentEncoding {
  const best = new Negotiator(req).encoding(['br', 'gzip', 'identity']);
  return (best as ContentEncoding | undefined) ?? 'identity';
}

/** As `chooseEncoding`, remembering what clients send: they send few, and choosing costs as much as the rest of an answer. */
export function encodingChooser(): (req: IncomingMessage) => ContentEncoding {
  const chosen = new Map<string, ContentEncoding>();
  return (req) => {
    const accepted = headerOf(req, 'accept-encoding');
    if (accepted === undefined) return chooseEncoding(req);
    const known = chosen.get(accepted);
    if (known) return known;
    const encoding = chooseEncoding(req);
    if (accepted.length < 200 && chosen.size < 100) chosen.set(accepted, encoding);
    return encoding;
  };
}

/** Compress once for many answers: levels where another step costs more than it saves. */
export async function compress(bytes: Uint8Array, encoding: ContentEncoding): Promise<Uint8Array> {
  if (encoding === 'br') {
    return promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } });
  }
  return encoding === 'gzip' ? promisify(gzip)(bytes, { level: 6 }) : bytes;
}

/** A weak ETag: the hash of the bytes before compression, so that every encoding of an answer shares it. */
export function weakEtag(bytes: Uint8Array | string): string {
  return `W/"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"`;
}

/** Whether the client's `If-None-Match` names this ETag (weak comparison, RFC 9110). */
export function isNotModified(req: IncomingMessage, etag: string): boolean {
  const given = headerOf(req, 'if-none-match');
  if (given === undefined) return false;
  if (given === etag) return true;
  const opaque = etag.replace(/^W\//, '');
  return given.trim() === '*' || given.split(',').some((tag) => tag.trim().replace(/^W\//, '') === opaque);
}

/** Answer JSON. Times are Dates; they leave as RFC 3339 in UTC. */
export function sendJson(
  res: ServerResponse,
  body: unknown,
  { status = 200, type = 'application/json' }: { status?: number; type?: string } = {},
): void {
  const text = JSON.stringify(body);
  res.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) });
  res.end(res.req.method === 'HEAD' ? undefined : text);
}

const TIME = z.iso.datetime({
  offset: true,
  error: 'must be a time with an offset, such as 2026-05-01T08:00:00+08:00',
});

/** An RFC 3339 time; a `+` that arrived as a space is a `+`. */
export const timeSchema = z
  .string()
  .transform((text) => text.replace(/ (?=\d{2}:\d{2}$)/, '+'))
  .pipe(TIME)
  .transform((text) => new Date(text));

/** `a,b,c` as a list without empties and repetitions, in byte order, so that equal questions are equal texts. */
export const listSchema = z
  .string()
  .min(1, 'must not be empty')
  .transform((text) => [...new Set(text.split(',').filter((item) => item !== ''))].sort(compareBytes));

/** A list of words out of a closed vocabulary. */
export function wordsSchema<const W extends readonly string[]>(words: W) {
  return listSchema.pipe(z.array(z.enum(words, { error: `must be out of: ${words.join(', ')}` })));
}

/** Order of text by its UTF-8 bytes, as codes and ids are ordered in the database. */
export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
