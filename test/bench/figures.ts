import { appendFileSync } from 'node:fs';

/** One line of the table of all benches. */
export interface Figure {
  what: string;
  wangge: string;
  rival: string;
  /** Rival by wangge, or whatever the target is about. */
  ratio: string;
  target: string;
}

export const HEADER = '| | wangge | rival | ratio | target |\n|---|---|---|---|---|';

export function rowOf({ what, wangge, rival, ratio, target }: Figure): string {
  return `| ${what} | ${wangge} | ${rival} | ${ratio} | ${target} |`;
}

/** Print a figure, and add it to the file of the run that it is a part of (`BENCH_FIGURES`). */
export function figure(found: Figure): void {
  process.stdout.write(`${rowOf(found)}\n`);
  if (process.env.BENCH_FIGURES) appendFileSync(process.env.BENCH_FIGURES, `${JSON.stringify(found)}\n`);
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
