import type { MultiPolygon, Polygon, Position } from 'geojson';
import type { Line, Rect } from './area.ts';
import type { Terrain } from './terrain.ts';

/** A rectangle of the lattice by its corners. */
type Box = Pick<Rect, 'x0' | 'y0' | 'x1' | 'y1'>;

/** The lattice points around a box, counter-clockwise, one at every lattice step, the first not repeated. */
function walk(box: Box): [number, number][] {
  const points: [number, number][] = [];
  for (let x = box.x0; x < box.x1; x++) points.push([x, box.y0]);
  for (let y = box.y0; y < box.y1; y++) points.push([box.x1, y]);
  for (let x = box.x1; x > box.x0; x--) points.push([x, box.y1]);
  for (let y = box.y1; y > box.y0; y--) points.push([box.x0, y]);
  return points;
}

/** The ground polygon of a box. Boxes that touch share every vertex of their border. */
export function boxPolygon(box: Box, terrain: Terrain): Polygon {
  return { type: 'Polygon', coordinates: [ring(walk(box), terrain)] };
}

/** The ground line of a street or river, with a vertex at every lattice step. */
export function linePositions(line: Line, terrain: Terrain): Position[] {
  const steps = [line.from];
  for (let s = Math.floor(line.from) + 1; s < line.to; s++) steps.push(s);
  steps.push(line.to);
  return steps.map((s) => (line.axis === 'x' ? terrain.position(line.at, s) : terrain.position(s, line.at)));
}

/**
 * The union of boxes that do not overlap, as one polygon or several. Borders between the boxes cancel out; what is
 * left is walked with the area on the left hand, turning left where two parts meet in a point, so that no ring
 * touches itself.
 */
export function unionPolygon(boxes: readonly Box[], lattice: number, terrain: Terrain): Polygon | MultiPolygon {
  const rings = traceRings(borderSteps(boxes, lattice + 1), lattice + 1);
  const shells = rings.filter((points) => doubleArea(points) > 0).map((points) => [points]);
  for (const hole of rings.filter((points) => doubleArea(points) < 0)) {
    const shell = shells.find(([outer]) => contains(outer!, besideHole(hole)));
    shell?.push(hole);
  }
  const polygons = shells.map((polygon) => polygon.map((points) => ring(points, terrain)));
  return polygons.length === 1
    ? { type: 'Polygon', coordinates: polygons[0]! }
    : { type: 'MultiPolygon', coordinates: polygons };
}

/** Unit steps of the outline: start vertex → end vertices. A step walked both ways is inner and drops out. */
function borderSteps(boxes: readonly Box[], stride: number): Map<number, number[]> {
  const steps = new Map<number, number[]>();
  for (const box of boxes) {
    const points = walk(box);
    points.forEach(([x, y], i) => {
      const [nextX, nextY] = points[(i + 1) % points.length]!;
      const from = y * stride + x;
      const to = nextY * stride + nextX;
      const back = steps.get(to);
      if (back?.includes(from)) back.splice(back.indexOf(from), 1);
      else steps.set(from, [...(steps.get(from) ?? []), to]);
    });
  }
  return steps;
}

function traceRings(steps: Map<number, number[]>, stride: number): [number, number][][] {
  const rings: [number, number][][] = [];
  for (const [start, ends] of steps) {
    while (ends.length > 0) {
      const points: [number, number][] = [];
      let from = start;
      let to = ends.pop()!;
      for (;;) {
        points.push([from % stride, Math.floor(from / stride)]);
        if (to === start && !pinched(steps, to, from, stride)) break;
        const next = takeLeftmost(steps.get(to)!, from, to, stride);
        from = to;
        to = next;
      }
      rings.push(points);
    }
  }
  return rings;
}

/** Whether a walk that comes back to its start must turn left into another step there before it is closed. */
function pinched(steps: Map<number, number[]>, at: number, from: number, stride: number): boolean {
  return (steps.get(at) ?? []).some((end) => turn(from, at, end, stride) > 0);
}

function takeLeftmost(ends: number[], from: number, at: number, stride: number): number {
  let best = 0;
  for (let i = 1; i < ends.length; i++) {
    if (turn(from, at, ends[i]!, stride) > turn(from, at, ends[best]!, stride)) best = i;
  }
  return ends.splice(best, 1)[0]!;
}

/** Positive for a left turn, negative for a right one, 0 straight on. */
function turn(from: number, at: number, to: number, stride: number): number {
  const x = at % stride;
  const y = Math.floor(at / stride);
  const [ax, ay] = [x - (from % stride), y - Math.floor(from / stride)];
  const [bx, by] = [(to % stride) - x, Math.floor(to / stride) - y];
  return ax * by - ay * bx;
}

function doubleArea(points: readonly [number, number][]): number {
  let sum = 0;
  points.forEach(([x, y], i) => {
    const [nextX, nextY] = points[(i + 1) % points.length]!;
    sum += x * nextY - nextX * y;
  });
  return sum;
}

/** A point of the area beside a hole: half a step to the left of the middle of its first step. */
function besideHole(hole: readonly [number, number][]): [number, number] {
  const [[x, y], [nextX, nextY]] = [hole[0]!, hole[1]!];
  const [dx, dy] = [nextX - x, nextY - y];
  return [x + dx / 2 - dy / 2, y + dy / 2 + dx / 2];
}

function contains(points: readonly [number, number][], [px, py]: [number, number]): boolean {
  let inside = false;
  points.forEach(([x, y], i) => {
    const [nextX, nextY] = points[(i + 1) % points.length]!;
    if (y > py !== nextY > py && px < x + ((py - y) * (nextX - x)) / (nextY - y)) inside = !inside;
  });
  return inside;
}

function ring(points: readonly [number, number][], terrain: Terrain): Position[] {
  const positions = points.map(([x, y]) => terrain.position(x, y));
  positions.push(positions[0]!);
  return positions;
}
