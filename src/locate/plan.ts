import { type NearCamera, nearestCameras } from '../cameras/cameras.ts';
import type { Queryable } from '../db/db.ts';
import { chainOf, type GridName, nearestGrid, type Owner, ownerOf, ownersOf, requireGrid } from '../grids/grids.ts';
import { type DutyQuestion, type WorkerOnDuty, workersOnDuty } from '../workers/workers.ts';

type Point = [lon: number, lat: number];

/** Who is responsible where, and what stands there: grids, roster and cameras, from memory or from the record. */
export interface Plan {
  /** See `ownerOf` of the grids. */
  ownerOf(point: Point, net: string, at: Date, accuracy?: number): Promise<Owner | undefined>;
  /** The owners of several points, in their order; null outside all grids. */
  ownersOf(
    points: readonly (readonly [lon: number, lat: number])[],
    net: string,
    at: Date,
  ): Promise<(GridName | null)[]>;
  /** A grid and its ancestors, deepest first. */
  chainOf(net: string, code: string, at: Date): Promise<GridName[]>;
  /** The grid nearest to a point outside all. */
  nearestGrid(point: Point, net: string, at: Date): Promise<(GridName & { metres: number }) | undefined>;
  /** @throws HttpError 400 when the net has no such grid at that moment */
  requireGrid(net: string, code: string, at: Date): Promise<void>;
  /** @throws HttpError 400 for a category that does not exist */
  workersOnDuty(question: DutyQuestion): Promise<WorkerOnDuty[]>;
  /** The cameras nearest to a point, then by code. */
  nearestCameras(point: Point, limit: number): Promise<NearCamera[]>;
}

/** The plan by SQL. */
export function sqlPlan(db: Queryable): Plan {
  return {
    ownerOf: (point, net, at, accuracy) => ownerOf(db, point, net, at, accuracy),
    ownersOf: (points, net, at) => ownersOf(db, points, net, at),
    chainOf: (net, code, at) => chainOf(db, net, code, at),
    nearestGrid: (point, net, at) => nearestGrid(db, point, net, at),
    requireGrid: (net, code, at) => requireGrid(db, net, code, at),
    workersOnDuty: (question) => workersOnDuty(db, question),
    nearestCameras: (point, limit) => nearestCameras(db, point, limit),
  };
}
