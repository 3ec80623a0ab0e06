import type { StepPeriod } from '../heat/steps.ts';
import type { LazyRows } from './answer.ts';
import { type CountColumns, figuresAt } from './columns.ts';
import { type CountFigures, figuresOf, NO_COUNTS } from './figures.ts';
import type { IndicatorSeriesQuery } from './indicators.schema.ts';
import type { TreeGrid } from './tree.ts';

export interface IndicatorSeries extends StepPeriod {
  net: string;
  level: string;
  /** The moment of lights and of the plan. */
  at: Date;
  step: IndicatorSeriesQuery['step'];
  time_zone: string;
  grids: { code: string; name: string; steps: (StepPeriod & CountFigures)[] }[];
}

/** What a series is made of. */
export interface SeriesFindings {
  about: Omit<IndicatorSeries, 'grids'>;
  /** By code. */
  grids: readonly TreeGrid[];
  steps: readonly StepPeriod[];
  /** Parts are steps. */
  counts: readonly CountColumns[];
}

/** The grids in their order. */
export function seriesOf({ grids, steps, counts }: SeriesFindings): LazyRows<IndicatorSeries['grids'][number]> {
  const rows = Array.from(grids, () => new Map<number, CountFigures>());
  for (const columns of counts) {
    columns.grid.forEach((grid, i) => {
      rows[grid]!.set(columns.part[i]!, figuresOf(figuresAt(columns, i)));
    });
  }
  const none = figuresOf(NO_COUNTS);
  return {
    count: grids.length,
    row(i) {
      const { code, name } = grids[i]!;
      return { code, name, steps: steps.map((of, step) => ({ ...of, ...(rows[i]!.get(step) ?? none) })) };
    },
  };
}
