/**
 * Speed, memory and quality of the address index on a seeded synthetic book: `npx tsx test/bench/addresses.ts [scale]`,
 * where scale 1 is 1,000,000 addresses. One line per kind of noise.
 */
import { cpus } from 'node:os';
import { AddressIndex, type AddressRow } from '../../src/addresses/search/index.ts';
import { addressBook, CITY } from '../helpers/address-book.ts';
import { NOISES, seeded } from '../helpers/noise.ts';

const scale = Number(process.argv[2] ?? 1);
const PER_KIND = 1000;
const print = (line: string) => process.stdout.write(`${line}\n`);

function quantile(times: number[], share: number): string {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * share)]!.toFixed(3);
}

const index = new AddressIndex();
const random = seeded(1);
const sample: AddressRow[] = [];
const size = { ...CITY, estates: CITY.estates * scale, roads: CITY.roads * scale };
const heapBefore = process.memoryUsage().heapUsed;
let started = performance.now();
for (const row of addressBook(size, 7)) {
  index.add(row);
  if (random() < 0.005 / scale) sample.push(row);
}
index.finish();
const seconds = (performance.now() - started) / 1000;
const memory = index.memory();
print(`${cpus()[0]?.model}; ${index.size} addresses, ${index.stems} stems built in ${seconds.toFixed(1)} s`);
print(
  `bytes per address: columns ${(memory.rows / index.size).toFixed(0)}, text ${(memory.texts / index.size).toFixed(0)}, ` +
    `names ${(memory.names / index.size).toFixed(0)}, heap ${((process.memoryUsage().heapUsed - heapBefore) / index.size).toFixed(0)}`,
);

const kinds: typeof NOISES = { clean: (text) => text, ...NOISES };
print('kind | right found | right first | ambiguous | not found | wrong | p50 ms | p99 ms');
const all: number[] = [];
for (const [kind, noise] of Object.entries(kinds)) {
  const count = { found: 0, first: 0, ambiguous: 0, not_found: 0, wrong: 0 };
  const times: number[] = [];
  for (const row of sample.slice(0, PER_KIND)) {
    const text = noise(row.text, random);
    started = performance.now();
    const located = index.locate(text);
    times.push(performance.now() - started);
    const first = located.match ?? located.candidates[0];
    const near = first !== undefined && Math.hypot(first.lon - row.lon, first.lat - row.lat) < 0.001;
    if (near) count.first++;
    if (located.status !== 'found') count[located.status]++;
    else if (near) count.found++;
    else {
      count.wrong++;
      if (process.argv.includes('-v')) print(`  WRONG ${row.text} | ${text} | ${JSON.stringify(located.match)}`);
    }
    if (process.argv.includes('-v') && !near && count.first % 100 === 1)
      print(`  MISS ${row.text} | ${text} | ${JSON.stringify(located.candidates[0])}`);
  }
  all.push(...times);
  print(
    [
      kind,
      count.found,
      count.first,
      count.ambiguous,
      count.not_found,
      count.wrong,
      quantile(times, 0.5),
      quantile(times, 0.99),
    ].join(' | '),
  );
}
print(
  `all: p50 ${quantile(all, 0.5)} ms, p99 ${quantile(all, 0.99)} ms, ${((1000 * all.length) / all.reduce((a, b) => a + b, 0)).toFixed(0)} a second on one core`,
);

const typing: number[] = [];
for (const row of sample.slice(0, 500)) {
  const text = row.text.slice(3);
  for (let length = 1; length <= text.length; length += 2) {
    started = performance.now();
    index.suggest(text.slice(0, length));
    typing.push(performance.now() - started);
  }
}
print(`suggest: p50 ${quantile(typing, 0.5)} ms, p99 ${quantile(typing, 0.99)} ms`);
