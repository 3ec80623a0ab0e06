import type { Position } from 'geojson';
import { hash32 } from './random.ts';
import type { SizeSettings } from './settings.ts';

/** Metres in a degree of latitude, near enough for an invented place. */
const METRES_PER_DEGREE = 111_320;

/** How far the square lattice is drawn towards a disc: 0 leaves the square, 1 gives the disc. */
const ROUNDNESS = 0.8;
/** Scale at the centre and its growth with the square of the radius: blocks are small downtown and large at the edge. */
const CENTRE_SCALE = 0.62;
const EDGE_GROWTH = 0.38;

/** One octave of displacement, in metres. Its gradient is at most 3·amplitude/wavelength along either axis. */
interface Octave {
  wavelength: number;
  amplitude: number;
}

/**
 * Maps the lattice of the plan to the ground: lattice lines become curved streets.
 *
 * The map is one-to-one, so that polygons drawn along lattice lines stay valid and seamless: square to disc and the
 * radial stretch are monotone, and each octave of displacement that follows moves points by a map whose gradient has a
 * norm below one, which cannot fold the plane.
 */
export class Terrain {
  private readonly lattice: number;
  private readonly halfWidth: number;
  private readonly centre: readonly [number, number];
  private readonly metresPerDegreeLon: number;
  private readonly octaves: readonly Octave[];
  private readonly seed: number;

  constructor(settings: SizeSettings, seed: number) {
    this.lattice = settings.lattice;
    this.halfWidth = settings.halfWidthMetres;
    this.centre = settings.centre;
    this.metresPerDegreeLon = METRES_PER_DEGREE * Math.cos((settings.centre[1] * Math.PI) / 180);
    this.seed = hash32(seed, 0x7e44);
    this.octaves = [
      { wavelength: this.halfWidth * 0.75, amplitude: this.halfWidth * 0.085 },
      { wavelength: settings.bendMetres, amplitude: settings.bendMetres * 0.06 },
      { wavelength: 110, amplitude: 2.2 },
    ];
  }

  /** Lattice coordinates (whole or broken) to metres east and north of the centre. */
  metres(i: number, j: number): [number, number] {
    const s = (2 * i) / this.lattice - 1;
    const t = (2 * j) / this.lattice - 1;
    let x = s * Math.sqrt(1 - (ROUNDNESS * t * t) / 2);
    let y = t * Math.sqrt(1 - (ROUNDNESS * s * s) / 2);
    const scale = (CENTRE_SCALE + EDGE_GROWTH * (x * x + y * y)) * this.halfWidth;
    // Turned by the triangle 12-35-37 (18.9°) and stretched 6:5, so that no street runs due north.
    x *= scale;
    y *= scale;
    let east = 1.1 * ((35 * x - 12 * y) / 37);
    let north = (12 * x + 35 * y) / 37 / 1.1;
    for (let octave = 0; octave < this.octaves.length; octave++) {
      const { wavelength, amplitude } = this.octaves[octave]!;
      const u = east / wavelength;
      const v = north / wavelength;
      east += amplitude * this.noise(u, v, octave * 2);
      north += amplitude * this.noise(u, v, octave * 2 + 1);
    }
    return [east, north];
  }

  /** Lattice coordinates to lon, lat rounded to six decimals (0.1 m): equal lattice points give equal positions. */
  position(i: number, j: number): Position {
    const [east, north] = this.metres(i, j);
    return this.fromMetres(east, north);
  }

  /** Metres from the centre to lon, lat rounded to six decimals. */
  fromMetres(east: number, north: number): Position {
    const lon = this.centre[0] + east / this.metresPerDegreeLon;
    const lat = this.centre[1] + north / METRES_PER_DEGREE;
    return [Math.round(lon * 1e6) / 1e6, Math.round(lat * 1e6) / 1e6];
  }

  /** Value noise in [-1, 1]: hashed corners, joined by the smoothstep polynomial. */
  private noise(x: number, y: number, channel: number): number {
    const x0 = Math.floor(x);
    const y0 = Math.floor(y);
    const fx = x - x0;
    const fy = y - y0;
    const u = fx * fx * (3 - 2 * fx);
    const v = fy * fy * (3 - 2 * fy);
    const a = this.corner(x0, y0, channel);
    const b = this.corner(x0 + 1, y0, channel);
    const c = this.corner(x0, y0 + 1, channel);
    const d = this.corner(x0 + 1, y0 + 1, channel);
    return a + (b - a) * u + (c - a) * v + (a - b - c + d) * u * v;
  }

  private corner(x: number, y: number, channel: number): number {
    let h = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ Math.imul(channel + 1, 0x9e3779b9) ^ this.seed;
    h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return ((h ^ (h >>> 16)) >>> 0) / 2147483648 - 1;
  }
}
