import { expect } from 'vitest';
import { livePlan } from '../../src/locate/live.ts';
import { layersOf, snapshotOf } from '../../src/locate/snapshot.ts';
import { pick, type Random } from '../helpers/noise.ts';
import { NOW, SIDE, SOUTH, WEST, type World } from './world.ts';

/** A point of the city or just outside, one of three on a border of the lattice. */
function randomPoint(random: Random): [number, number] {
  const snap = (share: number) => Math.round(share * 8) / 8;
  const x = random() * 1.04 - 0.02;
  const y = random() * 1.04 - 0.02;
  const how = Math.floor(random() * 3);
  return [WEST + SIDE * (how === 0 ? snap(x) : x), SOUTH + SIDE * (how === 1 && random() < 0.3 ? snap(y) : y)];
}

/** Locate random points by the plan and by what threads make of its snapshot: the rings must be the very same. */
export async function compareSnapshot(world: World, random: Random, count: number): Promise<void> {
  const { layers } = world.live;
  const { categories } = layers;
  const held = Object.assign(layersOf(await snapshotOf(layers)), { categories });
  const { memory, sql } = world.plans();
  const theirs = livePlan({ layers: held }, sql);
  for (let i = 0; i < count; i++) {
    const point = randomPoint(random);
    const owner = await memory.ownerOf(point, 'base', NOW);
    expect(await theirs.ownerOf(point, 'base', NOW), `${point}`).toEqual(owner);
    if (owner) continue;
    expect(await theirs.nearestGrid(point, 'base', NOW)).toEqual(await memory.nearestGrid(point, 'base', NOW));
  }
}

/** Locate random points by memory and by SQL. */
export async function compareLocates(world: World, random: Random, count: number) {
  const { memory, sql } = world.plans();
  const counts = { found: 0, onBorder: 0, outside: 0 };
  for (let i = 0; i < count; i++) {
    const point = randomPoint(random);
    const at = pick(random, [NOW, new Date('2026-10-01T22:00:00Z'), new Date('2026-09-09T03:00:00Z')]);
    const [mine, theirs] = [await memory.ownerOf(point, 'base', at), await sql.ownerOf(point, 'base', at)];
    const what = `${point} at ${at.toISOString()}`;
    expect(mine?.grid, what).toEqual(theirs?.grid);
    if (!mine || !theirs) {
      counts.outside += 1;
      // Which of the nested grids is a matter of the long edges' curvature: metres of a district's side.
      const [near, expected] = [await memory.nearestGrid(point, 'base', at), await sql.nearestGrid(point, 'base', at)];
      expect(Math.abs(near!.metres - expected!.metres), what).toBeLessThan(3 + 0.002 * expected!.metres);
      continue;
    }
    counts.found += 1;
    if (mine.edge.on) counts.onBorder += 1;
    expect(mine.edge.on, what).toBe(theirs.edge.on);
    expect(Math.abs(mine.edge.metres - theirs.edge.metres), what).toBeLessThan(0.2 + 0.004 * theirs.edge.metres);
    expect(mine.edge.others.map(({ code }) => code).sort(), what).toEqual(
      theirs.edge.others.map(({ code }) => code).sort(),
    );
    const chain = await memory.chainOf('base', mine.grid.code, at);
    expect(chain, what).toEqual(await sql.chainOf('base', mine.grid.code, at));
    const question = {
      net: 'base',
      chain: chain.map(({ code }) => code),
      at,
      category: pick(random, [undefined, 'c1']),
      timeZone: 'Asia/Shanghai',
      withPhone: true,
    };
    expect(await memory.workersOnDuty(question), what).toEqual(await sql.workersOnDuty(question));
  }
  return counts;
}
