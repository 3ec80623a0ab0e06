import type { RequestHandler } from 'express';
import { parseQuery } from '../http.ts';
import type { Analysis } from './analysis.ts';
import { compareHeat, comparisonTable } from './compare.ts';
import { hexagons, sendForm } from './formats.ts';
import { compareQuerySchema, heatQuerySchema, seriesQuerySchema } from './heat.schema.ts';
import { heat, heatTable } from './heat.ts';
import { heatSeries, seriesTable } from './series.ts';

/** `GET /heat` */
export function getHeat(analysis: Analysis): RequestHandler {
  return async (req, res) => {
    const query = parseQuery(heatQuerySchema, req.url);
    const answer = await heat(analysis, query);
    const { cells, ...about } = answer;
    sendForm(res, query.format, {
      json: answer,
      geojson: () => hexagons(cells, about),
      table: () => heatTable(answer),
    });
  };
}

/** `GET /heat/compare` */
export function getHeatCompare(analysis: Analysis): RequestHandler {
  return async (req, res) => {
    const query = parseQuery(compareQuerySchema, req.url);
    const answer = await compareHeat(analysis, query);
    const { cells, ...about } = answer;
    sendForm(res, query.format, {
      json: answer,
      geojson: () => hexagons(cells, about),
      table: () => comparisonTable(answer),
    });
  };
}

/** `GET /heat/series` */
export function getHeatSeries(analysis: Analysis): RequestHandler {
  return async (req, res) => {
    const query = parseQuery(seriesQuerySchema, req.url);
    const answer = await heatSeries(analysis, query);
    sendForm(res, query.format, { json: answer, table: () => seriesTable(answer) });
  };
}
