import { type Area, ancestor, type Block, type Line, type Rect } from './area.ts';
import type { StreetNames } from './names.ts';
import type { Random } from './random.ts';
import type { SizeSettings } from './settings.ts';

/** A block is at least this many lattice steps wide. */
const NARROWEST = 4;
/** The bank roads run this many lattice steps from the middle of the river. */
const BANK = 1.5;

interface Layout {
  size: SizeSettings;
  names: StreetNames;
  random: Random;
  lines: Line[];
  blocks: Block[];
  river: Line | null;
}

/**
 * Lays the tree of areas out on the lattice. Each rectangle is cut in two by a street, again and again, in proportion
 * to the weights of the areas on either side; below the deepest areas the cutting goes on down to blocks.
 * The first cut of all is the river, with a road on each bank.
 */
export function layOut(
  root: Area,
  size: SizeSettings,
  names: StreetNames,
  random: Random,
): { lines: Line[]; blocks: Block[] } {
  const layout: Layout = { size, names, random, lines: [], blocks: [], river: null };
  const end = size.lattice;
  const ring = (axis: 'x' | 'y', at: number, name: string): Line => {
    const line: Line = { axis, at, from: 0, to: end, class: 'arterial', name };
    layout.lines.push(line);
    return line;
  };
  root.rect = {
    x0: 0,
    y0: 0,
    x1: end,
    y1: end,
    west: ring('x', 0, '西环路'),
    east: ring('x', end, '东环路'),
    south: ring('y', 0, '南环路'),
    north: ring('y', end, '北环路'),
  };
  place(root, layout);
  const { river } = layout;
  if (river) for (const line of layout.lines) meetRiver(line, river);
  return { lines: layout.lines, blocks: layout.blocks };
}

function place(area: Area, layout: Layout): void {
  if (area.children.length > 0) divide(area.rect, area.children, area, layout);
  else cutBlocks(area.rect, area, layout);
}

/** Shares a rectangle out among areas, halving the list by weight. */
function divide(rect: Rect, areas: Area[], parent: Area, layout: Layout): void {
  if (areas.length === 1) {
    areas[0]!.rect = rect;
    place(areas[0]!, layout);
    return;
  }
  const total = areas.reduce((sum, area) => sum + area.weight, 0);
  let head = 1;
  let sum = areas[0]!.weight;
  while (head < areas.length - 1 && sum + areas[head]!.weight / 2 < total / 2) sum += areas[head++]!.weight;
  const [first, second] = cut(rect, sum / total, parent, layout);
  divide(first, areas.slice(0, head), parent, layout);
  divide(second, areas.slice(head), parent, layout);
}

/** Cuts a rectangle across its longer side, `ratio` of it to the first part, by a new street (or the river). */
function cut(rect: Rect, ratio: number, parent: Area, layout: Layout): [Rect, Rect] {
  const width = rect.x1 - rect.x0;
  const height = rect.y1 - rect.y0;
  const axis = width * layout.random.between(0.85, 1.18) >= height ? 'x' : 'y';
  const [low, high] = axis === 'x' ? [rect.x0, rect.x1] : [rect.y0, rect.y1];
  const least = Math.min(NARROWEST, Math.floor((high - low) / 2));
  const at = Math.min(high - least, Math.max(low + least, Math.round(low + (high - low) * ratio)));
  const [from, to] = axis === 'x' ? [rect.y0, rect.y1] : [rect.x0, rect.x1];
  const [before, after] = layout.river
    ? street(axis, at, from, to, parent, layout)
    : cutRiver(axis, at, from, to, layout);
  if (axis === 'x') {
    return [
      { ...rect, x1: at, east: before },
      { ...rect, x0: at, west: after },
    ];
  }
  return [
    { ...rect, y1: at, north: before },
    { ...rect, y0: at, south: after },
  ];
}

function street(axis: 'x' | 'y', at: number, from: number, to: number, parent: Area, layout: Layout): [Line, Line] {
  const line: Line = { axis, at, from, to, ...layout.names.street(parent, ancestor(parent, 'street')) };
  layout.lines.push(line);
  return [line, line];
}

function cutRiver(axis: 'x' | 'y', at: number, from: number, to: number, layout: Layout): [Line, Line] {
  layout.river = { axis, at, from, to, class: 'river', name: layout.names.river() };
  const bank = (side: number, name: string): Line => ({
    axis,
    at: at + side * BANK,
    from,
    to,
    class: 'arterial',
    name,
  });
  const before = bank(-1, axis === 'x' ? '滨河西路' : '滨河南路');
  const after = bank(1, axis === 'x' ? '滨河东路' : '滨河北路');
  layout.lines.push(layout.river, before, after);
  return [before, after];
}

/** Cuts the deepest areas down to blocks of about the usual size. */
function cutBlocks(rect: Rect, area: Area, layout: Layout): void {
  const width = rect.x1 - rect.x0;
  const height = rect.y1 - rect.y0;
  // Farmland blocks are larger, and no two blocks are the same.
  const usual = layout.size.blockArea * (area.rural ? 1.3 : 1) * layout.random.between(1, 1.9);
  if (width * height <= usual || Math.max(width, height) < 2 * NARROWEST) {
    layout.blocks.push({ index: layout.blocks.length, area, rect, inner: dryPart(rect) });
    return;
  }
  const [first, second] = cut(rect, layout.random.between(0.38, 0.62), area, layout);
  cutBlocks(first, area, layout);
  cutBlocks(second, area, layout);
}

/** The part of a block between its streets: a bank road runs inside the rectangle that ends mid-river. */
function dryPart(rect: Rect): Rect {
  const x0 = Math.max(rect.x0, rect.west.at);
  const y0 = Math.max(rect.y0, rect.south.at);
  return { ...rect, x0, y0, x1: Math.min(rect.x1, rect.east.at), y1: Math.min(rect.y1, rect.north.at) };
}

/** A street that ends mid-river stops at the bank road if it is a lane, and is a bridge to the far bank if it is not. */
function meetRiver(line: Line, river: Line): void {
  if (line.axis === river.axis || line.class === 'river') return;
  const reach = line.class === 'lane' ? -BANK : BANK;
  if (line.to === river.at) line.to += reach;
  else if (line.from === river.at) line.from -= reach;
}
