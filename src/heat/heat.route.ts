import type { RequestHandler } from 'express';
import { parseQuery, type Reads, sendJson } from '../http.ts';
import { heatQuerySchema } from './heat.schema.ts';
import { heat, toCsv, toGeoJson } from './heat.ts';

/** `GET /heat` */
export function getHeat({ db, now }: Reads): RequestHandler {
  return async (req, res) => {
    const query = parseQuery(heatQuerySchema, req.url);
    const answer = await heat(db, query, now());
    if (query.format === 'geojson') return sendJson(res, toGeoJson(answer), { type: 'application/geo+json' });
    if (query.format === 'csv') {
      res.type('text/csv; charset=utf-8').send(toCsv(answer));
      return;
    }
    sendJson(res, answer);
  };
}
