import { area as areaOf } from '@turf/turf';
import type { MultiPolygon } from 'geojson';
import { cellToParent, getHexagonAreaAvg, latLngToCell } from 'h3-js';
import type { Queryable } from '../db/db.ts';
import { groupBy } from '../db/rows.ts';
import { STORED_RES } from '../geo/h3.ts';
import type { AnalysisCache } from './analysis.ts';
import { cellsOfPolygon } from './stats/area.ts';
import { ADDRESSES_KEY, HOUSEHOLD_ADDRESSES, HOUSEHOLD_GRIDS, PLAN_KEY } from './study.sql.ts';

/** Households by cell. They add up to those of the grids. */
export interface CellHouseholds {
  /** Of the plan and the addresses that they were made of. */
  key: string;
  /** By cell of the stored resolution. */
  fine: ReadonlyMap<string, number>;
}

interface HouseholdGrid {
  code: string;
  households: number;
  geometry: string;
}

interface Place {
  grid: string;
  lon: number;
  lat: number;
}

/**
 * The households of each stored cell: those of a grid are shared by its addresses in the cell, by area where the grid has
 * no address. Counted are grids that hold households and have no grid below that does, so that none counts twice.
 */
export async function cellHouseholds(
  db: Queryable,
  cache: AnalysisCache,
  net: string,
  at: Date,
): Promise<CellHouseholds> {
  const plan = await db.query(PLAN_KEY, [net, at]);
  const addresses = await db.query(ADDRESSES_KEY);
  const key = JSON.stringify([net, plan, addresses]);
  return cache.households.get(key, async () => {
    const grids = await db.query<HouseholdGrid>(HOUSEHOLD_GRIDS, [net, at]);
    const codes = grids.map(({ code }) => code);
    const places = await db.query<Place>(HOUSEHOLD_ADDRESSES, [net, at, codes]);
    return { key, fine: shareHouseholds(grids, places) };
  });
}

/** The households of coarser cells. */
export function householdsAt({ fine }: CellHouseholds, res: number): ReadonlyMap<string, number> {
  if (res === STORED_RES) return fine;
  const coarse = new Map<string, number>();
  for (const [cell, households] of fine) add(coarse, cellToParent(cell, res), households);
  return coarse;
}

function shareHouseholds(grids: HouseholdGrid[], places: Place[]): Map<string, number> {
  const byGrid = groupBy(places, ({ grid }) => grid);
  const fine = new Map<string, number>();
  for (const { code, households, geometry } of grids) {
    if (households === 0) continue;
    const own = byGrid.get(code);
    const cells = own
      ? own.map(({ lon, lat }) => latLngToCell(lat, lon, STORED_RES))
      : sampleByArea(JSON.parse(geometry) as MultiPolygon);
    for (const cell of cells) add(fine, cell, households / cells.length);
  }
  return fine;
}

/** Cells of about 1,000 smaller ones that fill a polygon, so each as often as its share of the area. */
function sampleByArea(polygon: MultiPolygon): string[] {
  const metres = areaOf(polygon);
  let res = STORED_RES;
  while (res < 14 && metres / getHexagonAreaAvg(res, 'm2') < 1_000) res++;
  return cellsOfPolygon(polygon, res).map((cell) => cellToParent(cell, STORED_RES));
}

function add(sums: Map<string, number>, cell: string, value: number): void {
  sums.set(cell, (sums.get(cell) ?? 0) + value);
}
