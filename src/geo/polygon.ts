import type { Geometry, Position } from 'geojson';

/** What is wrong with a geometry and where. */
export interface GeometryFault {
  /** One sentence that names the ring and, where there is one, the cure. */
  message: string;
  /** "ring 1", in a multipolygon "polygon 2, ring 1", both counted from 1; null outside polygons. */
  ring: string | null;
  /** Longitude and latitude; null where the fault has no place. */
  at: [number, number] | null;
}

/**
 * What can be said about a geometry without geometry: its nesting, its numbers, and the length and closing of its rings.
 * Whether rings cross is the database's question (`describeFault`).
 *
 * @returns null when nothing is wrong
 */
export function findFault(geometry: Geometry): GeometryFault | null {
  if (geometry.type === 'GeometryCollection')
    return fault('a GeometryCollection is not taken; give its parts one by one');
  const coordinates: unknown = geometry.coordinates;
  switch (geometry.type) {
    case 'Point':
      return faultOfPosition(coordinates, null, 'the point');
    case 'MultiPoint':
      return faultOfList(coordinates, 'the geometry', (position, i) => faultOfPosition(position, null, `point ${i}`));
    case 'LineString':
      return faultOfLine(coordinates, 'the line');
    case 'MultiLineString':
      return faultOfList(coordinates, 'the geometry', (line, i) => faultOfLine(line, `line ${i}`));
    case 'Polygon':
      return faultOfPolygon(coordinates, '');
    case 'MultiPolygon':
      return faultOfList(coordinates, 'the geometry', (rings, i) => faultOfPolygon(rings, `polygon ${i}, `));
  }
}

/** What ST_IsValidDetail says, in words. The ring and, with them, "crosses itself" and the like follow. */
const REASONS: Record<string, string> = {
  'Self-intersection': 'crosses itself or another ring',
  'Ring Self-intersection': 'touches itself',
  'Hole lies outside shell': 'is a hole outside its polygon',
  'Holes are nested': 'is a hole inside another hole',
  'Nested holes': 'is a hole inside another hole',
  'Interior is disconnected': 'cuts its polygon in two',
  'Nested shells': 'lies inside another polygon of the same geometry',
  'Duplicate Rings': 'is there twice',
  'Duplicate rings': 'is there twice',
  'Too few points in geometry component': 'has too few different positions to enclose an area',
  'Invalid Coordinate': 'has a coordinate that is not a number',
  'Ring is not closed': 'is not closed: repeat its first position at its end',
};

/**
 * Put the database's finding into words, with the ring that passes nearest to its place: "ring 1 of polygon 1 crosses
 * itself or another ring near 114.05,22.54".
 *
 * @param reason of ST_IsValidDetail
 * @param at its location in degrees, null when it gives none
 */
export function describeFault(reason: string, at: Position | null, geometry: Geometry): string {
  const words = REASONS[reason] ?? `is not valid (${reason})`;
  if (at === null) return `the geometry ${words}`;
  const place = `near ${at[0]},${at[1]}`;
  const nearest = nearestRing(geometry, at);
  if (nearest === null) return `the geometry ${words} ${place}`;
  return `ring ${nearest.ring} of polygon ${nearest.polygon} ${words} ${place}`;
}

function faultOfPolygon(rings: unknown, prefix: string): GeometryFault | null {
  const owner = prefix === '' ? 'the polygon' : prefix.slice(0, -2);
  return faultOfList(rings, owner, (ring, i) => faultOfRing(ring, `${prefix}ring ${i}`));
}

function faultOfRing(ring: unknown, name: string): GeometryFault | null {
  const inside = faultOfList(ring, name, (position) => faultOfPosition(position, name, name), name);
  if (inside !== null) return inside;
  const positions = ring as Position[];
  const first = positions[0]!;
  const last = positions.at(-1)!;
  const at: [number, number] = [first[0]!, first[1]!];
  if (first[0] !== last[0] || first[1] !== last[1]) {
    return { message: `${name} is not closed: repeat its first position ${show(first)} at its end`, ring: name, at };
  }
  if (positions.length >= 4) return null;
  return { message: `${name} has ${positions.length} positions: at least 4 enclose an area`, ring: name, at };
}

function faultOfLine(line: unknown, name: string): GeometryFault | null {
  const inside = faultOfList(line, name, (position) => faultOfPosition(position, null, name));
  if (inside !== null || (line as Position[]).length >= 2) return inside;
  return fault(`${name} has one position: at least 2 make a line`, null, line as Position[]);
}

function faultOfList(
  list: unknown,
  name: string,
  faultOf: (part: unknown, number: number) => GeometryFault | null,
  ring: string | null = null,
): GeometryFault | null {
  if (!Array.isArray(list))
    return fault(`the coordinates of ${name} are not nested as the geometry's type demands`, ring);
  if (list.length === 0) return fault(`${name} is empty: leave it out`, ring);
  for (let i = 0; i < list.length; i++) {
    const found = faultOf(list[i], i + 1);
    if (found !== null) return found;
  }
  return null;
}

function faultOfPosition(position: unknown, ring: string | null, name: string): GeometryFault | null {
  if (!Array.isArray(position) || Array.isArray(position[0])) {
    return fault(`the coordinates of ${name} are not nested as the geometry's type demands`, ring);
  }
  const [lon, lat] = position as unknown[];
  if (!Number.isFinite(lon) || !Number.isFinite(lat)) {
    return fault(`${name} has a position that is not two finite numbers: ${show(position)}`, ring);
  }
  if (Math.abs(lon as number) <= 180 && Math.abs(lat as number) <= 90) return null;
  const cure =
    'positions are longitude, latitude in degrees; convert projected coordinates, and cut areas at the 180th meridian';
  return fault(`${name} has a position that is not on the earth: ${show(position)}; ${cure}`, ring, [
    position as Position,
  ]);
}

function fault(message: string, ring: string | null = null, [place]: Position[] = []): GeometryFault {
  return { message, ring, at: place === undefined ? null : [place[0]!, place[1]!] };
}

function show(position: unknown): string {
  const text = JSON.stringify(position) ?? String(position);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** Numbers from 1 of the ring that passes nearest to a place, measured in degrees. */
function nearestRing(geometry: Geometry, at: Position): { polygon: number; ring: number } | null {
  const polygons = polygonsOf(geometry);
  let nearest = Infinity;
  let found: { polygon: number; ring: number } | null = null;
  polygons.forEach((rings, p) => {
    rings.forEach((ring, r) => {
      const distance = distanceToRing(ring, at);
      if (distance >= nearest) return;
      nearest = distance;
      found = { polygon: p + 1, ring: r + 1 };
    });
  });
  return found;
}

/** Rings of each polygon of a geometry, the exterior first; none of one that has no area. */
export function polygonsOf(geometry: Geometry): Position[][][] {
  if (geometry.type === 'Polygon') return [geometry.coordinates];
  return geometry.type === 'MultiPolygon' ? geometry.coordinates : [];
}

function distanceToRing(ring: Position[], at: Position): number {
  let nearest = Infinity;
  for (let i = 1; i < ring.length; i++) nearest = Math.min(nearest, distanceToSegment(at, ring[i - 1]!, ring[i]!));
  return nearest;
}

function distanceToSegment([x, y]: Position, [ax, ay]: Position, [bx, by]: Position): number {
  const dx = bx! - ax!;
  const dy = by! - ay!;
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.min(Math.max(((x! - ax!) * dx + (y! - ay!) * dy) / length, 0), 1);
  return Math.hypot(ax! + along * dx - x!, ay! + along * dy - y!);
}
