import { AddressIndex } from '../src/addresses/search/index.ts';
import { addressBook, CITY } from './helpers/address-book.ts';
import { NOISES, seeded } from './helpers/noise.ts';

const index = new AddressIndex();
const random = seeded(1);
const rows: any[] = [];
for (const r of addressBook({ ...CITY, estates: 7000, roads: 1000 }, 7)) {
  index.add(r);
  if (random() < 0.02) rows.push(r);
}
index.finish();
for (const kind of ['typo']) {
  let n = 0,
    m = 0;
  for (const r of rows) {
    const t = NOISES[kind]!(r.text, random);
    const l = index.locate(t);
    if (l.status !== 'found' && (l.candidates.length === 0 ? n++ < 8 : m++ < 8)) {
      console.log(kind, l.status, r.text, t);
      for (const c of l.candidates.slice(0, 3)) console.log('   ', JSON.stringify(c));
    }
  }
}
const t0 = performance.now();
let k = 0;
const ts: number[] = [];
for (const r of rows.slice(0, 2000)) {
  const t = NOISES.typo!(r.text, random);
  const a = performance.now();
  index.locate(t);
  ts.push(performance.now() - a);
  k++;
}
ts.sort((a, b) => a - b);
console.log((performance.now() - t0) / k, ts[Math.floor(ts.length * 0.5)], ts[Math.floor(ts.length * 0.99)]);
