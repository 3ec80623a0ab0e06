import type { RequestHandler } from 'express';
import type { ForAnswer } from '../heat/analysis.ts';
import { FORMAT_TYPES, sendBytes } from '../heat/formats.ts';
import { parseQuery } from '../http.ts';
import { indicatorQuerySchema, indicatorSeriesQuerySchema } from './indicators.schema.ts';
import { encodedIndicators } from './indicators.ts';
import { encodedSeries } from './series.ts';
import type { Statistics } from './source.ts';

/** `GET /indicators` */
export function getIndicators(statisticsFor: ForAnswer<Statistics>): RequestHandler {
  return async (req, res) => {
    const query = parseQuery(indicatorQuerySchema, req.url);
    sendBytes(res, await encodedIndicators(statisticsFor(res), query), FORMAT_TYPES[query.format]);
  };
}

/** `GET /indicators/series` */
export function getIndicatorSeries(statisticsFor: ForAnswer<Statistics>): RequestHandler {
  return async (req, res) => {
    const query = parseQuery(indicatorSeriesQuerySchema, req.url);
    sendBytes(res, await encodedSeries(statisticsFor(res), query), FORMAT_TYPES[query.format]);
  };
}
