import type { RequestHandler } from 'express';
import type { Analysis } from '../heat/analysis.ts';
import { sendForm } from '../heat/formats.ts';
import { parseQuery } from '../http.ts';
import { indicatorQuerySchema, indicatorSeriesQuerySchema } from './indicators.schema.ts';
import { indicators } from './indicators.ts';
import { indicatorSeries } from './series.ts';
import { indicatorSeriesTable, indicatorTable } from './tables.ts';

/** `GET /indicators` */
export function getIndicators(analysis: Analysis): RequestHandler {
  return async (req, res) => {
    const query = parseQuery(indicatorQuerySchema, req.url);
    const answer = await indicators(analysis, query);
    sendForm(res, query.format, { json: answer, table: () => indicatorTable(answer) });
  };
}

/** `GET /indicators/series` */
export function getIndicatorSeries(analysis: Analysis): RequestHandler {
  return async (req, res) => {
    const query = parseQuery(indicatorSeriesQuerySchema, req.url);
    const answer = await indicatorSeries(analysis, query);
    sendForm(res, query.format, { json: answer, table: () => indicatorSeriesTable(answer) });
  };
}
