import { sharedFloats } from '../threads/floats.ts';
import type { Counts, LoopFigures } from './figures.ts';

/** What is counted of the incidents of a grid, of a step or of a part. */
export type CountedFigures = Counts & LoopFigures;

/**
 * Figures of the grids, or of the parts of grids, that have incidents; column by column, in memory that threads share.
 */
export interface CountColumns {
  /** Position of the grid. */
  grid: Int32Array;
  /** Position of the step or of the part; 0 where grids are not divided. */
  part: Int32Array;
  /** Not a number stands for null. */
  figures: Record<keyof CountedFigures, Float64Array>;
}

const COUNTED: readonly (keyof CountedFigures)[] = [
  'incidents',
  'closed',
  'void',
  'mean_hours',
  'median_hours',
  'p90_hours',
  'green',
  'yellow',
  'red',
  'report_hours',
  'triage_hours',
  'handle_hours',
  'close_hours',
  'revisit_hours',
];

/** What one row says. */
export function figuresAt({ figures }: CountColumns, i: number): CountedFigures {
  return {
    incidents: figures.incidents[i]!,
    closed: figures.closed[i]!,
    void: figures.void[i]!,
    mean_hours: knownAt(figures.mean_hours, i),
    median_hours: knownAt(figures.median_hours, i),
    p90_hours: knownAt(figures.p90_hours, i),
    green: figures.green[i]!,
    yellow: figures.yellow[i]!,
    red: figures.red[i]!,
    report_hours: knownAt(figures.report_hours, i),
    triage_hours: knownAt(figures.triage_hours, i),
    handle_hours: knownAt(figures.handle_hours, i),
    close_hours: knownAt(figures.close_hours, i),
    revisit_hours: knownAt(figures.revisit_hours, i),
  };
}

function knownAt(values: Float64Array, i: number): number | null {
  return Number.isNaN(values[i]!) ? null : values[i]!;
}

/** A row of the record: where it belongs, and its figures as far as they were asked for. */
export type CountedRow = { grid: number; part: number } & Partial<CountedFigures>;

/** Rows of the record as columns. */
export function columnsOfRows(rows: readonly CountedRow[]): CountColumns {
  const column = (name: keyof CountedFigures) => {
    const values = sharedFloats(rows.length);
    for (const [i, row] of rows.entries()) values[i] = row[name] ?? Number.NaN;
    return values;
  };
  return {
    grid: Int32Array.from(rows, ({ grid }) => grid),
    part: Int32Array.from(rows, ({ part }) => part),
    figures: Object.fromEntries(COUNTED.map((name) => [name, column(name)])) as CountColumns['figures'],
  };
}
