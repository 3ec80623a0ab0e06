import gcoordModule from 'gcoord';
import type { Geometry, Position } from 'geojson';

/** The package is CommonJS while its types describe an ES module with a default export. */
const gcoord = gcoordModule as unknown as typeof gcoordModule.default;

/** Coordinate systems that are read. What is stored and answered is WGS 84. */
export const CRS_NAMES = ['wgs84', 'gcj02', 'bd09', 'cgcs2000'] as const;
export type Crs = (typeof CRS_NAMES)[number];

/** Beyond this box gcoord shifts nothing: its own box, less a rim wider than any shift. */
const SHIFTED = { west: 72.054, south: 0.8793, east: 137.7847, north: 55.7771 };

/**
 * A position in WGS 84, without height. From GCJ-02 and BD-09 it is true to 1–10 m, the limit of the published inverse;
 * CGCS2000 differs from WGS 84 by centimetres and is taken as it is.
 */
export function positionToWgs84(position: Position, crs: Crs): [number, number] {
  const [lon, lat] = position as [number, number];
  if (crs === 'wgs84' || crs === 'cgcs2000') return [lon, lat];
  const shifted: Position = crs === 'bd09' ? gcoord.transform([lon, lat], gcoord.BD09, gcoord.GCJ02) : [lon, lat];
  return gcj02ToWgs84(shifted as [number, number]);
}

/** A geometry in WGS 84, without heights: a new one, the given one is left as it is. Accuracy as of `positionToWgs84`. */
export function toWgs84<G extends Geometry>(geometry: G, crs: Crs): G {
  if (geometry.type === 'GeometryCollection') {
    return { ...geometry, geometries: geometry.geometries.map((part) => toWgs84(part, crs)) };
  }
  return { type: geometry.type, coordinates: nestedToWgs84(geometry.coordinates, crs) } as G;
}

type Nested = Position | Nested[];

function nestedToWgs84(coordinates: Nested, crs: Crs): Nested {
  if (typeof coordinates[0] === 'number') return positionToWgs84(coordinates as Position, crs);
  return (coordinates as Nested[]).map((part) => nestedToWgs84(part, crs));
}

/** Near the rim of gcoord's box its inverse steps out of the box and back for ever, so the rim is left unshifted. */
function gcj02ToWgs84(position: [number, number]): [number, number] {
  const [lon, lat] = position;
  const { west, south, east, north } = SHIFTED;
  if (!(lon >= west && lon <= east && lat >= south && lat <= north)) return position;
  return gcoord.transform(position, gcoord.GCJ02, gcoord.WGS84) as [number, number];
}
