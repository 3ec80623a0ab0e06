import { type AddressMatch, findExact } from '../addresses/addresses.ts';
import { normalise } from '../addresses/normalise.ts';
import { NEAREST_CAMERAS } from '../cameras/cameras.sql.ts';
import type { Queryable } from '../db/db.ts';
import { HttpError } from '../errors.ts';
import { type CrsName, positionToWgs84 } from '../geo/crs.ts';
import { chainOf, type Edge, type GridName, nearestGrid, ownerOf, requireGrid } from '../grids/grids.ts';
import { type WorkerOnDuty, workersOnDuty } from '../workers/workers.ts';

/** What to locate and how much to say of it. */
export interface LocateRequest {
  address?: string | undefined;
  lon?: number | undefined;
  lat?: number | undefined;
  crs: CrsName;
  at?: Date | undefined;
  net: string;
  /** Only within this grid. */
  under?: string | undefined;
  category?: string | undefined;
  /** Candidates to list. */
  limit: number;
  /** Nearest cameras to list. */
  cameras: number;
}

export interface LocateContext {
  db: Queryable;
  timeZone: string;
  now: Date;
  /** Whether telephone numbers may be in the answer. */
  withPhone: boolean;
  version: string;
}

export interface Match {
  id: string | null;
  text: string | null;
  lon: number;
  lat: number;
  level: string;
  score: number;
  margin: number;
  matched: Record<string, string>;
  missing: Record<string, string>;
  contradicted: Record<string, string>;
  others: { id: string; text: string }[];
}

export interface Candidate {
  id: string;
  text: string;
  lon: number;
  lat: number;
  grid: GridName | null;
}

export interface LocateAnswer {
  query: { address?: string; normalized?: string; lon?: number; lat?: number; at: Date; net: string };
  status: 'found' | 'ambiguous' | 'not_found' | 'outside';
  match: Match | null;
  candidates: Candidate[];
  grid: GridName | null;
  chain: GridName[];
  edge: Edge | null;
  workers: WorkerOnDuty[];
  cameras: Record<string, unknown>[];
  /** Outside every grid: the nearest one. */
  nearest?: (GridName & { metres: number }) | null;
  version: string;
}

/**
 * Find the grid of an address or point, its chain, and who is on duty there at the asked time. Never guesses: several
 * addresses of one text are `ambiguous`, and answer a grid only if they all lie in it.
 *
 * @throws HttpError 400 when neither or both of address and point are given, or a name does not exist
 */
export async function locate(context: LocateContext, request: LocateRequest): Promise<LocateAnswer> {
  const point = pointOf(request);
  const at = request.at ?? context.now;
  if (request.under !== undefined) await requireGrid(context.db, request.net, request.under, at);
  return point ? locatePoint(context, request, point, at) : locateAddress(context, request, request.address!, at);
}

function pointOf({ address, lon, lat, crs }: LocateRequest): [number, number] | undefined {
  if ((lon === undefined) !== (lat === undefined)) {
    const path = lon === undefined ? 'lon' : 'lat';
    throw new HttpError(400, 'A point needs both lon and lat', [{ path, message: 'is missing' }]);
  }
  if ((address === undefined) === (lon === undefined)) {
    throw new HttpError(400, 'Give either address, or lon and lat', [
      { path: 'address', message: address === undefined ? 'is missing' : 'cannot go with lon and lat' },
    ]);
  }
  return lon === undefined ? undefined : positionToWgs84([lon, lat!], crs);
}

async function locatePoint(
  context: LocateContext,
  request: LocateRequest,
  [lon, lat]: [number, number],
  at: Date,
): Promise<LocateAnswer> {
  const query = { lon: request.lon!, lat: request.lat!, at, net: request.net };
  const match: Match = {
    id: null,
    text: null,
    lon,
    lat,
    level: 'point',
    score: 1,
    margin: 1,
    matched: {},
    missing: {},
    contradicted: {},
    others: [],
  };
  return answerAt(context, request, { query, match, candidates: [], at });
}

async function locateAddress(
  context: LocateContext,
  request: LocateRequest,
  address: string,
  at: Date,
): Promise<LocateAnswer> {
  const query = { address, normalized: normalise(address), at, net: request.net };
  const found = await findExact(context.db, address, request.limit);
  const inside: { match: AddressMatch; grid: GridName | null; chain: GridName[] }[] = [];
  for (const match of found) {
    const owner = await ownerOf(context.db, [match.lon, match.lat], request.net, at);
    const chain = owner ? await chainOf(context.db, request.net, owner.grid.code, at) : [];
    const kept = request.under === undefined || chain.some((grid) => grid.code === request.under);
    if (kept) inside.push({ match, grid: owner?.grid ?? null, chain });
  }
  const [first] = inside;
  if (!first) return { ...empty(context, query), status: 'not_found' };
  if (inside.length === 1) {
    return answerAt(context, request, { query, match: matchOf(first.match, []), candidates: [], at });
  }
  const candidates = inside.map(({ match: { id, text, lon, lat }, grid }) => ({ id, text, lon, lat, grid }));
  const shared = first.grid !== null && inside.every(({ grid }) => grid?.code === first.grid!.code);
  if (!shared) return { ...empty(context, query), status: 'ambiguous', candidates };
  return {
    ...empty(context, query),
    status: 'ambiguous',
    candidates,
    grid: first.grid,
    chain: first.chain,
    workers: await duty(context, request, first.chain, at),
  };
}

interface Place {
  query: LocateAnswer['query'];
  match: Match;
  candidates: Candidate[];
  at: Date;
}

async function answerAt(context: LocateContext, request: LocateRequest, place: Place): Promise<LocateAnswer> {
  const { query, match, candidates, at } = place;
  const position: [number, number] = [match.lon, match.lat];
  const owner = await ownerOf(context.db, position, request.net, at);
  const cameras = request.cameras > 0 ? await context.db.query(NEAREST_CAMERAS, [...position, request.cameras]) : [];
  const chain = owner ? await chainOf(context.db, request.net, owner.grid.code, at) : [];
  const base = { ...empty(context, query), match, candidates, cameras };
  if (!owner || (request.under !== undefined && !chain.some((grid) => grid.code === request.under))) {
    return { ...base, status: 'outside', nearest: (await nearestGrid(context.db, position, request.net, at)) ?? null };
  }
  const workers = await duty(context, request, chain, at);
  return { ...base, status: 'found', grid: owner.grid, chain, edge: owner.edge, workers };
}

function duty(context: LocateContext, request: LocateRequest, chain: GridName[], at: Date): Promise<WorkerOnDuty[]> {
  return workersOnDuty(context.db, {
    net: request.net,
    chain: chain.map((grid) => grid.code),
    at,
    category: request.category,
    timeZone: context.timeZone,
    withPhone: context.withPhone,
  });
}

function matchOf(found: AddressMatch, others: { id: string; text: string }[]): Match {
  const { id, text, lon, lat, missing } = found;
  return {
    id,
    text,
    lon,
    lat,
    level: 'number',
    score: 1,
    margin: 1,
    matched: { text: missing === '' ? text : normalise(text).slice(missing.length) },
    missing: missing === '' ? {} : { leading: missing },
    contradicted: {},
    others,
  };
}

function empty(context: LocateContext, query: LocateAnswer['query']): Omit<LocateAnswer, 'status'> {
  return {
    query,
    match: null,
    candidates: [],
    grid: null,
    chain: [],
    edge: null,
    workers: [],
    cameras: [],
    version: context.version,
  };
}
