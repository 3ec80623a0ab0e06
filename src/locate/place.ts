import type { AddressReader } from '../addresses/live.ts';
import { MAX_CONSIDERED } from '../addresses/normalise.ts';
import type { Candidate as FoundCandidate, Match as FoundMatch, Located } from '../addresses/search/index.ts';
import { metresBetween } from '../addresses/search/interpolate.ts';
import { BRACKET_METRES, FOUND, SAME_PLACE_METRES } from '../addresses/search/thresholds.ts';
import { EDGE_METRES, type GridName } from '../grids/grids.ts';
import type { Plan } from './plan.ts';

/** Candidates that are considered, of which an answer lists as many as it is asked for. */
const CONSIDERED = 20;

/** A place that an address may mean, with its grid. */
export interface Candidate extends FoundCandidate {
  /** Its owner; null outside every grid. */
  grid: GridName | null;
}

/** What an address means in a net at a moment. */
export type Meaning =
  | { status: 'found'; match: FoundMatch }
  /** `shared`: the grid of the true place, whichever candidate it is; null where that is not certain. */
  | { status: 'ambiguous'; candidates: Candidate[]; shared: GridName | null }
  | { status: 'not_found' };

export interface PlaceContext {
  plan: Plan;
  book: AddressReader;
}

export interface PlaceQuestion {
  net: string;
  at: Date;
  /** Only within this grid and those below it. */
  under?: string | undefined;
  /** Candidates to list. */
  limit: number;
}

/** Find what an address means; see `AddressIndex.locate`. What lies outside `under` is no candidate. */
export async function findPlace(context: PlaceContext, address: string, question: PlaceQuestion): Promise<Meaning> {
  const located = await askBook(context, address.slice(0, MAX_CONSIDERED), question);
  if (located.match) return { status: 'found', match: cut(located.match, question.limit) };
  if (located.candidates.length === 0) return { status: 'not_found' };
  const { net, at, under, limit } = question;
  const owners = await context.plan.ownersOf(located.candidates.map(positionOf), net, at);
  const all = located.candidates.map((candidate, i): Candidate => ({ ...candidate, grid: owners[i]! }));
  const inside = under === undefined ? all : await keepUnder(context.plan, all, net, under, at);
  const [first] = inside;
  if (!first) return { status: 'not_found' };
  if (located.complete && inside.length === 1 && isApart(first, all)) return { status: 'found', match: matchOf(first) };
  const isShared = located.complete && inside.every(({ grid }) => grid !== null && grid.code === first.grid?.code);
  return { status: 'ambiguous', candidates: inside.slice(0, limit), shared: isShared ? first.grid : null };
}

/**
 * How far off a match may be, in metres: between two doors what the farther one says; a building or estate is as large as
 * what the search takes for one place.
 */
export function accuracyOf({ level, bracket }: FoundMatch): number {
  if (bracket) return bracket.errorMetres;
  return level === 'room' || level === 'unit' || level === 'number' ? EDGE_METRES : SAME_PLACE_METRES;
}

/**
 * The search decides in memory and asks now and then whether places share a grid: what it asks is looked up in the record,
 * and the search asked again, until nothing is unknown. Almost every text needs no second round.
 */
async function askBook({ plan, book }: PlaceContext, text: string, { net, at }: PlaceQuestion): Promise<Located> {
  const owners = new Map<string, string | null>();
  for (;;) {
    const unknown = new Map<string, readonly [number, number]>();
    const codeOf = (position: readonly [number, number]) => {
      const key = position.join();
      if (!owners.has(key)) unknown.set(key, position);
      return owners.get(key);
    };
    const located = book.locate(text, { limit: CONSIDERED, sameGrid: (a, b) => codeOf(a) === codeOf(b) });
    if (unknown.size === 0) return located;
    const found = await plan.ownersOf([...unknown.values()], net, at);
    [...unknown.keys()].forEach((key, i) => {
      owners.set(key, found[i]?.code ?? null);
    });
  }
}

function positionOf({ lon, lat }: FoundCandidate): [number, number] {
  return [lon, lat];
}

async function keepUnder(
  plan: Plan,
  candidates: readonly Candidate[],
  net: string,
  under: string,
  at: Date,
): Promise<Candidate[]> {
  const isUnder = new Map<string, boolean>();
  for (const { grid } of candidates) {
    if (grid === null || isUnder.has(grid.code)) continue;
    const chain = await plan.chainOf(net, grid.code, at);
    isUnder.set(
      grid.code,
      chain.some(({ code }) => code === under),
    );
  }
  return candidates.filter(({ grid }) => grid !== null && isUnder.get(grid.code));
}

/** Whether a candidate alone fits: it is good enough by itself, and no part of a place that stretches to another one. */
function isApart(candidate: Candidate, all: readonly Candidate[]): boolean {
  return (
    candidate.score >= FOUND &&
    all.every(
      (other) => other === candidate || metresBetween(positionOf(candidate), positionOf(other)) > BRACKET_METRES,
    )
  );
}

function matchOf({ grid: _, ...candidate }: Candidate): FoundMatch {
  return { ...candidate, margin: candidate.score, others: [] };
}

function cut(match: FoundMatch, limit: number): FoundMatch {
  return match.others.length <= limit ? match : { ...match, others: match.others.slice(0, limit) };
}
