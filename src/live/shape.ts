import type { Box } from '../geo/bbox.ts';
import { ByteWriter } from '../geo/bytes.ts';
import { boundsOf, overlap, type Rect } from '../geo/clip.ts';
import { type GeometryType, LINE, POLYGON, type TileGeometry, writeCommands } from '../geo/mvt.ts';
import { BUFFER, EXTENT, type Tile } from '../geo/tile.ts';
import { clipToTile } from '../geo/tilegeometry.ts';
import type { FloatStore } from '../threads/floats.ts';
import type { Cutter } from './cutter.ts';
import { type Path, Positions, Snapper, scaleOf, toPath, viewOf } from './near.ts';
import type { RingSnapper, SnappedRing } from './snapped.ts';

/** A shape's commands in a tile that holds it whole. */
export interface DrawnShape {
  type: GeometryType;
  /** Where it begins, in world units of the zoom. */
  x: number;
  y: number;
  /** What follows the move there: the same in every tile. */
  commands: Uint8Array;
}

/**
 * Polygons or lines from which tiles are cut: 16 bytes a position. What was drawn whole is kept, 2 to 4 bytes a position
 * and zoom, and copied into every tile that holds it; only what crosses the side of a tile is cut anew. Positions snap to
 * the units of the world (`worldX`), so that neighbours keep the borders they share, and tiles are those of `snapToWorld`
 * and `clipToTile` to the unit.
 */
export class Shape {
  /** Whether these are areas without holes: `cutTo` is for them. */
  readonly isPlain: boolean;
  readonly #type: GeometryType;
  readonly #groups: readonly (readonly Path[])[];
  readonly #exteriors: readonly Path[];
  /** Of one area without holes, as most are. */
  readonly #single: Path | undefined;
  /** Of the exteriors, in shares of the world's side. */
  readonly #bounds: Rect;
  readonly #drawn: (DrawnShape | null | undefined)[] = [];

  private constructor(type: GeometryType, groups: readonly (readonly Float64Array[])[], store?: FloatStore) {
    this.isPlain = type === POLYGON && groups.every((paths) => paths.length === 1);
    this.#type = type;
    this.#groups = groups.map((paths) => paths.map((path) => toPath(path, store)));
    this.#exteriors = this.#groups.map(([exterior]) => exterior!);
    this.#single = this.isPlain && groups.length === 1 ? this.#exteriors[0] : undefined;
    this.#bounds = boundsOfAll(this.#exteriors);
  }

  static ofPolygons(polygons: readonly (readonly Float64Array[])[]): Shape {
    return new Shape(POLYGON, polygons);
  }

  /** @param store where the positions of many lines are kept; absent: by itself */
  static ofLine(line: Float64Array, store?: FloatStore): Shape {
    return new Shape(LINE, [[line]], store);
  }

  /** What a tile shows of the shape, ready to be written: the same for all tiles that hold it whole. */
  drawnIn(tile: Tile): DrawnShape | TileGeometry | null {
    return liesIn(snapped(this.#bounds, tile.z), seenOf(tile)) ? this.#drawnAt(tile) : this.inTile(tile);
  }

  /** One area without holes as a ring of a zoom; null for what `cutTo` or `inTile` have to cut. */
  ringAt(z: number, snapper: RingSnapper): SnappedRing | null {
    return this.#single ? snapper.snap(this.#single, z) : null;
  }

  /** What a tile shows of the shape, null when nothing. */
  inTile(tile: Tile): TileGeometry | null {
    const bounds = snapped(this.#bounds, tile.z);
    if (!overlap(bounds, seenOf(tile))) return null;
    const view = viewOf(tile, WORLD);
    const snapper = new Snapper();
    const positions = new Positions();
    const groups = this.#groups.map((paths) =>
      paths.map((path) => {
        snapper.snap(path, view, this.#type === POLYGON, positions);
        return [...positions.flat.subarray(0, positions.length)];
      }),
    );
    return clipToTile({ type: this.#type, z: tile.z, extent: EXTENT, groups, bounds }, tile, BUFFER);
  }

  /**
   * Write the commands of what a tile shows of plain areas: those of `inTile`.
   *
   * @returns whether it shows anything
   */
  cutTo(tile: Tile, cutter: Cutter): boolean {
    cutter.begin(tile);
    if (this.#single) cutter.cut(this.#single);
    else for (const exterior of this.#exteriors) cutter.cut(exterior);
    return cutter.commands.length > 0;
  }

  /** The shape as every tile of a zoom draws it that holds it whole, relative to where it begins. */
  #drawnAt(tile: Tile): DrawnShape | null {
    const known = this.#drawn[tile.z];
    if (known !== undefined) return known;
    const geometry = this.inTile(tile);
    let drawn: DrawnShape | null = null;
    if (geometry) {
      const [x, y] = geometry.parts[0]! as [number, number];
      const writer = new ByteWriter();
      writeCommands(writer, { ...geometry, parts: geometry.parts.map((part) => movedBy(part, -x, -y)) });
      // Without the first command and its two zeros: one byte each.
      const commands = writer.toBytes().slice(3);
      drawn = { type: geometry.type, x: x + tile.x * EXTENT, y: y + tile.y * EXTENT, commands };
    }
    this.#drawn[tile.z] = drawn;
    return drawn;
  }
}

/** What positions of the world are counted from. */
const WORLD = { x: 0, y: 0 };

/** What a tile shows, in world units of its zoom. */
function seenOf({ x, y }: Tile): Rect {
  const minX = x * EXTENT - BUFFER;
  const minY = y * EXTENT - BUFFER;
  const size = EXTENT + 2 * BUFFER;
  return { minX, minY, maxX: minX + size, maxY: minY + size };
}

function liesIn(inner: Rect, outer: Rect): boolean {
  return inner.minX >= outer.minX && inner.minY >= outer.minY && inner.maxX <= outer.maxX && inner.maxY <= outer.maxY;
}

/** Shares in units of a zoom: rounding keeps their order, so that bounds of shares become bounds of units. */
function snapped({ minX, minY, maxX, maxY }: Rect, z: number): Rect {
  const scale = scaleOf(z);
  return {
    minX: Math.round(minX * scale),
    minY: Math.round(minY * scale),
    maxX: Math.round(maxX * scale),
    maxY: Math.round(maxY * scale),
  };
}

function movedBy(part: ArrayLike<number>, dx: number, dy: number): number[] {
  return Array.from(part, (value, i) => value + (i % 2 === 0 ? dx : dy));
}

function boundsOfAll(paths: readonly Path[]): Rect {
  const all = paths.map(({ fractions }) => boundsOf(fractions));
  return {
    minX: Math.min(...all.map(({ minX }) => minX)),
    minY: Math.min(...all.map(({ minY }) => minY)),
    maxX: Math.max(...all.map(({ maxX }) => maxX)),
    maxY: Math.max(...all.map(({ maxY }) => maxY)),
  };
}

/** The box of a path in degrees. */
export function boxOfPath(path: Float64Array): Box {
  const { minX, minY, maxX, maxY } = boundsOf(path);
  return [minX, minY, maxX, maxY];
}
