import { area as areaOf } from '@turf/turf';
import type { MultiPolygon } from 'geojson';
import { cellToParent, getHexagonAreaAvg, latLngToCell } from 'h3-js';
import type { Queryable } from '../db/db.ts';
import { type CellKey, keyOfCell, parentKey } from '../geo/cellkey.ts';
import { STORED_RES } from '../geo/h3.ts';
import { Slices } from '../threads/slices.ts';
import type { AnalysisCache } from './analysis.ts';
import { cellsOfPolygon } from './stats/area.ts';
import { ADDRESSES_KEY, HOUSEHOLD_ADDRESSES, HOUSEHOLD_GRIDS, PLAN_KEY } from './study.sql.ts';

type ByCell = ReadonlyMap<CellKey, number>;

/** Households by cell. They add up to those of the grids. */
export interface CellHouseholds {
  /** Of the plan and the addresses that they were made of. */
  key: string;
  /** By cell of the stored resolution. */
  fine: ByCell;
  /** By resolution, those that were asked for. */
  coarse: Map<number, ByCell>;
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

const BATCH = 1_000;

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
    const places = await cellsOfPlaces(db.cursor<Place>(HOUSEHOLD_ADDRESSES, [net, at, codes], BATCH));
    return { key, fine: await shareHouseholds(grids, places), coarse: new Map() };
  });
}

/** The households of coarser cells. */
export function householdsAt({ fine, coarse }: CellHouseholds, res: number): ByCell {
  if (res === STORED_RES) return fine;
  const known = coarse.get(res);
  if (known) return known;
  const sums = new Map<CellKey, number>();
  for (const [cell, households] of fine) add(sums, parentKey(cell, res), households);
  coarse.set(res, sums);
  return sums;
}

/** By grid, the stored cells of its addresses. There may be millions of them. */
async function cellsOfPlaces(batches: AsyncIterable<Place[]>): Promise<Map<string, CellKey[]>> {
  const slices = new Slices();
  const byGrid = new Map<string, CellKey[]>();
  for await (const places of batches) {
    for (const { grid, lon, lat } of places) {
      const cell = keyOfCell(latLngToCell(lat, lon, STORED_RES));
      const cells = byGrid.get(grid);
      if (cells) cells.push(cell);
      else byGrid.set(grid, [cell]);
    }
    if (slices.isOver) await slices.pause();
  }
  return byGrid;
}

async function shareHouseholds(grids: HouseholdGrid[], byGrid: ReadonlyMap<string, CellKey[]>) {
  const slices = new Slices();
  const fine = new Map<CellKey, number>();
  for (const { code, households, geometry } of grids) {
    if (households === 0) continue;
    const cells = byGrid.get(code) ?? sampleByArea(JSON.parse(geometry) as MultiPolygon);
    for (const cell of cells) add(fine, cell, households / cells.length);
    if (slices.isOver) await slices.pause();
  }
  return fine;
}

/** Cells of about 1,000 smaller ones that fill a polygon, so each as often as its share of the area. */
function sampleByArea(polygon: MultiPolygon): CellKey[] {
  const metres = areaOf(polygon);
  let res = STORED_RES;
  while (res < 14 && metres / getHexagonAreaAvg(res, 'm2') < 1_000) res++;
  return cellsOfPolygon(polygon, res).map((cell) => keyOfCell(cellToParent(cell, STORED_RES)));
}

function add(sums: Map<CellKey, number>, cell: CellKey, value: number): void {
  sums.set(cell, (sums.get(cell) ?? 0) + value);
}
