import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { disksWithin, studyArea } from '../../src/heat/stats/area.ts';
import { EMERGING_CLASSES } from '../../src/heat/stats/emerging.ts';
import { HOTSPOT_CLASSES, hotspotClass } from '../../src/heat/stats/fdr.ts';
import { MORAN_CLASSES, type MoranQuadrant, moranClass } from '../../src/heat/stats/moran.ts';
import { emergingTask, gistarTask, moranTask } from '../../src/heat/stats-tasks.ts';
import { ownThread } from '../../src/threads/holdings.ts';

// What esda, statsmodels and pymannkendall make of the same counts; hotspots-reference.py wrote it and says how.
const FIXTURE = new URL('../fixtures/hotspots-reference.json', import.meta.url);

interface Case {
  k: number;
  weights: 'binary' | 'triangular' | 'quartic' | 'gaussian';
  z: number[];
  p: number[];
}

interface Fixture {
  areas: {
    cells: string[];
    x: number[];
    gistar: (Case & { q: number[] })[];
    moran: (Case & { q: number[]; i: number[]; quadrant: MoranQuadrant[] })[];
  }[];
  cube: {
    cells: string[];
    /** Step by step. */
    x: number[][];
    emerging: (Case & Record<'s' | 'lastZ' | 'hot' | 'cold', number[]> & { by: 'q' | 'p'; class: string[] })[];
  };
}

const { areas, cube } = JSON.parse(readFileSync(FIXTURE, 'utf8')) as Fixture;
const here = ownThread();

function inputOf(cells: string[], x: number[], { k, weights }: Case) {
  return {
    counts: Float64Array.from(x),
    households: undefined,
    disks: disksWithin(studyArea(cells), k),
    weights: weights === 'binary' ? undefined : { kernel: weights, k },
  };
}

/** Every value within 1e-9 of the reference. */
function expectEqual(own: ArrayLike<number>, reference: readonly number[]): void {
  expect(own.length).toBe(reference.length);
  expect(Math.max(...reference.map((value, i) => Math.abs(own[i]! - value)))).toBeLessThanOrEqual(1e-9);
}

/** The same in relation to the reference: tails of p are far smaller than 1e-9. */
function expectSameTails(own: ArrayLike<number>, reference: readonly number[]): void {
  const ratios = Array.from(own, (value, i) => value / reference[i]!);
  expectEqual(
    ratios,
    reference.map(() => 1),
  );
}

describe.each(areas)('an area of $x.length cells', ({ cells, x, gistar, moran }) => {
  test.each(gistar)('Gi*, k = $k, weights $weights', async (of) => {
    const own = await here.run(gistarTask, inputOf(cells, x, of));
    expectEqual(own.z, of.z);
    expectSameTails(own.p, of.p);
    expectSameTails(own.q, of.q);
    const classes = of.q.map((q, cell) => hotspotClass(of.z[cell]!, q));
    expect(Array.from(own.class, (at) => HOTSPOT_CLASSES[at])).toEqual(classes);
  });

  test.each(moran)('local Moran’s I, k = $k, weights $weights', async (of) => {
    const own = await here.run(moranTask, inputOf(cells, x, of));
    expectEqual(own.i!, of.i);
    expectEqual(own.z, of.z);
    expectSameTails(own.p, of.p);
    expectSameTails(own.q, of.q);
    const classes = of.q.map((q, cell) => moranClass(of.quadrant[cell]!, q));
    expect(Array.from(own.class, (at) => MORAN_CLASSES[at])).toEqual(classes);
  });
});

describe('a cube', () => {
  test.each(cube.emerging)('emerging, k = $k, weights $weights, by $by', async (of) => {
    const own = await here.run(emergingTask, { ...inputOf(cube.cells, cube.x.flat(), of), by: of.by });
    expectEqual(own.lastZ, of.lastZ);
    expect(Array.from(own.hot)).toEqual(of.hot);
    expect(Array.from(own.cold)).toEqual(of.cold);
    expect(Array.from(own.s)).toEqual(of.s);
    expectEqual(own.z, of.z);
    expectSameTails(own.p, of.p);
    expect(Array.from(own.class, (at) => EMERGING_CLASSES[at])).toEqual(of.class);
  });
});
