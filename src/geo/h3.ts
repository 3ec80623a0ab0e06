// H3 indexes as numbers. Bits 52–55 hold the resolution, 45–51 the base cell; the digit of resolution r stands at bit
// 3·(15 − r), unused digits are 7. The sign bit is never set, so an index is a positive PostgreSQL bigint, and the order
// of numbers is that of the texts.

import { cellToBoundary, getHexagonEdgeLengthAvg, UNITS } from 'h3-js';
import { type Box, boxOfBounds } from './bbox.ts';
import { cleanRing, reversedRing } from './clip.ts';
import { POLYGON, ringArea, type TileGeometry } from './mvt.ts';
import { EXTENT, MAX_LAT, type Tile, tileBounds, worldX, worldY } from './tile.ts';

/** The resolution that is stored; coarser cells are parents of these, never indexed anew. */
export const STORED_RES = 10;

const FINEST_RES = 15;
const RES_SHIFT = 52n;
const RES_MASK = 15n << RES_SHIFT;

/** Longitude, latitude. */
type Place = [number, number];

/** Metres of a degree along a meridian where they are fewest, at the equator. */
const METRES_PER_DEGREE = 110_574;

/**
 * How far from a box the points of a cell that touches it can lie, in mean edges of its resolution: corner to corner, the
 * overhang of its descendants included, 2.22 was the most measured over the globe and its pentagons.
 */
const REACH_IN_EDGES = 3;

/** The number of a cell given as h3-js does, in hexadecimal. */
export function cellToBigint(cell: string): bigint {
  return BigInt(`0x${cell}`);
}

/** The cell of a number, in hexadecimal as h3-js wants it. */
export function bigintToCell(number: bigint): string {
  return number.toString(16);
}

/** The resolution of a cell, 0–15. */
export function resolutionOf(cell: bigint): number {
  return Number((cell & RES_MASK) >> RES_SHIFT);
}

/**
 * The ancestor of a cell, or the cell itself.
 *
 * @throws RangeError when the resolution is finer than the cell's
 */
export function parentOf(cell: bigint, res: number): bigint {
  requireCoarser(res, resolutionOf(cell));
  return (cell & ~RES_MASK) | (BigInt(res) << RES_SHIFT) | unusedDigits(res);
}

/**
 * The lowest and highest number that descendants of a cell can have at a finer resolution, both included. Every cell of
 * that resolution between them is a descendant.
 *
 * @throws RangeError when the resolution is coarser than the cell's
 */
export function descendantRange(cell: bigint, res = STORED_RES): [lo: bigint, hi: bigint] {
  const own = resolutionOf(cell);
  requireCoarser(own, res);
  const hi = (cell & ~RES_MASK) | (BigInt(res) << RES_SHIFT);
  return [hi & ~(unusedDigits(own) ^ unusedDigits(res)), hi];
}

/** The resolution that heat and crowded points are shown at. */
export function heatResolution(z: number): number {
  return Math.min(Math.max(z - 3, 5), STORED_RES);
}

/** The upper and lower 32 bits of a cell, for columns of typed arrays. */
export function splitCell(cell: bigint): [hi: number, lo: number] {
  return [Number(cell >> 32n), Number(cell & 0xffffffffn)];
}

/** The cell of its upper and lower 32 bits. */
export function joinCell(hi: number, lo: number): bigint {
  return (BigInt(hi) << 32n) | BigInt(lo);
}

/** `parentOf` on the two halves of a cell; the resolution must not be finer than the cell's. */
export function parentOfPair(hi: number, lo: number, res: number): [hi: number, lo: number] {
  const unused = 3 * (FINEST_RES - res);
  const unusedLo = unused >= 32 ? 0xffffffff : 2 ** unused - 1;
  const unusedHi = unused > 32 ? 2 ** (unused - 32) - 1 : 0;
  return [((hi & ~(15 << 20)) | (res << 20) | unusedHi) >>> 0, (lo | unusedLo) >>> 0];
}

/** Ones in the places of the digits that a resolution does not use. */
function unusedDigits(res: number): bigint {
  return (1n << BigInt(3 * (FINEST_RES - res))) - 1n;
}

function requireCoarser(coarse: number, fine: number): void {
  if (coarse >= 0 && coarse <= fine && fine <= FINEST_RES) return;
  throw new RangeError(`resolution ${coarse} is not coarser than or equal to ${fine}`);
}

/**
 * The outline of a cell in degrees, counter-clockwise, its first position repeated at the end. Longitudes run on across
 * the antimeridian, beyond ±180, instead of jumping; a cell on a pole is closed along the parallel of the pole.
 */
export function hexagonRing(cell: string): Place[] {
  const ring: Place[] = [];
  let previous = 0;
  for (const [lon, lat] of cellToBoundary(cell, true) as Place[]) {
    const near = ring.length === 0 ? lon : lon - 360 * Math.round((lon - previous) / 360);
    ring.push([near, lat]);
    previous = near;
  }
  const [first, last] = [ring[0]!, ring.at(-1)!];
  if (Math.abs(first[0] - last[0]) > 180) {
    const pole = Math.sign(first[1]) * 90;
    ring.push([last[0], pole], [first[0], pole], [first[0], first[1]]);
  }
  return ring;
}

/** Whether a cell and a box share a place, their outlines included; edges of cells are straight in degrees. */
export function cellTouchesBox(cell: string, box: Box): boolean {
  return ringTouchesBox(hexagonRing(cell), box);
}

/**
 * A cell as a tile shows it: its whole outline, also beyond the tile's sides.
 *
 * @returns null when cell and tile share no place
 */
export function hexagonInTile(cell: string, tile: Tile, extent = EXTENT): TileGeometry | null {
  const ring = hexagonRing(cell);
  const box = boxOfBounds(tileBounds(tile.z, tile.x, tile.y));
  const parts: number[][] = [];
  for (const turn of [-360, 0, 360]) {
    if (!touchesTurned(ring, box, turn)) continue;
    const flat = unitsOf(ring, turn, tile, extent);
    if (flat.length > 0) parts.push(flat);
  }
  return parts.length === 0 ? null : { type: POLYGON, parts };
}

/**
 * A box that holds every point whose cell, or whose cell's ancestor, of this resolution touches the given one: a sieve
 * for SQL before `cellTouchesBox`. Around the world where it would cross the antimeridian or hold a pole.
 */
export function expandByCells(box: Box, res: number): Box {
  const [west, south, east, north] = box;
  const reach = (REACH_IN_EDGES * getHexagonEdgeLengthAvg(res, UNITS.m)) / METRES_PER_DEGREE;
  const [low, high] = [south - reach, north + reach];
  const parallel = Math.cos((Math.min(Math.max(Math.abs(low), Math.abs(high)), 90) * Math.PI) / 180);
  const reachLon = reach / parallel;
  const [left, right] = [west - reachLon, east + reachLon];
  const around = !(left >= -180 && right <= 180);
  return [around ? -180 : left, Math.max(low, -90), around ? 180 : right, Math.min(high, 90)];
}

function ringTouchesBox(ring: Place[], box: Box): boolean {
  return touchesTurned(ring, box, 0) || touchesTurned(ring, box, -360) || touchesTurned(ring, box, 360);
}

/** @param turn degrees added to the ring's longitudes */
function touchesTurned(ring: Place[], [west, south, east, north]: Box, turn: number): boolean {
  const [left, right] = [west - turn, east - turn];
  if (boxIsApart(ring, left, south, right, north)) return false;
  for (let i = 1; i < ring.length; i++) {
    if (segmentTouches(ring[i - 1]!, ring[i]!, left, south, right, north)) return true;
  }
  return holds(ring, left, south);
}

function boxIsApart(ring: Place[], west: number, south: number, east: number, north: number): boolean {
  return (
    ring.every(([lon]) => lon < west) ||
    ring.every(([lon]) => lon > east) ||
    ring.every(([, lat]) => lat < south) ||
    ring.every(([, lat]) => lat > north)
  );
}

/** Separating axes: a segment and a box are apart along x, along y or across the segment, or else touch. */
function segmentTouches([ax, ay]: Place, [bx, by]: Place, west: number, south: number, east: number, north: number) {
  if (Math.max(ax, bx) < west || Math.min(ax, bx) > east) return false;
  if (Math.max(ay, by) < south || Math.min(ay, by) > north) return false;
  const side = (x: number, y: number) => (bx - ax) * (y - ay) - (by - ay) * (x - ax);
  const sides = [side(west, south), side(east, south), side(east, north), side(west, north)];
  return !(sides.every((s) => s > 0) || sides.every((s) => s < 0));
}

/** Whether a ring goes around a place that is on none of its edges. */
function holds(ring: Place[], lon: number, lat: number): boolean {
  let inside = false;
  for (let i = 1; i < ring.length; i++) {
    const [ax, ay] = ring[i - 1]!;
    const [bx, by] = ring[i]!;
    if (ay > lat !== by > lat && lon < ax + ((lat - ay) / (by - ay)) * (bx - ax)) inside = !inside;
  }
  return inside;
}

function unitsOf(ring: Place[], turn: number, tile: Tile, extent: number): number[] {
  const flat: number[] = [];
  for (const [lon, lat] of ring.slice(0, -1)) {
    flat.push(worldX(lon + turn, tile.z, extent) - tile.x * extent);
    flat.push(worldY(Math.min(Math.max(lat, -MAX_LAT), MAX_LAT), tile.z, extent) - tile.y * extent);
  }
  const clean = cleanRing(flat);
  return ringArea(clean) < 0 ? reversedRing(clean) : clean;
}
