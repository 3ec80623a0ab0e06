import type { Geometry, Position } from 'geojson';
import {
  boundsOf,
  type Coordinates,
  cleanLine,
  cleanRing,
  clipLine,
  clipRing,
  overlap,
  type Rect,
  reversedRing,
} from './clip.ts';
import { type GeometryType, LINE, POINT, POLYGON, ringArea, type TileGeometry } from './mvt.ts';
import { BUFFER, EXTENT, fractionOfLat, fractionOfLon, type Tile, worldX, worldY } from './tile.ts';

/** How a tile is cut. */
export interface TileOptions {
  /** Units beyond each side that still belong; 64 by default. */
  buffer?: number;
  /** Units across the tile; 4096 by default. */
  extent?: number;
}

/**
 * A geometry on the whole units of the world at one zoom (`worldX`, `worldY`), from which every tile of that zoom is
 * cut: what borders share, they share in each tile.
 */
export interface WorldGeometry {
  type: GeometryType;
  z: number;
  extent: number;
  /** Polygons: exterior, then holes, no ring repeats its first position. Lines: one each. Points: one list of all. */
  groups: Coordinates[][];
  bounds: Rect;
}

/**
 * Snap a geometry to the units of a zoom.
 *
 * @throws RangeError for a GeometryCollection: its parts have to be given one by one
 */
export function snapToWorld(geometry: Geometry, z: number, extent = EXTENT): WorldGeometry {
  const snap = (positions: Position[]) => snapped(positions, z, extent);
  const world = (type: GeometryType, groups: Coordinates[][]) => ({
    type,
    z,
    extent,
    groups,
    bounds: boundsOfAll(groups),
  });
  switch (geometry.type) {
    case 'Point':
      return world(POINT, [[snap([geometry.coordinates])]]);
    case 'MultiPoint':
      return world(POINT, [[snap(geometry.coordinates)]]);
    case 'LineString':
      return world(LINE, [[snap(geometry.coordinates)]]);
    case 'MultiLineString':
      return world(
        LINE,
        geometry.coordinates.map((line) => [snap(line)]),
      );
    case 'Polygon':
      return world(POLYGON, [geometry.coordinates.map((ring) => opened(snap(ring)))]);
    case 'MultiPolygon':
      return world(
        POLYGON,
        geometry.coordinates.map((rings) => rings.map((ring) => opened(snap(ring)))),
      );
    default:
      throw new RangeError('a GeometryCollection has no place in a tile; give its parts one by one');
  }
}

/**
 * What a tile shows of a geometry, null when nothing: points within the buffer, parts of lines that have length, and
 * polygons that have area. Winding and order of rings are those of MVT 2.1. Rings may touch themselves and each other,
 * as snapping makes them do.
 */
export function clipToTile(world: WorldGeometry, tile: Tile, buffer = BUFFER): TileGeometry | null {
  const left = tile.x * world.extent;
  const top = tile.y * world.extent;
  const size = world.extent + buffer;
  const seen = { minX: left - buffer, minY: top - buffer, maxX: left + size, maxY: top + size };
  if (!overlap(world.bounds, seen)) return null;
  const rect = { minX: 0 - buffer, minY: 0 - buffer, maxX: size, maxY: size };
  const parts: number[][] = [];
  for (const group of world.groups) {
    const moved = group.map((flat) => shifted(flat, left, top));
    if (world.type === POLYGON) pushPolygon(parts, moved, rect);
    else if (world.type === LINE) pushLines(parts, moved, rect);
    else pushPoints(parts, moved, rect);
  }
  return parts.length === 0 ? null : { type: world.type, parts };
}

/**
 * What a tile shows of a geometry in degrees: `snapToWorld`, then `clipToTile`.
 *
 * @throws RangeError for a GeometryCollection
 */
export function toTileGeometry(geometry: Geometry, tile: Tile, options: TileOptions = {}): TileGeometry | null {
  return clipToTile(snapToWorld(geometry, tile.z, options.extent), tile, options.buffer);
}

/**
 * A point of the tile that owns it (`tileOfPoint`), in the tile's units. Rounded down, and held between 0 and extent − 1,
 * so that it is drawn in no other tile; on average it lies half a unit north-west of its place.
 */
export function ownPoint(lon: number, lat: number, tile: Tile, extent = EXTENT): TileGeometry {
  const side = 2 ** tile.z;
  const x = unitWithin(fractionOfLon(lon) * side - tile.x, extent);
  const y = unitWithin(fractionOfLat(lat) * side - tile.y, extent);
  return { type: POINT, parts: [[x, y]] };
}

function unitWithin(share: number, extent: number): number {
  return Math.min(Math.max(Math.floor(share * extent), 0), extent - 1);
}

function snapped(positions: Position[], z: number, extent: number): number[] {
  const flat: number[] = [];
  for (const [lon, lat] of positions as [number, number][]) {
    const x = worldX(lon, z, extent);
    const y = worldY(lat, z, extent);
    const last = flat.length - 2;
    if (last < 0 || flat[last] !== x || flat[last + 1] !== y) flat.push(x, y);
  }
  return flat;
}

function opened(ring: number[]): number[] {
  const last = ring.length - 2;
  if (last > 0 && ring[0] === ring[last] && ring[1] === ring[last + 1]) ring.length = last;
  return ring;
}

function boundsOfAll(groups: Coordinates[][]): Rect {
  const bounds = boundsOf([]);
  for (const group of groups) {
    const own = boundsOf(group[0] ?? []);
    bounds.minX = Math.min(bounds.minX, own.minX);
    bounds.minY = Math.min(bounds.minY, own.minY);
    bounds.maxX = Math.max(bounds.maxX, own.maxX);
    bounds.maxY = Math.max(bounds.maxY, own.maxY);
  }
  return bounds;
}

function shifted(flat: Coordinates, left: number, top: number): number[] {
  const moved = new Array<number>(flat.length);
  for (let i = 0; i < flat.length; i += 2) {
    moved[i] = flat[i]! - left;
    moved[i + 1] = flat[i + 1]! - top;
  }
  return moved;
}

function pushPolygon(parts: number[][], rings: Coordinates[], rect: Rect): void {
  const [exterior, ...holes] = rings.map((ring) => cleanRing(clipRing(ring, rect)));
  if (exterior === undefined || exterior.length === 0) return;
  const polygon: number[][] = [];
  let left = pushRing(polygon, exterior, 1);
  if (left === 0) return;
  for (const hole of holes) left -= pushRing(polygon, hole, -1);
  if (left > 0) parts.push(...polygon);
}

/** Push a ring wound as asked, unless it has no area; returns twice its area. */
function pushRing(polygon: number[][], ring: number[], sign: 1 | -1): number {
  const area = ringArea(ring);
  if (area !== 0) polygon.push(area * sign > 0 ? ring : reversedRing(ring));
  return Math.abs(area);
}

function pushLines(parts: number[][], lines: Coordinates[], rect: Rect): void {
  for (const line of lines) {
    for (const part of clipLine(line, rect)) {
      const clean = cleanLine(part);
      if (clean.length > 0) parts.push(clean);
    }
  }
}

function pushPoints(parts: number[][], lists: Coordinates[], rect: Rect): void {
  const seen: number[] = [];
  for (const list of lists) {
    for (let i = 0; i < list.length; i += 2) {
      const x = list[i]!;
      const y = list[i + 1]!;
      if (x >= rect.minX && x <= rect.maxX && y >= rect.minY && y <= rect.maxY) seen.push(x, y);
    }
  }
  if (seen.length > 0) parts.push(seen);
}
