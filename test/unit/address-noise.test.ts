import { describe, expect, test } from 'vitest';
import { AddressIndex, type AddressRow } from '../../src/addresses/search/index.ts';
import { addressBook } from '../helpers/address-book.ts';
import { NOISES, seeded } from '../helpers/noise.ts';

const SIZE = { estates: 2000, rooms: 16, roads: 400, lanes: 3, doors: 8 };
const PER_KIND = 400;
/** Every fifth road and estate stays out of the book, as places that a real book lacks. */
const isHeldOut = (row: AddressRow) => Number(/^[re](\d+)-/.exec(row.id)![1]) % 5 === 0;

const rows = [...addressBook(SIZE, 3)];
const index = new AddressIndex();
for (const row of rows) if (!isHeldOut(row)) index.add(row);
index.finish();

const random = seeded(5);
const sample = (heldOut: boolean) =>
  rows
    .filter((row) => isHeldOut(row) === heldOut)
    .map((row) => ({ row, key: random() }))
    .sort((a, b) => a.key - b.key)
    .slice(0, PER_KIND)
    .map(({ row }) => row);
const [known, unknown] = [sample(false), sample(true)];

/** The point lies within about 100 m: the right building or door. */
const isNear = (row: AddressRow, place: { lon: number; lat: number } | undefined) =>
  place !== undefined && Math.hypot(place.lon - row.lon, place.lat - row.lat) < 0.001;

const KINDS: typeof NOISES = { clean: (text) => text, ...NOISES };

describe.each(Object.entries(KINDS))('%s', (kind, noise) => {
  test('the right place is first, and hardly ever a wrong one is found', () => {
    let first = 0;
    let wrong = 0;
    for (const row of known) {
      const { match, candidates } = index.locate(noise(row.text, random));
      if (isNear(row, match ?? candidates[0])) first++;
      if (match !== null && !isNear(row, match)) wrong++;
    }
    expect(first / known.length).toBeGreaterThanOrEqual(kind === 'clean' ? 0.97 : 0.9);
    expect(wrong / known.length).toBeLessThan(0.005);
  });

  test('a place that the book lacks is not found somewhere else', () => {
    const wrong = unknown.flatMap((row) => {
      const text = noise(row.text, random);
      const { match } = index.locate(text);
      return match === null || isNear(row, match) ? [] : [`${text} → ${match.text} ${match.score}`];
    });
    expect(wrong.length / unknown.length, wrong.slice(0, 5).join('\n')).toBeLessThan(0.005);
  });
});
