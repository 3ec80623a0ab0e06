/** Real Taiwanese addresses: 10,675 address points as the book, 27,700 citizen requests as text. */
import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, test } from 'vitest';
import { normalise } from '../../src/addresses/normalise.ts';
import { parse as parseAddress } from '../../src/addresses/parse.ts';
import { AddressIndex } from '../../src/addresses/search/index.ts';

const DATA = new URL('../../../shared/data/taipei/', import.meta.url);
const REQUESTS = ['open1999_202405_floors_removed.csv', 'open1999_202601_floors_removed.csv'];
const isThere = existsSync(DATA);

interface Point {
  id: string;
  village: string;
  address: string;
  lon: string;
  lat: string;
}

function read<T>(path: string): T[] {
  return parse(readFileSync(new URL(path, DATA)), {
    columns: true,
    bom: true,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
  });
}

describe.skipIf(!isThere)(isThere ? 'Taipei' : 'Taipei (skipped: ../shared/data/taipei is absent)', () => {
  const index = new AddressIndex();
  const points = new Map<string, Point>();
  let requests: string[] = [];

  beforeAll(() => {
    for (const point of read<Point>('addresses/taipei_address_points.csv')) {
      if (point.address === '') continue;
      points.set(point.id, point);
      index.add({ id: point.id, text: point.address, lon: Number(point.lon), lat: Number(point.lat) });
    }
    index.finish();
    requests = REQUESTS.flatMap((file) =>
      read<Record<string, string>>(`incidents/${file}`).map((row) => row.案件地址 ?? ''),
    );
  });

  test('every point of the book finds itself, or says that several share its address', () => {
    const count = { found: 0, ambiguous: 0, not_found: 0 };
    let wrong = 0;
    for (const point of points.values()) {
      const { status, match } = index.locate(point.address);
      count[status]++;
      if (match !== null && Math.hypot((match.lon - Number(point.lon)) * 0.9, match.lat - Number(point.lat)) > 0.002)
        wrong++;
    }
    expect(count.found / points.size).toBeGreaterThan(0.93);
    expect(count.not_found / points.size).toBeLessThan(0.002);
    expect(wrong / points.size).toBeLessThan(0.005);
  });

  test('requests parse into road and number', () => {
    const numbered = requests.filter((text) => /[路街道].*\d\s*[號号]/.test(text.normalize('NFKC')));
    const parsed = numbered.filter((text) => {
      const { road, number } = parseAddress(normalise(text));
      return road !== undefined && number !== undefined;
    });
    expect(numbered.length).toBeGreaterThan(20_000);
    expect(parsed.length / numbered.length).toBeGreaterThan(0.99);
  });

  test('requests that are found lie in their own village, by label', () => {
    const count = { labelled: 0, own: 0, found: 0 };
    for (const text of requests) {
      const { match } = index.locate(text);
      const { community } = parseAddress(normalise(text));
      if (match === null) continue;
      count.found++;
      const ends = match.bracket === undefined ? [match.id!] : [match.bracket.from, match.bracket.to];
      const villages = ends.map((id) => points.get(id)!.village).filter((village) => village !== '');
      if (community === undefined || villages.length === 0) continue;
      count.labelled++;
      if (villages.some((village) => normalise(village) === community)) count.own++;
    }
    expect(count.found / requests.length).toBeGreaterThan(0.1);
    expect(count.own / count.labelled).toBeGreaterThan(0.97);
  });
});
