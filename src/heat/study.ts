import Flatbush from 'flatbush';
import { HttpError } from '../errors.ts';
import type { Box } from '../geo/bbox.ts';
import { cellOfKey } from '../geo/cellkey.ts';
import { cellTouchesBox } from '../geo/h3.ts';
import { requireGrid } from '../grids/grids.ts';
import type { Analysis } from './analysis.ts';
import { type Disks, StudyArea } from './stats/area.ts';
import { type AreaCells, areaTask, cellsTask, disksTask } from './stats-tasks.ts';
import { BOUNDARY, BOUNDARY_KEY } from './study.sql.ts';

/** Which study area: the cells of a grid, or without `under` of all grids on top of the net. */
export interface AreaQuestion {
  net: string;
  under: string | null;
  at: Date;
  res: number;
}

/** A study area with an index over its cells. */
export interface IndexedArea {
  area: StudyArea;
  /** West, south, east, north of each cell. */
  boxes: Float64Array;
  index: Flatbush | null;
}

/** A study area and the name under which what belongs to it is kept. */
export interface KeyedArea extends IndexedArea {
  key: string;
}

/** Entries of the disks of one study area: 5 bytes each. */
const MAX_ENTRIES = 20_000_000;

/**
 * The fixed study area of a question: cells whose centre lies in the boundary, of the plan at the asked moment.
 *
 * @throws HttpError 400 when the net has no such grid or the resolution makes too many cells
 */
export async function studyAreaOf({ db, cache, threads }: Analysis, question: AreaQuestion): Promise<KeyedArea> {
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
    const input = { boundaries: boundaries.map(({ geometry }) => geometry), res };
    return indexedArea(await threads.run(areaTask, input), res);
  });
  return { key, ...area };
}

/** A study area of some cells, ascending. */
export async function areaOfCells({ cache, threads }: Analysis, key: string, keys: Float64Array, res: number) {
  const area = await cache.areas.get(key, async () => indexedArea(await threads.run(cellsTask, { keys, res }), res));
  return { key, ...area };
}

function indexedArea({ keys, boxes, index }: AreaCells, res: number): IndexedArea {
  return { area: new StudyArea(res, keys), boxes, index: index && Flatbush.from(index) };
}

/**
 * The disks of a study area.
 *
 * @throws HttpError 400 when the cells and `k` make too many neighbours
 */
export function disksOf({ cache, threads }: Analysis, { key, area }: KeyedArea, k: number): Promise<Disks> {
  const { keys, res } = area;
  const entries = keys.length * (1 + 3 * k * (k + 1));
  if (entries > MAX_ENTRIES) {
    throw new HttpError(
      400,
      `${keys.length} cells with k=${k} make ${entries} neighbours, over ${MAX_ENTRIES}: ask for a smaller k or a coarser res`,
      [{ path: 'k', message: 'is too large for this study area' }],
    );
  }
  return cache.disks.get(`${key} ${k}`, () => threads.run(disksTask, { keys, res, k }));
}

/** Positions of the cells of an area that touch a box, ascending. */
export function positionsInBox({ area, boxes, index }: IndexedArea, box: Box): Uint32Array {
  const found = index ? index.search(box[0], box[1], box[2], box[3]) : [];
  const touching = found.filter((i) => {
    const isInside =
      boxes[4 * i]! >= box[0] &&
      boxes[4 * i + 1]! >= box[1] &&
      boxes[4 * i + 2]! <= box[2] &&
      boxes[4 * i + 3]! <= box[3];
    return isInside || cellTouchesBox(cellOfKey(area.keys[i]!, area.res), box);
  });
  return Uint32Array.from(touching).sort();
}
