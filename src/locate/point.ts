import type { AddressBook } from '../addresses/live.ts';
import type { Edge } from '../grids/grids.ts';
import type { LiveGrid } from '../grids/live-grid.ts';
import type { Live } from '../live/live.ts';
import { type Micros, microsOf, startOfMinute } from '../live/micros.ts';
import { nameOf } from './chains.ts';
import type { DutyMemory } from './duty.ts';
import { ownerWithEdge } from './live.ts';
import { NEAR_ADDRESS_METRES, pointMatch } from './locate.ts';

/** The one question that is answered here: a point in plain digits, of the base net, now, and nothing else. */
const POINT = /^\/locate\?lon=(-?\d{1,3}(?:\.\d{1,20})?)&lat=(-?\d{1,2}(?:\.\d{1,20})?)$/;
const NET = 'base';
const MINUTE = 60_000;
/** Grids whose texts are remembered: up to 10 MB. */
const MAX_GRIDS = 5_000;

/** UTF-8 as text, a character for each byte: put together and sent, it is never encoded again. */
type Bytes = string;

/** What the answers for a grid share, as JSON. 1 to 3 KB. */
interface Texts {
  grid: Bytes;
  chain: Bytes;
  workers: Bytes;
}

export interface PointContext {
  now: Date;
  withPhone: boolean;
}

export interface PointDeps {
  live: Live;
  book: AddressBook;
  duty: DutyMemory;
  timeZone: string;
}

/**
 * Answers to the commonest question as `locate` words them, at once: all is in memory, and what the answers for a grid
 * share is written once a minute. Parsing, promises and JSON would cost several times what finding the grid does.
 *
 * @returns the bytes of an answer; undefined where the question or the place is another: ask `locate`
 */
export function pointWriter(deps: PointDeps): (url: string, context: PointContext) => Bytes | undefined {
  const { live, book } = deps;
  const textsOf = gridWriter(deps);
  return (url, context) => {
    const found = POINT.exec(url);
    if (!found || !book.isFollowing) return undefined;
    const [lon, lat] = [Number(found[1]), Number(found[2])];
    if (Math.abs(lon) > 180 || Math.abs(lat) > 90) return undefined;
    const moment = microsOf(context.now);
    const owner = ownerWithEdge(live.layers.grids, [lon, lat], NET, moment);
    if (!owner) return undefined;
    const { grid, chain, workers } = textsOf(owner.grid, moment, context);
    const position = `"lon":${lon},"lat":${lat}`;
    const address = book.nearest([lon, lat], NEAR_ADDRESS_METRES);
    return (
      `{"query":{${position},"at":"${context.now.toISOString()}","net":"${NET}"},"match":${BEFORE_POSITION}${position}${AFTER_POSITION},` +
      `"candidates":[],"grid":${grid},"chain":${chain},"edge":${edgeText(owner.edge)},"cameras":[],` +
      `"version":"${live.version}","status":"found","address":${address ? bytesOf(address) : null},"workers":${workers}}`
    );
  };
}

const [BEFORE_POSITION, AFTER_POSITION] = JSON.stringify(pointMatch([0, 0])).split('"lon":0,"lat":0') as [
  string,
  string,
];

function edgeText(edge: Edge): Bytes {
  return edge.others.length > 0 ? bytesOf(edge) : `{"on":${edge.on},"metres":${edge.metres},"others":[]}`;
}

function bytesOf(value: unknown): Bytes {
  return Buffer.from(JSON.stringify(value)).toString('latin1');
}

/** Writes what the answers for a grid share; what stays so for the whole minute is written once. */
function gridWriter({ live, duty, timeZone }: PointDeps) {
  let known = new Map<LiveGrid, Texts>();
  let since: readonly unknown[] = [];
  return (owner: LiveGrid, moment: Micros, { now, withPhone }: PointContext): Texts => {
    const { layers } = live;
    const { grids, roster } = layers;
    const state = [layers, grids.version, roster.version, Math.floor(now.getTime() / MINUTE), withPhone];
    if (known.size >= MAX_GRIDS || state.some((part, i) => part !== since[i])) {
      known = new Map();
      since = state;
    }
    const texts = known.get(owner);
    if (texts) return texts;
    const chain = grids.chainOf(NET, owner.code, moment);
    const codes = chain.map(({ code }) => code);
    const workers = duty.of(layers, { net: NET, chain: codes, at: now, category: undefined, timeZone, withPhone });
    const made = {
      grid: bytesOf(nameOf(owner)),
      chain: bytesOf(chain.map(nameOf).reverse()),
      workers: bytesOf(workers),
    };
    if (chain.every((grid) => holdsForMinute(grid, now)) && roster.isOfWholeMinutes(NET, codes)) known.set(owner, made);
    return made;
  };
}

/** Whether a version neither begins nor ends in the minute of a moment. */
function holdsForMinute({ validFrom, validTo }: LiveGrid, at: Date): boolean {
  const minute = startOfMinute(at);
  return validFrom <= microsOf(minute) && validTo >= microsOf(new Date(minute.getTime() + MINUTE));
}
