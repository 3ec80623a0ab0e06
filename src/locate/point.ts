import type { AddressBook } from '../addresses/live.ts';
import type { Edge } from '../grids/grids.ts';
import type { LiveGrid } from '../grids/live-grid.ts';
import type { Live } from '../live/live.ts';
import { type Micros, microsOf, startOfMinute } from '../live/micros.ts';
import { nameOf } from './chains.ts';
import { plainNumber } from './digits.ts';
import type { DutyMemory } from './duty.ts';
import { ownerWithEdge } from './live.ts';
import { NEAR_ADDRESS_METRES, pointMatch } from './locate.ts';

/** The one question that is answered here: a point in plain digits, of the base net, now, and nothing else. */
const [BEFORE_LON, BEFORE_LAT] = ['/locate?lon=', '&lat='];
const NET = 'base';
const MINUTE = 60_000;
/** Grids whose texts are remembered: up to 10 MB. */
const MAX_GRIDS = 5_000;

/** What the answers for a grid share, as the JSON that is sent, a character for a byte. 1 to 3 KB. */
interface Texts {
  /** What is behind the position of the match, the grid and its chain, up to the edge. */
  grid: string;
  /** The workers, to the end. */
  workers: string;
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
 * @returns the answer as it is sent, a character for a byte (latin1): with its headers it then makes one text, which is
 *   sent in one piece; undefined where the question or the place is another: ask `locate`
 */
export function pointWriter(deps: PointDeps): (url: string, context: PointContext) => string | undefined {
  const { live, book } = deps;
  const textsOf = gridWriter(deps);
  const behindQuery = remember(
    (now: number) => `,"at":"${new Date(now).toISOString()}","net":"${NET}"},"match":${BEFORE_POSITION}`,
  );
  const beforeAddress = remember(
    (version: string) => `,"cameras":[],"version":"${version}","status":"found","address":`,
  );
  return (url, context) => {
    const end = url.indexOf(BEFORE_LAT);
    if (!url.startsWith(BEFORE_LON) || end < 0 || !book.isFollowing) return undefined;
    const lon = plainNumber(url, BEFORE_LON.length, end);
    const lat = plainNumber(url, end + BEFORE_LAT.length, url.length);
    if (!(Math.abs(lon) <= 180 && Math.abs(lat) <= 90)) return undefined;
    const moment = microsOf(context.now);
    const owner = ownerWithEdge(live.layers.grids, [lon, lat], NET, moment);
    if (!owner) return undefined;
    const { grid, workers } = textsOf(owner.grid, moment, context);
    // The digits are JSON as they stand.
    const position = `"lon":${url.slice(BEFORE_LON.length, end)},"lat":${url.slice(end + BEFORE_LAT.length)}`;
    const address = book.nearest([lon, lat], NEAR_ADDRESS_METRES);
    // Few pieces: to put one more in is a good part of what finding the grid costs.
    return (
      `{"query":{${position}${behindQuery(context.now.getTime())}${position}${grid}${edgeText(owner.edge)}` +
      `${beforeAddress(live.version)}${address ? bytesOf(JSON.stringify(address)) : null}${workers}`
    );
  };
}

/** The UTF-8 of a text, a character for each byte. */
function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** The text of the last value: many questions come in one millisecond, and between two changes. */
function remember<T>(textOf: (value: T) => string): (value: T) => string {
  let last: T | undefined;
  let text = '';
  return (value) => {
    if (value !== last) {
      text = bytesOf(textOf(value));
      last = value;
    }
    return text;
  };
}

const [BEFORE_POSITION, AFTER_POSITION] = JSON.stringify(pointMatch([0, 0])).split('"lon":0,"lat":0') as [
  string,
  string,
];

function edgeText(edge: Edge): string {
  return edge.others.length > 0
    ? bytesOf(JSON.stringify(edge))
    : `{"on":${edge.on},"metres":${edge.metres},"others":[]}`;
}

/** Writes what the answers for a grid share; what stays so for the whole minute is written once. */
function gridWriter({ live, duty, timeZone }: PointDeps) {
  let known = new Map<LiveGrid, Texts>();
  let since: PlanState | undefined;
  return (owner: LiveGrid, moment: Micros, { now, withPhone }: PointContext): Texts => {
    const { layers } = live;
    const { grids, roster } = layers;
    if (known.size >= MAX_GRIDS || !since || !isStill(since, layers, now, withPhone)) {
      known = new Map();
      since = { layers, grids: grids.version, roster: roster.version, minute: minuteOf(now), withPhone };
    }
    const texts = known.get(owner);
    if (texts) return texts;
    const chain = grids.chainOf(NET, owner.code, moment);
    const codes = chain.map(({ code }) => code);
    const workers = duty.of(layers, { net: NET, chain: codes, at: now, category: undefined, timeZone, withPhone });
    const [own, above] = [nameOf(owner), chain.map(nameOf).reverse()];
    const made = {
      grid: bytesOf(
        `${AFTER_POSITION},"candidates":[],"grid":${JSON.stringify(own)},"chain":${JSON.stringify(above)},"edge":`,
      ),
      workers: bytesOf(`,"workers":${JSON.stringify(workers)}}`),
    };
    if (chain.every((grid) => holdsForMinute(grid, now)) && roster.isOfWholeMinutes(NET, codes)) known.set(owner, made);
    return made;
  };
}

/** What the answers for grids hang on beside the grids themselves. */
interface PlanState {
  layers: Live['layers'];
  /** Versions of the layers. */
  grids: number;
  roster: number;
  minute: number;
  withPhone: boolean;
}

function isStill(state: PlanState, layers: Live['layers'], now: Date, withPhone: boolean): boolean {
  const { grids, roster } = layers;
  return (
    state.layers === layers &&
    state.grids === grids.version &&
    state.roster === roster.version &&
    state.minute === minuteOf(now) &&
    state.withPhone === withPhone
  );
}

function minuteOf(moment: Date): number {
  return Math.floor(moment.getTime() / MINUTE);
}

/** Whether a version neither begins nor ends in the minute of a moment. */
function holdsForMinute({ validFrom, validTo }: LiveGrid, at: Date): boolean {
  const minute = startOfMinute(at);
  return validFrom <= microsOf(minute) && validTo >= microsOf(new Date(minute.getTime() + MINUTE));
}
