import type { RequestHandler } from 'express';
import type { ForAnswer } from '../heat/analysis.ts';
import { parseQuery } from '../http.ts';
import { reportHtml } from './report.html.ts';
import { reportQuerySchema } from './report.schema.ts';
import { report } from './report.ts';
import type { Statistics } from './source.ts';

/** `GET /report`: a page to print. It loads nothing and runs nothing. */
export function getReport(statisticsFor: ForAnswer<Statistics>): RequestHandler {
  return async (req, res) => {
    const query = parseQuery(reportQuerySchema, req.url);
    const html = reportHtml(await report(statisticsFor(res), query, res.locals.version as string), query.lang);
    res.setHeader('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'");
    res.type('html').send(html);
  };
}
