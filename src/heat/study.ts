import { area as areaOf } from '@turf/turf';
import type { MultiPolygon } from 'geojson';
import { getHexagonAreaAvg } from 'h3-js';
import type { Queryable } from '../db/db.ts';
import { HttpError } from '../errors.ts';
import { requireGrid } from '../grids/grids.ts';
import type { AnalysisCache } from './analysis.ts';
import { cellsOfPolygon, type Disks, disksWithin, type StudyArea, studyArea } from './stats/area.ts';
import { BOUNDARY, BOUNDARY_KEY } from './study.sql.ts';

/** Which study area: the cells of a grid, or without `under` of all grids on top of the net. */
export interface AreaQuestion {
  net: string;
  under: string | null;
  at: Date;
  res: number;
}

/** A study area and the name under which what belongs to it is kept. */
export interface KeyedArea {
  key: string;
  area: StudyArea;
}

/** Cells of one study area: about 150 bytes each. */
const MAX_CELLS = 400_000;
/** Entries of the disks of one study area: 5 bytes each. */
const MAX_ENTRIES = 20_000_000;

/**
 * The fixed study area of a question: cells whose centre lies in the boundary, of the plan at the asked moment.
 *
 * @throws HttpError 400 when the net has no such grid or the resolution makes too many cells
 */
export async function studyAreaOf(db: Queryable, cache: AnalysisCache, question: AreaQuestion): Promise<KeyedArea> {
  const { net, under, at, res } = question;
  if (under !== null) await requireGrid(db, net, under, at);
  const [row] = await db.query<{ plan: number | null; gids: number[] | null }>(BOUNDARY_KEY, [net, under, at]);
  if (!row?.gids) {
    throw new HttpError(400, `Net ${net} has no grids now, so there is no study area: import its grids first`, [
      { path: 'net', message: 'has no grids' },
    ]);
  }
  const key = JSON.stringify([net, row.plan, row.gids, res]);
  const area = await cache.areas.get(key, async () => {
    const boundaries = await db.query<{ geometry: string }>(BOUNDARY, [net, under, at]);
    return cellsOfBoundaries(
      boundaries.map(({ geometry }) => JSON.parse(geometry) as MultiPolygon),
      res,
    );
  });
  return { key, area };
}

function cellsOfBoundaries(boundaries: MultiPolygon[], res: number): StudyArea {
  const metres = boundaries.reduce((sum, boundary) => sum + areaOf(boundary), 0);
  const expected = Math.round(metres / getHexagonAreaAvg(res, 'm2'));
  if (expected > MAX_CELLS) {
    throw new HttpError(
      400,
      `The study area has about ${expected} cells of resolution ${res}, over ${MAX_CELLS}: ask for a coarser res, or for a part by under`,
      [{ path: 'res', message: `makes over ${MAX_CELLS} cells` }],
    );
  }
  const cells = new Set(boundaries.flatMap((boundary) => cellsOfPolygon(boundary, res)));
  return studyArea([...cells].sort());
}

/**
 * The disks of a study area.
 *
 * @throws HttpError 400 when the cells and `k` make too many neighbours
 */
export function disksOf(cache: AnalysisCache, { key, area }: KeyedArea, k: number): Promise<Disks> {
  const entries = area.cells.length * (1 + 3 * k * (k + 1));
  if (entries > MAX_ENTRIES) {
    throw new HttpError(
      400,
      `${area.cells.length} cells with k=${k} make ${entries} neighbours, over ${MAX_ENTRIES}: ask for a smaller k or a coarser res`,
      [{ path: 'k', message: 'is too large for this study area' }],
    );
  }
  return cache.disks.get(`${key} ${k}`, async () => disksWithin(area, k));
}
