import type { Request, RequestHandler, Response } from 'express';
import type { Access } from '../access/access.ts';
import { readJson } from '../body.ts';
import { type Db, isDatabaseError } from '../db/db.ts';
import { HttpError } from '../errors.ts';
import { parseQuery, sendJson } from '../http.ts';
import { explainDatabaseError } from '../import/import.ts';
import { encodePosition } from '../live/changes.ts';
import type { Live } from '../live/live.ts';
import type { Mirror } from '../live/mirror.ts';
import { mergeSchema, type PlanChange, parseBody, planQuerySchema, splitSchema } from './plan.schema.ts';
import { mergeGrids, type PlanContext, splitGrid } from './plan.ts';

export interface PlanDeps {
  db: Db;
  mirror: Pick<Mirror, 'catchUp'>;
  /** Absent: nothing is held in memory. */
  live?: Pick<Live, 'caughtUp'>;
  access: Access;
  now(): Date;
}

/** `POST /grids/{code}/split` */
export function postSplit(deps: PlanDeps): RequestHandler<{ code: string }> {
  return async (req, res) => {
    const value = await readChange(deps, req);
    const split = parseBody(splitSchema, value);
    await change(deps, req, res, split.at, (context) => splitGrid(context, req.params.code, split));
  };
}

/** `POST /grids/merge` */
export function postMerge(deps: PlanDeps): RequestHandler {
  return async (req, res) => {
    const value = await readChange(deps, req);
    const merge = parseBody(mergeSchema, value);
    await change(deps, req, res, merge.at, (context) => mergeGrids(context, merge));
  };
}

async function readChange({ access }: PlanDeps, req: Request<{ code: string }> | Request): Promise<unknown> {
  access.requireWrite(req);
  return (await readJson(req, ['application/json'])).value;
}

/** Change the plan in one transaction, and answer when the reads of this process show it. */
async function change(
  { db, mirror, live, now }: PlanDeps,
  req: Request<{ code: string }> | Request,
  res: Response,
  at: Date | undefined,
  work: (context: PlanContext) => Promise<PlanChange>,
): Promise<void> {
  const { net } = parseQuery(planQuerySchema, req.url);
  let done: PlanChange;
  try {
    done = await db.transaction((tx) => work({ tx, net, at: at ?? now() }));
  } catch (error) {
    if (!isDatabaseError(error) || !error.code.startsWith('23')) throw error;
    throw new HttpError(409, `The record refuses this: ${explainDatabaseError(error)}`);
  }
  await live?.caughtUp();
  res.setHeader('Wangge-Version', encodePosition(await mirror.catchUp()));
  sendJson(res, done);
}
