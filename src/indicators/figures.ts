import type { ColumnType } from '../heat/table.ts';

/** What the incidents of a grid, a step or a kind add up to. */
export interface Counts {
  /** All, void ones too. */
  incidents: number;
  /** Status closed or revisited. */
  closed: number;
  void: number;
  /** Hours from the occurrence to the closing of the closed ones; percentiles interpolate linearly. */
  mean_hours: number | null;
  median_hours: number | null;
  p90_hours: number | null;
  /** Lights at the moment that is asked for. */
  green: number;
  yellow: number;
  red: number;
}

/** Counts with what follows from them. */
export interface CountFigures extends Counts {
  open: number;
  /** Closed by those that are not void. */
  closing_rate: number | null;
  /** Yellow and red. */
  overdue: number;
}

/** Mean hours of the steps of the loop: occurrence → report → triage → handling → closing → revisit. */
export interface LoopFigures {
  report_hours: number | null;
  triage_hours: number | null;
  handle_hours: number | null;
  close_hours: number | null;
  revisit_hours: number | null;
}

/** Who lives, looks and works there. */
export interface PlaceFigures {
  households: number | null;
  population: number | null;
  cameras: number;
  workers: number;
  per_1000_households: number | null;
  incidents_per_worker: number | null;
}

export type GridFigures = CountFigures & LoopFigures & PlaceFigures;

/** Every figure of a grid, in the order of columns. */
export const FIGURES = [
  { name: 'incidents', type: 'int' },
  { name: 'open', type: 'int' },
  { name: 'closed', type: 'int' },
  { name: 'void', type: 'int' },
  { name: 'closing_rate', type: 'float' },
  { name: 'mean_hours', type: 'float' },
  { name: 'median_hours', type: 'float' },
  { name: 'p90_hours', type: 'float' },
  { name: 'green', type: 'int' },
  { name: 'yellow', type: 'int' },
  { name: 'red', type: 'int' },
  { name: 'overdue', type: 'int' },
  { name: 'report_hours', type: 'float' },
  { name: 'triage_hours', type: 'float' },
  { name: 'handle_hours', type: 'float' },
  { name: 'close_hours', type: 'float' },
  { name: 'revisit_hours', type: 'float' },
  { name: 'households', type: 'int' },
  { name: 'population', type: 'int' },
  { name: 'per_1000_households', type: 'float' },
  { name: 'cameras', type: 'int' },
  { name: 'workers', type: 'int' },
  { name: 'incidents_per_worker', type: 'float' },
] as const satisfies { name: keyof GridFigures; type: ColumnType }[];

/** Those of a step or a kind. */
export const COUNT_FIGURES = FIGURES.slice(0, 12) as { name: keyof CountFigures; type: ColumnType }[];

/** How the figures differ from those of the period of equal length just before. */
export interface Change {
  previous: Pick<CountFigures, 'incidents' | 'closed' | 'closing_rate' | 'mean_hours' | 'median_hours' | 'p90_hours'>;
  /** Relative: −0.1 is a tenth less; null where there was nothing before. */
  change: { incidents: number | null; closed: number | null; mean_hours: number | null; median_hours: number | null };
}

export const NO_COUNTS: Counts & LoopFigures = {
  incidents: 0,
  closed: 0,
  void: 0,
  mean_hours: null,
  median_hours: null,
  p90_hours: null,
  green: 0,
  yellow: 0,
  red: 0,
  report_hours: null,
  triage_hours: null,
  handle_hours: null,
  close_hours: null,
  revisit_hours: null,
};

/** Complete counts by what follows from them. */
export function figuresOf(counts: Counts): CountFigures {
  const valid = counts.incidents - counts.void;
  return {
    incidents: counts.incidents,
    open: valid - counts.closed,
    closed: counts.closed,
    void: counts.void,
    closing_rate: ratio(counts.closed, valid),
    mean_hours: counts.mean_hours,
    median_hours: counts.median_hours,
    p90_hours: counts.p90_hours,
    green: counts.green,
    yellow: counts.yellow,
    red: counts.red,
    overdue: counts.yellow + counts.red,
  };
}

/** How figures changed. */
export function changeOf(now: CountFigures, before: CountFigures): Change {
  const { incidents, closed, closing_rate, mean_hours, median_hours, p90_hours } = before;
  const relative = (a: number | null, b: number | null) => (a === null || b === null ? null : ratio(a - b, b));
  return {
    previous: { incidents, closed, closing_rate, mean_hours, median_hours, p90_hours },
    change: {
      incidents: relative(now.incidents, incidents),
      closed: relative(now.closed, closed),
      mean_hours: relative(now.mean_hours, mean_hours),
      median_hours: relative(now.median_hours, median_hours),
    },
  };
}

/** A quotient; null by nothing. */
export function ratio(a: number, b: number | null): number | null {
  return b ? a / b : null;
}
