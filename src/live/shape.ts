import type { Box } from '../geo/bbox.ts';
import { ByteWriter } from '../geo/bytes.ts';
import { boundsOf, type Rect } from '../geo/clip.ts';
import { type GeometryType, LINE, POLYGON, type TileGeometry, writeCommands } from '../geo/mvt.ts';
import { BUFFER, EXTENT, fractionOfLat, fractionOfLon, type Tile } from '../geo/tile.ts';
import { clipToTile, type WorldGeometry } from '../geo/tilegeometry.ts';

/** Positions to a chunk: what lies wholly to one side of a tile is passed over chunk by chunk. */
const CHUNK = 32;
/** World units of finer zooms do not fit 32 bits. */
const MAX_INT_ZOOM = 18;

/** A ring or line in world units of one zoom, and the box of each of its chunks. */
interface Path {
  units: Int32Array | Float64Array;
  boxes: Int32Array | Float64Array;
}

interface World {
  groups: Path[][];
  bounds: Rect;
}

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
 * Polygons or lines from which tiles are cut. The units of a zoom are snapped when its first tile is asked for, and kept:
 * 8 bytes a position and zoom, beside 16 bytes for the position itself; what was drawn whole is kept too, 2 to 4 bytes
 * a position and zoom. Tiles are those of `snapToWorld` and
 * `clipToTile` to the unit.
 */
export class Shape {
  readonly #type: GeometryType;
  /** Shares of the world's side, by which snapping needs no trigonometry. */
  readonly #fractions: Float64Array[][];
  readonly #worlds: (World | undefined)[] = [];
  readonly #drawn: (DrawnShape | null | undefined)[] = [];

  private constructor(type: GeometryType, groups: readonly (readonly Float64Array[])[]) {
    this.#type = type;
    this.#fractions = groups.map((paths) => paths.map(fractionsOf));
  }

  static ofPolygons(polygons: readonly (readonly Float64Array[])[]): Shape {
    return new Shape(POLYGON, polygons);
  }

  static ofLine(line: Float64Array): Shape {
    return new Shape(LINE, [[line]]);
  }

  /** What a tile shows of the shape, ready to be written: the same for all tiles that hold it whole. */
  drawnIn(tile: Tile): DrawnShape | TileGeometry | null {
    const { bounds } = this.#world(tile.z);
    const left = tile.x * EXTENT;
    const top = tile.y * EXTENT;
    const isWhole =
      bounds.minX >= left - BUFFER &&
      bounds.minY >= top - BUFFER &&
      bounds.maxX <= left + EXTENT + BUFFER &&
      bounds.maxY <= top + EXTENT + BUFFER;
    return isWhole ? this.#drawnAt(tile) : this.inTile(tile);
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

  /** What a tile shows of the shape, null when nothing. */
  inTile(tile: Tile): TileGeometry | null {
    const world = this.#world(tile.z);
    const left = tile.x * EXTENT - BUFFER;
    const top = tile.y * EXTENT - BUFFER;
    const size = EXTENT + 2 * BUFFER;
    const seen = { minX: left, minY: top, maxX: left + size, maxY: top + size };
    const { bounds } = world;
    if (bounds.minX > seen.maxX || bounds.maxX < seen.minX || bounds.minY > seen.maxY || bounds.maxY < seen.minY) {
      return null;
    }
    const groups: number[][][] = [];
    for (const paths of world.groups) groups.push(paths.map((path) => withoutFarChunks(path, seen)));
    const near: WorldGeometry = { type: this.#type, z: tile.z, extent: EXTENT, groups, bounds };
    return clipToTile(near, tile, BUFFER);
  }

  #world(z: number): World {
    const known = this.#worlds[z];
    if (known) return known;
    const closed = this.#type === POLYGON;
    const groups = this.#fractions.map((paths) => paths.map((path) => snap(path, z, closed)));
    const world = { groups: groups.map((paths) => paths.map(withBoxes)), bounds: boundsOfExteriors(groups) };
    this.#worlds[z] = world;
    return world;
  }
}

function movedBy(part: ArrayLike<number>, dx: number, dy: number): number[] {
  return Array.from(part, (value, i) => value + (i % 2 === 0 ? dx : dy));
}

function fractionsOf(path: Float64Array): Float64Array {
  const flat = new Float64Array(path.length);
  for (let i = 0; i < path.length; i += 2) {
    flat[i] = fractionOfLon(path[i]!);
    flat[i + 1] = fractionOfLat(path[i + 1]!);
  }
  return flat;
}

function snap(path: Float64Array, z: number, closed: boolean): Int32Array | Float64Array {
  const scale = EXTENT * 2 ** z;
  const flat = z > MAX_INT_ZOOM ? new Float64Array(path.length) : new Int32Array(path.length);
  let length = 0;
  for (let i = 0; i < path.length; i += 2) {
    const x = Math.round(path[i]! * scale);
    const y = Math.round(path[i + 1]! * scale);
    if (length > 0 && flat[length - 2] === x && flat[length - 1] === y) continue;
    flat[length] = x;
    flat[length + 1] = y;
    length += 2;
  }
  if (closed && length > 2 && flat[0] === flat[length - 2] && flat[1] === flat[length - 1]) length -= 2;
  return flat.slice(0, length);
}

function withBoxes(units: Path['units']): Path {
  const count = Math.ceil(units.length / 2 / CHUNK);
  const boxes = units instanceof Int32Array ? new Int32Array(4 * count) : new Float64Array(4 * count);
  for (let c = 0, i = 0; c < count; c++) {
    let [minX, minY, maxX, maxY] = [units[i]!, units[i + 1]!, units[i]!, units[i + 1]!];
    for (const end = Math.min(i + 2 * CHUNK, units.length); i < end; i += 2) {
      const x = units[i]!;
      const y = units[i + 1]!;
      if (x < minX) minX = x;
      else if (x > maxX) maxX = x;
      if (y < minY) minY = y;
      else if (y > maxY) maxY = y;
    }
    boxes[4 * c] = minX;
    boxes[4 * c + 1] = minY;
    boxes[4 * c + 2] = maxX;
    boxes[4 * c + 3] = maxY;
  }
  return { units, boxes };
}

function boundsOfExteriors(groups: Path['units'][][]): Rect {
  const bounds = boundsOf([]);
  for (const [exterior] of groups) {
    for (let i = 0; i < exterior!.length; i += 2) {
      bounds.minX = Math.min(bounds.minX, exterior![i]!);
      bounds.maxX = Math.max(bounds.maxX, exterior![i]!);
      bounds.minY = Math.min(bounds.minY, exterior![i + 1]!);
      bounds.maxY = Math.max(bounds.maxY, exterior![i + 1]!);
    }
  }
  return bounds;
}

/** Sides of what is seen that a chunk can lie beyond. */
const [NONE, LEFT, RIGHT, ABOVE, BELOW] = [0, 1, 2, 3, 4];

/**
 * A path without the inner positions of runs of chunks that lie beyond one side of what is seen. Cutting drops such
 * positions and crosses no side between them; the first and last of a run stay, so that every edge that may enter is the
 * very same edge.
 */
function withoutFarChunks({ units, boxes }: Path, seen: Rect): number[] {
  const kept: number[] = [];
  let side = NONE;
  for (let c = 0, from = 0; from < units.length; c++, from += 2 * CHUNK) {
    const next = sideOf(boxes, c, seen);
    if (next !== side) {
      if (side !== NONE) kept.push(units[from - 2]!, units[from - 1]!);
      if (next !== NONE) kept.push(units[from]!, units[from + 1]!);
      side = next;
    }
    if (side !== NONE) continue;
    for (let i = from, to = Math.min(from + 2 * CHUNK, units.length); i < to; i++) kept.push(units[i]!);
  }
  if (side !== NONE) kept.push(units[units.length - 2]!, units[units.length - 1]!);
  return kept;
}

/** Rings are cut left and right first: what lies above or below counts only where those cuts leave it as it is. */
function sideOf(boxes: Path['boxes'], chunk: number, seen: Rect): number {
  const minX = boxes[4 * chunk]!;
  const maxX = boxes[4 * chunk + 2]!;
  if (maxX < seen.minX) return LEFT;
  if (minX > seen.maxX) return RIGHT;
  if (minX < seen.minX || maxX > seen.maxX) return NONE;
  if (boxes[4 * chunk + 3]! < seen.minY) return ABOVE;
  return boxes[4 * chunk + 1]! > seen.maxY ? BELOW : NONE;
}

/** The box of a path in degrees. */
export function boxOfPath(path: Float64Array): Box {
  const { minX, minY, maxX, maxY } = boundsOf([...path]);
  return [minX, minY, maxX, maxY];
}
