import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RequestHandler } from 'express';
import type { Access } from '../access/access.ts';
import type { AddressBook } from '../addresses/live.ts';
import { HttpError } from '../errors.ts';
import { type HeaderList, parseQuery, type Reads } from '../http.ts';
import { ReadError } from '../import/read/fault.ts';
import { readRows } from '../import/read/rows.ts';
import { encodePosition } from '../live/changes.ts';
import type { Live } from '../live/live.ts';
import type { Mirror } from '../live/mirror.ts';
import type { Runner } from '../threads/task.ts';
import { answerChunk, type BatchChunk, locateBatch } from './batch.ts';
import { DutyMemory } from './duty.ts';
import { livePlan } from './live.ts';
import { batchQuerySchema, locateQuerySchema } from './locate.schema.ts';
import { type LocateContext, locate } from './locate.ts';
import { sqlPlan } from './plan.ts';
import { pointWriter } from './point.ts';
import type { BatchFormat } from './results.ts';
import { answerInThreads, SharedPlan } from './threads.ts';
import { answerWriter } from './writer.ts';

export interface LocateDeps extends Reads {
  book: AddressBook;
  mirror: Mirror;
  access: Access;
  timeZone: string;
  /** Absent: the plan is asked of the record. */
  live?: Live;
  /** Where batches are answered. */
  threads: Runner;
}

/** Whether a request is `GET /locate`: a hot read, answered in front of express. */
export function isLocateRequest({ method, url = '' }: IncomingMessage): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  return isLocatePath(url);
}

export function isLocatePath(url: string): boolean {
  return url.startsWith('/locate?') || /^\/locate\/?(?:\?|$)/.test(url);
}

/**
 * `GET /locate`
 *
 * @returns a handler that adds its headers to those given and sends all at once
 */
export function getLocate(deps: LocateDeps) {
  const { live, access, now } = deps;
  const duty = new DutyMemory();
  const contextOf = contextFinder(deps, duty);
  const textOf = answerWriter();
  const pointText = live && pointWriter({ ...deps, live, duty });
  const answer = async (req: IncomingMessage, res: ServerResponse, headers: HeaderList) => {
    const query = parseQuery(locateQuerySchema, req.url!);
    const context = await contextOf(req);
    const body = textOf(await locate(context, query));
    pushSource(headers, context.version, live);
    sendAnswer(req, res, headers, Buffer.from(body));
  };
  return (req: IncomingMessage, res: ServerResponse, headers: HeaderList, begun: number): Promise<void> | undefined => {
    const body = pointText?.(req.url!, { now: now(), withPhone: access.seesPersonal(req) });
    if (body === undefined) return answer(req, res, headers);
    pushSource(headers, live!.version, live, begun);
    sendAnswer(req, res, headers, body);
    return undefined;
  };
}

function pushSource(headers: HeaderList, version: string, live: Live | undefined, moment?: number): void {
  headers.push('Wangge-Version', version);
  if (!live) return;
  headers.push('Wangge-Source', 'memory');
  const lag = live.lagToSay(moment);
  if (lag !== undefined) headers.push('Wangge-Lag', lag);
}

/** @param body bytes, or a character for each of them */
function sendAnswer(req: IncomingMessage, res: ServerResponse, headers: HeaderList, body: Buffer | string): void {
  headers.push('Content-Type', 'application/json', 'Content-Length', String(body.length));
  res.writeHead(200, headers);
  if (req.method === 'HEAD') res.end();
  else res.end(body, 'latin1');
}

/**
 * `POST /locate/batch`: rows in, the same rows with answers out, while they come. What is wrong before the first answer
 * is told as a problem; later the connection breaks.
 */
export function postLocateBatch(deps: LocateDeps): RequestHandler {
  const contextOf = contextFinder(deps);
  const answerer = answererOf(deps);
  return async (req, res) => {
    const defaults = parseQuery(batchQuerySchema, req.url);
    const format = formatOf(req.headers['content-type']);
    const gzip = req.headers['content-encoding'] === 'gzip';
    // A body that cannot be read must not break the connection that says so.
    const body = req.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
    const rows = readRows(body, { format, gzip, encoding: 'utf8' });
    const context = await contextOf(req);
    const contextNow = () => ({ ...context, version: deps.live?.version ?? context.version });
    const atOnce = deps.threads.size + 1;
    const texts = locateBatch(rows, { defaults, format, atOnce }, answerer(contextNow));
    res.type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson');
    await pipeline(Readable.from(await begun(texts)), res);
  };
}

/**
 * The same texts, once the first is there.
 *
 * @throws HttpError 400 when nothing can be read
 */
async function begun(texts: AsyncGenerator<string>): Promise<AsyncIterable<string>> {
  try {
    const first = await texts.next();
    return startingWith(first, texts);
  } catch (error) {
    throw error instanceof ReadError ? new HttpError(400, error.message) : error;
  }
}

async function* startingWith(first: IteratorResult<string>, rest: AsyncGenerator<string>): AsyncIterable<string> {
  try {
    if (!first.done) yield first.value;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

type Answerer = (contextNow: () => LocateContext) => (chunk: BatchChunk) => Promise<string[]>;

function answererOf({ threads, book, live }: LocateDeps): Answerer {
  if (!live) return (contextNow) => async (chunk) => (await answerChunk(contextNow(), chunk)) as string[];
  const plan = new SharedPlan(live);
  return (contextNow) => answerInThreads({ threads, book, plan }, contextNow);
}

/** What questions are answered from as it is now. */
function contextFinder({ db, mirror, book, timeZone, now, access, live }: LocateDeps, duty?: DutyMemory) {
  const record = sqlPlan(db);
  const plan = live ? livePlan(live, record, duty) : record;
  return async (req: IncomingMessage): Promise<LocateContext> => {
    await book.ready();
    const version = live?.version ?? encodePosition(await mirror.catchUp());
    return { plan, book, timeZone, now: now(), withPhone: access.seesPersonal(req), version };
  };
}

function formatOf(type: string | undefined): BatchFormat {
  const name = type?.split(';')[0]?.trim().toLowerCase();
  if (name === 'text/csv') return 'csv';
  if (name === undefined || name === 'application/x-ndjson' || name === 'application/ndjson') return 'ndjson';
  throw new HttpError(415, `${name} cannot be read: send application/x-ndjson or text/csv`);
}
