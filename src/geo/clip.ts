/** Flat positions x0, y0, x1, y1 … in whole units. A ring does not repeat its first position. */
export type Coordinates = readonly number[];

/** A rectangle of whole units, its sides included. */
export interface Rect {
  minX: number;
  minY: number;
  maxX: number;
  maxY: number;
}

/** Which coordinate a side of a rectangle fixes. */
type Axis = 0 | 1;

/** Products below this, and sums of two of them, are exact in a double. */
const EXACT = 2 ** 52;

/**
 * Cut a ring to a rectangle (Sutherland & Hodgman 1974). What enters several times stays one ring, joined along the
 * sides; the area inside is that of the ring. Where an edge meets a side depends on the edge's line alone, neither on its
 * direction nor on its ends, so that rings that share it still meet.
 *
 * @returns empty when the ring lies outside; positions may repeat (`cleanRing`)
 */
export function clipRing(ring: Coordinates, rect: Rect): Coordinates {
  const box = boundsOf(ring);
  if (!overlap(box, rect)) return [];
  let clipped = ring;
  if (box.minX < rect.minX) clipped = clipSide(clipped, 0, rect.minX, 1);
  if (box.maxX > rect.maxX) clipped = clipSide(clipped, 0, rect.maxX, -1);
  if (box.minY < rect.minY) clipped = clipSide(clipped, 1, rect.minY, 1);
  if (box.maxY > rect.maxY) clipped = clipSide(clipped, 1, rect.maxY, -1);
  return clipped;
}

/** @param sign 1 keeps what lies at or above the limit, −1 what lies at or below it */
function clipSide(ring: Coordinates, axis: Axis, limit: number, sign: 1 | -1): number[] {
  const kept: number[] = [];
  if (ring.length === 0) return kept;
  let x = ring[ring.length - 2]!;
  let y = ring[ring.length - 1]!;
  let inside = ((axis === 0 ? x : y) - limit) * sign >= 0;
  for (let i = 0; i < ring.length; i += 2) {
    const nextX = ring[i]!;
    const nextY = ring[i + 1]!;
    const nextInside = ((axis === 0 ? nextX : nextY) - limit) * sign >= 0;
    if (inside !== nextInside) {
      if (axis === 0) kept.push(limit, crossing(x, y, nextX, nextY, limit));
      else kept.push(crossing(y, x, nextY, nextX, limit), limit);
    }
    if (nextInside) kept.push(nextX, nextY);
    x = nextX;
    y = nextY;
    inside = nextInside;
  }
  return kept;
}

/**
 * Cut a line to a rectangle (Cohen & Sutherland). Each part inside is a line; a part that only touches a side in one
 * position is none.
 */
export function clipLine(line: Coordinates, rect: Rect): number[][] {
  const parts: number[][] = [];
  let part: number[] = [];
  for (let i = 2; i < line.length; i += 2) {
    const segment = clipSegment(line[i - 2]!, line[i - 1]!, line[i]!, line[i + 1]!, rect);
    if (segment === null) continue;
    const [x, y, nextX, nextY] = segment;
    const goesOn = part.length > 0 && part[part.length - 2] === x && part[part.length - 1] === y;
    if (!goesOn) {
      if (part.length > 2) parts.push(part);
      part = [x, y];
    }
    if (x !== nextX || y !== nextY) part.push(nextX, nextY);
  }
  if (part.length > 2) parts.push(part);
  return parts;
}

type Segment = [x: number, y: number, nextX: number, nextY: number];

function clipSegment(ax: number, ay: number, bx: number, by: number, rect: Rect): Segment | null {
  const start = clipEnd(ax, ay, ax, ay, bx, by, rect);
  if (start === null) return null;
  const end = clipEnd(bx, by, ax, ay, bx, by, rect);
  return end === null ? null : [...start, ...end];
}

/** Move an end of the segment a–b to where the segment enters the rectangle; null when it never does. */
function clipEnd(
  endX: number,
  endY: number,
  ax: number,
  ay: number,
  bx: number,
  by: number,
  rect: Rect,
): [number, number] | null {
  let x = endX;
  let y = endY;
  const limitX = clamp(x, rect.minX, rect.maxX);
  if (x !== limitX) {
    if ((ax < limitX && bx < limitX) || (ax > limitX && bx > limitX)) return null;
    y = crossing(ax, ay, bx, by, limitX);
    x = limitX;
  }
  const limitY = clamp(y, rect.minY, rect.maxY);
  if (y !== limitY) {
    if ((ay < limitY && by < limitY) || (ay > limitY && by > limitY)) return null;
    x = crossing(ay, ax, by, bx, limitY);
    y = limitY;
  }
  return x < rect.minX || x > rect.maxX ? null : [x, y];
}

/** Without repeated positions and those exactly on the line between their neighbours; empty when no area is left. */
export function cleanRing(ring: Coordinates): number[] {
  const kept: number[] = [];
  for (let i = 0; i < ring.length; i += 2) pushCorner(kept, ring[i]!, ring[i + 1]!);
  let first = 0;
  while (kept.length - first >= 6) {
    const end = kept.length;
    if (isNoCorner(kept, end - 4, end - 2, kept[first]!, kept[first + 1]!)) kept.length -= 2;
    else if (isNoCorner(kept, end - 2, first, kept[first + 2]!, kept[first + 3]!)) first += 2;
    else return first === 0 ? kept : kept.slice(first);
  }
  return [];
}

function pushCorner(kept: number[], x: number, y: number): void {
  kept.push(x, y);
  while (kept.length >= 4) {
    const last = kept.length - 2;
    const repeats = kept[last] === kept[last - 2] && kept[last + 1] === kept[last - 1];
    if (!repeats && (last < 4 || !isNoCorner(kept, last - 4, last - 2, x, y))) return;
    kept[last - 2] = x;
    kept[last - 1] = y;
    kept.length = last;
  }
}

/** Whether the position at `b` lies on the line through those at `a` and at x, y, beyond them included. */
export function isNoCorner(flat: ArrayLike<number>, a: number, b: number, x: number, y: number): boolean {
  const bx = flat[b]!;
  const by = flat[b + 1]!;
  return (bx - flat[a]!) * (y - by) === (by - flat[a + 1]!) * (x - bx);
}

/** A ring wound the other way. */
export function reversedRing(ring: Coordinates): number[] {
  const turned: number[] = [];
  for (let i = ring.length - 2; i >= 0; i -= 2) turned.push(ring[i]!, ring[i + 1]!);
  return turned;
}

/** Without repeated positions and those exactly on the way between their neighbours; turns on the spot stay. */
export function cleanLine(line: Coordinates): number[] {
  const kept: number[] = [];
  for (let i = 0; i < line.length; i += 2) {
    const x = line[i]!;
    const y = line[i + 1]!;
    const last = kept.length - 2;
    if (last >= 0 && kept[last] === x && kept[last + 1] === y) continue;
    if (last >= 2 && isOnTheWay(kept, last, x, y)) kept.length -= 2;
    kept.push(x, y);
  }
  return kept.length > 2 ? kept : [];
}

function isOnTheWay(kept: Coordinates, last: number, x: number, y: number): boolean {
  const inX = kept[last]! - kept[last - 2]!;
  const inY = kept[last + 1]! - kept[last - 1]!;
  const outX = x - kept[last]!;
  const outY = y - kept[last + 1]!;
  return inX * outY === inY * outX && inX * outX + inY * outY > 0;
}

/** The rectangle around flat positions; without any, one that overlaps nothing. */
export function boundsOf(flat: ArrayLike<number>): Rect {
  const box = { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };
  for (let i = 0; i < flat.length; i += 2) {
    const x = flat[i]!;
    const y = flat[i + 1]!;
    if (x < box.minX) box.minX = x;
    if (x > box.maxX) box.maxX = x;
    if (y < box.minY) box.minY = y;
    if (y > box.maxY) box.maxY = y;
  }
  return box;
}

/** Whether two rectangles share a position. */
export function overlap(a: Rect, b: Rect): boolean {
  return a.minX <= b.maxX && a.maxX >= b.minX && a.minY <= b.maxY && a.maxY >= b.minY;
}

/**
 * Where the line through (a, p) and (b, q) is at the first coordinate `limit`: the second coordinate there, rounded half
 * up from its exact value.
 */
export function crossing(a: number, p: number, b: number, q: number, limit: number): number {
  const run = b - a;
  return run > 0 ? p + roundedRatio(q - p, limit - a, run) : p + roundedRatio(p - q, limit - a, -run);
}

/** `(p · q) / divisor` rounded half up, exactly; all whole, the divisor positive. */
function roundedRatio(p: number, q: number, divisor: number): number {
  const product = p * q;
  if (Math.abs(product) > EXACT) return roundedBigRatio(BigInt(p) * BigInt(q), BigInt(divisor));
  let quotient = Math.floor(product / divisor);
  let rest = product - quotient * divisor;
  if (rest < 0) {
    quotient -= 1;
    rest += divisor;
  }
  return 2 * rest >= divisor ? quotient + 1 : quotient;
}

function roundedBigRatio(product: bigint, divisor: bigint): number {
  const doubled = 2n * product + divisor;
  const quotient = doubled / (2n * divisor);
  const isBelow = doubled < 0n && quotient * 2n * divisor !== doubled;
  return Number(isBelow ? quotient - 1n : quotient);
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
