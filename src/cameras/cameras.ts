import type { Queryable } from '../db/db.ts';
import { NEAREST_CAMERAS } from './cameras.sql.ts';

/** A camera near a place. */
export interface NearCamera {
  code: string;
  name: string | null;
  zone: string | null;
  /** Degrees from north. */
  heading: number | null;
  status: string;
  lon: number;
  lat: number;
  metres: number;
}

/** The cameras nearest to a point, then by code. */
export function nearestCameras(
  db: Queryable,
  [lon, lat]: readonly [number, number],
  limit: number,
): Promise<NearCamera[]> {
  return db.query<NearCamera>(NEAREST_CAMERAS, [lon, lat, limit]);
}
