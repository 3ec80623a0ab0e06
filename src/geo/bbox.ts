/** A box in degrees, WGS 84: west, south, east, north. Never crosses the antimeridian. */
export type Box = readonly [west: number, south: number, east: number, north: number];

/** A box in degrees by the names of its sides. */
export interface Bounds {
  west: number;
  south: number;
  east: number;
  north: number;
}

/** The box of bounds, in the order of GeoJSON. */
export function boxOfBounds({ west, south, east, north }: Bounds): Box {
  return [west, south, east, north];
}

/**
 * Read a box from text such as `113.9,22.5,114.1,22.6`.
 *
 * @throws RangeError that says which number is wrong and what to write instead
 */
export function parseBox(text: string): Box {
  const parts = text.split(',');
  if (parts.length !== 4) throw new RangeError('must be four numbers: west,south,east,north');
  const [west, south, east, north] = parts.map(toNumber) as [number, number, number, number];
  if (Math.abs(west) > 180 || Math.abs(east) > 180) throw new RangeError('west and east must lie from -180 to 180');
  if (Math.abs(south) > 90 || Math.abs(north) > 90) {
    throw new RangeError('south and north must lie from -90 to 90; the order is west,south,east,north');
  }
  if (south > north) throw new RangeError('south must not exceed north; the order is west,south,east,north');
  if (west > east)
    throw new RangeError('west must not exceed east; ask for a box across the antimeridian as two boxes');
  return [west, south, east, north];
}

function toNumber(text: string): number {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isFinite(number)) return number;
  throw new RangeError(`"${text}" is not a number of degrees; write west,south,east,north`);
}
