import type { ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import type { Access } from '../access/access.ts';
import { readJson } from '../body.ts';
import type { Db } from '../db/db.ts';
import { parseQuery, sendJson } from '../http.ts';
import type { Live } from '../live/live.ts';
import { withinMemory } from './live.ts';
import { noQuerySchema, parseWithin } from './within.schema.ts';
import { within } from './within.ts';

export interface WithinDeps {
  db: Db;
  access: Access;
  timeZone: string;
  now(): Date;
  /** Absent: all is asked of the record. */
  live?: Live;
  /** Told of an answer when the record was asked for what it holds. */
  onRecord?: (res: ServerResponse) => void;
}

/** `POST /within`: what and who is inside an area. */
export function postWithin({ db, access, timeZone, now, live, onRecord }: WithinDeps): RequestHandler {
  const memory = live && withinMemory(live);
  return async (req, res) => {
    parseQuery(noQuerySchema, req.url);
    const { value } = await readJson(req, ['application/json']);
    const context = {
      db,
      memory,
      timeZone,
      now: now(),
      withPhone: access.seesPersonal(req),
      ...(onRecord && { onRecord: () => onRecord(res) }),
    };
    sendJson(res, await within(context, parseWithin(value)));
  };
}
