import type { Geometry } from 'geojson';
import { cellToParent } from 'h3-js';
import type { Queryable } from '../db/db.ts';
import { HttpError } from '../errors.ts';
import type { Bounds } from '../geo/bbox.ts';
import { heatResolution, hexagonInTile } from '../geo/h3.ts';
import { encodeTile, POINT, type TileFeature } from '../geo/mvt.ts';
import { type Tile, tileBounds, tileBufferBounds, tileFilterBounds } from '../geo/tile.ts';
import { ownPoint, toTileGeometry } from '../geo/tilegeometry.ts';
import { requireGrid } from '../grids/grids.ts';
import { heatCells } from '../heat/heat.ts';
import { compareBytes } from '../http.ts';
import { periodOf, STATUSES } from '../incidents/incidents.schema.ts';
import { filterValues, type IncidentFilter, resolveFilter } from '../incidents/incidents.ts';
import { startOfMinute } from '../live/micros.ts';
import { CAMERA_STATUSES, type LayerId } from './layers.ts';
import type { TileQuery } from './tiles.schema.ts';
import {
  CAMERAS_IN_TILE,
  GRIDS_IN_TILE,
  INCIDENT_POINTS_IN_TILE,
  INCIDENTS_IN_TILE,
  STREETS_IN_TILE,
} from './tiles.sql.ts';

/** Incidents of a tile that are drawn one by one; more become one point per cell. */
export const MAX_POINTS = 5_000;

interface Question {
  db: Queryable;
  tile: Tile;
  query: TileQuery;
  /** Resolved when a layer of the tile shows incidents. */
  incidents: IncidentFilter | undefined;
  cameraStatuses: string[] | undefined;
  at: Date;
}

/**
 * Build a tile by SQL and encode it. Empty layers are left out; nothing at all is an empty array.
 *
 * @param layers in byte order
 * @throws HttpError 400 for a filter that names what does not exist
 */
export async function buildTile(
  db: Queryable,
  layers: LayerId[],
  tile: Tile,
  query: TileQuery,
  now: Date,
): Promise<Uint8Array> {
  const at = startOfMinute(now);
  const showsIncidents = layers.some((layer) => layer === 'incidents' || layer === 'heat');
  const status = statusesFor(layers, query.status ?? []);
  const ofIncidents = { ...query, status: status.incidents };
  const incidents = showsIncidents ? await resolveFilter(db, ofIncidents, periodOf(query, now), now) : undefined;
  if (query.under !== undefined && !showsIncidents) await requireGrid(db, query.net, query.under, at);
  const question = { db, tile, query, incidents, cameraStatuses: status.cameras, at };
  const built = [];
  for (const layer of layers) built.push({ name: layer, features: await FEATURES[layer](question) });
  return encodeTile(built);
}

/**
 * `status` is a filter of incidents and of cameras, with words of their own: each takes its words, and is left whole
 * when none of them is its.
 */
export function statusesFor(layers: LayerId[], statuses: string[]) {
  const own = (words: readonly string[]) => statuses.filter((status) => words.includes(status));
  const cameras = layers.includes('cameras') ? own(CAMERA_STATUSES) : [];
  const incidents = layers.some((layer) => layer === 'incidents' || layer === 'heat') ? own(STATUSES) : [];
  const lost = statuses.find((status) => !cameras.includes(status) && !incidents.includes(status));
  if (lost !== undefined) {
    throw new HttpError(400, `status: ${lost} is none of ${layers.join(', ')}`, [
      { path: 'status', message: `${lost} is no status of these layers` },
    ]);
  }
  return { cameras: orAny(cameras), incidents: orAny(incidents) };
}

function orAny(words: string[]): string[] | undefined {
  return words.length > 0 ? words : undefined;
}

const FEATURES: Record<LayerId, (question: Question) => Promise<TileFeature[]>> = {
  grids: gridFeatures,
  cameras: cameraFeatures,
  incidents: incidentFeatures,
  heat: heatFeatures,
  streets: streetFeatures,
};

async function gridFeatures({ db, tile, query, at }: Question): Promise<TileFeature[]> {
  const rows = await db.query<Record<string, string> & { geometry: string }>(
    GRIDS_IN_TILE,
    [...sides(tileBufferBounds(tile.z, tile.x, tile.y)), query.net, at, query.level ?? null, query.under ?? null],
    { prepare: true },
  );
  return rows.flatMap(({ geometry, ...properties }) => shapeFeature(geometry, properties, tile));
}

async function streetFeatures({ db, tile }: Question): Promise<TileFeature[]> {
  const bounds = sides(tileBufferBounds(tile.z, tile.x, tile.y));
  const rows = await db.query<Record<string, string> & { geometry: string }>(STREETS_IN_TILE, bounds, {
    prepare: true,
  });
  return rows.flatMap(({ geometry, ...properties }) => shapeFeature(geometry, properties, tile));
}

function shapeFeature(geojson: string, properties: TileFeature['properties'], tile: Tile): TileFeature[] {
  const shape = toTileGeometry(JSON.parse(geojson) as Geometry, tile);
  return shape ? [{ ...shape, properties }] : [];
}

async function cameraFeatures({ db, tile, query, cameraStatuses, at }: Question): Promise<TileFeature[]> {
  const rows = await db.query<Record<string, string | number> & { lon: number; lat: number }>(
    CAMERAS_IN_TILE,
    [
      ...sides(tileBufferBounds(tile.z, tile.x, tile.y)),
      query.zone ?? null,
      cameraStatuses ?? null,
      query.under ?? null,
      query.net,
      at,
    ],
    { prepare: true },
  );
  return rows.flatMap(({ lon, lat, ...properties }) => {
    const shape = toTileGeometry({ type: 'Point', coordinates: [lon, lat] }, tile);
    return shape ? [{ ...shape, properties }] : [];
  });
}

async function incidentFeatures({ db, tile, incidents }: Question): Promise<TileFeature[]> {
  const values = [...filterValues(incidents!), ...sides(tileFilterBounds(tile.z, tile.x, tile.y))];
  const rows = await db.query<Record<string, string | number> & { lon: number; lat: number }>(INCIDENTS_IN_TILE, [
    ...values,
    MAX_POINTS + 1,
  ]);
  if (rows.length <= MAX_POINTS) {
    return rows.map(({ lon, lat, ...properties }) => ({ ...ownPoint(lon, lat, tile), properties }));
  }
  return aggregate(await db.query<CellPoint>(INCIDENT_POINTS_IN_TILE, [...values, MAX_POINTS]), tile);
}

interface CellPoint {
  cell: string;
  lon: number;
  lat: number;
}

/**
 * One point per cell of the tile's own incidents, at their middle in whole units: it lies in the tile, and the counts of
 * all tiles of a zoom add up to the number of incidents.
 */
function aggregate(points: CellPoint[], tile: Tile): TileFeature[] {
  const res = heatResolution(tile.z);
  const groups = new Map<string, { n: number; x: number; y: number }>();
  for (const { cell, lon, lat } of points) {
    const parent = cellToParent(cell, res);
    const [x, y] = ownPoint(lon, lat, tile).parts[0]! as [number, number];
    const group = groups.get(parent) ?? { n: 0, x: 0, y: 0 };
    groups.set(parent, { n: group.n + 1, x: group.x + x, y: group.y + y });
  }
  return [...groups]
    .sort(([a], [b]) => compareBytes(a, b))
    .map(([cell, { n, x, y }]) => ({
      type: POINT,
      parts: [[Math.floor(x / n), Math.floor(y / n)]],
      properties: { cell, n },
    }));
}

/** Whole hexagons: a cell is drawn uncut, with its whole count, in every tile that it touches. */
async function heatFeatures({ db, tile, incidents }: Question): Promise<TileFeature[]> {
  const { west, south, east, north } = tileBounds(tile.z, tile.x, tile.y);
  const cells = await heatCells(db, incidents!, heatResolution(tile.z), 'count', [west, south, east, north]);
  return cells.flatMap(({ cell, n }) => {
    const shape = hexagonInTile(cell, tile);
    return shape ? [{ ...shape, properties: { cell, n } }] : [];
  });
}

function sides({ west, south, east, north }: Bounds): number[] {
  return [west, south, east, north];
}
