import type { Box } from '../geo/bbox.ts';
import { metresNear } from '../geo/metres.ts';
import {
  distanceToEdge,
  type FlatRing,
  INSIDE,
  mayDivide,
  nearestOnEdge,
  ON_EDGE,
  OUTSIDE,
  type Placement,
  type Plane,
  pointInRing,
} from '../geo/rings.ts';
import { RingRuns } from '../geo/runs.ts';

/** Rings with fewer positions are tested whole. */
const MIN_POSITIONS = 96;
/** Distances after which runs of edges are made, some 500 bytes for a grid: a batch over a city hardly needs them. */
const TIMES_WITHOUT_RUNS = 200;
/** Positions to a band, on average. */
const PER_BAND = 24;

/**
 * A multipolygon that says where a point lies to it. Long rings are cut into bands of latitude, so that a point is
 * tested against the edges near its own latitude only: the same tests as of the whole ring, hence the same answer.
 */
export class Area {
  readonly polygons: readonly (readonly FlatRing[])[];
  readonly box: Box;
  /** Of an area of one short ring, as most are. */
  readonly #single: FlatRing | undefined;
  /** Made when distances are asked for often. */
  #runs: readonly RingRuns[] | undefined;
  /** How many distances were asked for without runs. */
  #asked = 0;
  #banded: readonly (readonly BandedRing[])[] | undefined;

  constructor(polygons: readonly (readonly FlatRing[])[]) {
    this.polygons = polygons;
    this.box = boxOfRings(polygons.map((rings) => rings[0]!));
    const isSingle = polygons.length === 1 && polygons[0]!.length === 1;
    this.#single = isSingle && polygons[0]![0]!.length < 2 * MIN_POSITIONS ? polygons[0]![0] : undefined;
  }

  /** `INSIDE` and `ON_EDGE` together are ST_Covers. */
  place(lon: number, lat: number): Placement {
    const [west, south, east, north] = this.box;
    if (lon < west || lon > east || lat < south || lat > north) return OUTSIDE;
    if (this.#single) return this.#runs ? this.#runs[0]!.place(lon, lat) : pointInRing(lon, lat, this.#single);
    let best: Placement = OUTSIDE;
    for (const rings of this.#bandedRings()) {
      const placement = placeInRings(lon, lat, rings);
      if (placement === INSIDE) return INSIDE;
      if (placement === ON_EDGE) best = ON_EDGE;
    }
    return best;
  }

  /**
   * Where all points of a box lie, undefined where the border may run through it.
   *
   * @param box with the margin that `mayDivide` asks for
   */
  placeOfBox(box: Box): Placement | undefined {
    const [west, south, east, north] = this.box;
    if (box[2] < west || box[0] > east || box[3] < south || box[1] > north) return OUTSIDE;
    const isDivided = this.#single
      ? mayDivide(this.#single, box)
      : this.#bandedRings().some((rings) => rings.some((ring) => ring.mayDivide(box)));
    return isDivided ? undefined : this.place((box[0] + box[2]) / 2, (box[1] + box[3]) / 2);
  }

  covers(lon: number, lat: number): boolean {
    return this.place(lon, lat) !== OUTSIDE;
  }

  /**
   * Metres to the nearest edge, see `distanceToEdge`.
   *
   * @param limit what is farther need not be told apart: the answer is then this
   */
  metresToEdge(plane: Plane, limit = Infinity): number {
    if (!this.#runs && this.#asked < TIMES_WITHOUT_RUNS) {
      this.#asked += 1;
      let metres = limit;
      for (const rings of this.polygons) metres = Math.min(metres, distanceToEdge(plane, rings));
      return metres;
    }
    this.#runs ??= this.polygons.flatMap((rings) => rings.map((ring) => new RingRuns(ring)));
    const most = limit * limit;
    let nearest = most;
    for (const runs of this.#runs) nearest = runs.nearestSquared(plane, nearest);
    return nearest < most ? Math.sqrt(nearest) : limit;
  }

  /** Metres to the nearest edge up to 50 km away, true to 0.2 m below 85° of latitude. */
  farMetresToEdge(lon: number, lat: number): number {
    const towards = Math.min(Math.max(lat, this.box[1]), this.box[3]);
    let nearest = Infinity;
    for (const rings of this.polygons) {
      const found = nearestOnEdge(lon, lat, towards, rings);
      if (found) nearest = Math.min(nearest, metresNear(lon, lat, ...found));
    }
    return nearest;
  }

  #bandedRings(): readonly (readonly BandedRing[])[] {
    this.#banded ??= this.polygons.map((rings) => rings.map((ring) => new BandedRing(ring)));
    return this.#banded;
  }
}

/** Outside of the exterior, or inside of a hole, is outside. */
function placeInRings(lon: number, lat: number, rings: readonly BandedRing[]): Placement {
  const exterior = rings[0]!.place(lon, lat);
  if (exterior !== INSIDE) return exterior;
  for (let i = 1; i < rings.length; i++) {
    const hole = rings[i]!.place(lon, lat);
    if (hole === ON_EDGE) return ON_EDGE;
    if (hole === INSIDE) return OUTSIDE;
  }
  return INSIDE;
}

/** A ring by bands of latitude; a short one is a single band. */
class BandedRing {
  readonly #bands: readonly FlatRing[];
  readonly #south: number;
  readonly #north: number;

  constructor(ring: FlatRing) {
    const [, south, , north] = boxOfRings([ring]);
    this.#south = south;
    this.#north = north;
    const isShort = ring.length < 2 * MIN_POSITIONS || south === north;
    const count = Math.ceil(ring.length / 2 / PER_BAND);
    this.#bands = isShort ? [ring] : cutIntoBands(ring, count, (lat) => bandOf(lat, south, north, count));
  }

  place(lon: number, lat: number): Placement {
    if (lat < this.#south || lat > this.#north) return OUTSIDE;
    return pointInRing(lon, lat, this.#bands[this.#bandOf(lat)]!);
  }

  mayDivide(box: Box): boolean {
    if (box[3] < this.#south || box[1] > this.#north) return false;
    const last = this.#bandOf(box[3]);
    for (let band = this.#bandOf(box[1]); band <= last; band++) if (mayDivide(this.#bands[band]!, box)) return true;
    return false;
  }

  #bandOf(lat: number): number {
    const count = this.#bands.length;
    return count === 1 ? 0 : bandOf(lat, this.#south, this.#north, count);
  }
}

function bandOf(lat: number, south: number, north: number, count: number): number {
  return Math.min(Math.max(Math.floor(((lat - south) / (north - south)) * count), 0), count - 1);
}

/** Each band holds the edges that reach into it; a position of NaN between them, whose edges decide nothing. */
function cutIntoBands(ring: FlatRing, count: number, bandOf: (lat: number) => number): FlatRing[] {
  const bands: number[][] = Array.from({ length: count }, () => []);
  const last = new Int32Array(count).fill(-1);
  for (let i = 2; i < ring.length; i += 2) {
    const ends = [bandOf(ring[i - 1]!), bandOf(ring[i + 1]!)];
    for (let band = Math.min(...ends); band <= Math.max(...ends); band++) {
      const flat = bands[band]!;
      if (last[band] !== i - 2) flat.push(Number.NaN, Number.NaN, ring[i - 2]!, ring[i - 1]!);
      flat.push(ring[i]!, ring[i + 1]!);
      last[band] = i;
    }
  }
  return bands.map((flat) => Float64Array.from(flat));
}

function boxOfRings(rings: readonly FlatRing[]): Box {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of rings) {
    for (let i = 0; i < ring.length; i += 2) {
      west = Math.min(west, ring[i]!);
      east = Math.max(east, ring[i]!);
      south = Math.min(south, ring[i + 1]!);
      north = Math.max(north, ring[i + 1]!);
    }
  }
  return [west, south, east, north];
}
