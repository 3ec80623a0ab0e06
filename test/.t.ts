import { readFileSync } from 'node:fs';
import { normalise } from '../src/addresses/normalise.ts';
import { AddressIndex } from '../src/addresses/search/index.ts';

const D = '/work/shared/data/taipei/';
const pts = readFileSync(D + 'addresses/taipei_address_points.csv', 'utf8')
  .split('\n')
  .slice(1)
  .filter(Boolean)
  .map((l) => {
    const f = l.split(',');
    return {
      kind: f[0],
      id: f[1]!,
      district: f[2]!,
      village: f[3]!,
      text: f.slice(4, -2).join(','),
      lon: +f.at(-2)!,
      lat: +f.at(-1)!,
    };
  });
const index = new AddressIndex();
const t = performance.now();
for (const p of pts) index.add(p);
index.finish();
console.log(index.size, index.stems, performance.now() - t);
// shelters: clean self query with label stripped
{
  const c: any = { found: 0, right: 0, ambiguous: 0, not_found: 0 };
  const odd: string[] = [];
  for (const p of pts) {
    const l = index.locate(p.text);
    c[l.status]++;
    if (l.match) {
      const d = Math.hypot((l.match.lon - p.lon) * 100800, (l.match.lat - p.lat) * 110600);
      if (d < 150) c.right++;
      else if (odd.length < 15)
        odd.push(p.text + ' -> ' + l.match.text + ' ' + Math.round(d) + 'm ' + l.match.level + l.match.score);
    } else if (l.status === 'not_found') odd.push('NF ' + p.text);
  }
  console.log('self', c);
  console.log(odd.slice(0, 20).join('\n'));
}
// requests
for (const f of ['open1999_202405_floors_removed.csv', 'open1999_202601_floors_removed.csv']) {
  const rows = readFileSync(D + 'incidents/' + f, 'utf8')
    .split('\n')
    .slice(1)
    .map((l) => l.split(',')[2]!)
    .filter(Boolean);
  const ts: number[] = [];
  const c: any = { found: 0, ambiguous: 0, not_found: 0 };
  const lv: any = {};
  const odd: string[] = [],
    amb: string[] = [],
    nf: string[] = [],
    typo: string[] = [];
  for (const r of rows) {
    const a = performance.now();
    const l = index.locate(r);
    ts.push(performance.now() - a);
    c[l.status]++;
    if (l.match) {
      lv[l.match.level] = (lv[l.match.level] ?? 0) + 1;
      const n = normalise(r);
      const road = l.match.matched.road;
      if (road && !n.includes(road)) typo.push(r + ' -> ' + l.match.text + ' ' + JSON.stringify(l.match.matched));
      else if (l.match.score < 0.95)
        odd.push(
          r +
            ' -> ' +
            l.match.text +
            ' ' +
            l.match.level +
            l.match.score +
            JSON.stringify([l.match.missing, l.match.contradicted]),
        );
    } else if (l.status === 'ambiguous')
      amb.push(
        r +
          ' -> ' +
          l.candidates
            .slice(0, 3)
            .map((x) => x.text + x.level + x.score)
            .join(' | '),
      );
    else nf.push(r);
  }
  ts.sort((a, b) => a - b);
  console.log(
    f,
    rows.length,
    c,
    lv,
    'p50',
    ts[ts.length >> 1],
    'p99',
    ts[Math.floor(ts.length * 0.99)],
    'max',
    ts.at(-1),
  );
  const sh = (x: string[], n: number) => x.filter((_, i) => i % Math.ceil(x.length / n) === 0).join('\n  ');
  console.log('TYPO', typo.length, sh(typo, 12));
  console.log('ODD', odd.length, sh(odd, 12));
  console.log('AMB', amb.length, sh(amb, 15));
  console.log('NF', nf.length, sh(nf, 12));
}
