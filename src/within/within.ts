import type { Geometry } from 'geojson';
import type { Db } from '../db/db.ts';
import { badInput, type HttpError } from '../errors.ts';
import { describeFault, findFault } from '../geo/polygon.ts';
import type { GridName } from '../grids/grids.ts';
import { type DutyLine, dutyList } from './duty.ts';
import type { WithinLayer, WithinRequest } from './within.schema.ts';
import * as statements from './within.sql.ts';

/** Ids that are listed of a layer; counts are of all. */
export const MAX_IDS = 1_000;
/** The largest area, in square kilometres: a large city. */
export const MAX_KM2 = 20_000;
/** Positions of a polygon. */
export const MAX_POSITIONS = 20_000;

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
  timeZone: string;
  now: Date;
  /** Whether telephone numbers may be in the answer. */
  withPhone: boolean;
}

/**
 * What lies inside an area and who answers for it at a moment: cameras, addresses and incidents that it covers, borders
 * included; grids that share area with it; the people on duty in the deepest grids there, or above where nobody is.
 *
 * @throws HttpError 400 for an area that is not valid or too large, or a net that does not exist
 */
export async function within(context: WithinContext, request: WithinRequest): Promise<Within> {
  const { db } = context;
  const at = request.at ?? context.now;
  const [net] = await db.query<{ found: boolean }>(statements.NET_EXISTS, [request.net]);
  if (!net!.found) throw fault('net', `${request.net} does not exist`);
  const area = await areaOf(db, request);
  const answer: Within = { at, net: request.net, area_m2: area.size, counts: {}, ids: {}, truncated: {} };
  const asked = new Set(request.layers);
  const list = async (layer: Counted, text: string, values: unknown[] = []) => {
    if (!asked.has(layer)) return;
    const [row] = await db.query<{ n: number; ids: string[] }>(text, [...area.values, MAX_IDS, ...values]);
    keep(answer, layer, row!.n, row!.ids);
  };
  if (asked.has('grids') || asked.has('workers')) await addGrids(context, answer, asked, area.values);
  await list('cameras', statements.CAMERAS);
  await list('incidents', statements.INCIDENTS, [at, request.incidents === 'all']);
  await list('addresses', statements.ADDRESSES);
  return answer;
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
  answer.workers = await dutyList(context, { net, at, codes });
}

/** Four digits, but never 0 or 1 for what is neither. */
function round(share: number): number {
  return share === 1 ? 1 : Math.min(0.9999, Math.max(0.0001, Math.round(share * 1e4) / 1e4));
}

interface Area {
  /** Square metres. */
  size: number;
  /** The first parameters of the statements. */
  values: [geometry: string, lon: number | null, lat: number | null, metres: number | null];
}

async function areaOf(db: Db, { geometry, point, metres }: WithinRequest): Promise<Area> {
  if (geometry) {
    const text = JSON.stringify({ type: geometry.type, coordinates: geometry.coordinates });
    return { size: await examine(db, geometry as unknown as Geometry, text), values: [text, null, null, null] };
  }
  const [lon, lat] = point!;
  requireOnMap(lon, lat, metres!);
  const [circle] = await db.query<{ geometry: string }>(statements.CIRCLE, [lon, lat, metres]);
  return { size: Math.round(Math.PI * metres! ** 2), values: [circle!.geometry, lon, lat, metres!] };
}

async function examine(db: Db, geometry: Geometry, text: string): Promise<number> {
  const wrong = findFault(geometry);
  if (wrong) throw fault('geometry', wrong.message);
  const positions = (geometry as { coordinates: unknown[] }).coordinates.flat(3).length / 2;
  if (positions > MAX_POSITIONS) {
    throw fault('geometry', `has more than ${MAX_POSITIONS} positions: simplify it, or ask for parts of it`);
  }
  type Row = { valid: boolean; reason: string; x: number | null; y: number; area: number };
  const [row] = await db.query<Row>(statements.EXAMINE, [text]);
  const { valid, reason, x, y, area } = row!;
  if (!valid) throw fault('geometry', describeFault(reason, x === null ? null : [x, y], geometry));
  if (area > MAX_KM2 * 1e6) {
    const size = Math.round(area / 1e6);
    throw fault('geometry', `is ${size} km² large, at most ${MAX_KM2} are answered: ask for parts of it`);
  }
  return Math.round(area);
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
