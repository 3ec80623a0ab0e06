/**
 * How well addresses are found: `npm run quality`. One row for each kind of noise on the demo, and for public data where
 * it lies beside the checkout. Seeded, in memory, without a database.
 *
 *   found      of the questions, answered with one place
 *   right      of those, as far as they can be judged, with the right place
 *   first      of the questions, the right place is the answer or the first candidate
 *   ambiguous  of the questions, answered with candidates
 *   wrong      of the questions, answered with one place that is another one
 */
import type { Point } from 'geojson';
import type { AddressRow, Located } from '../../src/addresses/search/index.ts';
import { type DemoOptions, generateDemo } from '../../src/demo/demo.ts';
import { NOISES, pick, seeded } from '../helpers/noise.ts';
import { hasSharedData } from '../helpers/shared-data.ts';
import { type Case, indexOf, type Suite, shenzhenSuites, taipeiSuites } from './quality.data.ts';

const PER_KIND = 400;
const DEMO: DemoOptions = { size: 'county', seed: 1, until: new Date('2026-11-01T00:00:00+08:00') };
/** Degrees, about 100 m: the door, not its street. */
const NEAR = 0.001;

const KINDS: typeof NOISES = { clean: (text) => text, ...NOISES };

const print = (line: string) => process.stdout.write(`${line}\n`);

async function demoRows(): Promise<AddressRow[]> {
  const layer = generateDemo(DEMO).layers.find((candidate) => candidate.layer === 'addresses')!;
  const rows: AddressRow[] = [];
  for await (const { properties, geometry } of layer.rows()) {
    const [lon, lat] = (geometry as Point).coordinates as [number, number];
    rows.push({ id: String(properties.id), text: String(properties.text), lon, lat });
  }
  return rows;
}

async function demoSuites(): Promise<Suite[]> {
  const rows = await demoRows();
  const index = indexOf(rows);
  return Object.entries(KINDS).map(([kind, noise]) => {
    const random = seeded(17);
    const cases = Array.from({ length: PER_KIND }, (): Case => {
      const row = pick(random, rows);
      const isRight: Case['isRight'] = ({ lon, lat }) => Math.hypot(lon - row.lon, lat - row.lat) < NEAR;
      return { text: noise(row.text, random), isRight };
    });
    return { name: `demo: ${kind}`, index, cases };
  });
}

interface Count extends Record<Located['status'], number> {
  right: number;
  first: number;
  wrong: number;
}

function run({ index, cases }: Suite, onWrong: (text: string, located: Located) => void): Count {
  const count: Count = { found: 0, ambiguous: 0, not_found: 0, right: 0, first: 0, wrong: 0 };
  for (const { text, isRight } of cases) {
    const located = index.locate(text);
    count[located.status] += 1;
    const best = located.match ?? located.candidates[0];
    const verdict = best ? isRight(best) : false;
    if (verdict === true) count.first += 1;
    if (located.match === null || verdict === null) continue;
    count[verdict ? 'right' : 'wrong'] += 1;
    if (!verdict) onWrong(text, located);
  }
  return count;
}

function show({ name, cases }: Suite, count: Count): void {
  const share = (n: number, of: number) => `${((100 * n) / Math.max(of, 1)).toFixed(1)} %`.padStart(8);
  const { length } = cases;
  const columns = [
    name.padEnd(44),
    String(length).padStart(6),
    share(count.found, length),
    share(count.right, count.right + count.wrong),
    share(count.first, length),
    share(count.ambiguous, length).padStart(9),
    share(count.wrong, length),
  ];
  print(columns.join(' | '));
}

const isVerbose = process.argv.includes('-v');
print(`${'questions'.padEnd(44)} |      n |    found |    right |    first | ambiguous |   wrong`);
const suites = await demoSuites();
if (hasSharedData) suites.push(...taipeiSuites(), ...shenzhenSuites());
for (const suite of suites) {
  const count = run(suite, (text, { match }) => {
    if (isVerbose) print(`  WRONG ${text} → ${JSON.stringify(match)}`);
  });
  show(suite, count);
}
if (!hasSharedData) print('Taipei and Shenzhen are skipped: ../shared/data does not lie beside the checkout');
