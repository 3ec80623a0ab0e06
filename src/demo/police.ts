import type { MultiPolygon, Polygon } from 'geojson';
import type { Area, Block } from './area.ts';
import { hanzi, pad } from './numerals.ts';
import { boxPolygon, unionPolygon } from './outline.ts';
import type { Plan } from './plan.ts';
import type { SizeSettings } from './settings.ts';
import type { Terrain } from './terrain.ts';

/** An area of the police net; its ground is the union of its blocks. */
export interface PoliceArea {
  level: 'bureau' | 'station' | 'beat';
  code: string;
  name: string;
  parent: string | null;
  households: number;
  population: number;
  blocks: Block[];
}

/** Households and people of each block: its area's, shared equally among the area's blocks. */
function residents(blocks: readonly Block[]): Map<Block, { households: number; population: number }> {
  const inArea = new Map<Area, Block[]>();
  for (const block of blocks) {
    const list = inArea.get(block.area);
    if (list) list.push(block);
    else inArea.set(block.area, [block]);
  }
  const shares = new Map<Block, { households: number; population: number }>();
  for (const [area, list] of inArea) {
    const part = (total: number, k: number) =>
      Math.floor((total * (k + 1)) / list.length) - Math.floor((total * k) / list.length);
    list.forEach((block, k) => {
      shares.set(block, { households: part(area.households, k), population: part(area.population, k) });
    });
  }
  return shares;
}

/**
 * Draws the police net over the same blocks, but not along the borders of the base net: blocks are halved by the median
 * of their centres, turn by turn in both directions, first into stations, then into beats.
 */
export function drawPolice(plan: Plan, size: SizeSettings): PoliceArea[] {
  const shares = residents(plan.blocks);
  const newArea = (level: PoliceArea['level'], code: string, name: string, parent: string | null, blocks: Block[]) => {
    const area: PoliceArea = { level, code, name, parent, households: 0, population: 0, blocks };
    for (const block of blocks) {
      area.households += shares.get(block)!.households;
      area.population += shares.get(block)!.population;
    }
    return area;
  };
  const root = `${size.code}5`;
  const stations: PoliceArea[] = [];
  const beats: PoliceArea[] = [];
  halve(plan.blocks, size.stations).forEach((blocks, s) => {
    const code = root + pad(s + 1, 3);
    const station = `${stationName(blocks)}派出所`;
    stations.push(newArea('station', code, station, root, blocks));
    halve(blocks, size.beatsPerStation).forEach((part, b) => {
      beats.push(newArea('beat', code + pad(b + 1, 2), `${station}第${hanzi(b + 1)}警务区`, code, part));
    });
  });
  return [newArea('bureau', root, `${size.name}公安局`, null, plan.blocks), ...stations, ...beats];
}

/** A station is called after the road at its middle block. */
function stationName(blocks: Block[]): string {
  return blocks[blocks.length >> 1]!.inner.west.name;
}

function halve(blocks: Block[], parts: number): Block[][] {
  if (parts === 1) return [blocks];
  const middle = (block: Block, axis: 'x' | 'y') =>
    axis === 'x' ? block.rect.x0 + block.rect.x1 : block.rect.y0 + block.rect.y1;
  const extent = (axis: 'x' | 'y') => {
    const values = blocks.map((block) => middle(block, axis));
    return values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b));
  };
  const axis = extent('x') >= extent('y') ? 'x' : 'y';
  const sorted = [...blocks].sort((a, b) => middle(a, axis) - middle(b, axis) || a.index - b.index);
  const head = parts >> 1;
  const at = Math.round((sorted.length * head) / parts);
  return [...halve(sorted.slice(0, at), head), ...halve(sorted.slice(at), parts - head)];
}

/** The ground of a police area. The whole is a rectangle of the lattice, the parts are unions of blocks. */
export function policePolygon(
  area: PoliceArea,
  plan: Plan,
  size: SizeSettings,
  terrain: Terrain,
): Polygon | MultiPolygon {
  if (area.level === 'bureau') return boxPolygon(plan.root.rect, terrain);
  return unionPolygon(
    area.blocks.map((block) => block.rect),
    size.lattice,
    terrain,
  );
}
