import type { RequestHandler } from 'express';
import type { Analysis } from '../heat/analysis.ts';
import { sendForm } from '../heat/formats.ts';
import { parseQuery } from '../http.ts';
import { startOfMinute } from '../live/micros.ts';
import { checkFeatures, checkTable } from './checks.forms.ts';
import { checkQuerySchema } from './checks.schema.ts';
import { type CheckAnswer, type CheckQuestion, checkPlan } from './checks.ts';

/**
 * `GET /checks`. Checks take seconds of the database: the same question at the same version and minute is answered once,
 * and different ones one after the other, so that they take one connection.
 */
export function getChecks(analysis: Analysis): RequestHandler {
  const { db, cache, zone, now } = analysis;
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = (question: CheckQuestion): Promise<CheckAnswer> => {
    const answer = last.then(() => checkPlan(db, question));
    last = answer.catch(() => {});
    return answer;
  };
  return async (req, res) => {
    const { format, ...query } = parseQuery(checkQuerySchema, req.url);
    const at = query.at ?? startOfMinute(now());
    const key = JSON.stringify([res.locals.version, query, at]);
    const answer = await cache.checkAnswers.get(key, () => inTurn({ ...query, at, timeZone: zone.timeZone }));
    await sendForm(analysis, res, format, {
      json: answer,
      rows: 'faults',
      geojson: () => checkFeatures(answer),
      table: () => checkTable(answer),
    });
  };
}
