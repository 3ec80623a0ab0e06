import { heatResolution } from '../geo/h3.ts';
import { EXTENT, type Tile, tileFilterBounds } from '../geo/tile.ts';
import { ownPoint } from '../geo/tilegeometry.ts';
import { LIGHTS, STATUSES } from '../incidents/incidents.schema.ts';
import type { CategoryLayer } from '../incidents/live-categories.ts';
import { type IncidentColumns, KEY_ZOOM } from '../incidents/live-columns.ts';
import { type LiveFilter, lightOf } from '../incidents/live-filter.ts';
import type { IdColumn } from '../incidents/live-ids.ts';
import { FoundRows, POSITIONS } from '../incidents/live-order.ts';
import type { Live } from '../live/live.ts';
import { compareText } from '../live/order.ts';
import type { LayerWriter } from './live-layer.ts';
import type { CompiledQuery } from './live-views.ts';
import { MAX_POINTS } from './tiles.ts';

/** The incidents of a tile: each a point, or of too many one point per cell. */
export function writeIncidents(writer: LayerWriter, live: Live, { incidents }: CompiledQuery, tile: Tile): void {
  const filter = incidents!;
  const found = new FoundRows();
  const isOwn = ownTest(tile);
  let count = 0;
  live.layers.incidents.scan(filter, [tile], (columns, row) => {
    if (isOwn !== null && !isOwn(columns, row)) return;
    count += 1;
    if (count <= MAX_POINTS) found.add(columns, row);
  });
  if (count > MAX_POINTS) writeCells(writer, live, filter, tile);
  else writePoints(writer, live, filter, found, tile);
}

/** Beyond the zoom of the keys a scan yields the points of the tile above. */
function ownTest(tile: Tile): ((columns: IncidentColumns, row: number) => boolean) | null {
  if (tile.z <= KEY_ZOOM) return null;
  const { west, south, east, north } = tileFilterBounds(tile.z, tile.x, tile.y);
  return ({ lon, lat }, i) => lon[i]! >= west && lon[i]! < east && lat[i]! > south && lat[i]! <= north;
}

/** One point per cell of the tile's own incidents; the same as of SQL. */
function writeCells(writer: LayerWriter, live: Live, filter: LiveFilter, tile: Tile): void {
  writer.begin('incidents', ['cell', 'n']);
  const { of, cells } = live.layers.incidents.cells.parentsAt(heatResolution(tile.z));
  const groups = new Map<number, { n: number; x: number; y: number }>();
  const isOwn = ownTest(tile);
  live.layers.incidents.scan(filter, [tile], (columns, row) => {
    if (isOwn !== null && !isOwn(columns, row)) return;
    const cell = of[columns.cell[row]!]!;
    let group = groups.get(cell);
    if (!group) {
      group = { n: 0, x: 0, y: 0 };
      groups.set(cell, group);
    }
    group.n += 1;
    group.x += unitX(columns, row, tile);
    group.y += unitY(columns, row, tile);
  });
  for (const [cell, { n, x, y }] of [...groups].sort(([a], [b]) => compareText(cells[a]!, cells[b]!))) {
    writer.property(0, cells[cell]!);
    writer.property(1, n);
    writer.point(Math.floor(x / n), Math.floor(y / n));
  }
}

/** As `ownPoint`, from the stored units. */
function unitX(columns: IncidentColumns, row: number, { x, y, z }: Tile): number {
  if (z > KEY_ZOOM) return ownPoint(columns.lon[row]!, columns.lat[row]!, { x, y, z }).parts[0]![0]!;
  return clampUnit((columns.unitX[row]! >>> (KEY_ZOOM - z)) - x * EXTENT);
}

function unitY(columns: IncidentColumns, row: number, { x, y, z }: Tile): number {
  if (z > KEY_ZOOM) return ownPoint(columns.lon[row]!, columns.lat[row]!, { x, y, z }).parts[0]![1]!;
  return clampUnit((columns.unitY[row]! >>> (KEY_ZOOM - z)) - y * EXTENT);
}

function clampUnit(unit: number): number {
  return Math.min(Math.max(unit, 0), EXTENT - 1);
}

const KEYS = ['id', 'category', 'status', 'light', 'occurred'];

/** The points straight from columns, without an object for each. */
function writePoints(writer: LayerWriter, live: Live, filter: LiveFilter, found: FoundRows, tile: Tile): void {
  writer.begin('incidents', KEYS);
  const values = new Words(writer, live.layers.categories);
  const indexes = new Int32Array(KEYS.length);
  const order = found.inOrder();
  for (let n = 0; n < order.length; n++) {
    const columns = found.columns[Math.floor(order[n]! / POSITIONS)]!;
    const row = order[n]! % POSITIONS;
    indexes[0] = values.id(columns.ids, row);
    indexes[1] = values.category(columns.category[row]!);
    indexes[2] = values.status(columns.status[row]!);
    indexes[3] = values.light(lightOf(filter, columns, row));
    indexes[4] = writer.indexOf(Math.floor(columns.occurred[row]! / 1_000_000));
    writer.wholePoint(indexes, unitX(columns, row, tile), unitY(columns, row, tile));
  }
}

/** The values of categories, statuses and lights by their numbers, and ids, which may happen to equal one of them. */
class Words {
  readonly #writer: LayerWriter;
  readonly #categories: readonly string[];
  readonly #byCategory: Int32Array;
  readonly #byStatus = new Int32Array(STATUSES.length).fill(-1);
  readonly #byLight = new Int32Array(LIGHTS.length).fill(-1);
  readonly #hashes: ReadonlySet<number>;

  constructor(writer: LayerWriter, { codes, wordHashes }: CategoryLayer) {
    this.#writer = writer;
    this.#categories = codes;
    this.#byCategory = new Int32Array(codes.length).fill(-1);
    this.#hashes = wordHashes;
  }

  id(ids: IdColumn, row: number): number {
    return this.#hashes.has(ids.hashOf(row)) ? this.#writer.indexOf(ids.textOf(row)) : this.#writer.indexOfId(ids, row);
  }

  category(number: number): number {
    return this.#known(this.#byCategory, number, this.#categories);
  }

  status(number: number): number {
    return this.#known(this.#byStatus, number, STATUSES);
  }

  light(number: number): number {
    return this.#known(this.#byLight, number, LIGHTS);
  }

  #known(indexes: Int32Array, number: number, words: readonly string[]): number {
    const known = indexes[number]!;
    if (known >= 0) return known;
    const index = this.#writer.indexOf(words[number]!);
    indexes[number] = index;
    return index;
  }
}
