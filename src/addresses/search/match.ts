/** What an answer looks like: `status`, `match` and `candidates` of a located address. */

export type MatchLevel = 'room' | 'unit' | 'building' | 'number' | 'interpolated' | 'estate' | 'street' | 'area';

/** A part that only one side names: what the caller said, or what the book records. */
export type OneSided = { asked: string } | { found: string };

export interface Candidate {
  /** Id of the address in the book; null for a place between addresses (`interpolated`) and for an area. */
  id: string | null;
  text: string;
  /** Degrees, WGS 84. Where several rows fit equally (a building of which no room was said), their mean. */
  lon: number;
  lat: number;
  level: MatchLevel;
  /** 0 to 1. */
  score: number;
  /** Parts that agree, by name, with the recorded value. */
  matched: Record<string, string>;
  missing: Record<string, OneSided>;
  contradicted: Record<string, { asked: string; found: string }>;
  /** Only for `interpolated`: ids of the doors on both sides, and the greatest error in metres. */
  bracket?: { from: string; to: string; errorMetres: number };
}

export interface Match extends Candidate {
  /** The lead over the best other place, 0 to 1. */
  margin: number;
  /** What else fits, best first: other rows of the same place, and weaker candidates. */
  others: { id: string | null; text: string; score: number }[];
}

export interface Located {
  status: 'found' | 'ambiguous' | 'not_found';
  /** Only when found. */
  match: Match | null;
  /** Best first; when ambiguous, together they span every place that the text may mean as far as the limit allows. */
  candidates: Candidate[];
  /**
   * Whether the true place is among the candidates or between them, so that what they share (a grid) holds for it.
   * False where a number or name is not in the book, only a road or area was said, or the list was cut.
   */
  complete: boolean;
}

export interface Suggestion {
  /** The completed text. */
  text: string;
  /** A road or estate, or one address. */
  kind: 'name' | 'address';
  id: string;
  lon: number;
  lat: number;
}
