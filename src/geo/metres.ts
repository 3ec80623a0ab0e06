import type { Box } from './bbox.ts';

/** WGS 84: semi-major axis in metres, and first eccentricity squared. */
const AXIS = 6_378_137;
const ECCENTRICITY = 0.00669437999014;

/** Up to here `metresNear` is true to a millimetre below 85° of latitude; up to five times as far, to 0.2 m. */
export const NEAR_LIMIT = 10_000;

/**
 * Metres between two near positions on the WGS 84 ellipsoid, by the radii of curvature at the latitude between them.
 * It is symmetric, and at 100 m agrees with the geodesic to a millionth of a millimetre.
 */
export function metresNear(lonA: number, latA: number, lonB: number, latB: number): number {
  const phi = ((latA + latB) / 2) * (Math.PI / 180);
  const sine = Math.sin(phi);
  const w = 1 - ECCENTRICITY * sine * sine;
  const prime = AXIS / Math.sqrt(w);
  const meridional = (prime * (1 - ECCENTRICITY)) / w;
  const x = (lonB - lonA) * (Math.PI / 180) * Math.cos(phi) * prime;
  const y = (latB - latA) * (Math.PI / 180) * meridional;
  return Math.hypot(x, y);
}

/**
 * Whole millimetres between two near positions. Nearness is compared by these, in memory as in SQL: what differs by less
 * differs by the way of reckoning.
 */
export function millimetresNear(lonA: number, latA: number, lonB: number, latB: number): number {
  return Math.round(metresNear(lonA, latA, lonB, latB) * 1000);
}

/** Metres to a tenth, as `round(metres, 1)` in SQL. */
export function tenthsOfMetres(millimetres: number): number {
  return Math.round(millimetres / 100) / 10;
}

/** The box in degrees that holds everything within some metres of a position, by at least a little. */
export function boxAround(lon: number, lat: number, metres: number): [number, number, number, number] {
  const reachLat = metres / 110_500;
  const furthest = Math.min(Math.abs(lat) + reachLat, 89.9);
  const reachLon = metres / (111_300 * Math.cos((furthest * Math.PI) / 180));
  return [lon - reachLon, lat - reachLat, lon + reachLon, lat + reachLat];
}

/** The same around a box. */
export function boxAroundBox([west, south, east, north]: Box, metres: number): Box {
  const [left, , right] = boxAround(0, Math.max(Math.abs(south), Math.abs(north)), metres);
  const [, bottom, , top] = boxAround(0, 0, metres);
  return [west + left, south + bottom, east + right, north + top];
}
