import type { Point } from 'geojson';
import { beforeAll, expect, test } from 'vitest';
import { AddressIndex } from '../../src/addresses/search/index.ts';
import { generateDemo } from '../../src/demo/demo.ts';
import { pick, type Random, seeded } from '../helpers/noise.ts';

const STRINGS = 100_000;
/** A question looks for names twice, and each time reads a row of the book at most once. */
const SCANS = 2;

const index = new AddressIndex();
const texts: string[] = [];

beforeAll(async () => {
  const demo = generateDemo({ size: 'county', seed: 1, until: new Date('2026-11-01T00:00:00+08:00') });
  for await (const { properties, geometry } of demo.layers.find(({ layer }) => layer === 'addresses')!.rows()) {
    const [lon, lat] = (geometry as Point).coordinates as [number, number];
    const text = String(properties.text);
    texts.push(text);
    index.add({ id: String(properties.id), text, lon, lat });
  }
  index.finish();
});

const RANGES: readonly (readonly [from: number, to: number])[] = [
  [0x00, 0x1f], // control characters
  [0x20, 0x7e],
  [0x30, 0x39],
  [0x80, 0x24f], // Latin with marks
  [0x300, 0x36f], // combining marks
  [0x400, 0x4ff], // Cyrillic
  [0x5d0, 0x6ff], // Hebrew and Arabic
  [0x900, 0x97f], // Devanagari
  [0x2000, 0x206f], // spaces, joiners and directions
  [0x3040, 0x30ff], // kana
  [0x4e00, 0x9fff],
  [0xac00, 0xd7a3], // hangul
  [0xd800, 0xdfff], // lone surrogates
  [0xff00, 0xffef], // full width
  [0x1f300, 0x1faff], // emoji
  [0x20000, 0x2a6df],
];
const WORDS = [...'省市区县镇街道路巷弄号栋幢楼单元室层附之至段里邻东西南北一二三十百()（）-~#,，。 '];

function characters(random: Random, length: number, range?: readonly [number, number]): string {
  let text = '';
  for (let i = 0; i < length; i++) {
    const [from, to] = range ?? pick(random, RANGES);
    text += String.fromCodePoint(from + Math.floor(random() * (to - from + 1)));
  }
  return text;
}

/** Puts something in the place of a part of an address. */
function splice(random: Random, text: string, inserted: string): string {
  const [a, b] = [Math.floor(random() * text.length), Math.floor(random() * text.length)].sort((x, y) => x - y);
  return text.slice(0, a) + inserted + text.slice(b);
}

const KINDS: readonly ((random: Random) => string)[] = [
  (random) => characters(random, 1 + Math.floor(random() * 40)),
  (random) => characters(random, 1 + Math.floor(random() * 40), pick(random, RANGES)),
  (random) => characters(random, 1 + Math.floor(random() * 30), [0x30, 0x39]),
  (random) => Array.from({ length: 1 + Math.floor(random() * 20) }, () => pick(random, WORDS)).join(''),
  (random) => splice(random, pick(random, texts), characters(random, Math.floor(random() * 5))),
  (random) => splice(random, pick(random, texts), pick(random, texts)),
  (random) => [...pick(random, texts)].sort(() => random() - 0.5).join(''),
];
/** Up to 10 KB; one in a hundred. */
const LONG: readonly ((random: Random) => string)[] = [
  (random) => characters(random, 3_000),
  (random) => pick(random, WORDS).repeat(10_000),
  (random) => pick(random, texts).repeat(400).slice(0, 10_000),
  (random) => characters(random, 10_000, [0x30, 0x39]),
  (random) => `${pick(random, texts)}${'1号'.repeat(4_000)}`,
];

test('whatever the text, it is answered within bounds', () => {
  const random = seeded(20261124);
  const before = { memory: index.memory(), stems: index.stems, size: index.size };
  const count = { found: 0, ambiguous: 0, not_found: 0 };
  let most = 0;
  for (let i = 0; i < STRINGS; i++) {
    const text = pick(random, i % 100 === 0 ? LONG : KINDS)(random);
    const read = index.rowsRead;
    const { status, match, candidates } = index.locate(text);
    most = Math.max(most, index.rowsRead - read);
    count[status] += 1;
    const place = match ?? candidates[0];
    const isWhole =
      (match !== null) === (status === 'found') &&
      candidates.length <= 5 &&
      (status !== 'ambiguous' || candidates.length > 0) &&
      (place === undefined || (place.score >= 0 && place.score <= 1 && Number.isFinite(place.lon + place.lat)));
    if (!isWhole) expect.unreachable(`${JSON.stringify(text)} → ${JSON.stringify({ status, match, candidates })}`);
    if (i % 10 === 0 && index.suggest(text, 5).length > 5) expect.unreachable(JSON.stringify(text));
  }
  expect(count.found).toBeGreaterThan(0);
  expect(count.ambiguous).toBeGreaterThan(0);
  expect(count.not_found).toBeGreaterThan(STRINGS / 4);
  expect(most).toBeLessThanOrEqual(SCANS * index.size);
  expect(index.rowsRead).toBeLessThan(STRINGS * 400);
  // Questions leave nothing behind.
  expect({ memory: index.memory(), stems: index.stems, size: index.size }).toEqual(before);
}, 60_000);
