export type Level = 'city' | 'district' | 'street' | 'area' | 'community' | 'grid' | 'microgrid';

/** A rectangle of the lattice with the line (street or river) along each side. */
export interface Rect {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
  west: Line;
  east: Line;
  south: Line;
  north: Line;
}

/** A straight line of the lattice: `axis` x is the line x = at, running from `from` to `to` in y; y the other way. */
export interface Line {
  axis: 'x' | 'y';
  at: number;
  from: number;
  to: number;
  class: 'arterial' | 'collector' | 'lane' | 'river';
  name: string;
}

/** An area of the base net. `weight` is the sum of its grids' sizes, which lattice areas follow. */
export class Area {
  readonly level: Level;
  readonly code: string;
  readonly parent: Area | null;
  readonly children: Area[] = [];
  name: string;
  kind: 'base' | 'dedicated' = 'base';
  rural: boolean;
  households = 0;
  population = 0;
  weight = 0;
  /** Given by `layOut`. */
  rect!: Rect;

  constructor(level: Level, code: string, name: string, parent: Area | null) {
    this.level = level;
    this.code = code;
    this.name = name;
    this.parent = parent;
    this.rural = parent?.rural ?? false;
    parent?.children.push(this);
  }
}

/** A block between streets; `rect` reaches the middle of the river, `inner` only its bank road; `area` is the deepest area that holds it. */
export interface Block {
  index: number;
  area: Area;
  rect: Rect;
  inner: Rect;
}

/** Climbs from an area to its ancestor of a level (itself included). */
export function ancestor(area: Area, level: Level): Area | null {
  for (let at: Area | null = area; at; at = at.parent) if (at.level === level) return at;
  return null;
}
