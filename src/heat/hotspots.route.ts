import type { RequestHandler, Response } from 'express';
import type { Box } from '../geo/h3.ts';
import { parseQuery } from '../http.ts';
import type { Analysis } from './analysis.ts';
import type { EmergingCell } from './emerging.ts';
import { type Format, hexagons, sendForm } from './formats.ts';
import { emergingQuerySchema, hotspotQuerySchema } from './hotspots.schema.ts';
import { cellsInBox, type HotspotCell, type HotspotQuery, type Hotspots, hotspots } from './hotspots.ts';
import { type Column, type Table, tableOf } from './table.ts';

/** `GET /hotspots`, and `GET /hotspots/moran`, which is the same with its method. */
export function getHotspots(analysis: Analysis, method?: 'moran'): RequestHandler {
  return async (req, res) => {
    const query = parseQuery(hotspotQuerySchema, req.url);
    const asked = { ...query, method: method ?? query.method, step: 'week', by: 'q' } as const;
    await sendHotspots(analysis, res, asked, query);
  };
}

/** `GET /hotspots/emerging` */
export function getEmerging(analysis: Analysis): RequestHandler {
  return async (req, res) => {
    const query = parseQuery(emergingQuerySchema, req.url);
    await sendHotspots(analysis, res, { ...query, method: 'emerging' }, query);
  };
}

async function sendHotspots(
  analysis: Analysis,
  res: Response,
  query: HotspotQuery,
  { bbox, format }: { bbox?: Box | undefined; format: Format },
): Promise<void> {
  const found = await hotspots(analysis, query, res.locals.version as string);
  const { cells: _all, ...about } = found.answer;
  const cells = cellsInBox(found, bbox);
  sendForm(res, format, {
    json: { ...about, cells },
    geojson: () => hexagons(cells, about),
    table: () =>
      about.method === 'emerging'
        ? tableOf(EMERGING, cells as EmergingCell[], { ...about })
        : hotspotTable(cells as HotspotCell[], about),
  });
}

const CELL: Column<HotspotCell>[] = [
  { name: 'cell', type: 'text', of: ({ cell }) => cell },
  { name: 'n', type: 'int', of: ({ n }) => n },
];
const RATE: Column<HotspotCell> = { name: 'rate', type: 'float', of: ({ rate }) => rate };
const LOCAL: Column<HotspotCell> = { name: 'i', type: 'float', of: ({ i }) => i };
const TESTED: Column<HotspotCell>[] = [
  { name: 'z', type: 'float', of: ({ z }) => z },
  { name: 'p', type: 'float', of: ({ p }) => p },
  { name: 'q', type: 'float', of: ({ q }) => q },
  { name: 'class', type: 'text', of: (row) => row.class },
];

function hotspotTable(rows: HotspotCell[], about: Omit<Hotspots, 'cells'>): Table {
  const own = [...(about.value === 'rate' ? [RATE] : []), ...(about.method === 'moran' ? [LOCAL] : [])];
  return tableOf([...CELL, ...own, ...TESTED], rows, { ...about });
}

const EMERGING: Column<EmergingCell>[] = [
  { name: 'cell', type: 'text', of: ({ cell }) => cell },
  { name: 'n', type: 'int', of: ({ n }) => n },
  { name: 'class', type: 'text', of: (row) => row.class },
  { name: 's', type: 'int', of: ({ s }) => s },
  { name: 'z', type: 'float', of: ({ z }) => z },
  { name: 'p', type: 'float', of: ({ p }) => p },
  { name: 'hot', type: 'int', of: ({ hot }) => hot },
  { name: 'cold', type: 'int', of: ({ cold }) => cold },
  { name: 'last_z', type: 'float', of: ({ last_z }) => last_z },
];
