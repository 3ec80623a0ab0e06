import type { AddressReader } from '../addresses/live.ts';
import { MAX_CONSIDERED, normalise } from '../addresses/normalise.ts';
import type { Match as AddressMatch, NearAddress } from '../addresses/search/index.ts';
import type { NearCamera } from '../cameras/cameras.ts';
import { HttpError } from '../errors.ts';
import { type Crs, positionToWgs84 } from '../geo/crs.ts';
import type { Edge, GridName } from '../grids/grids.ts';
import type { WorkerOnDuty } from '../workers/workers.ts';
import { accuracyOf, type Candidate, findPlace } from './place.ts';
import type { Plan } from './plan.ts';

/** A point farther than this from every address of the book has none. */
export const NEAR_ADDRESS_METRES = 100;

/** What to locate and how much to say of it. */
export interface LocateRequest {
  address?: string | undefined;
  lon?: number | undefined;
  lat?: number | undefined;
  crs: Crs;
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
  plan: Plan;
  book: AddressReader;
  timeZone: string;
  now: Date;
  /** Whether telephone numbers may be in the answer. */
  withPhone: boolean;
  version: string;
}

/** The place that is answered: an address of the book, a door between two, or the asked point. */
export interface Match extends Omit<AddressMatch, 'text' | 'level'> {
  text: string | null;
  level: AddressMatch['level'] | 'point';
  /** How far off the place may be, in metres; a point is taken as exact. */
  accuracy: number;
}

export interface LocateAnswer {
  query: { address?: string; normalized?: string; lon?: number; lat?: number; at: Date; net: string };
  status: 'found' | 'ambiguous' | 'not_found' | 'outside';
  match: Match | null;
  candidates: Candidate[];
  grid: GridName | null;
  /** From the widest grid down to `grid`, as one reads an address. */
  chain: GridName[];
  edge: Edge | null;
  workers: WorkerOnDuty[];
  cameras: NearCamera[];
  /** Of a point: the nearest address within `NEAR_ADDRESS_METRES`. */
  address?: NearAddress | null;
  /** Outside every grid: the nearest one; null where none is within `FARTHEST_METRES`. */
  nearest?: (GridName & { metres: number }) | null;
  version: string;
}

/**
 * Find the grid of an address or point, its chain, and who is on duty there at the asked time. Never guesses: a text that
 * may mean several places is `ambiguous`, and answers a grid only if they all lie in it. A place that is known but not
 * in `under` is `outside`, with the grid that it is in as the nearest.
 *
 * @throws HttpError 400 when neither or both of address and point are given, or a name does not exist
 */
export async function locate(context: LocateContext, request: LocateRequest): Promise<LocateAnswer> {
  const point = pointOf(request);
  const at = request.at ?? context.now;
  if (request.under !== undefined) await context.plan.requireGrid(request.net, request.under, at);
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
  point: [number, number],
  at: Date,
): Promise<LocateAnswer> {
  const query = { lon: request.lon!, lat: request.lat!, at, net: request.net };
  const address = context.book.nearest(point, NEAR_ADDRESS_METRES) ?? null;
  return { ...(await answerAt(context, request, { query, match: pointMatch(point), at })), address };
}

async function locateAddress(
  context: LocateContext,
  request: LocateRequest,
  address: string,
  at: Date,
): Promise<LocateAnswer> {
  const { net, under, limit } = request;
  const query = { address, normalized: normalise(address.slice(0, MAX_CONSIDERED)), at, net };
  const meaning = await findPlace(context, address, { net, at, under, limit });
  if (meaning.status === 'not_found') return { ...empty(context, query), status: 'not_found' };
  if (meaning.status === 'found') {
    const match = { ...meaning.match, accuracy: accuracyOf(meaning.match) };
    return answerAt(context, request, { query, match, at });
  }
  const { candidates, shared } = meaning;
  const base = { ...empty(context, query), status: meaning.status, candidates };
  if (shared === null) return base;
  const chain = await context.plan.chainOf(net, shared.code, at);
  return { ...base, grid: shared, chain: chain.toReversed(), workers: await duty(context, request, chain, at) };
}

interface Place {
  query: LocateAnswer['query'];
  match: Match;
  at: Date;
}

async function answerAt(context: LocateContext, request: LocateRequest, place: Place): Promise<LocateAnswer> {
  const { query, match, at } = place;
  const position: [number, number] = [match.lon, match.lat];
  const owner = await context.plan.ownerOf(position, request.net, at, match.accuracy);
  const cameras = request.cameras > 0 ? await context.plan.nearestCameras(position, request.cameras) : [];
  const chain = owner ? await context.plan.chainOf(request.net, owner.grid.code, at) : [];
  const base = { ...empty(context, query), match, cameras };
  if (!owner || (request.under !== undefined && !chain.some((grid) => grid.code === request.under))) {
    return { ...base, status: 'outside', nearest: (await context.plan.nearestGrid(position, request.net, at)) ?? null };
  }
  const workers = await duty(context, request, chain, at);
  return { ...base, status: 'found', grid: owner.grid, chain: chain.toReversed(), edge: owner.edge, workers };
}

/** @param chain deepest first */
function duty(context: LocateContext, request: LocateRequest, chain: GridName[], at: Date): Promise<WorkerOnDuty[]> {
  return context.plan.workersOnDuty({
    net: request.net,
    chain: chain.map((grid) => grid.code),
    at,
    category: request.category,
    timeZone: context.timeZone,
    withPhone: context.withPhone,
  });
}

/** The asked point as the place that is answered. */
export function pointMatch([lon, lat]: readonly [lon: number, lat: number]): Match {
  return {
    id: null,
    text: null,
    lon,
    lat,
    level: 'point',
    score: 1,
    margin: 1,
    accuracy: 0,
    matched: {},
    missing: {},
    contradicted: {},
    others: [],
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
