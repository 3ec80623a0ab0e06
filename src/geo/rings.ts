import type { Box } from './bbox.ts';

/** A closed ring in degrees, flat: lon0, lat0, lon1, lat1 …, the first position repeated at the end. */
export type FlatRing = Float64Array;

export const OUTSIDE = 0;
export const ON_EDGE = 1;
export const INSIDE = 2;
export type Placement = typeof OUTSIDE | typeof ON_EDGE | typeof INSIDE;

/** Degrees that no rounding reaches: what lies farther beside an edge lies there for certain. */
export const MARGIN = 1e-9;

/** Squared length below which PostGIS ignores a segment. */
const NO_LENGTH = 1e-12 * 1e-12;

/**
 * Where a point lies to a polygon. `ON_EDGE` and `INSIDE` together are ST_Covers. The arithmetic is that of PostGIS
 * (`lw_segment_side`, operation by operation), so that a point within a rounding error of an edge gets the same answer
 * in memory as in SQL; an exact predicate would not.
 *
 * @param rings exterior first, then holes
 */
export function pointInRings(x: number, y: number, rings: readonly FlatRing[]): Placement {
  const exterior = pointInRing(x, y, rings[0]!);
  if (exterior !== INSIDE) return exterior;
  for (let i = 1; i < rings.length; i++) {
    const hole = pointInRing(x, y, rings[i]!);
    if (hole === ON_EDGE) return ON_EDGE;
    if (hole === INSIDE) return OUTSIDE;
  }
  return INSIDE;
}

/** Where a point lies to a multipolygon: the best of its polygons' answers, the edge before the outside. */
export function pointInPolygons(x: number, y: number, polygons: readonly (readonly FlatRing[])[]): Placement {
  let best: Placement = OUTSIDE;
  for (const rings of polygons) {
    const placement = pointInRings(x, y, rings);
    if (placement === INSIDE) return INSIDE;
    if (placement === ON_EDGE) best = ON_EDGE;
  }
  return best;
}

/**
 * Whether the points of a box may lie differently to a ring: an edge may touch the box, or is so short that the test of
 * points takes no notice of it, which changes what is inside all along its latitude.
 *
 * @param box with `MARGIN` around the points
 */
export function mayDivide(ring: FlatRing, box: Box): boolean {
  let bx = ring[0]!;
  let by = ring[1]!;
  for (let i = 2; i < ring.length; i += 2) {
    const ax = bx;
    const ay = by;
    bx = ring[i]!;
    by = ring[i + 1]!;
    if ((ay < box[1] && by < box[1]) || (ay > box[3] && by > box[3])) continue;
    if (isNoEdge(ax, ay, bx, by) || edgeTouches(ax, ay, bx, by, box)) return true;
  }
  return false;
}

/** Whether an edge may touch a box. Apart for certain: along x, along y, or with all corners on one side of the edge. */
export function edgeTouches(ax: number, ay: number, bx: number, by: number, [west, south, east, north]: Box): boolean {
  if ((ax < west && bx < west) || (ax > east && bx > east)) return false;
  if ((ay < south && by < south) || (ay > north && by > north)) return false;
  const [dx, dy] = [bx - ax, by - ay];
  const [low, high] = [dx * (south - ay), dx * (north - ay)];
  const [left, right] = [dy * (west - ax), dy * (east - ax)];
  const rounding = 1e-12 * (Math.abs(dx) + Math.abs(dy));
  const least = Math.min(low, high) - Math.max(left, right);
  const most = Math.max(low, high) - Math.min(left, right);
  return least <= rounding && most >= -rounding;
}

/** A plane around a point that is true at the point's latitude (WGS 84). */
export interface Plane {
  readonly lon: number;
  readonly lat: number;
  /** Metres. */
  readonly perLon: number;
  readonly perLat: number;
}

/**
 * The plane around a point, by the lengths of a degree on the WGS 84 ellipsoid (series of the NGA, Latitude/Longitude
 * Distance Calculator). Cosines of multiples by Chebyshev's polynomials: one is found, not six.
 */
export function planeAt(lon: number, lat: number): Plane {
  const c1 = Math.cos((lat * Math.PI) / 180);
  const c2 = 2 * c1 * c1 - 1;
  const c3 = 2 * c1 * c2 - c1;
  const c4 = 2 * c2 * c2 - 1;
  const c5 = 2 * c1 * c4 - c3;
  const c6 = 2 * c3 * c3 - 1;
  return {
    lon,
    lat,
    perLon: 111412.84 * c1 - 93.5 * c3 + 0.118 * c5,
    perLat: 111132.92 - 559.82 * c2 + 1.175 * c4 - 0.0023 * c6,
  };
}

/**
 * Metres from the point of a plane to the nearest edge of a polygon, hole edges included. Within 0.1 % up to some
 * kilometres away from the poles.
 */
export function distanceToEdge(plane: Plane, rings: readonly FlatRing[]): number {
  let nearest = Infinity;
  for (const ring of rings) nearest = nearestSquared(plane, ring, 0, ring.length - 2, nearest);
  return Math.sqrt(nearest);
}

/**
 * The squared metres from the point of a plane to the nearest of the edges of a ring between two places in it, if they are
 * less than those given; these otherwise.
 */
export function nearestSquared(
  { lon, lat, perLon, perLat }: Plane,
  ring: FlatRing,
  from: number,
  to: number,
  other: number,
): number {
  let nearest = other;
  let bx = (ring[from]! - lon) * perLon;
  let by = (ring[from + 1]! - lat) * perLat;
  for (let i = from + 2; i <= to; i += 2) {
    const ax = bx;
    const ay = by;
    bx = (ring[i]! - lon) * perLon;
    by = (ring[i + 1]! - lat) * perLat;
    nearest = nearerOf(nearest, ax, ay, bx, by);
  }
  return nearest;
}

/**
 * The position on the edges of a polygon that is nearest to one up to some 50 km away. Between two places the scale of
 * longitudes is that of the latitude between them, so that what lies towards a pole is nearer than it is in a plane.
 *
 * @param towards a latitude not far from that of the edges
 * @returns undefined for a polygon without edges
 */
export function nearestOnEdge(
  lon: number,
  lat: number,
  towards: number,
  rings: readonly FlatRing[],
): [lon: number, lat: number] | undefined {
  const middle = (lat + towards) / 2;
  const { perLon, perLat } = planeAt(lon, middle);
  // A degree farther away is half a degree for the latitude between.
  const perLonPerLat = planeAt(lon, middle + 0.25).perLon - planeAt(lon, middle - 0.25).perLon;
  let nearest = Infinity;
  let [edge, along, on]: [number, number, FlatRing | undefined] = [0, 0, undefined];
  for (const ring of rings) {
    let bx = (ring[0]! - lon) * (perLon + perLonPerLat * (ring[1]! - towards));
    let by = (ring[1]! - lat) * perLat;
    for (let i = 2; i < ring.length; i += 2) {
      const ax = bx;
      const ay = by;
      bx = (ring[i]! - lon) * (perLon + perLonPerLat * (ring[i + 1]! - towards));
      by = (ring[i + 1]! - lat) * perLat;
      const squared = nearerOf(nearest, ax, ay, bx, by);
      if (squared >= nearest) continue;
      nearest = squared;
      const length = (bx - ax) ** 2 + (by - ay) ** 2;
      along = length === 0 ? 0 : Math.min(Math.max((ax * (ax - bx) + ay * (ay - by)) / length, 0), 1);
      [edge, on] = [i, ring];
    }
  }
  if (!on) return undefined;
  const [fromLon, fromLat, toLon, toLat] = [on[edge - 2]!, on[edge - 1]!, on[edge]!, on[edge + 1]!];
  return [fromLon + along * (toLon - fromLon), fromLat + along * (toLat - fromLat)];
}

/** Metres to a box, 0 within: never more than `distanceToEdge` of what the box holds. */
export function distanceToBox({ lon, lat, perLon, perLat }: Plane, box: Box): number {
  const x = Math.max(box[0] - lon, lon - box[2], 0) * perLon;
  const y = Math.max(box[1] - lat, lat - box[3], 0) * perLat;
  return Math.sqrt(x * x + y * y);
}

/** The rings of a GeoJSON polygon, flat. */
export function flatRings(coordinates: readonly (readonly (readonly number[])[])[]): FlatRing[] {
  return coordinates.map((ring) => {
    const flat = new Float64Array(ring.length * 2);
    ring.forEach(([lon, lat], i) => {
      flat[2 * i] = lon!;
      flat[2 * i + 1] = lat!;
    });
    return flat;
  });
}

/** Where a point lies to one ring, by winding number as PostGIS counts it. */
export function pointInRing(x: number, y: number, ring: FlatRing): Placement {
  const winding = windingOf(x, y, ring, 0, ring.length - 2);
  if (winding === TOUCHED) return ON_EDGE;
  return winding === 0 ? OUTSIDE : INSIDE;
}

/** How often the edges of a ring between two places in it wind around a point; `TOUCHED` when it is on one of them. */
export function windingOf(x: number, y: number, ring: FlatRing, from: number, to: number): number {
  let winding = 0;
  let by = ring[from + 1]!;
  for (let i = from + 3; i <= to + 1; i += 2) {
    const ay = by;
    by = ring[i]!;
    // Most edges lie above the point or below it: nothing more of them is looked at.
    if ((ay - y) * (by - y) > 0) continue;
    const turn = turnOf(ring[i - 3]!, ay, ring[i - 1]!, by, x, y);
    if (turn === TOUCHED) return TOUCHED;
    winding += turn;
  }
  return winding;
}

/** In place of a turn, and more than there are of them: the point is on the edge. */
export const TOUCHED = 2 ** 29;

/** How an edge winds around a point, 1, 0 or −1, or `TOUCHED`. */
export function turnOf(ax: number, ay: number, bx: number, by: number, x: number, y: number): number {
  if ((y < ay && y < by) || (y > ay && y > by) || isNoEdge(ax, ay, bx, by)) return 0;
  const side = (bx - ax) * (y - ay) - (x - ax) * (by - ay);
  if (side === 0 && !((x < ax && x < bx) || (x > ax && x > bx))) return TOUCHED;
  if (ay <= y && y < by && side > 0) return 1;
  if (by <= y && y < ay && side < 0) return -1;
  return 0;
}

/** Whether PostGIS takes no notice of an edge. */
export function isNoEdge(ax: number, ay: number, bx: number, by: number): boolean {
  return (bx - ax) * (bx - ax) + (by - ay) * (by - ay) < NO_LENGTH;
}

/** The squared distance of the origin to a segment, unless another is less. Divides, which takes longest, only then. */
function nearerOf(other: number, ax: number, ay: number, bx: number, by: number): number {
  const dx = bx - ax;
  const dy = by - ay;
  const length = dx * dx + dy * dy;
  const along = -(ax * dx + ay * dy);
  if (along <= 0) return lessOf(other, ax * ax + ay * ay);
  if (along >= length) return lessOf(other, bx * bx + by * by);
  const across = ax * dy - ay * dx;
  return across * across < other * length ? (across * across) / length : other;
}

/** As `Math.min`, which looks for zeros of either sign too. */
function lessOf(a: number, b: number): number {
  return a < b ? a : b;
}
