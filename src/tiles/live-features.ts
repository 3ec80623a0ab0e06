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
import { GridDrawings } from './live-grids.ts';
import { LayerWriter } from './live-layer.ts';
import { IncidentDrawings } from './live-points.ts';
import type { CompiledQuery } from './live-views.ts';

/** Builds tiles from memory: the same bytes as `buildTile` makes by SQL of the same record. */
export class TileBuilder {
  readonly #live: Live;
  readonly #writer = new LayerWriter();
  readonly #grids: GridDrawings;
  readonly #incidents: IncidentDrawings;

  constructor(live: Live) {
    this.#live = live;
    this.#grids = new GridDrawings(live);
    this.#incidents = new IncidentDrawings(live);
  }

  build(compiled: CompiledQuery, tile: Tile): Uint8Array {
    // A tile is its layers' bytes one after another.
    const layers = compiled.layers.map((layer) => this.#write(layer, compiled, tile));
    return layers.length === 1 ? layers[0]! : Buffer.concat(layers);
  }

  #write(layer: LayerId, compiled: CompiledQuery, tile: Tile): Uint8Array {
    const writer = this.#writer;
    if (layer === 'incidents') return this.#incidents.write(compiled, tile);
    if (layer === 'grids') this.#grids.write(writer, compiled, tile);
    else WRITERS[layer](writer, this.#live, compiled, tile);
    return writer.finish();
  }
}

type Write = (writer: LayerWriter, live: Live, compiled: CompiledQuery, tile: Tile) => void;

const WRITERS: Record<Exclude<LayerId, 'grids' | 'incidents'>, Write> = {
  cameras: writeCameras,
  heat: writeHeat,
  streets: writeStreets,
};

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
