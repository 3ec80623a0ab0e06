import type { Geometry } from 'geojson';
import { boxOfBounds } from '../geo/bbox.ts';
import { hexagonInTile } from '../geo/h3.ts';
import { encodeTile, type TileFeature } from '../geo/mvt.ts';
import { type Tile, tileBounds, tileBufferBounds } from '../geo/tile.ts';
import { toTileGeometry } from '../geo/tilegeometry.ts';
import type { GridFault } from '../grids/checks.fault.ts';
import type { Check } from '../grids/checks.schema.ts';
import { checkPlan } from '../grids/checks.ts';
import type { Analysis } from '../heat/analysis.ts';
import { cellsInBox, hotspots } from '../heat/hotspots.ts';
import { PLAN_KEY } from '../heat/study.sql.ts';
import { startOfMinute } from '../live/micros.ts';
import { type AnalysisTileQuery, splitLayers } from './analysis.schema.ts';
import type { AnalysisLayerId, AnyLayerId } from './layers.ts';
import { buildTile, statusesFor } from './tiles.ts';

/** What a tile of checks can show: the faults of the plan itself. Those of the roster change by the hour. */
const SHOWN: readonly Check[] = [
  'invalid',
  'overlap',
  'gap',
  'outside_parent',
  'code_not_under_parent',
  'households',
  'population',
];

/**
 * A tile with analysed layers. Whatever the tile, the analysis is that of the whole study area, computed once for a
 * version of the record: a place has the same z in every tile and at every zoom.
 *
 * @param version of the record, as in `Wangge-Version`
 * @throws HttpError 400 for a filter that names what does not exist
 */
export async function buildAnalysisTile(
  analysis: Analysis,
  layers: AnyLayerId[],
  tile: Tile,
  query: AnalysisTileQuery,
  version: string,
): Promise<Uint8Array> {
  const { analysed, plain } = splitLayers(layers);
  const { status } = query;
  const words = statusesFor(['incidents', ...plain], status ?? []);
  const built = [];
  for (const name of analysed) {
    const own = { ...query, status: words.incidents as AnalysisTileQuery['status'] };
    built.push({ name, features: await FEATURES[name](analysis, tile, own, version) });
  }
  const bytes = encodeTile(built);
  if (plain.length === 0) return bytes;
  // Layers of a tile are a list that may be continued.
  return Buffer.concat([await buildTile(analysis.db, plain, tile, query, analysis.now()), bytes]);
}

type Builder = (analysis: Analysis, tile: Tile, query: AnalysisTileQuery, version: string) => Promise<TileFeature[]>;

const FEATURES: Record<AnalysisLayerId, Builder> = { checks: checkFeatures, hotspots: hotspotFeatures };

async function hotspotFeatures(
  analysis: Analysis,
  tile: Tile,
  query: AnalysisTileQuery,
  version: string,
): Promise<TileFeature[]> {
  const { status, ...rest } = query;
  const found = await hotspots(analysis, { ...rest, status }, version);
  const box = boxOfBounds(tileBounds(tile.z, tile.x, tile.y));
  return cellsInBox(found, box).flatMap((properties) => {
    const shape = hexagonInTile(properties.cell, tile);
    return shape ? [{ ...shape, properties: { ...properties } }] : [];
  });
}

/** Faulty areas, or a point where there is none or it is too small to be seen. */
async function checkFeatures(analysis: Analysis, tile: Tile, query: AnalysisTileQuery): Promise<TileFeature[]> {
  const faults = await planFaults(analysis, query);
  const [west, south, east, north] = boxOfBounds(tileBufferBounds(tile.z, tile.x, tile.y));
  const shown = faults.filter(({ check }) => query.check?.includes(check) ?? true);
  return shown.flatMap(({ geometry, at, check, severity, grid, name, level, other, value, message }) => {
    const area = geometry && toTileGeometry(geometry, tile);
    const isNear = at && at[0] >= west && at[0] <= east && at[1] >= south && at[1] <= north;
    const shape = area ?? (isNear ? toTileGeometry(pointAt(at), tile) : null);
    return shape ? [{ ...shape, properties: { check, severity, grid, name, level, other, value, message } }] : [];
  });
}

function pointAt(coordinates: [number, number]): Geometry {
  return { type: 'Point', coordinates };
}

/** Faults of the plan as it is now, found once for each of its versions. */
async function planFaults(
  { db, cache, zone, now }: Analysis,
  { net, under, profile }: AnalysisTileQuery,
): Promise<readonly GridFault[]> {
  const at = startOfMinute(now());
  const plan = await db.query(PLAN_KEY, [net, at]);
  return cache.checks.get(JSON.stringify([net, under ?? null, profile, plan]), async () => {
    const question = { net, under, at, profile, check: [...SHOWN], timeZone: zone.timeZone };
    return (await checkPlan(db, question)).faults;
  });
}
