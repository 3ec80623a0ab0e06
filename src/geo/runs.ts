import { boundsOf } from './clip.ts';
import {
  type FlatRing,
  INSIDE,
  isNoEdge,
  MARGIN,
  nearestSquared,
  ON_EDGE,
  OUTSIDE,
  type Placement,
  type Plane,
  TOUCHED,
  windingOf,
} from './rings.ts';

/** With fewer more boxes are looked at, with more more edges. */
const EDGES_PER_RUN = 8;
/** A box is told to be farther than an edge only beyond what rounding may do to either. */
const ROUNDING = 1 + 1e-9;

/** A ring in runs of edges, each with its box, so that what a point is near to is found without a look at all of them. */
export class RingRuns {
  readonly #ring: FlatRing;
  /** West, south, east and north of each run. A list takes a third of the memory of so short a typed array. */
  readonly #boxes: readonly number[];
  /** Degrees; infinite where that of its ends would not do. */
  readonly #margin: number;

  constructor(ring: FlatRing) {
    this.#ring = ring;
    this.#boxes = boxesOf(ring);
    this.#margin = hasNoEdge(ring) ? Infinity : MARGIN;
  }

  /**
   * Where a point lies, see `pointInRing`. Runs above it, below it and west of it do not wind around it; one east of it
   * does as its ends say.
   */
  place(x: number, y: number): Placement {
    const boxes = this.#boxes;
    const ring = this.#ring;
    let winding = 0;
    for (let i = 0; i < boxes.length; i += 4) {
      if (y < boxes[i + 1]! || y > boxes[i + 3]! || x > boxes[i + 2]!) continue;
      if (x < boxes[i]! - this.#margin) {
        winding += turnOfEnds(ring[firstOf(i) + 1]!, ring[this.#lastOf(i) + 1]!, y);
        continue;
      }
      const turns = windingOf(x, y, ring, firstOf(i), this.#lastOf(i));
      if (turns === TOUCHED) return ON_EDGE;
      winding += turns;
    }
    return winding === 0 ? OUTSIDE : INSIDE;
  }

  /**
   * The squared metres from the point of a plane to the nearest edge, if they are less than those given; these otherwise.
   * The same number as a look at every edge gives.
   */
  nearestSquared(plane: Plane, other: number): number {
    const boxes = this.#boxes;
    // The edge sought is most often in the run whose box is nearest: after it the others are too far.
    let first = -1;
    let least = Infinity;
    for (let i = 0; i < boxes.length; i += 4) {
      const squared = squaredToBox(plane, boxes, i);
      if (squared >= least) continue;
      least = squared;
      first = i;
    }
    if (first < 0 || least > other * ROUNDING) return other;
    let nearest = this.#nearestInRun(plane, first, other);
    for (let i = 0; i < boxes.length; i += 4) {
      if (i !== first && squaredToBox(plane, boxes, i) <= nearest * ROUNDING) {
        nearest = this.#nearestInRun(plane, i, nearest);
      }
    }
    return nearest;
  }

  /** @param run position of its box */
  #nearestInRun(plane: Plane, run: number, other: number): number {
    return nearestSquared(plane, this.#ring, firstOf(run), this.#lastOf(run), other);
  }

  #lastOf(run: number): number {
    return Math.min(firstOf(run) + 2 * EDGES_PER_RUN, this.#ring.length - 2);
  }
}

/** Where a run begins in its ring, by the position of its box. */
function firstOf(run: number): number {
  return (run / 2) * EDGES_PER_RUN;
}

/** How edges wind around a point far enough west of them: each does, or does not, by where its ends are. */
function turnOfEnds(from: number, to: number, y: number): number {
  return Number(from <= y) - Number(to <= y);
}

function squaredToBox({ lon, lat, perLon, perLat }: Plane, boxes: readonly number[], i: number): number {
  const west = boxes[i]!;
  const south = boxes[i + 1]!;
  const east = boxes[i + 2]!;
  const north = boxes[i + 3]!;
  const x = (lon < west ? west - lon : lon > east ? lon - east : 0) * perLon;
  const y = (lat < south ? south - lat : lat > north ? lat - north : 0) * perLat;
  return x * x + y * y;
}

/** Whether a ring has edges that the test of points takes no notice of. */
function hasNoEdge(ring: FlatRing): boolean {
  for (let i = 2; i < ring.length; i += 2) {
    if (isNoEdge(ring[i - 2]!, ring[i - 1]!, ring[i]!, ring[i + 1]!)) return true;
  }
  return false;
}

function boxesOf(ring: FlatRing): number[] {
  const boxes: number[] = [];
  for (let first = 0; first < ring.length - 2; first += 2 * EDGES_PER_RUN) {
    const last = Math.min(first + 2 * EDGES_PER_RUN, ring.length - 2);
    const { minX, minY, maxX, maxY } = boundsOf(ring.subarray(first, last + 2));
    boxes.push(minX, minY, maxX, maxY);
  }
  // Without the room that a list keeps for more.
  return boxes.slice();
}
