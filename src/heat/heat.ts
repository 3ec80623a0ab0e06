import type { FeatureCollection } from 'geojson';
import { cellToBoundary } from 'h3-js';
import type { Queryable } from '../db/db.ts';
import { type Box, cellTouchesBox, expandByCells } from '../geo/h3.ts';
import { type Period, periodOf } from '../incidents/incidents.schema.ts';
import { filterValues, type IncidentFilter, resolveFilter } from '../incidents/incidents.ts';
import type { HeatQuery } from './heat.schema.ts';
import { cellsSql, type Measure } from './heat.sql.ts';

export interface HeatCell {
  /** H3 index as text. */
  cell: string;
  /** Incidents in the cell. */
  n: number;
  /** The asked measure, where it is not the count; null where nothing can be measured. */
  value?: number | null;
}

export interface Heat extends Period {
  res: number;
  measure: string;
  cells: HeatCell[];
}

/**
 * Count incidents per H3 cell. Coarse cells are the parents of the stored ones of resolution 10; for 6–7 % of points
 * that is another cell than indexing the point at the coarse resolution would give. A box chooses cells, not points:
 * every cell that touches it, with its whole count, so that a number does not change when the map is moved.
 *
 * @throws HttpError 400 for a period, category or grid that cannot be
 */
export async function heat(db: Queryable, query: HeatQuery, now: Date): Promise<Heat> {
  const period = periodOf(query, now);
  const filter = await resolveFilter(db, query, period, now);
  const cells = await heatCells(db, filter, query.res, query.measure, query.bbox);
  return { res: query.res, ...period, measure: query.measure, cells };
}

/** The cells of a filter at a resolution, in the order of their numbers. */
export async function heatCells(
  db: Queryable,
  filter: IncidentFilter,
  res: number,
  measure: Measure,
  box?: Box,
): Promise<HeatCell[]> {
  const wide = box ? expandByCells(box, res) : [null, null, null, null];
  const rows = await db.query<{ cell: string; n: number; value: number | null }>(cellsSql(measure), [
    ...filterValues(filter),
    res,
    ...wide,
  ]);
  const touched = box ? rows.filter(({ cell }) => cellTouchesBox(cell, box)) : rows;
  return touched.map(({ cell, n, value }) => (measure === 'count' ? { cell, n } : { cell, n, value }));
}

/** The cells as hexagons. */
export function toGeoJson({ cells, ...about }: Heat): FeatureCollection & Omit<Heat, 'cells'> {
  return {
    type: 'FeatureCollection',
    ...about,
    features: cells.map(({ cell, ...properties }) => ({
      type: 'Feature',
      id: cell,
      properties: { cell, ...properties },
      geometry: { type: 'Polygon', coordinates: [cellToBoundary(cell, true)] },
    })),
  };
}

/** The cells as CSV with a header line. */
export function toCsv({ cells, measure }: Heat): string {
  const columns = measure === 'count' ? 'cell,n' : `cell,n,${measure}`;
  const lines = cells.map(({ cell, n, value }) =>
    measure === 'count' ? `${cell},${n}` : `${cell},${n},${value ?? ''}`,
  );
  return `${[columns, ...lines].join('\r\n')}\r\n`;
}
