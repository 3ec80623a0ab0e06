import type { RequestHandler } from 'express';
import type { Access } from '../access/access.ts';
import { readJson } from '../body.ts';
import type { Db } from '../db/db.ts';
import { parseQuery, sendJson } from '../http.ts';
import { noQuerySchema, parseWithin } from './within.schema.ts';
import { within } from './within.ts';

export interface WithinDeps {
  db: Db;
  access: Access;
  timeZone: string;
  now(): Date;
}

/** `POST /within`: what and who is inside an area. */
export function postWithin({ db, access, timeZone, now }: WithinDeps): RequestHandler {
  return async (req, res) => {
    parseQuery(noQuerySchema, req.url);
    const { value } = await readJson(req, ['application/json']);
    const context = { db, timeZone, now: now(), withPhone: access.seesPersonal(req) };
    sendJson(res, await within(context, parseWithin(value)));
  };
}
