import { normalise } from '../src/addresses/normalise.ts';
import { parse } from '../src/addresses/parse.ts';
import { ask, lookUpExact, lookUpLike } from '../src/addresses/search/question.ts';
import { scan } from '../src/addresses/search/scan.ts';
import { AddressTable } from '../src/addresses/search/table.ts';
import { addressBook, CITY } from './helpers/address-book.ts';

const t = new AddressTable();
for (const r of addressBook({ ...CITY, estates: 7000, roads: 1000 }, 7)) {
  const n = normalise(r.text);
  t.append(r, n, parse(n));
}
const n = normalise('浙江省滨海市临江区溪春街道智涵大道1号');
const q = ask(t, n, parse(n));
lookUpExact(t, q);
console.log(q.slots, scan(t, q));
lookUpLike(t, q);
for (const s of q.slots) for (const h of s.hits.values()) console.log(t.names.text(h.name), h);
console.log(scan(t, q).groups.slice(0, 3));
