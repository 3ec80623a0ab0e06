/**
 * All benches one after another and one table of their figures: `BENCH_DATABASE_URL=postgres://… npm run bench`. The
 * database must run on this machine and be one to spare: it is filled with the demo city when it is empty. Takes 15 to
 * 30 minutes, and is only worth its while on a machine that does nothing else.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Figure, HEADER, rowOf } from './figures.ts';

/** Each with its arguments. */
const BENCHES = [
  ['live.ts'],
  ['start.ts'],
  ['together.ts'],
  ['soak.ts', '60', '200'],
  ['soak.ts', '100', '200', '4'],
  ['analysis.ts'],
  ['addresses.ts'],
];
const print = (line: string) => process.stdout.write(`${line}\n`);

const directory = mkdtempSync(join(tmpdir(), 'wangge-bench-'));
const file = join(directory, 'figures');
writeFileSync(file, '');
const failed: string[] = [];
for (const [name, ...args] of BENCHES) {
  const what = [name, ...args].join(' ');
  print(`\n## ${what}\n`);
  if ((await run(name!, args)) !== 0) failed.push(what);
}
const figures = readFileSync(file, 'utf8').split('\n').filter(Boolean);
print(`\n## All\n\n${machine()}\n\n${HEADER}`);
for (const line of figures) print(rowOf(JSON.parse(line) as Figure));
rmSync(directory, { recursive: true });
if (failed.length > 0) {
  print(`\nfailed: ${failed.join('; ')}`);
  process.exitCode = 1;
}

function run(name: string, args: readonly string[]): Promise<number | null> {
  const script = new URL(name, import.meta.url).pathname;
  const env = { ...process.env, BENCH_FIGURES: file };
  const child = spawn(process.execPath, ['--expose-gc', '--import', 'tsx', script, ...args], { env, stdio: 'inherit' });
  return new Promise((resolve) => child.once('exit', resolve));
}

function machine(): string {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const load = loadavg()[1]!.toFixed(1);
  return `${availableParallelism()} × ${cpus()[0]?.model}, Node ${process.version}, commit ${commit}, load ${load}; medians of rounds.`;
}
