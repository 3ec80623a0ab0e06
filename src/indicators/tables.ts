import { type Column, type Table, tableOf } from '../heat/table.ts';
import type { Group, Indicator, Indicators } from './answer.ts';
import { type Change, COUNT_FIGURES, type CountFigures, FIGURES } from './figures.ts';
import type { IndicatorSeries } from './series-answer.ts';

interface GroupRow extends Group {
  code: string;
  grid: string;
}

type StepRow = IndicatorSeries['grids'][number]['steps'][number] & { code: string; name: string };

const countColumns = <R extends CountFigures>(): Column<R>[] =>
  COUNT_FIGURES.map(({ name, type }) => ({ name, type, of: (row) => row[name] }));

const NAMES: Column<Indicator>[] = [
  { name: 'code', type: 'text', of: ({ code }) => code },
  { name: 'name', type: 'text', of: ({ name }) => name },
  { name: 'level', type: 'text', of: ({ level }) => level },
  { name: 'parent', type: 'text', of: ({ parent }) => parent },
];
const RANK: Column<Indicator> = { name: 'rank', type: 'int', of: ({ rank }) => rank };
const ALL: Column<Indicator>[] = FIGURES.map(({ name, type }) => ({ name, type, of: (row) => row[name] }));
const PREVIOUS: Column<Indicator>[] = (
  [
    'incidents',
    'closed',
    'closing_rate',
    'mean_hours',
    'median_hours',
    'p90_hours',
  ] satisfies (keyof Change['previous'])[]
).map((name) => ({ name: `previous_${name}`, type: 'float', of: ({ previous }) => previous?.[name] }));
const CHANGES: Column<Indicator>[] = (
  ['incidents', 'closed', 'mean_hours', 'median_hours'] satisfies (keyof Change['change'])[]
).map((name) => ({ name: `${name}_change`, type: 'float', of: ({ change }) => change?.[name] }));

/** A row per grid; with a breakdown, one per grid and group. */
export function indicatorTable(answer: Indicators): Table {
  const { grids, ...about } = answer;
  if (about.by) return groupTable(grids, about);
  const isRanked = grids.some(({ rank }) => rank !== undefined);
  const columns = [...NAMES, ...(isRanked ? [RANK] : []), ...ALL, ...(about.previous ? [...PREVIOUS, ...CHANGES] : [])];
  return tableOf(columns, grids, about);
}

function groupTable(grids: Indicator[], about: Omit<Indicators, 'grids'>): Table {
  const rows = grids.flatMap(({ code, name, groups }) => groups!.map((group) => ({ code, grid: name, ...group })));
  const columns: Column<GroupRow>[] = [
    { name: 'code', type: 'text', of: ({ code }) => code },
    { name: 'name', type: 'text', of: ({ grid }) => grid },
    { name: about.by!, type: 'text', of: ({ key }) => key },
    { name: `${about.by!}_name`, type: 'text', of: ({ name }) => name },
    ...countColumns<GroupRow>(),
  ];
  return tableOf(columns, rows, { ...about });
}

/** A row per grid and step. */
export function indicatorSeriesTable({ grids, ...about }: IndicatorSeries): Table {
  const rows = grids.flatMap(({ code, name, steps }) => steps.map((step) => ({ code, name, ...step })));
  const columns: Column<StepRow>[] = [
    { name: 'code', type: 'text', of: ({ code }) => code },
    { name: 'name', type: 'text', of: ({ name }) => name },
    { name: 'from', type: 'time', of: ({ from }) => from },
    { name: 'to', type: 'time', of: ({ to }) => to },
    ...countColumns<StepRow>(),
  ];
  return tableOf(columns, rows, about);
}
