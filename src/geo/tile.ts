import type { Bounds, Box } from './bbox.ts';

/** A tile of the Web Mercator pyramid; y counts from the north. */
export interface Tile {
  z: number;
  x: number;
  y: number;
}

/** A rectangle of tiles of one zoom, all four ends included. */
export interface TileRange {
  z: number;
  minX: number;
  minY: number;
  maxX: number;
  maxY: number;
}

export const MAX_ZOOM = 22;

/** Units across a tile. */
export const EXTENT = 4096;

/** Units that shapes are drawn beyond each side of a tile, so that lines and outlines do not end at the seam. */
export const BUFFER = 64;

/** The northern edge of the Web Mercator square, in degrees. */
export const MAX_LAT = latOfFraction(0);

/** Stands for "no limit" where bounds go into SQL, which has no finite word for it. */
const UNBOUNDED = 1e9;

/**
 * The tile of three numbers.
 *
 * @throws RangeError when they name no tile
 */
export function parseTile(z: number, x: number, y: number): Tile {
  if (!Number.isInteger(z) || z < 0 || z > MAX_ZOOM)
    throw new RangeError(`z must be a whole number from 0 to ${MAX_ZOOM}`);
  const last = 2 ** z - 1;
  if (!Number.isInteger(x) || x < 0 || x > last)
    throw new RangeError(`x must be a whole number from 0 to ${last} at zoom ${z}`);
  if (!Number.isInteger(y) || y < 0 || y > last)
    throw new RangeError(`y must be a whole number from 0 to ${last} at zoom ${z}`);
  return { z, x, y };
}

/**
 * The edges of a tile in degrees. An edge shared by tiles, of whatever zooms, is the same double in each: a fraction of
 * the world's side with a power of two below it is exact.
 */
export function tileBounds(z: number, x: number, y: number): Bounds {
  const side = 2 ** z;
  return {
    west: lonOfFraction(x / side),
    south: latOfFraction((y + 1) / side),
    east: lonOfFraction((x + 1) / side),
    north: latOfFraction(y / side),
  };
}

/**
 * Bounds to select a tile's own points by `west <= lon and lon < east and south < lat and lat <= north`; at the edge of
 * the world they are ±1e9, so that every point, also at lon 180 and beyond the Mercator square, is in exactly one tile
 * of a zoom: that of `tileOfPoint`.
 */
export function tileFilterBounds(z: number, x: number, y: number): Bounds {
  const { west, south, east, north } = tileBounds(z, x, y);
  const last = 2 ** z - 1;
  return {
    west: x === 0 ? -UNBOUNDED : west,
    south: y === last ? -UNBOUNDED : south,
    east: x === last ? UNBOUNDED : east,
    north: y === 0 ? UNBOUNDED : north,
  };
}

/**
 * Bounds in degrees that hold everything a tile with this buffer can show, one unit wider than the buffer so that
 * rounding to the grid loses nothing. A sieve, not a test: what they hold is still to be clipped.
 *
 * @param buffer in units of the extent
 */
export function tileBufferBounds(z: number, x: number, y: number, buffer = BUFFER, extent = EXTENT): Bounds {
  const margin = (buffer + 1) / extent;
  const side = 2 ** z;
  const last = side - 1;
  return {
    west: x === 0 ? -UNBOUNDED : lonOfFraction((x - margin) / side),
    south: y === last ? -UNBOUNDED : latOfFraction((y + 1 + margin) / side),
    east: x === last ? UNBOUNDED : lonOfFraction((x + 1 + margin) / side),
    north: y === 0 ? UNBOUNDED : latOfFraction((y - margin) / side),
  };
}

/**
 * The one tile of a zoom that a point belongs to: west ≤ lon < east and south < lat ≤ north, by comparison with the very
 * doubles of `tileBounds`. Points outside the square belong to the tile at the edge.
 *
 * @throws RangeError when a coordinate is not a number
 */
export function tileOfPoint(lon: number, lat: number, z: number): Tile {
  if (Number.isNaN(lon) || Number.isNaN(lat)) throw new RangeError('a point needs two numbers of degrees');
  const side = 2 ** z;
  const last = side - 1;
  let x = clamp(Math.floor((lon / 360 + 0.5) * side), 0, last);
  if (x > 0 && lon < lonOfFraction(x / side)) x -= 1;
  else if (x < last && lon >= lonOfFraction((x + 1) / side)) x += 1;
  let y = clamp(Math.floor(fractionOfLat(lat) * side), 0, last);
  if (y > 0 && lat > latOfFraction(y / side)) y -= 1;
  else if (y < last && lat <= latOfFraction((y + 1) / side)) y += 1;
  return { z, x, y };
}

/**
 * The tiles of a zoom that can show something of a box.
 *
 * @param buffer in units of the extent; absent, the tiles that own the points of the box by `tileOfPoint`
 */
export function tilesOfBox(box: Box, z: number, buffer?: number, extent = EXTENT): TileRange {
  const [west, south, east, north] = box;
  if (buffer === undefined) {
    const first = tileOfPoint(west, north, z);
    const last = tileOfPoint(east, south, z);
    return { z, minX: first.x, minY: first.y, maxX: last.x, maxY: last.y };
  }
  const edge = 2 ** z - 1;
  return {
    z,
    minX: clamp(Math.ceil((worldX(west, z, extent) - buffer) / extent) - 1, 0, edge),
    minY: clamp(Math.ceil((worldY(north, z, extent) - buffer) / extent) - 1, 0, edge),
    maxX: clamp(Math.floor((worldX(east, z, extent) + buffer) / extent), 0, edge),
    maxY: clamp(Math.floor((worldY(south, z, extent) + buffer) / extent), 0, edge),
  };
}

/** The tiles of a range, row by row from the north-west. */
export function* tilesOfRange({ z, minX, minY, maxX, maxY }: TileRange): Generator<Tile> {
  for (let y = minY; y <= maxY; y++) for (let x = minX; x <= maxX; x++) yield { z, x, y };
}

/**
 * Whole units from the world's western edge, `extent` of them to a tile; tile x begins at `x * extent`. A place snaps
 * to the same unit in whichever tile it is drawn. Exceeds 31 bits above zoom 18.
 */
export function worldX(lon: number, z: number, extent = EXTENT): number {
  return Math.round((lon / 360 + 0.5) * extent * 2 ** z);
}

/** Whole units from the world's northern edge; latitudes outside the Mercator square are at its edge. */
export function worldY(lat: number, z: number, extent = EXTENT): number {
  return Math.round(fractionOfLat(lat) * extent * 2 ** z);
}

/** Share of the world's side west of a longitude. */
export function fractionOfLon(lon: number): number {
  return lon / 360 + 0.5;
}

/** Share of the world's side north of a latitude, from 0 to 1 (spherical Mercator, EPSG:3857). */
export function fractionOfLat(lat: number): number {
  const sin = Math.sin((clamp(lat, -MAX_LAT, MAX_LAT) * Math.PI) / 180);
  return clamp(0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI), 0, 1);
}

function lonOfFraction(fraction: number): number {
  return fraction * 360 - 180;
}

function latOfFraction(fraction: number): number {
  return (Math.atan(Math.sinh(Math.PI * (1 - 2 * fraction))) * 180) / Math.PI;
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
