import type { MultiPolygon } from 'geojson';
import { HttpError } from '../errors.ts';
import { chainOf, requireGrid } from '../grids/grids.ts';
import { type CellRow, cellRow } from '../heat/cell-table.ts';
import { type AboutHotspots, hotspots, hotspotTable } from '../heat/hotspots.ts';
import type { Group, Indicator, Indicators } from './answer.ts';
import type { IndicatorQuery } from './indicators.schema.ts';
import { indicators } from './indicators.ts';
import type { ReportQuery } from './report.schema.ts';
import { OUTLINES, TOP_GRID } from './report.sql.ts';
import type { Statistics } from './source.ts';

/** What a report of a grid for a period says. */
export interface Report {
  about: Omit<Indicators, 'grids'>;
  timeZone: string;
  /** The grid with the change against the period before, and its classes of incidents. */
  grid: Indicator & { groups: Group[] };
  /** The grids below it, the most incidents first. */
  ranking: Indicator[];
  outlines: Outline[];
  /** Over the study area of the grid. */
  hotspots: AboutHotspots;
  /** Cells that are significantly hot or cold. */
  spots: CellRow[];
}

export interface Outline {
  code: string;
  name: string;
  geometry: MultiPolygon;
}

/**
 * Put together the report of a grid, without `under` of the first grid on top.
 *
 * @param version of the record, as in `Wangge-Version`
 * @throws HttpError 400 for what does not exist
 */
export async function report(statistics: Statistics, query: ReportQuery, version: string): Promise<Report> {
  const { db, now, zone } = statistics;
  const { lang: _lang, res, ...incidents } = query;
  const at = now();
  const under = query.under ?? (await topGrid(statistics, query.net, at));
  const asked: IndicatorQuery = { ...incidents, under, format: 'json' };
  const ranked = await indicators(statistics, { ...asked, sort: { by: 'incidents', descending: true } });
  const { grids, ...about } = await indicators(statistics, {
    ...asked,
    level: await levelOf(statistics, query.net, under, at),
    by: 'class',
    ...(ranked.from && { compare: 'previous' }),
  });
  const ranking = ranked.grids.filter(({ code }) => code !== under);
  const codes = [under, ...ranking.map(({ code }) => code)];
  const rows = await db.query<Omit<Outline, 'geometry'> & { geometry: string }>(OUTLINES, [query.net, about.at, codes]);
  const spots = await hotspots(statistics, { ...incidents, ...HOTSPOTS, under, res }, version);
  const { keys } = spots.area.area;
  return {
    about,
    timeZone: zone.timeZone,
    grid: grids[0] as Report['grid'],
    ranking,
    outlines: rows.map((row) => ({ ...row, geometry: JSON.parse(row.geometry) as MultiPolygon })),
    hotspots: spots.about as AboutHotspots,
    spots: Array.from(keys.keys(), (i) => cellRow(hotspotTable(spots), i)).filter((cell) => cell.class !== 'ns'),
  };
}

const HOTSPOTS = { k: 1, weights: 'binary', value: 'count', method: 'gistar', step: 'week', by: 'q' } as const;

async function topGrid({ db }: Statistics, net: string, at: Date): Promise<string> {
  const [row] = await db.query<{ code: string }>(TOP_GRID, [net, at]);
  if (row) return row.code;
  throw new HttpError(400, `Net ${net} has no grids now: import its grids first`, [
    { path: 'net', message: 'has no grids' },
  ]);
}

/** @throws HttpError 400 when there is no such grid */
async function levelOf({ db }: Statistics, net: string, code: string, at: Date): Promise<string> {
  await requireGrid(db, net, code, at);
  const [grid] = await chainOf(db, net, code, at);
  return grid!.level;
}
