import type { FeatureCollection, Point } from 'geojson';
import type { Queryable } from '../db/db.ts';
import { groupBy } from '../db/rows.ts';
import type { Bounds } from '../geo/bbox.ts';
import { BOX_OF_STYLE, GRID_LABELS, NETS_OF_STYLE, PERIOD_OF_INCIDENTS } from './styles.sql.ts';
import type { StyleMetadata, StyleNet } from './styles.ts';

/** Where a style looks while there is nothing to show. */
const EVERYWHERE: Bounds = { west: -180, south: -85, east: 180, north: 85 };
const EQUATOR_METRES = 40_075_016.7;
/** Side of a grid on the screen, in points, from which its border is worth a line, and its name the room. */
const BORDER_POINTS = 34;
const NAME_POINTS = 92;

interface LevelRow {
  net: string;
  net_name: string;
  level: string;
  level_name: string;
  n: number;
  metres: number;
}

export interface StyleFacts {
  bounds: Bounds;
  nets: StyleNet[];
  period: StyleMetadata['wangge:period'];
}

/** What of the data a style depends on, by the plan of a moment. */
export async function describeForStyle(db: Queryable, at: Date): Promise<StyleFacts> {
  const [box] = await db.query<Record<keyof Bounds, number | null>>(BOX_OF_STYLE);
  const bounds = box && box.west !== null ? (box as Bounds) : EVERYWHERE;
  const rows = await db.query<LevelRow>(NETS_OF_STYLE, [at]);
  const [period] = await db.query<{ from: Date | null; to: Date | null }>(PERIOD_OF_INCIDENTS);
  const latitude = (bounds.south + bounds.north) / 2;
  const nets = [...groupBy(rows, (row) => row.net)].map(([id, levels]) => ({
    id,
    name: levels[0]!.net_name,
    levels: levels.map(({ level, level_name, n, metres }) => ({
      id: level,
      name: level_name,
      count: n,
      borderZoom: zoomForSide(metres, BORDER_POINTS, latitude),
      nameZoom: zoomForSide(metres, NAME_POINTS, latitude),
    })),
  }));
  const spans = period?.from && period.to;
  return {
    bounds,
    nets,
    period: spans ? { from: period.from!.toISOString(), to: period.to!.toISOString() } : null,
  };
}

/** The zoom, of tiles 512 points wide, at which so many metres take so many points. */
function zoomForSide(metres: number, points: number, latitude: number): number {
  const zoom = Math.log2((points * EQUATOR_METRES * Math.cos((latitude * Math.PI) / 180)) / (512 * metres));
  return Number.isFinite(zoom) ? Math.max(0, Math.min(18, Math.round(zoom * 10) / 10)) : 0;
}

/** The points at which the names of a net's grids are written; an unknown net has none. */
export async function labelPoints(db: Queryable, net: string, at: Date): Promise<FeatureCollection<Point>> {
  const rows = await db.query<{ code: string; name: string; level: string; lon: number; lat: number }>(GRID_LABELS, [
    net,
    at,
  ]);
  return {
    type: 'FeatureCollection',
    features: rows.map(({ lon, lat, ...properties }) => ({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [lon, lat].map((degrees) => Number(degrees.toFixed(6))) },
      properties,
    })),
  };
}
