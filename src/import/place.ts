import type { Geometry, Position } from 'geojson';
import type { GeometrySpec } from './fields.ts';
import type { SourceRow } from './row.ts';

/** A geometry, null when the row has none, or what is wrong with it. */
export type Place = { geometry: Geometry | null } | { reason: string };

/** Depth of the arrays around a position. */
const DEPTH: Record<Exclude<Geometry['type'], 'GeometryCollection'>, number> = {
  Point: 0,
  MultiPoint: 1,
  LineString: 1,
  MultiLineString: 2,
  Polygon: 2,
  MultiPolygon: 3,
};

/**
 * The geometry of a row: its own, its column `geometry` (GeoJSON, in CSV as text), or its columns `lon` and `lat`.
 * Its type is checked, its coordinates are not.
 */
export function placeOf(row: SourceRow, spec: GeometrySpec): Place {
  const given = row.geometry ?? row.properties.geometry;
  if (!isAbsent(given)) return fromGeojson(given, spec);
  const { lon, lat } = row.properties;
  if (isAbsent(lon) && isAbsent(lat)) return { geometry: null };
  if (!spec.kinds.includes('Point')) return { reason: `geometry: needs ${spec.kinds.join(' or ')}, not lon and lat` };
  const position = [toNumber(lon), toNumber(lat)];
  if (!position.every(Number.isFinite))
    return { reason: `lon, lat: '${show(lon)}', '${show(lat)}' are not two numbers` };
  return { geometry: { type: 'Point', coordinates: position } };
}

function fromGeojson(given: unknown, spec: GeometrySpec): Place {
  let value = given;
  if (typeof value === 'string') {
    try {
      value = JSON.parse(value);
    } catch {
      return { reason: 'geometry: the column does not hold GeoJSON text' };
    }
  }
  const { type, coordinates } = (value ?? {}) as { type?: unknown; coordinates?: unknown };
  if (!spec.kinds.some((kind) => kind === type)) {
    return { reason: `geometry: ${show(type ?? value)} is not ${spec.kinds.join(' or ')}` };
  }
  return { geometry: { type, coordinates } as Geometry };
}

type Nested = Position | Nested[];

/** A geometry without heights. Its coordinates must be nested as its type demands. */
export function withoutHeights<G extends Geometry>(geometry: G): G {
  if (geometry.type === 'GeometryCollection') return geometry;
  return { type: geometry.type, coordinates: flatten(geometry.coordinates) } as unknown as G;
}

function flatten(coordinates: Nested): Nested {
  if (typeof coordinates[0] === 'number') return [coordinates[0], coordinates[1] as number];
  return (coordinates as Nested[]).map(flatten);
}

/**
 * What a repair cannot mend: coordinates that are not nested as the type demands, not numbers, or not on the earth.
 * Everything else about rings is left to it.
 */
export function faultBeyondRepair(geometry: Geometry): string | null {
  if (geometry.type === 'GeometryCollection') return 'a GeometryCollection cannot be repaired';
  return faultOfNesting(geometry.coordinates, DEPTH[geometry.type]);
}

function faultOfNesting(coordinates: unknown, depth: number): string | null {
  if (!Array.isArray(coordinates)) return 'coordinates are not nested as the type demands';
  if (depth === 0) return faultOfPosition(coordinates);
  if (coordinates.length === 0) return 'the geometry or one of its parts is empty';
  for (const part of coordinates) {
    const fault = faultOfNesting(part, depth - 1);
    if (fault !== null) return fault;
  }
  return null;
}

function faultOfPosition(position: unknown[]): string | null {
  const [lon, lat] = position;
  if (typeof lon !== 'number' || typeof lat !== 'number') return `${show(position)} is not a longitude and a latitude`;
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 90
    ? null
    : `${show(position)} is not on the earth; convert projected coordinates, and cut areas at the 180th meridian`;
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

function toNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
}

function show(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
