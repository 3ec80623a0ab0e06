import type { LiveCamera } from '../cameras/live.ts';
import { type Box, boxOfBounds } from '../geo/bbox.ts';
import { expandByCells, heatResolution, hexagonInTile } from '../geo/h3.ts';
import { encodeTile, POINT, type TileFeature, type TileGeometry } from '../geo/mvt.ts';
import {
  BUFFER,
  EXTENT,
  type Tile,
  tileBounds,
  tileBufferBounds,
  tileFilterBounds,
  worldX,
  worldY,
} from '../geo/tile.ts';
import { ownPoint } from '../geo/tilegeometry.ts';
import { LIGHTS, STATUSES } from '../incidents/incidents.schema.ts';
import { type IncidentColumns, KEY_ZOOM } from '../incidents/live-columns.ts';
import { type LiveFilter, lightOf } from '../incidents/live-filter.ts';
import { tilesAround } from '../incidents/live-tiles.ts';
import type { Live } from '../live/live.ts';
import { microsOf } from '../live/micros.ts';
import { compareText } from '../live/order.ts';
import type { LayerId } from './layers.ts';
import type { CompiledQuery } from './live-views.ts';
import { MAX_POINTS } from './tiles.ts';

/** Build a tile from memory: the same bytes as `buildTile` makes by SQL of the same record. */
export function buildLiveTile(live: Live, compiled: CompiledQuery, tile: Tile): Uint8Array {
  return encodeTile(compiled.layers.map((name) => ({ name, features: FEATURES[name](live, compiled, tile) })));
}

const FEATURES: Record<LayerId, (live: Live, compiled: CompiledQuery, tile: Tile) => TileFeature[]> = {
  grids: gridFeatures,
  cameras: cameraFeatures,
  incidents: incidentFeatures,
  heat: heatFeatures,
  streets: streetFeatures,
};

function gridFeatures(live: Live, { query, under }: CompiledQuery, tile: Tile): TileFeature[] {
  const features: TileFeature[] = [];
  const box = boxOfBounds(tileBufferBounds(tile.z, tile.x, tile.y));
  for (const grid of live.layers.grids.inBox(query.net, query.level, box, microsOf(live.at))) {
    if (under && !under.codes.has(grid.code)) continue;
    const shape = grid.shape.inTile(tile);
    if (!shape) continue;
    const { code, name, level, kind, net, parent } = grid;
    features.push({ ...shape, properties: { code, name, level, kind, net, parent } });
  }
  return features;
}

function streetFeatures(live: Live, _compiled: CompiledQuery, tile: Tile): TileFeature[] {
  const features: TileFeature[] = [];
  for (const street of live.layers.streets.inBox(boxOfBounds(tileBufferBounds(tile.z, tile.x, tile.y)))) {
    const shape = street.shape.inTile(tile);
    if (shape) features.push({ ...shape, properties: { name: street.name, class: street.class } });
  }
  return features;
}

function cameraFeatures(live: Live, compiled: CompiledQuery, tile: Tile): TileFeature[] {
  const features: TileFeature[] = [];
  for (const camera of live.layers.cameras.inBox(boxOfBounds(tileBufferBounds(tile.z, tile.x, tile.y)))) {
    const shape = bufferedPoint(camera.lon, camera.lat, tile);
    if (!shape || !showsCamera(live, compiled, camera)) continue;
    const { code, zone, status, heading } = camera;
    features.push({ ...shape, properties: { code, zone, status, heading } });
  }
  return features;
}

/** Whether a camera passes the filters of a question. */
export function showsCamera(live: Live, { query, cameraStatuses, under }: CompiledQuery, camera: LiveCamera): boolean {
  if (query.zone && !(query.zone as readonly (string | null)[]).includes(camera.zone)) return false;
  if (cameraStatuses && !cameraStatuses.includes(camera.status)) return false;
  if (!under) return true;
  const owner = live.layers.grids.ownerOf(query.net, camera.lon, camera.lat, microsOf(live.at));
  return owner !== undefined && under.codes.has(owner.code);
}

/** A point within the buffer of a tile, as `toTileGeometry` draws it. */
export function bufferedPoint(lon: number, lat: number, tile: Tile): TileGeometry | null {
  const x = worldX(lon, tile.z) - tile.x * EXTENT;
  const y = worldY(lat, tile.z) - tile.y * EXTENT;
  const isSeen = x >= -BUFFER && x <= EXTENT + BUFFER && y >= -BUFFER && y <= EXTENT + BUFFER;
  return isSeen ? { type: POINT, parts: [[x, y]] } : null;
}

/** Rows as two lists, so that a tile of many allocates little. */
interface Rows {
  columns: IncidentColumns[];
  numbers: number[];
}

function incidentFeatures(live: Live, { incidents: filter }: CompiledQuery, tile: Tile): TileFeature[] {
  const rows: Rows = { columns: [], numbers: [] };
  const isOwn = ownTest(tile);
  live.layers.incidents.scan(filter!, [tile], (columns, row) => {
    if (!isOwn(columns, row)) return;
    rows.columns.push(columns);
    rows.numbers.push(row);
  });
  return rows.numbers.length > MAX_POINTS ? aggregate(live, rows, tile) : pointsOf(live, rows, filter!, tile);
}

/** Beyond the zoom of the keys a scan yields the points of the tile above. */
function ownTest(tile: Tile): (columns: IncidentColumns, row: number) => boolean {
  if (tile.z <= KEY_ZOOM) return () => true;
  const { west, south, east, north } = tileFilterBounds(tile.z, tile.x, tile.y);
  return ({ lon, lat }, i) => lon[i]! >= west && lon[i]! < east && lat[i]! > south && lat[i]! <= north;
}

function pointsOf(live: Live, { columns, numbers }: Rows, filter: LiveFilter, tile: Tile): TileFeature[] {
  const { codes } = live.layers.categories;
  const order = numbers.map((row, i) => ({ id: columns[i]!.ids[row]!, columns: columns[i]!, row }));
  order.sort((a, b) => compareText(a.id, b.id));
  return order.map(({ id, columns: own, row }) => ({
    type: POINT,
    parts: [unitsIn(own, row, tile)],
    properties: {
      id,
      category: codes[own.category[row]!]!,
      status: STATUSES[own.status[row]!]!,
      light: LIGHTS[lightOf(filter, own, row)]!,
      occurred: Math.floor(own.occurred[row]! / 1_000_000),
    },
  }));
}

/** As `ownPoint`, from the stored units. */
function unitsIn(columns: IncidentColumns, row: number, tile: Tile): number[] {
  if (tile.z > KEY_ZOOM) {
    return [...ownPoint(columns.lon[row]!, columns.lat[row]!, tile).parts[0]!];
  }
  const shift = KEY_ZOOM - tile.z;
  return [
    clampUnit((columns.unitX[row]! >>> shift) - tile.x * EXTENT),
    clampUnit((columns.unitY[row]! >>> shift) - tile.y * EXTENT),
  ];
}

function clampUnit(unit: number): number {
  return Math.min(Math.max(unit, 0), EXTENT - 1);
}

/** One point per cell of the tile's own incidents; the same as of SQL. */
function aggregate(live: Live, { columns, numbers }: Rows, tile: Tile): TileFeature[] {
  const { of, cells } = live.layers.incidents.cells.parentsAt(heatResolution(tile.z));
  const groups = new Map<number, { n: number; x: number; y: number }>();
  for (const [i, row] of numbers.entries()) {
    const cell = of[columns[i]!.cell[row]!]!;
    const [x, y] = unitsIn(columns[i]!, row, tile) as [number, number];
    const group = groups.get(cell);
    if (!group) groups.set(cell, { n: 1, x, y });
    else {
      group.n += 1;
      group.x += x;
      group.y += y;
    }
  }
  return [...groups]
    .map(([number, group]) => ({ cell: cells[number]!, ...group }))
    .sort((a, b) => compareText(a.cell, b.cell))
    .map(({ cell, n, x, y }) => ({
      type: POINT,
      parts: [[Math.floor(x / n), Math.floor(y / n)]],
      properties: { cell, n },
    }));
}

function heatFeatures(live: Live, { incidents: filter }: CompiledQuery, tile: Tile): TileFeature[] {
  const res = heatResolution(tile.z);
  const { incidents } = live.layers;
  const { of, cells } = incidents.cells.parentsAt(res);
  const box: Box = boxOfBounds(tileBounds(tile.z, tile.x, tile.y));
  const counts = new Map<number, number>();
  incidents.scan(filter!, tilesAround(expandByCells(box, res)), (columns, row) => {
    const number = of[columns.cell[row]!]!;
    counts.set(number, (counts.get(number) ?? 0) + 1);
  });
  return [...counts]
    .map(([number, n]) => ({ cell: cells[number]!, n }))
    .sort((a, b) => compareText(a.cell, b.cell))
    .flatMap(({ cell, n }) => {
      const shape = hexagonInTile(cell, tile);
      return shape ? [{ ...shape, properties: { cell, n } }] : [];
    });
}
