import fc from 'fast-check';
import { gridDisk, latLngToCell } from 'h3-js';
import { describe, expect, test } from 'vitest';
import { keyOfCell } from '../../src/geo/cellkey.ts';
import { disksWithin, studyArea } from '../../src/heat/stats/area.ts';
import {
  EMERGING_PATTERNS,
  type EmergingClass,
  emergingClass,
  emergingHotspots,
} from '../../src/heat/stats/emerging.ts';
import { neighboursOf } from '../../src/heat/stats/neighbours.ts';

/** `H` hot, `C` cold, `.` neither, oldest first. */
function steps(text: string): number[] {
  return Array.from(text, (letter) => ({ H: 1, C: -1 })[letter] ?? 0);
}

function mirrored(name: EmergingClass): EmergingClass {
  if (name === 'none') return name;
  const [pattern, side] = name.split('_');
  return `${pattern}_${side === 'hot' ? 'cold' : 'hot'}` as EmergingClass;
}

const HOT: [string, number, EmergingClass][] = [
  ['.........H', 0, 'new_hot'],
  ['CC.....C.H', 1, 'new_hot'],
  ['H', 0, 'new_hot'],
  ['........HH', 0, 'consecutive_hot'],
  ['..HHHHHHHH', 1, 'consecutive_hot'],
  ['C.......HH', 0, 'consecutive_hot'],
  ['HHHHHHHHHH', 1, 'intensifying_hot'],
  ['.HHHHHHHHH', 1, 'intensifying_hot'],
  ['HHHHHHHHHH', 0, 'persistent_hot'],
  ['HH', 0, 'persistent_hot'],
  ['HHHHCHHHHH', 0, 'persistent_hot'],
  ['HHHHHHHHHH', -1, 'diminishing_hot'],
  ['.H..HH...H', 0, 'sporadic_hot'],
  ['.HHHHHHH.H', -1, 'sporadic_hot'],
  ['.H..CH...H', 0, 'oscillating_hot'],
  ['HHHHHHHHH.', 0, 'historical_hot'],
  ['HHHHHHHHHC', -1, 'historical_hot'],
];

describe('emergingClass', () => {
  test.each(HOT)('%s with trend %d: %s', (text, trend, expected) => {
    expect(emergingClass(steps(text), trend)).toBe(expected);
  });

  // 'HHHHHHHHHC' fits both sides, and hot is asked first: its mirror image is new_hot, not historical_cold
  const oneSided = HOT.filter(([text]) => text !== 'HHHHHHHHHC');
  test.each(oneSided)('%s with trend %d, hot and cold exchanged', (text, trend, expected) => {
    const negated = steps(text).map((step) => -step);
    expect(emergingClass(negated, -trend)).toBe(mirrored(expected));
  });

  test.each(['', '..........', 'HHHHHHHH..', 'CCCCCCCC..', 'HCHCHCHCH.'])('"%s": none', (text) => {
    expect(emergingClass(steps(text), 1)).toBe('none');
  });

  test('a cell that fits both sides has its hot class', () => {
    expect(emergingClass(steps('CCCCCCCCCH'), 0)).toBe('new_hot');
    expect(emergingClass(steps('HHHHHHHHHC'), 0)).toBe('historical_hot');
  });

  test('exactly nine tenths are enough, whatever the number of steps', () => {
    for (const total of [10, 20, 30, 50, 70, 110]) {
      const hot = new Array(total).fill(1).fill(0, 1, 1 + total / 10);
      expect(emergingClass(hot, 0)).toBe('persistent_hot');
      hot[1 + total / 10] = 0;
      expect(emergingClass(hot, 0)).toBe('sporadic_hot');
    }
  });

  const series = fc.oneof(
    fc.array(fc.constantFrom(-1, 0, 1), { minLength: 1, maxLength: 24 }),
    fc.array(fc.constantFrom(1, 1, 1, 1, 1, 1, 1, 0, -1), { minLength: 1, maxLength: 24 }),
    fc.array(fc.constantFrom(-1, -1, -1, -1, -1, -1, -1, 0, 1), { minLength: 1, maxLength: 24 }),
  );
  const trends = fc.constantFrom(-1, 0, 1);

  test('random series have the first class whose definition they meet', () => {
    fc.assert(
      fc.property(series, trends, (states, trend) => {
        const names = EMERGING_PATTERNS.map((pattern) => `${pattern}_hot`);
        const cold = EMERGING_PATTERNS.map((pattern) => `${pattern}_cold`);
        const hotAt = definitions(states, trend).indexOf(true);
        const coldAt = definitions(
          states.map((state) => -state),
          -trend,
        ).indexOf(true);
        const expected = names[hotAt] ?? cold[coldAt] ?? 'none';
        expect(emergingClass(states, trend)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  test('negated series have the mirrored class unless both sides apply', () => {
    fc.assert(
      fc.property(series, trends, (states, trend) => {
        const negated = states.map((state) => -state);
        fc.pre(!(definitions(states, trend).includes(true) && definitions(negated, -trend).includes(true)));
        expect(emergingClass(negated, -trend)).toBe(mirrored(emergingClass(states, trend)));
      }),
      { numRuns: 1000 },
    );
  });
});

/** The eight definitions of the hot side, in their order. */
function definitions(states: number[], trend: number): boolean[] {
  const total = states.length;
  const hot = states.map((state) => state === 1);
  const h = hot.filter(Boolean).length / total;
  const final = hot[total - 1]!;
  const before = hot.slice(0, -1);
  const firstHot = hot.indexOf(true);
  const unbroken = final && hot.slice(firstHot).every(Boolean);
  const everCold = states.includes(-1);
  return [
    final && !before.includes(true),
    unbroken && total - firstHot >= 2 && h < 0.9,
    h >= 0.9 && final && trend > 0,
    h >= 0.9 && final && trend === 0,
    h >= 0.9 && final && trend < 0,
    final && h < 0.9 && !everCold,
    final && h < 0.9 && everCold,
    !final && h >= 0.9,
  ];
}

describe('emergingHotspots', () => {
  const centre = latLngToCell(22.54, 114.06, 8);
  const area = studyArea(gridDisk(centre, 12).sort());
  const disks = disksWithin(area, 1);
  const total = 20;
  const places = area.cells.filter((_, i) => i % 61 === 7).slice(0, 7);

  /** A quiet background of 3 ± 1 with one planted course of extra counts around each place. */
  function plant(courses: ((step: number) => number)[]): Float64Array {
    const cells = area.cells.length;
    const x = Float64Array.from({ length: total * cells }, (_, i) => 3 + (((i % cells) * 7 + i * 3) % 3) - 1);
    courses.forEach((course, at) => {
      for (const cell of gridDisk(places[at]!, 1)) {
        const position = area.positionOf(keyOfCell(cell));
        for (let step = 0; position >= 0 && step < total; step++) x[step * cells + position]! += course(step);
      }
    });
    return x;
  }

  const courses: [EmergingClass, (step: number) => number][] = [
    ['new_hot', (step) => (step === total - 1 ? 30 : 0)],
    ['consecutive_hot', (step) => (step >= total - 5 ? 30 : 0)],
    ['intensifying_hot', (step) => 20 + 3 * step],
    ['diminishing_hot', (step) => 20 + 3 * (total - step)],
    ['sporadic_hot', (step) => (step % 3 === 1 ? 30 : 0)],
    ['historical_hot', (step) => (step < total - 1 ? 30 : 0)],
    ['persistent_hot', (step) => 40 + (step % 2 ? 6 : 0)],
  ];

  test('planted courses are found and classed as planted; nothing far from them is classed', () => {
    const { classes } = emergingHotspots(plant(courses.map(([, course]) => course)), disks);
    courses.forEach(([name], at) => {
      expect(classes[area.positionOf(keyOfCell(places[at]!))]).toBe(name);
    });
    const near = new Set(places.flatMap((place) => gridDisk(place, 2)));
    const far = area.cells.flatMap((cell, i) => (near.has(cell) ? [] : [classes[i]]));
    expect(far.length).toBeGreaterThan(200);
    expect(new Set(far)).toEqual(new Set(['none']));
  });

  test('negated counts have negated z and trends and mirrored classes', () => {
    const x = plant(courses.map(([, course]) => course));
    const result = emergingHotspots(x, disks);
    const negated = emergingHotspots(
      x.map((value) => -value),
      disks,
    );
    expect(negated.z).toEqual(result.z.map((value) => -value));
    expect(negated.trends.map(({ s }) => s)).toEqual(result.trends.map(({ s }) => 0 - s));
    expect(negated.classes).toEqual(result.classes.map(mirrored));
  });

  test('by p and by q differ where many tests are made of pure noise', () => {
    let state = 7;
    const noise = Float64Array.from({ length: total * area.cells.length }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 24;
    });
    const count = (by: 'p' | 'q') => emergingHotspots(noise, disks, { by }).significant.filter((s) => s !== 0).length;
    const share = count('p') / noise.length;
    expect(share).toBeGreaterThan(0.04);
    expect(share).toBeLessThan(0.06);
    expect(count('q')).toBeLessThan(noise.length / 1000);
  });

  test('a constant cube has no classes, and its trends are undefined', () => {
    const { classes, trends } = emergingHotspots(new Float64Array(12).fill(2), neighboursOf([[0, 1], [0, 1], [2]]));
    expect(classes).toEqual(['none', 'none', 'none']);
    expect(trends[0]!.p).toBeNaN();
  });
});
