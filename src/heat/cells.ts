import type { MultiPolygon, Polygon } from 'geojson';
import type { Queryable } from '../db/db.ts';
import { type Box, expandByCells } from '../geo/h3.ts';
import { filterValues, type IncidentFilter } from '../incidents/incidents.ts';
import { CELL_SERIES, EARLIEST, type Tally, TIMELINE, tallySql } from './heat.sql.ts';

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

/** Incidents of a cell in a step. */
export interface CellStep {
  cell: string;
  /** From 0. */
  step: number;
  n: number;
}

/** Where counts come from: the record by SQL, or memory that is kept true to it. Cells ascend. */
export interface CellSource {
  tally(question: CellQuestion, tally: Tally): Promise<CellTally[]>;
  /** @param edges of the steps, ascending, one more than steps; the filter's period lies between the outer ones */
  series(question: CellQuestion, edges: readonly Date[]): Promise<CellStep[]>;
  /** Incidents per step, zeros included. */
  timeline(question: CellQuestion, edges: readonly Date[]): Promise<number[]>;
  /** When the earliest incident occurred; null: there is none. */
  earliest(question: CellQuestion): Promise<Date | null>;
}

/** Counts by SQL. */
export function cellsBySql(db: Queryable): CellSource {
  return {
    tally: (question, tally) => db.query<CellTally>(tallySql(tally), valuesOf(question)),
    series: (question, edges) => db.query<CellStep>(CELL_SERIES, [...valuesOf(question), isoTimes(edges)]),
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

function valuesOf({ filter, res, box, polygon }: CellQuestion): unknown[] {
  const wide = box ? expandByCells(box, res) : [null, null, null, null];
  return [...filterValues(filter), res, ...wide, polygon ? JSON.stringify(polygon) : null];
}

function isoTimes(times: readonly Date[]): string[] {
  return times.map((time) => time.toISOString());
}
