import { HttpError } from '../errors.ts';
import { resolveFilter } from '../incidents/incidents.ts';
import type { Task } from '../threads/task.ts';
import type { Analysis } from './analysis.ts';
import type { CellColumn, CellTable } from './cell-table.ts';
import type { CellTallies } from './cells.ts';
import type { CompareQuery } from './heat.schema.ts';
import { benjaminiHochberg } from './stats/fdr.ts';
import { equalRatesP, rateRatio } from './stats/poisson.ts';
import type { StepPeriod } from './steps.ts';

/** Two counts of periods beside each other. */
interface Compared {
  /** Incidents of the first and of the second period. */
  a: number;
  b: number;
  /** b − a. */
  difference: number;
  /** The rate per time of the second period over that of the first; null when the first has none. */
  ratio: number | null;
  /** Two-sided p against equal rates (`equalRatesP`). */
  p: number;
}

/**
 * Compare two periods cell by cell: `a`, `b`, `difference`, `ratio`, `p` and `q`, which is Benjamini–Hochberg over all
 * cells that have incidents in either period. What is tested does not depend on a box.
 *
 * @throws HttpError 400 when the periods overlap: what is counted in both tells nothing of their difference
 */
export async function compareHeat(analysis: Analysis, query: CompareQuery): Promise<CellTable> {
  const { a, b, res } = query;
  if (a.from < b.to && b.from < a.to) {
    throw new HttpError(400, 'The periods overlap: compare periods that share no time', [
      { path: 'b', message: 'overlaps a' },
    ]);
  }
  const count = async (period: StepPeriod) => {
    const filter = await resolveFilter(analysis.db, query, period, analysis.now());
    return analysis.cells.tallies({ filter, res, polygon: query.geometry }, 'count');
  };
  const [first, second] = [await count(a), await count(b)];
  const [lengthA, lengthB] = [lengthOf(a), lengthOf(b)];
  const cells = await analysis.threads.run(compareTask, { a: first, b: second, lengthA, lengthB });
  const sum = ({ n }: CellTallies) => n.reduce((total, own) => total + own, 0);
  const total = compareCounts(sum(first), sum(second), lengthA, lengthB);
  return { about: { res, a, b, total }, res, ...cells };
}

function lengthOf({ from, to }: StepPeriod): number {
  return to.getTime() - from.getTime();
}

interface Periods {
  a: CellTallies;
  b: CellTallies;
  lengthA: number;
  lengthB: number;
}

/** Compares all cells of two periods. */
export const compareTask: Task<Periods, Pick<CellTable, 'keys' | 'columns'>> = {
  name: 'compare',
  run({ a, b, lengthA, lengthB }) {
    const [inA, inB] = [a, b].map(({ keys, n }) => new Map(Array.from(keys, (key, i) => [key, n[i]!])));
    const keys = Float64Array.from(new Set([...a.keys, ...b.keys])).sort();
    const compared = Array.from(keys, (key) => compareCounts(inA!.get(key) ?? 0, inB!.get(key) ?? 0, lengthA, lengthB));
    const floats = (of: (row: Compared) => number | null) =>
      Float64Array.from(compared, (row) => of(row) ?? Number.NaN);
    const p = floats((row) => row.p);
    const columns: CellColumn[] = [
      { name: 'a', type: 'int', values: floats((row) => row.a) },
      { name: 'b', type: 'int', values: floats((row) => row.b) },
      { name: 'difference', type: 'int', values: floats((row) => row.difference) },
      { name: 'ratio', type: 'float', values: floats((row) => row.ratio) },
      { name: 'p', type: 'float', values: p },
      { name: 'q', type: 'float', values: benjaminiHochberg(p) },
    ];
    return { keys, columns };
  },
};

function compareCounts(a: number, b: number, lengthA: number, lengthB: number): Compared {
  const ratio = rateRatio(b, a, lengthB, lengthA);
  return {
    a,
    b,
    difference: b - a,
    ratio: Number.isFinite(ratio) ? ratio : null,
    p: equalRatesP(a, b, lengthA, lengthB),
  };
}
