/**
 * The address book in memory: from what a caller says to an address, with reasons.
 *
 *   text ──normalise──► ──parse──► road · estate · lane · number · building · unit · room
 *                                     │ names                          │ numbers
 *              exact ▸ one error ▸ bigrams ▸ pinyin                    │
 *                                     ▼                                ▼
 *        names ──► stems (name × road × section × lane × scope) ──► tails (number, building, unit, room)
 *        10³–10⁵   one factor per name, division and lane          integers compared by id, one chain per stem
 *                                     │
 *                                     ▼
 *        groups of rows with equal evidence ──► found │ between two doors │ ambiguous │ not found
 *
 * Ten million addresses cost only tails: names and stems stay few. Everything is append-only, so an edit is a tombstone
 * and a new row, visible to the next question; `needsCompaction` says when to build another index beside and swap.
 * A question reads at most `MAX_STEMS` stems and `MAX_ROWS` rows, and says `ambiguous` where that did not suffice.
 */
import { tenthsOfMetres } from '../../geo/metres.ts';
import { MAX_CONSIDERED, normalise } from '../normalise.ts';
import { parse } from '../parse.ts';
import { withoutPreamble } from '../preamble.ts';
import { answer, type LocateOptions } from './answer.ts';
import { nearestRow } from './cells.ts';
import type { Located, Suggestion } from './match.ts';
import type { TableMarks, TableNews } from './news.ts';
import type { AddressRow } from './parts.ts';
import { NamePrefixes, suggest } from './suggest.ts';
import { AddressTable } from './table.ts';

export type { LocateOptions } from './answer.ts';
export type { SameGrid } from './interpolate.ts';
export type { Candidate, Located, Match, MatchLevel, Suggestion } from './match.ts';
export type { TableMarks, TableNews } from './news.ts';
export type { AddressRow } from './parts.ts';

/** An address near a place. */
export interface NearAddress {
  id: string;
  text: string;
  lon: number;
  lat: number;
  metres: number;
}

/** Tombstones are cheap until they are a good part of what a question reads. */
const COMPACT_SHARE = 0.25;
const COMPACT_MINIMUM = 10_000;
const MAX_SUGGESTIONS = 100;
const EMPTY = new AddressTable().marks;

export class AddressIndex {
  private readonly table = new AddressTable();
  private readonly prefixes = new NamePrefixes(this.table);

  /** Number of living addresses. */
  get size(): number {
    return this.table.rowCount - this.table.removed;
  }

  /** Number of distinct stems, including those without living rows. */
  get stems(): number {
    return this.table.stemCount;
  }

  /** Rows that all questions so far have read: what they cost, whatever the machine. */
  get rowsRead(): number {
    return this.table.rowsRead;
  }

  get needsCompaction(): boolean {
    return this.table.removed > COMPACT_MINIMUM && this.table.removed > this.table.rowCount * COMPACT_SHARE;
  }

  /** Adds a row of a book that is being read; ids must be distinct. `normalised` saves the work where it is stored. */
  add(row: AddressRow, normalised: string = normalise(row.text)): void {
    this.table.append(row, normalised, parse(normalised));
  }

  /** Makes a book that was read ready: spells and sorts the names, gives spare memory back. Adding may go on after it. */
  finish(): void {
    this.table.trim();
    this.prefixes.sort();
  }

  /** Adds an address or replaces the one with its id; visible at once. */
  upsert(row: AddressRow, normalised: string = normalise(row.text)): void {
    this.remove(row.id);
    this.table.append(row, normalised, parse(normalised));
  }

  /** Takes an address out; false where the id is unknown. */
  remove(id: string): boolean {
    const row = this.table.findId(id);
    if (row >= 0) this.table.kill(row);
    return row >= 0;
  }

  /** The living address with this id. */
  get(id: string): AddressRow | null {
    const row = this.table.findId(id);
    return row < 0 ? null : this.read(row);
  }

  /** All living addresses, for building another index beside this one. */
  *rows(): Generator<AddressRow> {
    for (let row = 0; row < this.table.rowCount; row++) if (this.table.isAlive(row)) yield this.read(row);
  }

  /** Where a text is. It never throws, whatever the text; only its first `MAX_CONSIDERED` characters count. */
  locate(text: string, options: LocateOptions = {}): Located {
    const normalised = normalise(text.slice(0, MAX_CONSIDERED));
    const whole = answer(this.table, normalised, parse(normalised), options);
    if (whole.status === 'found') return whole;
    let best = whole;
    for (const rest of withoutPreamble(normalised)) {
      const located = answer(this.table, rest, parse(rest), options);
      if (located.status === 'found') return located;
      if (located.status === 'ambiguous') best = located;
    }
    return best;
  }

  /** Completions of what has been typed so far, at most `limit` (100). */
  suggest(text: string, limit = 10): Suggestion[] {
    return suggest(this.table, this.prefixes, normalise(text), Math.min(Math.max(limit, 0), MAX_SUGGESTIONS));
  }

  /**
   * The address nearest to a point, of equally near ones the lowest id; undefined where none is within `metres`. Metres
   * are those of the ellipsoid, to a tenth.
   */
  nearest([lon, lat]: readonly [number, number], metres: number): NearAddress | undefined {
    const found = nearestRow(this.table, lon, lat, metres);
    return found && { ...this.read(found.row), metres: tenthsOfMetres(found.millimetres) };
  }

  /** How far the dictionaries have come, see `share`. */
  get marks(): TableMarks {
    return this.table.marks;
  }

  /** What brings an index of another thread that has these marks to the present state; without marks an empty one. */
  share(marks: TableMarks = EMPTY): TableNews {
    return this.table.share(marks);
  }

  /** Become as the index that shared these news. From then on this one follows it, and is written to by nobody else. */
  take(news: TableNews): void {
    this.table.take(news);
  }

  /** Bytes held outside the V8 heap. */
  memory(): { rows: number; texts: number; names: number } {
    return this.table.memory();
  }

  private read(row: number): AddressRow {
    const { table } = this;
    return { id: table.id(row), text: table.text(row), lon: table.lon(row), lat: table.lat(row) };
  }
}
