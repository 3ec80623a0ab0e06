import type { RequestHandler, Response } from 'express';
import type { Box } from '../geo/bbox.ts';
import { parseQuery } from '../http.ts';
import type { Analysis, ForAnswer } from './analysis.ts';
import { pickCells } from './cell-table.ts';
import { type Format, sendCells } from './formats.ts';
import { emergingQuerySchema, hotspotQuerySchema } from './hotspots.schema.ts';
import { type HotspotQuery, hotspots, hotspotTable } from './hotspots.ts';
import { positionsInBox } from './study.ts';

/** `GET /hotspots`, and `GET /hotspots/moran`, which is the same with its method. */
export function getHotspots(analysisFor: ForAnswer<Analysis>, method?: 'moran'): RequestHandler {
  return async (req, res) => {
    const query = parseQuery(hotspotQuerySchema, req.url);
    const asked = { ...query, method: method ?? query.method, step: 'week', by: 'q' } as const;
    await sendHotspots(analysisFor(res), res, asked, query);
  };
}

/** `GET /hotspots/emerging` */
export function getEmerging(analysisFor: ForAnswer<Analysis>): RequestHandler {
  return async (req, res) => {
    const query = parseQuery(emergingQuerySchema, req.url);
    await sendHotspots(analysisFor(res), res, { ...query, method: 'emerging' }, query);
  };
}

async function sendHotspots(
  analysis: Analysis,
  res: Response,
  query: HotspotQuery,
  { bbox, format }: { bbox?: Box | undefined; format: Format },
): Promise<void> {
  const found = await hotspots(analysis, query, res.locals.version as string);
  const whole = hotspotTable(found);
  const table = bbox ? pickCells(whole, positionsInBox(found.area, bbox)) : whole;
  await sendCells(analysis, res, { table, format });
}
