import type { RequestHandler } from 'express';
import type { Analysis } from '../heat/analysis.ts';
import { sendForm } from '../heat/formats.ts';
import { parseQuery } from '../http.ts';
import { checkFeatures, checkTable } from './checks.forms.ts';
import { checkQuerySchema } from './checks.schema.ts';
import { checkPlan } from './checks.ts';

/** `GET /checks` */
export function getChecks({ db, zone, now }: Analysis): RequestHandler {
  return async (req, res) => {
    const { format, ...query } = parseQuery(checkQuerySchema, req.url);
    const answer = await checkPlan(db, { ...query, at: query.at ?? now(), timeZone: zone.timeZone });
    sendForm(res, format, {
      json: answer,
      geojson: () => checkFeatures(answer),
      table: () => checkTable(answer),
    });
  };
}
