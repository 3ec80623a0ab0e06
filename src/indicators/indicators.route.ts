import type { RequestHandler } from 'express';
import { sendForm } from '../heat/formats.ts';
import { parseQuery } from '../http.ts';
import { indicatorQuerySchema, indicatorSeriesQuerySchema } from './indicators.schema.ts';
import { indicators } from './indicators.ts';
import { indicatorSeries } from './series.ts';
import type { Statistics } from './source.ts';
import { indicatorSeriesTable, indicatorTable } from './tables.ts';

/** `GET /indicators` */
export function getIndicators(statistics: Statistics): RequestHandler {
  return async (req, res) => {
    const query = parseQuery(indicatorQuerySchema, req.url);
    const answer = await indicators(statistics, query);
    await sendForm(statistics, res, query.format, { json: answer, rows: 'grids', table: () => indicatorTable(answer) });
  };
}

/** `GET /indicators/series` */
export function getIndicatorSeries(statistics: Statistics): RequestHandler {
  return async (req, res) => {
    const query = parseQuery(indicatorSeriesQuerySchema, req.url);
    const answer = await indicatorSeries(statistics, query);
    await sendForm(statistics, res, query.format, {
      json: answer,
      rows: 'grids',
      table: () => indicatorSeriesTable(answer),
    });
  };
}
