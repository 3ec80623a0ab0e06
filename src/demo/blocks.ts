import { type Area, ancestor, type Block, type Line, type Rect } from './area.ts';
import type { StreetNames } from './names.ts';
import { pad } from './numerals.ts';
import type { Plan } from './plan.ts';
import { hash32, unit } from './random.ts';

/** What stands in a block: an estate of flats, houses along its streets, village houses, or a dedicated place. */
export type BlockUse = 'estate' | 'roadside' | 'hamlet' | 'site';

/** A building or house: a point of the lattice and the address it is reached by. */
export interface Door {
  i: number;
  j: number;
  text: string;
}

/** Houses stand this far from the middle of their street, in lattice steps (about 8 m). */
const SETBACK = 0.65;
/** Estate buildings keep this far from the streets, and this far from each other. */
const MARGIN = 1.3;
const SPACING = { x: 2.3, y: 2.7 };

/**
 * A block that has been built on. `stem` is its full address up to the estate, place or village group; a dedicated place
 * of several blocks counts its buildings on from block to block, and only its first block (`first` 1) bears its name.
 */
export interface BuiltBlock {
  block: Block;
  use: BlockUse;
  stem: string;
  town: string;
  columns: number;
  rows: number;
  fronts: Front[];
  units: number;
  floors: number;
  first: number;
}

/** The houses of one side of a block: numbers run along its street. */
interface Front {
  line: Line;
  axis: 'x' | 'y';
  at: number;
  from: number;
  to: number;
  count: number;
  even: boolean;
}

/** Builds on every block of the plan. */
export function buildBlocks(plan: Plan, prefix: string, names: StreetNames, seed: number): BuiltBlock[] {
  const groups = new Map<Area, number>();
  const standing = new Map<Area, number>();
  let previous: { area: Area; name: string; phases: number } | null = null;
  return plan.blocks.map((block) => {
    const street = ancestor(block.area, 'street')!;
    const town = townText(street, prefix);
    const use = useOf(block, seed);
    let name = '';
    if (use === 'site') name = block.area.name;
    if (use === 'hamlet') name = hamletName(block.area, groups);
    if (use === 'estate') {
      const grows: boolean = previous?.area === block.area && previous.phases < 4 && unit(seed, block.index, 11) < 0.3;
      previous = grows
        ? { ...previous!, phases: previous!.phases + 1 }
        : { area: block.area, name: names.estate(street), phases: 1 };
      name = previous.name + (previous.phases > 1 ? `${'一二三四'[previous.phases - 1]}期` : '');
    }
    const built = build(block, use, town, town + name, seed);
    if (use === 'site') {
      built.first = 1 + (standing.get(block.area) ?? 0);
      standing.set(block.area, built.first - 1 + doorCount(built));
    }
    return built;
  });
}

function townText(street: Area, prefix: string): string {
  const district = street.parent!;
  return district.parent ? prefix + district.name + street.name : prefix + street.name;
}

function useOf(block: Block, seed: number): BlockUse {
  if (block.area.kind === 'dedicated') return 'site';
  const x = unit(seed, block.index, 3);
  if (block.area.rural) return x < 0.7 ? 'hamlet' : 'roadside';
  return x < 0.68 ? 'estate' : 'roadside';
}

/** Village houses are numbered within the village's groups, one group per block. */
function hamletName(area: Area, groups: Map<Area, number>): string {
  const village = ancestor(area, 'community')!;
  const group = (groups.get(village) ?? 0) + 1;
  groups.set(village, group);
  return `${village.name}${group}组`;
}

function build(block: Block, use: BlockUse, town: string, stem: string, seed: number): BuiltBlock {
  const { inner } = block;
  const free = (length: number, spacing: number) => Math.max(1, Math.floor((length - 2 * MARGIN) / spacing));
  const interior = use === 'roadside' ? 0 : 1;
  const hash = hash32(seed, block.index, 5);
  const tower = hash % 5 === 0;
  return {
    block,
    use,
    stem,
    town,
    columns: interior * free(inner.x1 - inner.x0, SPACING.x),
    rows: interior * free(inner.y1 - inner.y0, SPACING.y),
    fronts: frontsOf(inner, use, hash),
    units: tower ? 2 : 2 + ((hash >>> 8) % 3),
    floors: tower ? 18 : 5 + ((hash >>> 12) % 3),
    first: 1,
  };
}

/** Houses on all four streets of a roadside block, a few shops on one street of an estate, none elsewhere. */
function frontsOf(inner: Rect, use: BlockUse, hash: number): Front[] {
  const sides = [
    { line: inner.south, axis: 'x', at: inner.y0 + SETBACK, from: inner.x0, to: inner.x1, even: true },
    { line: inner.east, axis: 'y', at: inner.x1 - SETBACK, from: inner.y0, to: inner.y1, even: false },
    { line: inner.north, axis: 'x', at: inner.y1 - SETBACK, from: inner.x0, to: inner.x1, even: false },
    { line: inner.west, axis: 'y', at: inner.x0 + SETBACK, from: inner.y0, to: inner.y1, even: true },
  ] as const;
  const chosen = use === 'roadside' ? sides : use === 'estate' ? [sides[hash % 4]!] : [];
  return chosen.flatMap((side) => {
    const room = Math.floor(side.to - side.from - 2 * SETBACK);
    const count = use === 'estate' ? Math.min(2, room) : room;
    return count > 0 ? [{ ...side, count }] : [];
  });
}

/** How many doors a block has: its houses along streets and its buildings inside. */
export function doorCount(built: BuiltBlock): number {
  return built.fronts.reduce((sum, front) => sum + front.count, 0) + built.columns * built.rows;
}

/** Door `k` of a block, from 0: buildings inside first, then the houses along its streets. */
export function doorOf(built: BuiltBlock, k: number, seed: number): Door {
  const inside = built.columns * built.rows;
  return k < inside ? buildingOf(built, k, seed) : houseOf(built, k - inside);
}

function buildingOf(built: BuiltBlock, k: number, seed: number): Door {
  const { inner } = built.block;
  const column = k % built.columns;
  const row = Math.floor(k / built.columns);
  const place = (low: number, high: number, n: number, of: number, jitter: number) => {
    const margin = Math.min(MARGIN, (high - low) / 3);
    return low + margin + ((n + 0.5 + jitter * 0.3) / of) * (high - low - 2 * margin);
  };
  const jitter = unit(seed, built.block.index, k, 9) - 0.5;
  return {
    i: place(inner.x0, inner.x1, column, built.columns, jitter),
    j: place(inner.y0, inner.y1, row, built.rows, -jitter),
    text: built.stem + numberOf(built.use, built.first + k),
  };
}

function numberOf(use: BlockUse, n: number): string {
  return use === 'estate' ? `${n}幢` : use === 'site' ? `${n}号楼` : `${n}号`;
}

function houseOf(built: BuiltBlock, k: number): Door {
  let n = k;
  for (const front of built.fronts) {
    if (n >= front.count) {
      n -= front.count;
      continue;
    }
    const length = front.to - front.from - 2 * SETBACK;
    const along = front.from + SETBACK + ((n + 0.5) / front.count) * length;
    // Houses are at least one lattice step apart, so that no number is given twice on one side of a street.
    const slot = Math.floor(along - front.line.from);
    const number = 2 * slot + (front.even ? 2 : 1);
    const text = `${built.town}${front.line.name}${number}号`;
    return front.axis === 'x' ? { i: along, j: front.at, text } : { i: front.at, j: along, text };
  }
  throw new RangeError(`block ${built.block.index} has no house ${k}`);
}

/** How many addresses a block can have: the estate or place itself, its doors, and the rooms behind them. */
export function addressCapacity(built: BuiltBlock): number {
  return namedEntries(built) + doorCount(built) + roomedDoors(built) * roomsPerDoor(built);
}

/** An estate or a dedicated place has an address of its own, above its buildings. */
function namedEntries(built: BuiltBlock): number {
  return built.use === 'estate' || (built.use === 'site' && built.first === 1) ? 1 : 0;
}

/** Rooms lie in the buildings of estates and places, whose doors come first, and in the houses of roadside blocks. */
function roomedDoors(built: BuiltBlock): number {
  return built.use === 'roadside' ? doorCount(built) : built.columns * built.rows;
}

function roomsPerDoor(built: BuiltBlock): number {
  if (built.use === 'hamlet') return 0;
  if (built.use === 'roadside') return 6;
  if (built.use === 'site') return built.floors * 4;
  return built.units * built.floors * 2;
}

/** Address `n` of a block, from 0: the estate or place, its doors, then rooms spread over its doors. */
export function addressOf(built: BuiltBlock, n: number, seed: number): Door {
  const named = namedEntries(built);
  if (n < named) {
    const { inner } = built.block;
    return { i: (inner.x0 + inner.x1) / 2, j: inner.y0 + SETBACK, text: built.stem };
  }
  const doors = doorCount(built);
  const k = n - named;
  if (k < doors) return doorOf(built, k, seed);
  const m = k - doors;
  const roomed = roomedDoors(built);
  return room(built, doorOf(built, m % roomed, seed), m % roomed, Math.floor(m / roomed));
}

/** Room `m` behind a door. The strides have no factor in common with the number of rooms, so that none comes twice. */
function room(built: BuiltBlock, door: Door, k: number, m: number): Door {
  const rooms = roomsPerDoor(built);
  if (built.use !== 'estate') {
    const n = (m * 5 + k) % (rooms % 5 === 0 ? rooms + 1 : rooms);
    return { ...door, text: `${door.text}${1 + (n >> 2)}${pad(1 + (n & 3), 2)}室` };
  }
  const unitNumber = m % built.units;
  const n = (Math.floor(m / built.units) * 11 + k) % (built.floors * 2);
  // The doors of the units stand side by side along the building.
  const shift = ((unitNumber + 0.5) / built.units - 0.5) * 1.2;
  const text = `${door.text}${unitNumber + 1}单元${1 + (n >> 1)}${pad(1 + (n & 1), 2)}室`;
  return { i: door.i + shift, j: door.j, text };
}

/** The crossing at the south-west corner of a block. */
export function crossingOf(block: Block): { i: number; j: number; name: string } {
  const { inner } = block;
  return { i: inner.x0, j: inner.y0, name: `${inner.west.name}与${inner.south.name}路口` };
}
