import type { Geometry } from 'geojson';
import type { Check } from './checks.schema.ts';

/** One thing that is wrong with a plan, and where. */
export interface GridFault {
  check: Check;
  /** `notice`: true at this moment only, so no fault of the plan. */
  severity: 'fault' | 'notice';
  /** Code of the grid; null: it is about a point outside all. */
  grid: string | null;
  name: string | null;
  level: string | null;
  /** The other grid of an overlap, the parent of an overhang or a code, the id of a point. */
  other: string | null;
  message: string;
  /** Square metres of an area, households, people, members, hours. */
  value: number | null;
  at: [lon: number, lat: number] | null;
  /** The faulty area, where there is one. */
  geometry: Geometry | null;
}

/** A grid of the plan that is checked. */
export interface CheckedGrid {
  code: string;
  name: string;
  level: string;
  rank: number;
  parent: string | null;
  kind: 'base' | 'dedicated';
  households: number | null;
  population: number | null;
  /** The middle of its box. */
  lon: number;
  lat: number;
}

/** A fault about a grid; what is not said is null. */
export function faultOf(
  check: Check,
  grid: CheckedGrid,
  message: string,
  more: Partial<Pick<GridFault, 'severity' | 'other' | 'value' | 'at' | 'geometry'>> = {},
): GridFault {
  return {
    check,
    severity: 'fault',
    grid: grid.code,
    name: grid.name,
    level: grid.level,
    other: null,
    message,
    value: null,
    at: [grid.lon, grid.lat],
    geometry: null,
    ...more,
  };
}
