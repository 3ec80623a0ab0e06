import type { LiveCamera } from '../cameras/live.ts';
import { type Box, boxOfBounds } from '../geo/bbox.ts';
import { expandByCells, heatResolution } from '../geo/h3.ts';
import { POINT, type TileGeometry } from '../geo/mvt.ts';
import { BUFFER, EXTENT, type Tile, tileBounds, tileBufferBounds, worldX, worldY } from '../geo/tile.ts';
import { tilesAround } from '../incidents/live-tiles.ts';
import type { Live } from '../live/live.ts';
import { microsOf } from '../live/micros.ts';
import { compareText } from '../live/order.ts';
import type { LayerId } from './layers.ts';
import { LayerWriter } from './live-layer.ts';
import { writeIncidents } from './live-points.ts';
import type { CompiledQuery } from './live-views.ts';

/** Builds tiles from memory: the same bytes as `buildTile` makes by SQL of the same record. */
export class TileBuilder {
  readonly #live: Live;
  readonly #writer = new LayerWriter();

  constructor(live: Live) {
    this.#live = live;
  }

  build(compiled: CompiledQuery, tile: Tile): Uint8Array {
    // A tile is its layers' bytes one after another.
    const layers = compiled.layers.map((layer) => {
      WRITERS[layer](this.#writer, this.#live, compiled, tile);
      return this.#writer.finish();
    });
    return layers.length === 1 ? layers[0]! : Buffer.concat(layers);
  }
}

type Write = (writer: LayerWriter, live: Live, compiled: CompiledQuery, tile: Tile) => void;

const WRITERS: Record<LayerId, Write> = {
  grids: writeGrids,
  cameras: writeCameras,
  incidents: writeIncidents,
  heat: writeHeat,
  streets: writeStreets,
};

function writeGrids(writer: LayerWriter, live: Live, { query, under }: CompiledQuery, tile: Tile): void {
  writer.begin('grids', ['code', 'name', 'level', 'kind', 'net', 'parent']);
  const box = boxOfBounds(tileBufferBounds(tile.z, tile.x, tile.y));
  for (const grid of live.layers.grids.inBox(query.net, query.level, box, microsOf(live.at))) {
    const shape = under && !under.codes.has(grid.code) ? null : grid.shape.drawnIn(tile);
    if (!shape) continue;
    writer.property(0, grid.code);
    writer.property(1, grid.name);
    writer.property(2, grid.level);
    writer.property(3, grid.kind);
    writer.property(4, grid.net);
    writer.property(5, grid.parent);
    writer.shape(shape, tile);
  }
}

function writeStreets(writer: LayerWriter, live: Live, _compiled: CompiledQuery, tile: Tile): void {
  writer.begin('streets', ['name', 'class']);
  for (const street of live.layers.streets.inBox(boxOfBounds(tileBufferBounds(tile.z, tile.x, tile.y)))) {
    const shape = street.shape.drawnIn(tile);
    if (!shape) continue;
    writer.property(0, street.name);
    writer.property(1, street.class);
    writer.shape(shape, tile);
  }
}

function writeCameras(writer: LayerWriter, live: Live, compiled: CompiledQuery, tile: Tile): void {
  writer.begin('cameras', ['code', 'zone', 'status', 'heading']);
  for (const camera of live.layers.cameras.inBox(boxOfBounds(tileBufferBounds(tile.z, tile.x, tile.y)))) {
    const shape = bufferedPoint(camera.lon, camera.lat, tile);
    if (!shape || !showsCamera(live, compiled, camera)) continue;
    writer.property(0, camera.code);
    writer.property(1, camera.zone);
    writer.property(2, camera.status);
    writer.property(3, camera.heading);
    writer.feature(shape);
  }
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

/** Whole hexagons, in every tile that they touch. */
function writeHeat(writer: LayerWriter, live: Live, { incidents: filter }: CompiledQuery, tile: Tile): void {
  writer.begin('heat', ['cell', 'n']);
  const res = heatResolution(tile.z);
  const { incidents } = live.layers;
  const { of, cells } = incidents.cells.parentsAt(res);
  const box: Box = boxOfBounds(tileBounds(tile.z, tile.x, tile.y));
  const counts = new Map<number, number>();
  incidents.scan(filter!, tilesAround(expandByCells(box, res)), (columns, row) => {
    const number = of[columns.cell[row]!]!;
    counts.set(number, (counts.get(number) ?? 0) + 1);
  });
  for (const number of [...counts.keys()].sort((a, b) => compareText(cells[a]!, cells[b]!))) {
    const shape = incidents.outlines.inTile(cells[number]!, tile, box);
    if (!shape) continue;
    writer.property(0, cells[number]!);
    writer.property(1, counts.get(number)!);
    writer.feature(shape);
  }
}
