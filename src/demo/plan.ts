import { Area, ancestor, type Block, type Line } from './area.ts';
import { layOut } from './layout.ts';
import { StreetNames } from './names.ts';
import { hanzi, pad } from './numerals.ts';
import { apportion, hash32, Random } from './random.ts';
import type { DemoSettings, SizeSettings } from './settings.ts';

/** The plan of the whole place on the lattice, before any coordinate is computed. */
export interface Plan {
  root: Area;
  /** All areas by level, the highest first, in code order within a level. */
  areas: Area[];
  lines: Line[];
  blocks: Block[];
}

/** Draws up the hierarchy with its counts and codes, then lays it out along streets. */
export function drawPlan(settings: DemoSettings, seed: number): Plan {
  const { size } = settings;
  const random = new Random(seed, 0x91a7);
  const names = new StreetNames(settings.names, hash32(seed, 0x4a4e));
  const root = growTree(size, names, random);
  const areas = byLevel(root);
  const grids = areas.filter((area) => area.level === 'grid');
  dedicate(grids, settings, names);
  settle(grids, size, names, random);
  const { lines, blocks } = layOut(root, size, names, new Random(seed, 0x1a70));
  return { root, areas: byLevel(root), lines, blocks };
}

function growTree(size: SizeSettings, names: StreetNames, random: Random): Area {
  const grids = size.baseGrids + size.dedicatedGrids;
  const root = new Area(size.rootLevel, size.code, size.name, null);
  const districts =
    size.rootLevel === 'district' ? [{ area: root, grids }] : growDistricts(root, size, grids, names, random);
  let street = 0;
  for (const district of districts) {
    const shares = share(district.grids, size.gridsPerStreet, random);
    shares.forEach((n, i) => {
      const given = size.streets[street++];
      const town = given ? given.town : i >= shares.length * 0.7;
      const name = given?.name ?? names.place(town ? '镇' : '街道');
      const area = new Area('street', district.area.code + pad(i + 1, 3), name, district.area);
      area.rural = town;
      growStreet(area, n, size, names, random);
    });
  }
  return root;
}

function growDistricts(root: Area, size: SizeSettings, grids: number, names: StreetNames, random: Random) {
  const shares = share(grids, size.gridsPerDistrict, random);
  return shares.map((n, i) => {
    const last = i === shares.length - 1;
    // The last district is the county of the small demo, whose code is 21 by the custom for counties.
    const area = new Area('district', root.code + (last ? '21' : pad(i + 1, 2)), names.district(i, last), root);
    return { area, grids: n };
  });
}

function growStreet(street: Area, grids: number, size: SizeSettings, names: StreetNames, random: Random): void {
  const parts = size.areas ? share(grids, size.gridsPerArea, random) : [grids];
  parts.forEach((n, a) => {
    const parent = size.areas ? new Area('area', `${street.code}${a + 1}`, `第${hanzi(a + 1)}管区`, street) : street;
    share(n, size.gridsPerCommunity, random).forEach((count, c) => {
      const rural = street.rural && random.chance(0.75);
      const code = size.areas ? parent.code + pad(c + 1, 2) : parent.code + pad(c + 1, 3);
      const community = new Area('community', code, names.community(street, rural), parent);
      community.rural = rural;
      for (let g = 1; g <= count; g++) {
        const grid = new Area('grid', code + pad(g, 3), `${community.name}第${hanzi(g)}网格`, community);
        grid.weight = random.between(0.7, 1.4);
      }
    });
  });
}

/** Cuts `total` into parts of about `target` each; no part is below two unless the total is. */
function share(total: number, target: number, random: Random): number[] {
  const parts = Math.max(1, Math.min(Math.round(total / target), Math.floor(total / 2)));
  const spare = total - Math.min(2, total) * parts;
  const weights = Array.from({ length: parts }, () => random.between(0.75, 1.25));
  return apportion(spare, weights).map((n) => n + Math.min(2, total));
}

/** Makes every n-th grid a dedicated one (school, factory, market …), spread over the whole place. */
function dedicate(grids: Area[], settings: DemoSettings, names: StreetNames): void {
  const chosen = apportion(
    settings.size.dedicatedGrids,
    grids.map(() => 1),
  );
  let site = 0;
  grids.forEach((grid, i) => {
    if (chosen[i] === 0) return;
    grid.kind = 'dedicated';
    grid.weight *= 0.55;
    grid.name = names.site(ancestor(grid, 'street')!, site++);
  });
}

/** Gives base grids their households and microgrids, and sums households and people up the tree. */
function settle(grids: Area[], size: SizeSettings, names: StreetNames, random: Random): void {
  for (const grid of grids) {
    if (grid.kind === 'base') {
      const parts = random.int(...size.microgrids);
      const weights = Array.from({ length: parts }, () => random.between(0.8, 1.25));
      apportion(random.int(...size.households), weights).forEach((households, m) => {
        const micro = new Area('microgrid', grid.code + pad(m + 1, 2), names.microgrid(grid, m + 1), grid);
        micro.weight = weights[m]!;
        micro.households = households;
        micro.population = Math.round(households * random.between(2.3, 3.1));
      });
    }
    for (const micro of grid.children) {
      for (let up = micro.parent; up; up = up.parent) {
        up.households += micro.households;
        up.population += micro.population;
      }
    }
    for (let up = grid.parent; up; up = up.parent) up.weight += grid.weight;
  }
}

function byLevel(root: Area): Area[] {
  const all: Area[] = [];
  for (let level = [root]; level.length > 0; level = level.flatMap((area) => area.children)) all.push(...level);
  return all;
}
