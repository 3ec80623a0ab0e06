import { boxAround } from '../geo/metres.ts';
import { distanceToBox, ON_EDGE, OUTSIDE, type Plane, planeAt } from '../geo/rings.ts';
import { EDGE_METRES, type Edge, FARTHEST_METRES } from '../grids/grids.ts';
import type { GridLayer } from '../grids/live.ts';
import { isValid, type LiveGrid } from '../grids/live-grid.ts';
import { type Micros, microsOf } from '../live/micros.ts';
import { compareText } from '../live/order.ts';
import { ChainMemory, nameOf } from './chains.ts';
import { DutyMemory, type PlanLayers } from './duty.ts';
import type { Plan } from './plan.ts';

export type { PlanLayers } from './duty.ts';

const MAX_NEIGHBOURS = 10;
/** Distances at which grids are looked for, one after another: up to the last they are those of a plane. */
const REACHES = [100, 500, 2_500, 5_000];
const CENTIMETRE = 0.01;
/** Metres: what is farther from every edge does not lie on one by rounding either. */
const MAX_ROUNDING = 0.01;

/**
 * The plan from memory: grids, chains, people on duty and cameras without asking the database. A camera that is far from a
 * point is asked of the record. Distances to grids are true to 0.1 %.
 */
export function livePlan(live: { readonly layers: PlanLayers }, record: Plan, duty = new DutyMemory()): Plan {
  const grids = () => live.layers.grids;
  const chains = new ChainMemory();
  return {
    ownerOf: async (point, net, at, accuracy) => {
      const owner = ownerWithEdge(grids(), point, net, microsOf(at), accuracy);
      return owner && { grid: nameOf(owner.grid), edge: owner.edge };
    },
    ownersOf: async (points, net, at) => {
      const moment = microsOf(at);
      return points.map(([lon, lat]) => {
        const owner = grids().ownerOf(net, lon, lat, moment);
        return owner ? nameOf(owner) : null;
      });
    },
    chainOf: async (net, code, at) => chains.namesOf(grids(), net, code, microsOf(at)),
    nearestGrid: async (point, net, at) => {
      const question = { net, at: microsOf(at) };
      const found = nearestWithin(grids(), point, question) ?? nearestBeyond(grids(), point, question);
      return found && { ...nameOf(found.grid), metres: roundMetres(found.metres) };
    },
    // The record words the refusal.
    requireGrid: async (net, code, at) =>
      grids().find(net, code, microsOf(at)) ? undefined : record.requireGrid(net, code, at),
    workersOnDuty: async (question) => duty.of(live.layers, question),
    nearestCameras: async ([lon, lat], limit) =>
      live.layers.cameras.nearest(lon, lat, limit) ?? record.nearestCameras([lon, lat], limit),
  };
}

/**
 * The owner of a point and where the point lies to its edge.
 *
 * @param accuracy how far off the point may be, in metres
 */
export function ownerWithEdge(
  grids: GridLayer,
  [lon, lat]: readonly [lon: number, lat: number],
  net: string,
  at: Micros,
  accuracy = EDGE_METRES,
): { grid: LiveGrid; edge: Edge } | undefined {
  const owner = grids.pointOwnerOf(net, lon, lat, at);
  if (!owner) return undefined;
  const { grid } = owner;
  const plane = planeAt(lon, lat);
  const metres = grid.area.metresToEdge(plane);
  const on = metres < MAX_ROUNDING && grid.area.place(lon, lat) === ON_EDGE;
  const reach = Math.max(accuracy, EDGE_METRES);
  const known = reach === EDGE_METRES ? owner.near : undefined;
  const near = known ?? grids.inBox(net, [grid.level], boxAround(lon, lat, reach), at);
  return {
    grid,
    edge: { on, metres: on ? 0 : roundMetres(metres), others: neighboursOf(grid, near, plane, at, reach) },
  };
}

/** Grids other than the owner within some metres, nearest first. */
function neighboursOf(
  owner: LiveGrid,
  near: readonly LiveGrid[],
  plane: Plane,
  at: Micros,
  metres: number,
): Edge['others'] {
  const others: Edge['others'][number][] = [];
  for (const grid of near) {
    // A box is told apart at once, a border is not.
    if (grid === owner || distanceToBox(plane, grid.box) > metres + CENTIMETRE || !isValid(grid, at)) continue;
    const distance = metresTo(grid, plane, metres + CENTIMETRE);
    if (distance <= metres && grid.code !== owner.code)
      others.push({ code: grid.code, name: grid.name, metres: distance });
  }
  if (others.length === 0) return others;
  return others
    .sort((a, b) => a.metres - b.metres || compareText(a.code, b.code))
    .slice(0, MAX_NEIGHBOURS)
    .map((other) => ({ ...other, metres: roundMetres(other.metres) }));
}

interface Found {
  grid: LiveGrid;
  metres: number;
}

interface PlanMoment {
  net: string;
  at: Micros;
}

/** The nearest grid if it is near: among those equally near the deepest level, then the lowest code. */
function nearestWithin(grids: GridLayer, [lon, lat]: [number, number], { net, at }: PlanMoment): Found | undefined {
  const plane = planeAt(lon, lat);
  for (const metres of REACHES) {
    const among = grids.inBox(net, undefined, boxAround(lon, lat, metres), at);
    const found = nearestIn(grids, among, plane, (grid) => metresTo(grid, plane));
    if (found && found.metres <= metres) return found;
  }
  return undefined;
}

/**
 * The same of a grid that is farther away. The highest levels have the fewest grids; of those below only what is not
 * farther than they can come first.
 */
function nearestBeyond(grids: GridLayer, [lon, lat]: [number, number], { net, at }: PlanMoment): Found | undefined {
  let nearest: Found | undefined;
  for (const level of (grids.levels.get(net) ?? []).toReversed()) {
    const reach = (nearest?.metres ?? FARTHEST_METRES) + CENTIMETRE;
    const least = leastPlane(lon, lat, reach);
    const among = grids
      .ofLevelInBox(net, level, boxAround(lon, lat, reach), at)
      .filter(({ box }) => distanceToBox(least, box) <= reach);
    const found = nearestIn(grids, among, least, ({ area }) =>
      area.covers(lon, lat) ? 0 : area.farMetresToEdge(lon, lat),
    );
    if (found && found.metres <= reach && (!nearest || comesFirst(grids, found, nearest))) nearest = found;
  }
  return nearest && nearest.metres <= FARTHEST_METRES ? nearest : undefined;
}

/** A plane in which nothing within some metres of its point is farther away than it is. */
function leastPlane(lon: number, lat: number, metres: number): Plane {
  const [, , east, north] = boxAround(lon, lat, metres);
  return { lon, lat, perLon: metres / (east - lon), perLat: metres / (north - lat) };
}

/**
 * The nearest of some grids. Looks at borders only of those whose boxes are not too far.
 *
 * @param plane in which no box is farther away than what it holds is by `metresOf`
 */
function nearestIn(
  grids: GridLayer,
  among: readonly LiveGrid[],
  plane: Plane,
  metresOf: (grid: LiveGrid) => number,
): Found | undefined {
  const byBox = among
    .map((grid) => ({ grid, least: distanceToBox(plane, grid.box) }))
    .sort((a, b) => a.least - b.least);
  let nearest: Found | undefined;
  for (const { grid, least } of byBox) {
    if (nearest && least > nearest.metres + CENTIMETRE) break;
    const found = { grid, metres: metresOf(grid) };
    if (!nearest || comesFirst(grids, found, nearest)) nearest = found;
  }
  return nearest;
}

/** Distances are compared in centimetres: neighbours share their borders, and their deepest level is meant. */
function comesFirst(grids: GridLayer, a: Found, b: Found): boolean {
  const difference = roundCentimetres(a.metres) - roundCentimetres(b.metres);
  if (difference !== 0) return difference < 0;
  return (grids.depthOf(a.grid) - grids.depthOf(b.grid) || compareText(a.grid.code, b.grid.code)) < 0;
}

/** @param limit what is farther need not be told apart */
function metresTo({ area }: LiveGrid, plane: Plane, limit?: number): number {
  return area.place(plane.lon, plane.lat) === OUTSIDE ? area.metresToEdge(plane, limit) : 0;
}

function roundMetres(metres: number): number {
  return Math.round(metres * 10) / 10;
}

function roundCentimetres(metres: number): number {
  return Math.round(metres * 100) / 100;
}
