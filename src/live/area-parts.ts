import type { Box } from '../geo/bbox.ts';
import { edgeTouches, INSIDE, isNoEdge, ON_EDGE, OUTSIDE, type Placement, TOUCHED, turnOf } from '../geo/rings.ts';
import type { Area } from './area.ts';

/** What of an area matters to the points of a box. */
interface View {
  box: Box;
  /** Numbers of the edges that may touch the box; the first `edges` of them count. */
  near: Int32Array;
  edges: number;
  /** By ring, how often the edges that are east of the box wind around its southernmost points. */
  winding: Int32Array;
  /** From which latitudes on that is more or less. */
  turns: Turns;
}

/**
 * An area as the points of ever smaller boxes see it: which edges may divide them, and how often all others wind around
 * them. Tests against those give the answers of `Area.place`, in a small box by a few edges however long a ring is.
 *
 * The views of boxes in boxes are kept by depth, 0 being that of all points. Tests lie in one piece of memory, as
 * thousands of them are gone through.
 */
export class AreaParts {
  /** Both ends of one edge after the other. */
  readonly #ends: Float64Array;
  /** By edge. */
  readonly #ringOf: Int32Array;
  /** By ring, 1 where it is a hole of the polygon before it. */
  readonly #isHole: Uint8Array;
  readonly #views: View[] = [];
  #tests = new Float64Array(1024);
  #end = 0;

  constructor({ polygons, box }: Area) {
    const rings = polygons.flat();
    const count = rings.reduce((sum, ring) => sum + ring.length / 2 - 1, 0);
    this.#isHole = Uint8Array.from(polygons.flatMap((own) => own.map((_, i) => Number(i > 0))));
    this.#ends = new Float64Array(4 * count);
    this.#ringOf = new Int32Array(count);
    let edge = 0;
    for (const [r, ring] of rings.entries()) {
      for (let at = 0; at + 2 < ring.length; at += 2) {
        this.#ends.set(ring.subarray(at, at + 4), 4 * edge);
        this.#ringOf[edge++] = r;
      }
    }
    const whole = this.#viewAt(0);
    whole.box = box;
    whole.edges = count;
    for (let i = 0; i < count; i++) whole.near[i] = i;
  }

  /**
   * See the area from a box in that of the depth above.
   *
   * @param box with `MARGIN` around the points
   * @returns whether the border may run through the box: if not, all of its points lie where one does
   */
  enter(depth: number, box: Box): boolean {
    const above = this.#views[depth - 1]!;
    const view = this.#viewAt(depth);
    const [, south, , north] = box;
    view.box = box;
    view.edges = 0;
    view.winding.set(above.winding);
    view.turns.clear();
    const { turns } = above;
    for (let i = 0; i < turns.n; i++) turn(view, turns.ring[i]!, turns.lat[i]!, turns.by[i]!);
    const ends = this.#ends;
    for (let i = 0; i < above.edges; i++) {
      const edge = above.near[i]!;
      const [ay, by] = [ends[4 * edge + 1]!, ends[4 * edge + 3]!];
      if ((ay < south && by < south) || (ay > north && by > north)) continue;
      const [ax, bx] = [ends[4 * edge]!, ends[4 * edge + 2]!];
      // The test takes no notice of an edge without length, which changes what is inside all along its latitude.
      if (edgeTouches(ax, ay, bx, by, box) || isNoEdge(ax, ay, bx, by)) view.near[view.edges++] = edge;
      else if (isEast(ax, ay, bx, by, box)) {
        const ring = this.#ringOf[edge]!;
        turn(view, ring, Math.min(ay, by), ay < by ? 1 : -1);
        turn(view, ring, Math.max(ay, by), ay < by ? -1 : 1);
      }
    }
    return view.edges > 0;
  }

  /** Where the points of an undivided box lie. */
  placeAt(depth: number): Placement {
    const { winding, box } = this.#views[depth]!;
    if (winding.length === 1) return winding[0] === 0 ? OUTSIDE : INSIDE;
    const test = this.keep(depth);
    this.#end = test;
    return this.place(test, box[0], box[1]);
  }

  /** Keep the test of the points of a box. @returns its number, for `place` */
  keep(depth: number): number {
    const test = this.#end;
    this.#write(this.#views[depth]!);
    return test;
  }

  /** Where a point of the box of a test lies, as `Area.place` says. */
  place(test: number, lon: number, lat: number): Placement {
    const tests = this.#tests;
    let at = test;
    let best: Placement = OUTSIDE;
    let own: Placement = OUTSIDE;
    for (let rings = tests[at++]!; rings > 0; rings--) {
      const isHole = tests[at++] === 1;
      let winding = tests[at++]!;
      for (let turns = tests[at++]!; turns > 0; turns--, at += 2) if (tests[at]! <= lat) winding += tests[at + 1]!;
      let isTouched = false;
      for (let edges = tests[at++]!; edges > 0; edges--, at += 4) {
        const by = turnOf(tests[at]!, tests[at + 1]!, tests[at + 2]!, tests[at + 3]!, lon, lat);
        if (by === TOUCHED) isTouched = true;
        else winding += by;
      }
      const ring = isTouched ? ON_EDGE : winding === 0 ? OUTSIDE : INSIDE;
      if (!isHole) {
        best = better(best, own);
        own = ring;
      } else if (own === INSIDE && ring !== OUTSIDE) own = ring === ON_EDGE ? ON_EDGE : OUTSIDE;
    }
    return better(best, own);
  }

  #viewAt(depth: number): View {
    this.#views[depth] ??= {
      box: [0, 0, 0, 0],
      near: new Int32Array(this.#ringOf.length),
      edges: 0,
      winding: new Int32Array(this.#isHole.length),
      turns: new Turns(),
    };
    return this.#views[depth];
  }

  /** Write the test of a view: how many rings matter, then each of them. */
  #write(view: View): void {
    const at = this.#end;
    this.#push(0);
    let rings = 0;
    for (let first = 0, next = 0; first < this.#isHole.length; first = next) {
      next = this.#isHole.indexOf(0, first + 1);
      if (next < 0) next = this.#isHole.length;
      if (!this.#matters(view, first, next)) continue;
      for (let ring = first; ring < next; ring++) this.#writeRing(view, ring);
      rings += next - first;
    }
    this.#tests[at] = rings;
  }

  /** Whether points of a view may be in a polygon, by its rings: from the first to before the next. */
  #matters({ near, edges, winding, turns }: View, first: number, next: number): boolean {
    for (let ring = first; ring < next; ring++) if (winding[ring] !== 0) return true;
    for (let i = 0; i < turns.n; i++) if (turns.ring[i]! >= first && turns.ring[i]! < next) return true;
    for (let i = 0; i < edges; i++) {
      const ring = this.#ringOf[near[i]!]!;
      if (ring >= first && ring < next) return true;
    }
    return false;
  }

  /** Write whether a ring is a hole; its winding; how many turns and each of them; how many near edges and their ends. */
  #writeRing({ near, edges, winding, turns }: View, ring: number): void {
    this.#push(this.#isHole[ring]!);
    this.#push(winding[ring]!);
    const ownTurns = this.#end;
    this.#push(0);
    for (let i = 0; i < turns.n; i++) {
      if (turns.ring[i] !== ring) continue;
      this.#push(turns.lat[i]!);
      this.#push(turns.by[i]!);
      this.#tests[ownTurns]! += 1;
    }
    const ownEdges = this.#end;
    this.#push(0);
    for (let i = 0; i < edges; i++) {
      const edge = near[i]!;
      if (this.#ringOf[edge] !== ring) continue;
      for (let at = 4 * edge; at < 4 * edge + 4; at++) this.#push(this.#ends[at]!);
      this.#tests[ownEdges]! += 1;
    }
  }

  #push(number: number): void {
    if (this.#end === this.#tests.length) {
      const more = new Float64Array(2 * this.#end);
      more.set(this.#tests);
      this.#tests = more;
    }
    this.#tests[this.#end++] = number;
  }
}

/** From which latitudes on edges wind around points more or less often. Those that cancel each other are left out. */
class Turns {
  n = 0;
  ring = new Int32Array(16);
  lat = new Float64Array(16);
  by = new Int32Array(16);

  clear(): void {
    this.n = 0;
  }

  add(ring: number, lat: number, by: number): void {
    // Where an edge ends the next begins: it was added last.
    for (let i = this.n - 1; i >= 0; i--) {
      if (this.ring[i] !== ring || this.lat[i] !== lat) continue;
      this.by[i]! += by;
      if (this.by[i] === 0) this.#remove(i);
      return;
    }
    if (this.n === this.ring.length) this.#grow();
    this.ring[this.n] = ring;
    this.lat[this.n] = lat;
    this.by[this.n++] = by;
  }

  #remove(i: number): void {
    this.n -= 1;
    this.ring[i] = this.ring[this.n]!;
    this.lat[i] = this.lat[this.n]!;
    this.by[i] = this.by[this.n]!;
  }

  #grow(): void {
    const { ring, lat, by, n } = this;
    this.ring = new Int32Array(2 * n);
    this.lat = new Float64Array(2 * n);
    this.by = new Int32Array(2 * n);
    this.ring.set(ring);
    this.lat.set(lat);
    this.by.set(by);
  }
}

/** From a latitude on the points of a view are wound around more or less often. */
function turn({ box: [, south, , north], winding, turns }: View, ring: number, lat: number, by: number): void {
  if (lat <= south) winding[ring]! += by;
  else if (lat <= north) turns.add(ring, lat, by);
}

/** Inside before the edge before outside. */
function better(a: Placement, b: Placement): Placement {
  return a > b ? a : b;
}

/** Whether an edge that is beside a box is east of it. One along a latitude winds around nothing. */
function isEast(ax: number, ay: number, bx: number, by: number, [west, south, east, north]: Box): boolean {
  if (ay === by) return false;
  const lat = (Math.max(Math.min(ay, by), south) + Math.min(Math.max(ay, by), north)) / 2;
  return ax + ((bx - ax) * (lat - ay)) / (by - ay) > (west + east) / 2;
}
