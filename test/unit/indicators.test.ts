import { describe, expect, test } from 'vitest';
import { loadProfile, loadStaffing, PROFILE_IDS } from '../../src/grids/checks.profiles.ts';
import { significantCode } from '../../src/grids/checks.sizes.ts';
import { Lru } from '../../src/heat/lru.ts';
import { endOfStep, type Step, stepsTouching, stepsWithin } from '../../src/heat/steps.ts';
import { changeOf, figuresOf, NO_COUNTS, ratio } from '../../src/indicators/figures.ts';
import { createZone } from '../../src/workers/zone.ts';

const SHANGHAI = createZone('Asia/Shanghai');
const BERLIN = createZone('Europe/Berlin');
const at = (text: string) => new Date(text);

describe('steps of the calendar', () => {
  test.each<[Step, string[]]>([
    ['day', ['2026-02-27T16:00', '2026-02-28T16:00']],
    ['week', ['2026-02-22T16:00', '2026-03-01T16:00']],
    ['month', ['2026-01-31T16:00', '2026-02-28T16:00']],
    ['quarter', ['2025-12-31T16:00', '2026-03-31T16:00']],
    ['year', ['2025-12-31T16:00', '2026-12-31T16:00']],
  ])('a %s holds the last day of February', (step, [from, to]) => {
    const period = { from: at(`${from}:00Z`), to: at(`${to}:00Z`) };
    const noon = { from: at('2026-02-28T04:00:00Z'), to: at('2026-02-28T05:00:00Z') };
    expect(stepsWithin(period, step, SHANGHAI, 10)).toEqual([period]);
    expect(stepsTouching(noon, step, SHANGHAI, 10)).toEqual([noon]);
    expect(stepsWithin(noon, step, SHANGHAI, 10)).toEqual([]);
    expect(endOfStep(noon.from, step, SHANGHAI)).toEqual(period.to);
  });

  test('days follow the clock when it is set forward and back', () => {
    const hours = (from: string, to: string) =>
      stepsWithin({ from: at(from), to: at(to) }, 'day', BERLIN, 10).map(
        (step) => (step.to.getTime() - step.from.getTime()) / 3_600_000,
      );
    expect(hours('2026-03-27T23:00:00Z', '2026-03-30T22:00:00Z')).toEqual([24, 23, 24]);
    expect(hours('2026-10-23T22:00:00Z', '2026-10-26T23:00:00Z')).toEqual([24, 25, 24]);
  });

  test('hours of a day with a skipped and with a repeated hour follow each other without a gap', () => {
    for (const [from, to] of [
      ['2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'],
      ['2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'],
    ]) {
      const steps = stepsTouching({ from: at(from!), to: at(to!) }, 'hour', BERLIN, 100);
      expect(steps[0]!.from).toEqual(at(from!));
      expect(steps.at(-1)!.to).toEqual(at(to!));
      expect(steps.every((step, i) => i === 0 || step.from.getTime() === steps[i - 1]!.to.getTime())).toBe(true);
      expect(steps.every((step) => step.from < step.to)).toBe(true);
    }
  });

  test('too many are refused', () => {
    const century = { from: at('1926-01-01T00:00:00Z'), to: at('2026-01-01T00:00:00Z') };
    expect(() => stepsTouching(century, 'day', SHANGHAI, 1000)).toThrow(/longer step/);
  });
});

describe('figures', () => {
  const counts = { ...NO_COUNTS, incidents: 10, closed: 6, void: 2, yellow: 1, red: 1, mean_hours: 12 };

  test('void incidents are neither open nor closed', () => {
    expect(figuresOf(counts)).toMatchObject({ open: 2, closing_rate: 0.75, overdue: 2 });
    expect(figuresOf(NO_COUNTS)).toMatchObject({ open: 0, closing_rate: null });
  });

  test('a change is relative, and unknown where there was nothing', () => {
    const now = figuresOf(counts);
    expect(changeOf(now, figuresOf({ ...counts, incidents: 20, mean_hours: 16 })).change).toMatchObject({
      incidents: -0.5,
      mean_hours: -0.25,
    });
    expect(changeOf(now, figuresOf(NO_COUNTS)).change).toMatchObject({ incidents: null, mean_hours: null });
    expect(ratio(1, 0)).toBeNull();
  });
});

test.each([
  ['440000', '44'],
  ['440300', '4403'],
  ['440305', '440305'],
  ['440305000', '440305'],
  ['440305010', '440305010'],
  ['440305001000', '440305001'],
  ['440300000000', '4403'],
  ['63000010', '63000010'],
  ['A-100', 'A-100'],
])('codes below %s begin with %s', (code, prefix) => {
  expect(significantCode(code)).toBe(prefix);
});

test('profiles and staffing rules are data that fits its shape', () => {
  const sizes = PROFILE_IDS.map((id) => {
    const { households, combine } = loadProfile(id);
    return [id, households.min, households.max, combine];
  });
  expect(sizes).toEqual([
    ['standard', 300, 500, 'any'],
    ['mixed', 300, 400, 'all'],
    ['managed', 500, 700, 'all'],
  ]);
  expect(loadStaffing().rules.map(({ check, least }) => [check, least])).toEqual([
    ['no_fulltime', 1],
    ['few_members', 5],
    ['no_legal_officer', 1],
    ['no_chief', 1],
  ]);
});

describe('the cache', () => {
  test('makes a value once for all who ask, and forgets the least recently asked', async () => {
    const cache = new Lru<number>(10, (value) => value);
    const made: string[] = [];
    const get = (key: string, value: number) =>
      cache.get(key, async () => {
        made.push(key);
        return value;
      });
    await Promise.all([get('a', 4), get('a', 4)]);
    await get('b', 4);
    await get('a', 4);
    await get('c', 4);
    await get('a', 4);
    expect(made).toEqual(['a', 'b', 'c']);
    await get('b', 4);
    expect(made).toEqual(['a', 'b', 'c', 'b']);
  });

  test('does not keep a failure', async () => {
    const cache = new Lru<number>(10, () => 1);
    await expect(cache.get('a', () => Promise.reject(new Error('once')))).rejects.toThrow('once');
    expect(await cache.get('a', async () => 1)).toBe(1);
  });
});
