import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, RequestHandler, Response } from 'express';
import type { Access } from '../access/access.ts';
import type { AddressBook } from '../addresses/live.ts';
import { HttpError } from '../errors.ts';
import { parseQuery, type Reads, sendJson } from '../http.ts';
import { ReadError } from '../import/read/fault.ts';
import { readRows } from '../import/read/rows.ts';
import type { Live } from '../live/live.ts';
import { type BatchFormat, locateRows, writeResults } from './batch.ts';
import { livePlan } from './live.ts';
import { batchQuerySchema, locateQuerySchema } from './locate.schema.ts';
import { type LocateContext, locate } from './locate.ts';
import { sqlPlan } from './plan.ts';

export interface LocateDeps extends Reads {
  book: AddressBook;
  access: Access;
  timeZone: string;
  /** Absent: the plan is asked of the record. */
  live?: Live;
}

/** `GET /locate` */
export function getLocate(deps: LocateDeps): RequestHandler {
  return async (req, res) => {
    const query = parseQuery(locateQuerySchema, req.url);
    const context = await contextOf(deps, req, res);
    sendJson(res, await locate(context, query));
  };
}

/** `POST /locate/batch`: rows in, the same rows with answers out, while they come. */
export function postLocateBatch(deps: LocateDeps): RequestHandler {
  return async (req, res) => {
    const defaults = parseQuery(batchQuerySchema, req.url);
    const format = formatOf(req.headers['content-type']);
    const gzip = req.headers['content-encoding'] === 'gzip';
    const rows = readRows(req, { format, gzip, encoding: 'utf8' });
    const context = await contextOf(deps, req, res);
    const results = locateRows(rows, defaults, (request) => locate(context, request));
    res.type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson');
    try {
      await pipeline(Readable.from(writeResults(results, format)), res);
    } catch (error) {
      if (error instanceof ReadError && !res.headersSent) throw new HttpError(400, error.message);
      throw error;
    }
  };
}

async function contextOf(deps: LocateDeps, req: Request, res: Response): Promise<LocateContext> {
  const { db, book, timeZone, now, access, live } = deps;
  await book.catchUp();
  const record = sqlPlan(db);
  const plan = live ? livePlan(live, record) : record;
  const version = res.locals.version as string;
  return { db, plan, book, timeZone, now: now(), withPhone: access.seesPersonal(req), version };
}

function formatOf(type: string | undefined): BatchFormat {
  const name = type?.split(';')[0]?.trim().toLowerCase();
  if (name === 'text/csv') return 'csv';
  if (name === undefined || name === 'application/x-ndjson' || name === 'application/ndjson') return 'ndjson';
  throw new HttpError(415, `${name} cannot be read: send application/x-ndjson or text/csv`);
}
