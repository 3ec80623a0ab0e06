import type { Geometry } from 'geojson';
import type { Db } from '../db/db.ts';
import { badInput, type HttpError } from '../errors.ts';
import { describeFault, findFault, polygonsOf } from '../geo/polygon.ts';
import { flatRings } from '../geo/rings.ts';
import type { GridName } from '../grids/grids.ts';
import { Area } from '../live/area.ts';
import { type DutyLine, dutyList, dutyOfRecord } from './duty.ts';
import type { Inside, Region, WithinMemory } from './live.ts';
import { MAX_IDS, type WithinLayer, type WithinRequest } from './within.schema.ts';
import * as statements from './within.sql.ts';

/** The largest area, in square kilometres: a large city. */
export const MAX_KM2 = 20_000;
/** Positions of a polygon. */
export const MAX_POSITIONS = 20_000;

/** Degrees that a polygon may reach to the north and south, and be wide. */
const MAX_ABS_LAT = 89;
const MAX_WIDTH = 90;

type Counted = Exclude<WithinLayer, 'workers'>;

export interface GridWithin extends GridName {
  /** The part of the grid's area that lies inside, from 0 to 1. */
  share: number;
}

/** What and who is inside an area; layers that were not asked for are left out. */
export interface Within {
  at: Date;
  net: string;
  area_m2: number;
  counts: Partial<Record<Counted, number>>;
  /** In byte order, at most `MAX_IDS` of each. */
  ids: Partial<Record<Counted, string[]>>;
  /** Whether ids were left out. */
  truncated: Partial<Record<Counted, boolean>>;
  /** From the top of the net down. */
  grids?: GridWithin[];
  workers?: DutyLine[];
}

export interface WithinContext {
  db: Db;
  /** What is answered from memory where it reaches; absent: all is asked of the record. */
  memory?: WithinMemory | undefined;
  /** Told when the record was asked for what it holds. */
  onRecord?: () => void;
  timeZone: string;
  now: Date;
  /** Whether telephone numbers may be in the answer. */
  withPhone: boolean;
}

/**
 * What lies inside an area and who answers for it at a moment: cameras, addresses and incidents that it covers, borders
 * included; grids that share area with it; the people on duty in the deepest grids there, or above where nobody is.
 *
 * Grids and addresses are asked of the record: shares are of areas on the ellipsoid, which PostGIS computes, and the book
 * of addresses finds texts. Whether a polygon is valid and how large it is, PostGIS says too.
 *
 * @throws HttpError 400 for an area that is not valid or too large, or a net that does not exist
 */
export async function within(context: WithinContext, request: WithinRequest): Promise<Within> {
  const { db, memory } = context;
  const at = request.at ?? context.now;
  const [net] = await db.query<{ found: boolean }>(statements.NET_EXISTS, [request.net]);
  if (!net!.found) throw fault('net', `${request.net} does not exist`);
  const area = await areaOf(db, request);
  const answer: Within = { at, net: request.net, area_m2: area.size, counts: {}, ids: {}, truncated: {} };
  const asked = new Set(request.layers);
  const list = async (layer: Counted, known: Inside | undefined, text: string, values: unknown[] = []) => {
    const { n, ids } = known ?? (await insideOfRecord(context, text, [...(await area.values()), MAX_IDS, ...values]));
    keep(answer, layer, n, ids);
  };
  if (asked.has('grids') || asked.has('workers')) await addGrids(context, answer, asked, await area.values());
  if (asked.has('cameras')) await list('cameras', memory?.cameras(area.region), statements.CAMERAS);
  if (asked.has('incidents')) {
    const isAll = request.incidents === 'all';
    await list('incidents', memory?.incidents(area.region, at, isAll), statements.INCIDENTS, [at, isAll]);
  }
  if (asked.has('addresses')) await list('addresses', undefined, statements.ADDRESSES);
  return answer;
}

async function insideOfRecord({ db, onRecord }: WithinContext, text: string, values: unknown[]): Promise<Inside> {
  onRecord?.();
  const [row] = await db.query<Inside>(text, values);
  return row!;
}

function keep({ counts, ids, truncated }: Within, layer: Counted, n: number, first: string[]): void {
  counts[layer] = n;
  ids[layer] = first;
  truncated[layer] = n > first.length;
}

async function addGrids(
  context: WithinContext,
  answer: Within,
  asked: ReadonlySet<WithinLayer>,
  area: unknown[],
): Promise<void> {
  const { at, net } = answer;
  context.onRecord?.();
  const rows = await context.db.query<GridWithin & { own: boolean }>(statements.GRIDS, [...area, net, at]);
  if (asked.has('grids')) {
    const grids = rows.slice(0, MAX_IDS).map(({ own: _own, share, ...grid }) => ({ ...grid, share: round(share) }));
    keep(
      answer,
      'grids',
      rows.length,
      grids.map(({ code }) => code),
    );
    answer.grids = grids;
  }
  if (!asked.has('workers')) return;
  const codes = rows.filter(({ own }) => own).map(({ code }) => code);
  const duty = context.memory?.duty ?? dutyOfRecord(context.db);
  answer.workers = await dutyList({ ...context, duty }, { net, at, codes });
}

/** Four digits, but never 0 or 1 for what is neither. */
function round(share: number): number {
  return share === 1 ? 1 : Math.min(0.9999, Math.max(0.0001, Math.round(share * 1e4) / 1e4));
}

/** The first parameters of the statements: GeoJSON, and the centre and metres of a circle. */
type AreaValues = [geometry: string, lon: number | null, lat: number | null, metres: number | null];

interface AskedArea {
  /** Square metres. */
  size: number;
  region: Region;
  values(): Promise<AreaValues>;
}

async function areaOf(db: Db, { geometry, point, metres }: WithinRequest): Promise<AskedArea> {
  if (geometry) {
    const text = JSON.stringify({ type: geometry.type, coordinates: geometry.coordinates });
    const { area, size } = await examine(db, geometry as unknown as Geometry, text);
    return { size, region: { area }, values: async () => [text, null, null, null] };
  }
  const [lon, lat] = point!;
  requireOnMap(lon, lat, metres!);
  const region = { lon, lat, metres: metres! };
  let values: AreaValues | undefined;
  return {
    size: Math.round(Math.PI * metres! ** 2),
    region,
    values: async () => {
      values ??= [await circleOf(db, region), lon, lat, metres!];
      return values;
    },
  };
}

async function circleOf(db: Db, { lon, lat, metres }: { lon: number; lat: number; metres: number }): Promise<string> {
  const [circle] = await db.query<{ geometry: string }>(statements.CIRCLE, [lon, lat, metres]);
  return circle!.geometry;
}

async function examine(db: Db, geometry: Geometry, text: string): Promise<{ area: Area; size: number }> {
  const wrong = findFault(geometry);
  if (wrong) throw fault('geometry', wrong.message);
  const area = new Area(polygonsOf(geometry).map(flatRings));
  const positions = area.polygons.flat().reduce((sum, ring) => sum + ring.length / 2, 0);
  if (positions > MAX_POSITIONS) {
    throw fault('geometry', `has more than ${MAX_POSITIONS} positions: simplify it, or ask for parts of it`);
  }
  requireMeasurable(area);
  type Row = { valid: boolean; reason: string; x: number | null; y: number; area: number };
  const [row] = await db.query<Row>(statements.EXAMINE, [text]);
  const { valid, reason, x, y, area: size } = row!;
  if (!valid) throw fault('geometry', describeFault(reason, x === null ? null : [x, y], geometry));
  if (size > MAX_KM2 * 1e6) {
    const km2 = Math.round(size / 1e6);
    throw fault('geometry', `is ${km2} km² large, at most ${MAX_KM2} are answered: ask for parts of it`);
  }
  return { area, size: Math.round(size) };
}

/** PostGIS fails at areas that hold a pole, and takes edges along half the earth for others than were meant. */
function requireMeasurable({ box: [west, south, east, north] }: Area): void {
  if (south < -MAX_ABS_LAT || north > MAX_ABS_LAT) {
    throw fault('geometry', `reaches beyond ${MAX_ABS_LAT}° of latitude, where areas cannot be measured: cut it there`);
  }
  if (east - west > MAX_WIDTH) {
    throw fault('geometry', `is more than ${MAX_WIDTH}° wide: ask for parts of it`);
  }
}

/** A circle over a pole or the 180th meridian is no polygon in degrees. */
function requireOnMap(lon: number, lat: number, metres: number): void {
  const degrees = metres / 110_000;
  const north = Math.abs(lat) + degrees;
  if (north < 89 && Math.abs(lon) + degrees / Math.cos((north * Math.PI) / 180) < 180) return;
  throw fault('point', 'the circle reaches over a pole or the 180th meridian: ask for polygons on either side');
}

function fault(path: string, message: string): HttpError {
  return badInput([{ path, message }], 'The question');
}
