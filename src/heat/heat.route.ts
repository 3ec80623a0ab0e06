import type { RequestHandler } from 'express';
import { parseQuery } from '../http.ts';
import type { Analysis, ForAnswer } from './analysis.ts';
import { compareHeat } from './compare.ts';
import { sendCells, sendForm } from './formats.ts';
import { compareQuerySchema, heatQuerySchema, seriesQuerySchema } from './heat.schema.ts';
import { heat } from './heat.ts';
import { heatSeries, seriesTable } from './series.ts';

/** `GET /heat` */
export function getHeat(analysisFor: ForAnswer<Analysis>): RequestHandler {
  return async (req, res) => {
    const analysis = analysisFor(res);
    const { format, bbox: box, ...query } = parseQuery(heatQuerySchema, req.url);
    const table = await heat(analysis, { ...query, format, bbox: box });
    await sendCells(analysis, res, { table, format, box });
  };
}

/** `GET /heat/compare` */
export function getHeatCompare(analysisFor: ForAnswer<Analysis>): RequestHandler {
  return async (req, res) => {
    const analysis = analysisFor(res);
    const { format, bbox: box, ...query } = parseQuery(compareQuerySchema, req.url);
    const table = await compareHeat(analysis, { ...query, format });
    await sendCells(analysis, res, { table, format, box });
  };
}

/** `GET /heat/series` */
export function getHeatSeries(analysisFor: ForAnswer<Analysis>): RequestHandler {
  return async (req, res) => {
    const analysis = analysisFor(res);
    const query = parseQuery(seriesQuerySchema, req.url);
    const answer = await heatSeries(analysis, query);
    await sendForm(analysis, res, query.format, {
      json: answer,
      rows: query.res === undefined ? 'steps' : 'cells',
      table: () => seriesTable(answer),
    });
  };
}
