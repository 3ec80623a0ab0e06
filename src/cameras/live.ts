import { type Queryable, sql } from '../db/db.ts';
import type { Box } from '../geo/bbox.ts';
import { boxAround, millimetresNear, NEAR_LIMIT, tenthsOfMetres } from '../geo/metres.ts';
import type { Edit } from '../live/edits.ts';
import { compareText } from '../live/order.ts';
import { SpatialIndex } from '../live/spatial.ts';
import type { NearCamera } from './cameras.ts';

export interface LiveCamera {
  readonly code: string;
  readonly name: string | null;
  readonly zone: string | null;
  readonly status: string;
  readonly heading: number | null;
  readonly lon: number;
  readonly lat: number;
  readonly box: Box;
}

const COLUMNS = sql`c.code, c.name, c.zone, c.status, c.heading, st_x(c.geom) as lon, st_y(c.geom) as lat`;
const ALL_CAMERAS = sql`select ${COLUMNS} from camera c`;
const CAMERAS_OF_CODES = sql`select ${COLUMNS} from camera c where c.code = any($1::text[])`;

const BYTES_PER_CAMERA = 420;
const BATCH = 5_000;
/** Metres of the first look for near cameras; each further one reaches twice as far. */
const FIRST_LOOK = 250;

/** All cameras in memory, about 420 bytes each. */
export class CameraLayer {
  readonly #byCode: Map<string, LiveCamera>;
  readonly #index: SpatialIndex<LiveCamera>;

  private constructor(cameras: readonly LiveCamera[]) {
    this.#byCode = new Map(cameras.map((camera) => [camera.code, camera]));
    this.#index = new SpatialIndex(cameras);
  }

  /** Read everything. Needs a transaction. */
  static async load(tx: Queryable): Promise<CameraLayer> {
    const cameras: LiveCamera[] = [];
    for await (const rows of tx.cursor<Omit<LiveCamera, 'box'>>(ALL_CAMERAS, [], BATCH)) {
      for (const row of rows) cameras.push(toCamera(row));
    }
    return new CameraLayer(cameras);
  }

  /** A layer of cameras that have been read. */
  static of(cameras: readonly LiveCamera[]): CameraLayer {
    return new CameraLayer(cameras);
  }

  *[Symbol.iterator](): Generator<LiveCamera> {
    yield* this.#byCode.values();
  }

  /** Some cameras as they are now; those that are gone are missing. */
  static async read(tx: Queryable, codes: readonly string[]): Promise<LiveCamera[]> {
    return (await tx.query<Omit<LiveCamera, 'box'>>(CAMERAS_OF_CODES, [codes])).map(toCamera);
  }

  get count(): number {
    return this.#byCode.size;
  }

  get bytes(): number {
    return this.count * BYTES_PER_CAMERA;
  }

  /** Put what `read` found in the place of the cameras of these codes. */
  replace(codes: readonly string[], cameras: readonly LiveCamera[]): Edit<LiveCamera>[] {
    const found = new Map(cameras.map((camera) => [camera.code, camera]));
    return codes.map((code) => {
      const before = this.#byCode.get(code);
      const after = found.get(code);
      if (before) this.#index.remove(before);
      if (after) {
        this.#index.add(after);
        this.#byCode.set(code, after);
      } else this.#byCode.delete(code);
      return { before, after };
    });
  }

  /**
   * The cameras nearest to a point, then by code; undefined where they are too far away for a distance that is true to
   * the decimetre.
   */
  nearest(lon: number, lat: number, limit: number): NearCamera[] | undefined {
    const wanted = Math.min(limit, this.count);
    for (let metres = FIRST_LOOK; metres <= NEAR_LIMIT; metres *= 2) {
      const near = this.#index
        .search(...boxAround(lon, lat, metres))
        .map((camera) => ({ camera, millimetres: millimetresNear(lon, lat, camera.lon, camera.lat) }))
        .filter((found) => found.millimetres <= metres * 1000);
      if (near.length < wanted) continue;
      return near
        .sort((a, b) => a.millimetres - b.millimetres || compareText(a.camera.code, b.camera.code))
        .slice(0, limit)
        .map(toNear);
    }
    return undefined;
  }

  /** Cameras of a box by code. */
  inBox(box: Box): LiveCamera[] {
    return this.#index.search(...box).sort((a, b) => compareText(a.code, b.code));
  }
}

function toNear({ camera, millimetres }: { camera: LiveCamera; millimetres: number }): NearCamera {
  const { code, name, zone, heading, status, lon, lat } = camera;
  return { code, name, zone, heading, status, lon, lat, metres: tenthsOfMetres(millimetres) };
}

/** Named one by one the fields give all cameras one layout; spread out, each would get its own. */
function toCamera({ code, name, zone, status, heading, lon, lat }: Omit<LiveCamera, 'box'>): LiveCamera {
  return { code, name, zone, status, heading, lon, lat, box: [lon, lat, lon, lat] };
}
