import type { Box } from '../geo/bbox.ts';
import { boxAround, metresNear, NEAR_LIMIT } from '../geo/metres.ts';
import { STATUSES } from '../incidents/incidents.schema.ts';
import { type IncidentColumns, OPEN_STATUSES } from '../incidents/live-columns.ts';
import type { LiveFilter } from '../incidents/live-filter.ts';
import { FoundRows } from '../incidents/live-found.ts';
import { type Run, TileRuns, tilesAround } from '../incidents/live-tiles.ts';
import type { Area } from '../live/area.ts';
import type { Live } from '../live/live.ts';
import { type Micros, microsOf } from '../live/micros.ts';
import type { DutySource } from './duty.ts';
import { MAX_IDS } from './within.schema.ts';

/** An asked area: a polygon, or what lies within some metres of a point. */
export type Region = { area: Area } | { lon: number; lat: number; metres: number };

/** How many there are inside, and the first `MAX_IDS` of them in byte order. */
export interface Inside {
  n: number;
  ids: string[];
}

/** What can be answered without the record; undefined: ask it. */
export interface WithinMemory {
  cameras(region: Region): Inside | undefined;
  /** @param isAll whether closed ones count */
  incidents(region: Region, at: Date, isAll: boolean): Inside | undefined;
  duty: DutySource;
}

/** Metres within which a distance in memory does not tell on which side of a circle a point is. */
const UNSURE = 0.01;
/** Latitude from which on distances in memory are not true enough. */
const MAX_LAT = 85;
/** Incidents that are looked at one by one before others have to wait: some 10 ms. */
const MAX_ROWS = 200_000;
const VOID = STATUSES.indexOf('void');

/**
 * Cameras, incidents and people on duty from the live layers, with the very answers of SQL: positions are tested by the
 * arithmetic of ST_Covers, and a distance that is too close to a circle to be sure of is left to the record.
 */
export function withinMemory(live: Live): WithinMemory {
  const tileRuns = new TileRuns();
  return {
    cameras(region) {
      const codes: string[] = [];
      const isInside = testOf(region);
      if (!isInside) return undefined;
      for (const { code, lon, lat } of live.layers.cameras.inBox(boxOf(region))) {
        const answer = isInside(lon, lat);
        if (answer === undefined) return undefined;
        if (answer) codes.push(code);
      }
      return { n: codes.length, ids: codes.slice(0, MAX_IDS) };
    },
    incidents(region, at, isAll) {
      const { incidents, categories } = live.layers;
      const isInside = testOf(region);
      if (!isInside || !incidents.holdsSince(-Infinity)) return undefined;
      const filter: LiveFilter = { ...EVERYTHING, at: microsOf(at), redAfter: categories.redAfter };
      const runs = tilesAround(boxOf(region)).flatMap((tile) => tileRuns.of(incidents, filter, tile));
      return insideRuns(runs, isInside, isAll ? occurredBy(microsOf(at)) : openAt(microsOf(at)));
    },
    duty: {
      chainsOf: async (net, codes, at) =>
        codes.map((start) => {
          const chain = live.layers.grids.chainOf(net, start, microsOf(at)).map(({ code }) => code);
          return { start, chain };
        }),
      workersOnDuty: async (question) => live.layers.roster.onDuty(question, null),
    },
  };
}

const EVERYTHING = { from: -Infinity, to: Infinity, categories: null, statuses: null, lights: null, under: null };

type IsInside = (lon: number, lat: number) => boolean | undefined;

/** The test of positions; undefined where there is none in memory. It answers undefined where it is not sure. */
function testOf(region: Region): IsInside | undefined {
  if ('area' in region) return (lon, lat) => region.area.covers(lon, lat);
  const { lon, lat, metres } = region;
  if (metres > NEAR_LIMIT || Math.abs(lat) > MAX_LAT) return undefined;
  return (x, y) => {
    const beyond = metresNear(lon, lat, x, y) - metres;
    return Math.abs(beyond) < UNSURE ? undefined : beyond < 0;
  };
}

function boxOf(region: Region): Box {
  return 'area' in region ? region.area.box : boxAround(region.lon, region.lat, region.metres);
}

type RowTest = (columns: IncidentColumns, row: number) => boolean;

function occurredBy(at: Micros): RowTest {
  return ({ occurred }, row) => occurred[row]! <= at;
}

/** Of a past moment, what was closed later was open then. */
function openAt(at: Micros): RowTest {
  return ({ occurred, status, closed }, row) => {
    if (occurred[row]! > at || status[row] === VOID) return false;
    return status[row]! < OPEN_STATUSES || closed[row]! > at;
  };
}

function insideRuns(runs: readonly Run[], isInside: IsInside, test: RowTest): Inside | undefined {
  if (runs.reduce((sum, { from, to }) => sum + to - from, 0) > MAX_ROWS) return undefined;
  const found = new FoundRows();
  for (const { columns, from, to, test: belongs } of runs) {
    for (let row = from; row < to; row++) {
      if ((belongs && !belongs(row)) || !test(columns, row)) continue;
      const answer = isInside(columns.lon[row]!, columns.lat[row]!);
      if (answer === undefined) return undefined;
      if (answer) found.add(columns, row);
    }
  }
  const ids: string[] = [];
  found.each((columns, rows, from, to) => {
    for (let i = from; i < to && ids.length < MAX_IDS; i++) ids.push(columns.ids.textOf(rows[i]!));
  });
  return { n: found.count, ids };
}
