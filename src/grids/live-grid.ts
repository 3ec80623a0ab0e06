import type { Box } from '../geo/bbox.ts';
import type { FlatRing } from '../geo/rings.ts';
import { Area } from '../live/area.ts';
import type { Micros } from '../live/micros.ts';
import { Shape } from '../live/shape.ts';

/**
 * One version of a grid. Of one class, as an object with a function of its own to make its shape would have a layout of
 * its own, too.
 */
export class LiveGrid {
  readonly gid: number;
  readonly net: string;
  readonly code: string;
  readonly name: string;
  readonly level: string;
  readonly parent: string | null;
  readonly kind: string;
  /** Half-open; an end that is not there is infinite. */
  readonly validFrom: Micros;
  readonly validTo: Micros;
  /** Neither begins nor ends. */
  readonly isAlways: boolean;
  /** Place in the order of codes, then of age; set by the layer. */
  order = 0;
  readonly box: Box;
  readonly area: Area;
  #shape: Shape | undefined;

  constructor(record: GridRecord) {
    this.gid = record.gid;
    this.net = record.net;
    this.code = record.code;
    this.name = record.name;
    this.level = record.level;
    this.parent = record.parent;
    this.kind = record.kind;
    this.validFrom = record.validFrom;
    this.validTo = record.validTo;
    this.isAlways = record.validFrom === -Infinity && record.validTo === Infinity;
    this.area = new Area(record.polygons);
    this.box = this.area.box;
  }

  /** Only tiles need it: made when it is first asked for. */
  get shape(): Shape {
    this.#shape ??= Shape.ofPolygons(this.area.polygons);
    return this.#shape;
  }
}

/** What names all versions of a grid. */
export interface GridKey {
  net: string;
  code: string;
}

/** A version of a grid without what is made of its rings. */
export type GridRecord = Omit<LiveGrid, 'isAlways' | 'order' | 'box' | 'area' | 'shape'> & {
  polygons: readonly (readonly FlatRing[])[];
};

/** Whether a version holds at a moment. */
export function isValid(grid: LiveGrid, at: Micros): boolean {
  return grid.isAlways || (grid.validFrom <= at && at < grid.validTo);
}

/** The record that a grid was made of. */
export function recordOf(grid: LiveGrid): GridRecord {
  const { gid, net, code, name, level, parent, kind, validFrom, validTo, area } = grid;
  return { gid, net, code, name, level, parent, kind, validFrom, validTo, polygons: area.polygons };
}
