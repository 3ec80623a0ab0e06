import { HttpError } from '../errors.ts';
import { resolveFilter } from '../incidents/incidents.ts';
import type { Analysis } from './analysis.ts';
import type { CellTally } from './cells.ts';
import type { CompareQuery } from './heat.schema.ts';
import { touching } from './heat.ts';
import { benjaminiHochberg } from './stats/fdr.ts';
import { equalRatesP, rateRatio } from './stats/poisson.ts';
import type { StepPeriod } from './steps.ts';
import { type Column, type Table, tableOf } from './table.ts';

/** A cell in two periods. */
export interface ComparedCell {
  cell: string;
  /** Incidents of the first and of the second period. */
  a: number;
  b: number;
  /** b − a. */
  difference: number;
  /** The rate per time of the second period over that of the first; null when the first has none. */
  ratio: number | null;
  /** Two-sided p against equal rates (`equalRatesP`). */
  p: number;
  /** Benjamini–Hochberg over all cells that have incidents in either period. */
  q: number;
}

export interface Comparison {
  res: number;
  a: StepPeriod;
  b: StepPeriod;
  /** All cells together. */
  total: Omit<ComparedCell, 'cell' | 'q'>;
  cells: ComparedCell[];
}

/**
 * Compare two periods cell by cell. A box chooses the cells that are shown; what is tested does not depend on it.
 *
 * @throws HttpError 400 when the periods overlap: what is counted in both tells nothing of their difference
 */
export async function compareHeat(analysis: Analysis, query: CompareQuery): Promise<Comparison> {
  const { a, b, res, bbox } = query;
  if (a.from < b.to && b.from < a.to) {
    throw new HttpError(400, 'The periods overlap: compare periods that share no time', [
      { path: 'b', message: 'overlaps a' },
    ]);
  }
  const count = async (period: StepPeriod) => {
    const filter = await resolveFilter(analysis.db, query, period, analysis.now());
    return analysis.cells.tally({ filter, res, polygon: query.geometry }, 'count');
  };
  const cells = compareCells(await count(a), await count(b), lengthOf(a), lengthOf(b));
  const sum = (of: (cell: ComparedCell) => number) => cells.reduce((total, cell) => total + of(cell), 0);
  const total = compareCounts(
    sum((cell) => cell.a),
    sum((cell) => cell.b),
    lengthOf(a),
    lengthOf(b),
  );
  return { res, a, b, total, cells: touching(cells, bbox) };
}

function lengthOf({ from, to }: StepPeriod): number {
  return to.getTime() - from.getTime();
}

function compareCells(first: CellTally[], second: CellTally[], lengthA: number, lengthB: number): ComparedCell[] {
  const [inA, inB] = [first, second].map((tallies) => new Map(tallies.map(({ cell, n }) => [cell, n])));
  const cells = [...new Set([...inA!.keys(), ...inB!.keys()])].sort();
  const compared = cells.map((cell) => compareCounts(inA!.get(cell) ?? 0, inB!.get(cell) ?? 0, lengthA, lengthB));
  const q = benjaminiHochberg(Float64Array.from(compared, ({ p }) => p));
  return cells.map((cell, i) => ({ cell, ...compared[i]!, q: q[i]! }));
}

function compareCounts(a: number, b: number, lengthA: number, lengthB: number): Comparison['total'] {
  const ratio = rateRatio(b, a, lengthB, lengthA);
  return {
    a,
    b,
    difference: b - a,
    ratio: Number.isFinite(ratio) ? ratio : null,
    p: equalRatesP(a, b, lengthA, lengthB),
  };
}

const COLUMNS: Column<ComparedCell>[] = [
  { name: 'cell', type: 'text', of: ({ cell }) => cell },
  { name: 'a', type: 'int', of: ({ a }) => a },
  { name: 'b', type: 'int', of: ({ b }) => b },
  { name: 'difference', type: 'int', of: ({ difference }) => difference },
  { name: 'ratio', type: 'float', of: ({ ratio }) => ratio },
  { name: 'p', type: 'float', of: ({ p }) => p },
  { name: 'q', type: 'float', of: ({ q }) => q },
];

/** The cells as a table. */
export function comparisonTable({ cells, ...about }: Comparison): Table {
  return tableOf(COLUMNS, cells, about);
}
