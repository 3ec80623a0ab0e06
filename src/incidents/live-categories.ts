import { type Queryable, sql } from '../db/db.ts';
import { HttpError } from '../errors.ts';
import { MICROS_PER_HOUR, type Micros } from '../live/micros.ts';
import { LIGHTS, STATUSES } from './incidents.schema.ts';
import { hashOf, type IdColumn, MAX_ID_BYTES } from './live-ids.ts';

const CATEGORIES = sql`select code, name, parent, red_after_hours as "redAfterHours" from category`;

const WORD_SLOTS = 1 << 13;

interface CategoryRow {
  code: string;
  name: string;
  parent: string | null;
  redAfterHours: number;
}

/** Categories by code and by number. A code keeps its number from load to load, so that incidents can hold numbers. */
export class CategoryLayer {
  readonly codes: readonly string[];
  /** By number: how long after it was due an open incident turns red. */
  readonly redAfter: Float64Array;
  /** By the last bits of `hashOf`, 1 where a word lies that an incident may have beside its id. */
  readonly #wordSlots = new Uint8Array(WORD_SLOTS);
  /** By length in bytes, 1 where there are such words. Most ids are longer: their hash need not be looked up. */
  readonly #wordLengths = new Uint8Array(MAX_ID_BYTES + 1);
  /** By number; undefined: no longer a category. */
  readonly #rows: readonly (CategoryRow | undefined)[];
  readonly #numbers: Map<string, number>;

  private constructor(codes: string[], rows: CategoryRow[]) {
    const byCode = new Map(rows.map((row) => [row.code, row]));
    this.codes = [...codes, ...rows.map((row) => row.code).filter((code) => !codes.includes(code))];
    this.#rows = this.codes.map((code) => byCode.get(code));
    for (const word of [...this.codes, ...STATUSES, ...LIGHTS]) {
      const bytes = Buffer.from(word);
      this.#wordSlots[slotOf(hashOf(bytes))] = 1;
      this.#wordLengths[bytes.length] = 1;
    }
    this.#numbers = new Map(this.codes.map((code, number) => [code, number]));
    this.redAfter = Float64Array.from(
      this.#rows,
      (row): Micros => Math.round((row?.redAfterHours ?? 0) * MICROS_PER_HOUR),
    );
  }

  /** @param before the load whose numbers stay as they are */
  static async load(tx: Queryable, before?: CategoryLayer): Promise<CategoryLayer> {
    return new CategoryLayer([...(before?.codes ?? [])], await tx.query<CategoryRow>(CATEGORIES));
  }

  /** Whether an id may equal a code, a status or a light; of few others it says so, too. */
  mayBeWord(ids: IdColumn, row: number): boolean {
    return this.#wordLengths[ids.lengthOf(row)] === 1 && this.#wordSlots[slotOf(ids.hashOf(row))] === 1;
  }

  /** The number of a code, undefined when there is no such category. */
  numberOf(code: string): number | undefined {
    const number = this.#numbers.get(code);
    return number === undefined || !this.#rows[number] ? undefined : number;
  }

  /** The name of a category, undefined when there is none of that code. */
  nameOf(code: string): string | undefined {
    return this.#rowOf(code)?.name;
  }

  /** The code of the category above one; null when it is on top, undefined when there is none of that code. */
  parentOf(code: string): string | null | undefined {
    return this.#rowOf(code)?.parent;
  }

  #rowOf(code: string): CategoryRow | undefined {
    const number = this.#numbers.get(code);
    return number === undefined ? undefined : this.#rows[number];
  }

  /** A category and those above it, the nearest first; empty when there is none. */
  chainOf(code: string): string[] {
    const chain: string[] = [];
    let number = this.numberOf(code);
    while (number !== undefined && chain.length <= 20) {
      const { code: own, parent } = this.#rows[number]!;
      chain.push(own);
      number = parent === null ? undefined : this.numberOf(parent);
    }
    return chain;
  }

  /**
   * By number, 1 for the asked categories and all below them.
   *
   * @throws HttpError 400 for a code that does not exist
   */
  expand(codes: readonly string[]): Uint8Array {
    const mask = new Uint8Array(this.codes.length);
    for (const code of codes) {
      const number = this.numberOf(code);
      if (number === undefined) throw noSuchCategory(code);
      mask[number] = 1;
    }
    for (let found = true; found; ) {
      found = false;
      for (const [number, row] of this.#rows.entries()) {
        if (mask[number] || !row || row.parent === null || !mask[this.numberOf(row.parent)!]) continue;
        mask[number] = 1;
        found = true;
      }
    }
    return mask;
  }
}

function slotOf(hash: number): number {
  return hash & (WORD_SLOTS - 1);
}

export function noSuchCategory(code: string): HttpError {
  return new HttpError(400, `There is no category ${code}: see GET /collections/categories/items`, [
    { path: 'category', message: `${code} does not exist` },
  ]);
}
