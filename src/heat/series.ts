import { HttpError } from '../errors.ts';
import { cellOfKey } from '../geo/cellkey.ts';
import { cellTouchesBox } from '../geo/h3.ts';
import { periodOf } from '../incidents/incidents.schema.ts';
import { resolveFilter } from '../incidents/incidents.ts';
import type { Analysis } from './analysis.ts';
import type { CellQuestion } from './cells.ts';
import type { SeriesQuery } from './heat.schema.ts';
import { edgesOfSteps, endOfStep, type Step, type StepPeriod, stepsTouching } from './steps.ts';
import { type Column, type Table, tableOf } from './table.ts';

/** Counts through time; the steps are those of the calendar in `time_zone`, cut to the period. */
export interface Series extends StepPeriod {
  step: Step;
  time_zone: string;
  steps: (StepPeriod & { n: number })[];
  /** With a resolution: the count of each step, zeros included, of every cell that has any. */
  res?: number;
  cells?: { cell: string; n: number[] }[];
}

export const MAX_STEPS = 10_000;
/** Numbers in the series of all cells. */
const MAX_VALUES = 5_000_000;

/**
 * Incidents per step of the calendar. The counts add up to the incidents of the period; one without an end ends with the
 * current step.
 *
 * @throws HttpError 400 when the steps or the cells are too many
 */
export async function heatSeries(analysis: Analysis, query: SeriesQuery): Promise<Series> {
  const { step, res, bbox } = query;
  const { zone, cells } = analysis;
  const now = analysis.now();
  const open = periodOf(query, now);
  const filter = await resolveFilter(analysis.db, query, open, now);
  const polygon = query.geometry;
  const ask = (): CellQuestion => ({ filter, res: res ?? 5, polygon });
  const period = await closePeriod(analysis, ask(), step);
  filter.period = period;
  const steps = stepsTouching(period, step, zone, MAX_STEPS);
  const edges = edgesOfSteps(steps);
  const counts = await cells.timeline(ask(), edges);
  const series: Series = {
    step,
    time_zone: zone.timeZone,
    ...period,
    steps: steps.map((of, i) => ({ ...of, n: counts[i]! })),
  };
  if (res === undefined) return series;
  const refuse = (found: number) => refuseTooMany(found * steps.length);
  const { keys, n } = await cells.series({ ...ask(), box: bbox }, edges, refuse);
  const rows = Array.from(keys, (key, i) => ({
    cell: cellOfKey(key, res),
    n: [...n.subarray(i * steps.length, (i + 1) * steps.length)],
  }));
  return { ...series, res, cells: bbox ? rows.filter(({ cell }) => cellTouchesBox(cell, bbox)) : rows };
}

function refuseTooMany(values: number): void {
  if (values <= MAX_VALUES) return;
  throw new HttpError(400, `The series has over ${MAX_VALUES} numbers: choose a coarser res or a longer step`, [
    { path: 'res', message: 'makes too many numbers' },
  ]);
}

/** A period with both its ends: without a start it begins with the earliest incident, without an end it ends with the current step. */
export async function closePeriod(
  { cells, zone, now }: Analysis,
  question: CellQuestion,
  step: Step,
): Promise<StepPeriod> {
  const { from, to } = question.filter.period;
  const end = to ?? endOfStep(now(), step, zone);
  const start = from ?? (await cells.earliest(question)) ?? new Date(end.getTime() - 1);
  if (start < end) return { from: start, to: end };
  throw new HttpError(400, 'The period lies in the future: give to as well', [
    { path: 'from', message: 'lies after now' },
  ]);
}

interface SeriesRow extends StepPeriod {
  cell: string | null;
  n: number;
}

/** A row per step, or with a resolution one per cell and step. */
export function seriesTable({ steps, cells, ...about }: Series): Table {
  const rows: SeriesRow[] = cells
    ? cells.flatMap(({ cell, n }) => steps.map(({ from, to }, i) => ({ cell, from, to, n: n[i]! })))
    : steps.map((step) => ({ cell: null, ...step }));
  return tableOf(cells ? [CELL_COLUMN, ...COLUMNS] : COLUMNS, rows, about);
}

const CELL_COLUMN: Column<SeriesRow> = { name: 'cell', type: 'text', of: ({ cell }) => cell };
const COLUMNS: Column<SeriesRow>[] = [
  { name: 'from', type: 'time', of: ({ from }) => from },
  { name: 'to', type: 'time', of: ({ to }) => to },
  { name: 'n', type: 'int', of: ({ n }) => n },
];
