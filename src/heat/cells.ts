import type { MultiPolygon, Polygon } from 'geojson';
import type { Queryable } from '../db/db.ts';
import type { Box } from '../geo/bbox.ts';
import { type CellKey, cellOfKey, keyOfCell } from '../geo/cellkey.ts';
import { expandByCells } from '../geo/h3.ts';
import { filterValues, type IncidentFilter } from '../incidents/incidents.ts';
import { sharedFloats } from '../threads/floats.ts';
import { CELL_SERIES, EARLIEST, type Tally, TIMELINE, tallySql } from './heat.sql.ts';
import type { StudyArea } from './stats/area.ts';

/** Which incidents are counted, and in cells of which resolution. */
export interface CellQuestion {
  filter: IncidentFilter;
  /** 5–10; coarse cells are parents of those of resolution 10. */
  res: number;
  /** Cells outside may be left out, or not. */
  box?: Box | undefined;
  /** Incidents inside, its border included. */
  polygon?: Polygon | MultiPolygon | undefined;
}

/** What a cell with incidents adds up to. */
export interface CellTally {
  /** H3 index as text. */
  cell: string;
  /** Incidents. */
  n: number;
  /** The sum of the tally. */
  sum: number;
  /** What the sum is divided by for a mean; null: it is no mean. */
  of: number | null;
}

/** The same of many cells, column by column. Cells ascend; those without incidents are left out. */
export interface CellTallies {
  res: number;
  keys: Float64Array;
  n: Int32Array;
  sum: Float64Array;
  of: Int32Array | null;
}

/** Counts of cells through time. Cells ascend; those without incidents are left out. */
export interface CellSeries {
  res: number;
  keys: Float64Array;
  /** Cell by cell: that of cell c at step t is `n[c · steps + t]`. */
  n: Int32Array;
}

/** Counts of a study area in the order of its cells, of a cube step by step. */
export interface AreaCounts {
  counts: Float64Array;
  /** Incidents of the question in no cell of the area. */
  outside: number;
}

/** Told of a question that goes to the record, before it is asked. */
export type OnRecord = () => Promise<unknown>;

/** Where counts come from: the record by SQL, or memory that is kept true to it. */
export interface CellSource {
  tallies(question: CellQuestion, tally: Tally): Promise<CellTallies>;
  /** The same row by row. */
  tally(question: CellQuestion, tally: Tally): Promise<CellTally[]>;
  countsOn(question: CellQuestion, area: StudyArea): Promise<AreaCounts>;
  /** @param edges of the steps, ascending, one more than steps; the filter's period lies between the outer ones */
  cubeOn(question: CellQuestion, area: StudyArea, edges: readonly Date[]): Promise<AreaCounts>;
  /** @param refuse called with the number of cells before memory is taken for their series */
  series(question: CellQuestion, edges: readonly Date[], refuse: (cells: number) => void): Promise<CellSeries>;
  /** Incidents per step, zeros included. */
  timeline(question: CellQuestion, edges: readonly Date[]): Promise<number[]>;
  /** When the earliest incident occurred; null: there is none. */
  earliest(question: CellQuestion): Promise<Date | null>;
}

/** Counts by SQL. */
export function cellsBySql(db: Queryable): CellSource {
  const tally = (question: CellQuestion, of: Tally) => db.query<CellTally>(tallySql(of), valuesOf(question));
  const steps = (question: CellQuestion, edges: readonly Date[]) =>
    db.query<{ cell: string; step: number; n: number }>(CELL_SERIES, [...valuesOf(question), isoTimes(edges)]);
  return {
    tally,
    tallies: async (question, of) => columnsOfTallies(await tally(question, of), question.res, of),
    countsOn: async (question, area) => countsOn(await tally(question, 'count'), area, 1),
    cubeOn: async (question, area, edges) => countsOn(await steps(question, edges), area, edges.length - 1),
    async series(question, edges, refuse) {
      const rows = await steps(question, edges);
      const cells = [...new Set(rows.map(({ cell }) => cell))];
      refuse(cells.length);
      const position = new Map(cells.map((cell, i) => [cell, i]));
      const n = new Int32Array(cells.length * (edges.length - 1));
      for (const row of rows) n[position.get(row.cell)! * (edges.length - 1) + row.step] = row.n;
      return { res: question.res, keys: Float64Array.from(cells, keyOfCell), n };
    },
    async timeline(question, edges) {
      const rows = await db.query<{ step: number; n: number }>(TIMELINE, [...valuesOf(question), isoTimes(edges)]);
      const counts = new Array<number>(edges.length - 1).fill(0);
      for (const { step, n } of rows) counts[step] = n;
      return counts;
    },
    async earliest(question) {
      const [row] = await db.query<{ at: Date | null }>(EARLIEST, valuesOf(question));
      return row!.at;
    },
  };
}

function columnsOfTallies(rows: readonly CellTally[], res: number, tally: Tally): CellTallies {
  return {
    res,
    keys: Float64Array.from(rows, ({ cell }) => keyOfCell(cell)),
    n: Int32Array.from(rows, ({ n }) => n),
    sum: Float64Array.from(rows, ({ sum }) => sum),
    of: tally === 'mean_hours' ? Int32Array.from(rows, ({ of }) => of!) : null,
  };
}

/** Columns row by row. */
export function rowsOfTallies({ res, keys, n, sum, of }: CellTallies): CellTally[] {
  return Array.from(keys, (key: CellKey, i) => ({
    cell: cellOfKey(key, res),
    n: n[i]!,
    sum: sum[i]!,
    of: of ? of[i]! : null,
  }));
}

function countsOn(rows: { cell: string; step?: number; n: number }[], area: StudyArea, steps: number): AreaCounts {
  const size = area.keys.length;
  const counts = sharedFloats(steps * size);
  let outside = 0;
  for (const { cell, step = 0, n } of rows) {
    const at = area.positionOf(keyOfCell(cell));
    if (at < 0) outside += n;
    else counts[step * size + at] = n;
  }
  return { counts, outside };
}

function valuesOf({ filter, res, box, polygon }: CellQuestion): unknown[] {
  const wide = box ? expandByCells(box, res) : [null, null, null, null];
  return [...filterValues(filter), res, ...wide, polygon ? JSON.stringify(polygon) : null];
}

function isoTimes(times: readonly Date[]): string[] {
  return times.map((time) => time.toISOString());
}
