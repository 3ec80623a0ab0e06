import type { Geometry } from 'geojson';
import { boxOfBounds } from '../geo/bbox.ts';
import { encodeTile } from '../geo/mvt.ts';
import { type Tile, tileBounds, tileBufferBounds } from '../geo/tile.ts';
import { toTileGeometry } from '../geo/tilegeometry.ts';
import type { GridFault } from '../grids/checks.fault.ts';
import type { Check } from '../grids/checks.schema.ts';
import { checkPlan } from '../grids/checks.ts';
import type { Analysis } from '../heat/analysis.ts';
import { hotspots, hotspotsInBox } from '../heat/hotspots.ts';
import { Lru } from '../heat/lru.ts';
import { PLAN_KEY } from '../heat/study.sql.ts';
import { startOfMinute } from '../live/micros.ts';
import { type AnalysisTileQuery, splitLayers } from './analysis.schema.ts';
import { type CachedTile, KeptTile } from './cache.ts';
import type { AnalysisLayerId, AnyLayerId } from './layers.ts';
import { cellTileTask } from './threads.ts';
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

/** A request for a tile with analysed layers. */
export interface AnalysisTileQuestion {
  layers: AnyLayerId[];
  tile: Tile;
  query: AnalysisTileQuery;
  /** Of the record, as in `Wangge-Version`. */
  version: string;
}

/** Bytes of tiles that are kept, compressed ones beside them. */
const MAX_BYTES = 32 * 2 ** 20;

/**
 * Tiles with analysed layers, each built once for a version of the record and a minute, in a thread where it is long.
 * Whatever the tile, the analysis is that of the whole study area: a place has the same z in every tile and at every zoom.
 */
export class AnalysisTiles {
  readonly #analysis: Analysis;
  readonly #tiles = new Lru<CachedTile>(MAX_BYTES, ({ bytes }) => bytes);

  constructor(analysis: Analysis) {
    this.#analysis = analysis;
  }

  /** @throws HttpError 400 for a filter that names what does not exist */
  tile(question: AnalysisTileQuestion): Promise<CachedTile> {
    const { layers, tile, query, version } = question;
    const minute = startOfMinute(this.#analysis.now()).getTime();
    const key = JSON.stringify([version, minute, layers, tile.z, tile.x, tile.y, query]);
    return this.#tiles.get(key, async () => new KeptTile(await buildAnalysisTile(this.#analysis, question)));
  }
}

/** Layers of a tile are a list that may be continued: they are built apart. */
async function buildAnalysisTile(analysis: Analysis, question: AnalysisTileQuestion): Promise<Uint8Array> {
  const { layers, tile, query } = question;
  const { analysed, plain } = splitLayers(layers);
  const status = statusesFor(['incidents', ...plain], query.status ?? []).incidents as AnalysisTileQuery['status'];
  const built: Uint8Array[] = [];
  if (plain.length > 0) built.push(await buildTile(analysis.db, plain, tile, query, analysis.now()));
  for (const name of analysed) built.push(await BUILDERS[name](analysis, { ...question, query: { ...query, status } }));
  return Buffer.concat(built);
}

type Builder = (analysis: Analysis, question: AnalysisTileQuestion) => Promise<Uint8Array>;

const BUILDERS: Record<AnalysisLayerId, Builder> = { checks: checksLayer, hotspots: hotspotsLayer };

async function hotspotsLayer(analysis: Analysis, { tile, query, version }: AnalysisTileQuestion): Promise<Uint8Array> {
  const found = await hotspots(analysis, query, version);
  const table = hotspotsInBox(found, boxOfBounds(tileBounds(tile.z, tile.x, tile.y)));
  return analysis.threads.run(cellTileTask, { layer: 'hotspots', table, tile });
}

/** Faulty areas, or a point where there is none or it is too small to be seen. */
async function checksLayer(analysis: Analysis, { tile, query }: AnalysisTileQuestion): Promise<Uint8Array> {
  const faults = await planFaults(analysis, query);
  const [west, south, east, north] = boxOfBounds(tileBufferBounds(tile.z, tile.x, tile.y));
  const shown = faults.filter(({ check }) => query.check?.includes(check) ?? true);
  const features = shown.flatMap(({ geometry, at, check, severity, grid, name, level, other, value, message }) => {
    const area = geometry && toTileGeometry(geometry, tile);
    const isNear = at && at[0] >= west && at[0] <= east && at[1] >= south && at[1] <= north;
    const shape = area ?? (isNear ? toTileGeometry(pointAt(at), tile) : null);
    return shape ? [{ ...shape, properties: { check, severity, grid, name, level, other, value, message } }] : [];
  });
  return encodeTile([{ name: 'checks', features }]);
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
