import type { Queryable } from '../db/db.ts';
import { HttpError } from '../errors.ts';
import { CHAIN, GRID_EXISTS, NEAREST_GRID, NEIGHBOURS, OWNER, OWNERS } from './grids.sql.ts';

export interface GridName {
  code: string;
  name: string;
  level: string;
}

/** How a point lies to the border of its owner. */
export interface Edge {
  /** Exactly on a border: the owner was chosen by rule. */
  on: boolean;
  /** To the nearest border, in metres. */
  metres: number;
  /** Other grids of the same level that the place may lie in, nearest first. */
  others: { code: string; name: string; metres: number }[];
}

export interface Owner {
  grid: GridName;
  edge: Edge;
}

/** Within this distance of a border a caller should ask before sending somebody, however exact the place is. */
export const EDGE_METRES = 30;

/** A point farther from every grid is a mistake, not a place beside one. */
export const FARTHEST_METRES = 50_000;

/**
 * The owner of a point: the deepest level that covers it, there dedicated before base, then the lowest code.
 *
 * @param accuracy how far off the point may be, in metres; other grids within it are listed
 * @returns undefined when no grid covers the point
 */
export async function ownerOf(
  db: Queryable,
  [lon, lat]: [number, number],
  net: string,
  at: Date,
  accuracy = EDGE_METRES,
): Promise<Owner | undefined> {
  const [row] = await db.query<GridName & { metres: number; on_border: boolean }>(OWNER, [lon, lat, net, at], {
    prepare: true,
  });
  if (!row) return undefined;
  const { code, name, level } = row;
  // On the border is decided in the plane, where grids are drawn; along the sphere it may be some millimetres off.
  const metres = row.on_border ? 0 : row.metres;
  const others = await db.query<{ code: string; name: string; metres: number }>(
    NEIGHBOURS,
    [lon, lat, net, at, Math.max(accuracy, EDGE_METRES), level, code],
    { prepare: true },
  );
  return {
    grid: { code, name, level },
    edge: {
      on: row.on_border,
      metres: roundMetres(metres),
      others: others.map((other) => ({ ...other, metres: roundMetres(other.metres) })),
    },
  };
}

/** The owners of several points, in their order; null where no grid covers a point. */
export async function ownersOf(
  db: Queryable,
  points: readonly (readonly [lon: number, lat: number])[],
  net: string,
  at: Date,
): Promise<(GridName | null)[]> {
  const owners: (GridName | null)[] = points.map(() => null);
  if (points.length === 0) return owners;
  const values = [points.map(([lon]) => lon), points.map(([, lat]) => lat), net, at];
  const rows = await db.query<GridName & { n: number }>(OWNERS, values, { prepare: true });
  for (const { n, ...grid } of rows) owners[n - 1] = grid;
  return owners;
}

/** A grid and its ancestors, deepest first, by the plan of a moment. */
export function chainOf(db: Queryable, net: string, code: string, at: Date): Promise<GridName[]> {
  return db.query<GridName>(CHAIN, [net, code, at], { prepare: true });
}

/** The grid nearest to a point that lies outside all, with its distance in metres, if it is within `FARTHEST_METRES`. */
export async function nearestGrid(
  db: Queryable,
  [lon, lat]: [number, number],
  net: string,
  at: Date,
): Promise<(GridName & { metres: number }) | undefined> {
  const [row] = await db.query<GridName & { metres: number }>(NEAREST_GRID, [lon, lat, net, at, FARTHEST_METRES]);
  return row && { ...row, metres: roundMetres(row.metres) };
}

/** @throws HttpError 400 when the net has no such grid at that moment */
export async function requireGrid(db: Queryable, net: string, code: string, at: Date): Promise<void> {
  const [row] = await db.query<{ found: boolean }>(GRID_EXISTS, [net, code, at], { prepare: true });
  if (!row?.found) throw noSuchGrid(net, code);
}

export function noSuchGrid(net: string, code: string): HttpError {
  return new HttpError(400, `There is no grid ${code} in net ${net} now: see GET /collections/grids/items`, [
    { path: 'under', message: `grid ${code} does not exist in net ${net}` },
  ]);
}

function roundMetres(metres: number): number {
  return Math.round(metres * 10) / 10;
}
