import { type Passing, type RowFilter, RowSieve } from '../incidents/live-mask.ts';
import { type PinnedRows, rowsOf } from '../incidents/live-rows.ts';
import type { Live } from '../live/live.ts';
import { Slices } from '../threads/slices.ts';
import type { Tally } from './heat.sql.ts';
import { type Bins, countKinds, countRows, countRuns, countsFor, subtractDead, sumsFor } from './live-count.ts';
import type { DrawnArea } from './live-drawn.ts';
import type { PinnedQuestion } from './live-filter.ts';
import { BlockIndex, KindFilter } from './live-kinds.ts';
import { countPrefixes, hourPrefixes } from './live-prefix.ts';
import { type Asked, allHoursPass, countLacking, eachOpen, SUM_OF_ROW, SUMS, type Sums } from './live-sums.ts';

/** What the rows of a question add up to, by bin. */
interface Tallied {
  counts: Int32Array;
  /** Of a tally other than the count. */
  sums: Sums | null;
}

/** A block of a question. */
interface Block {
  pinned: PinnedRows;
  /** Whether all of its rows are where and when the question asks. */
  isWhole: boolean;
  asked: Asked;
}

/**
 * Adds up the rows of questions by bin. What a filter asks of whole blocks is answered by what is known of them
 * (`CellPrefixes`, `BlockIndex`); where it asks for a place or a part of the time, row by row.
 */
export class RowTallies {
  readonly #live: Live;
  readonly #counts = countPrefixes();
  readonly #hours = hourPrefixes();
  readonly #blocks = new BlockIndex();

  constructor(live: Live) {
    this.#live = live;
  }

  /** Count the rows of a question, added to `counts`. */
  async count(question: PinnedQuestion, bins: Bins, counts: Int32Array): Promise<void> {
    await this.#addUp(question, bins, { counts, sums: null }, 'count');
  }

  async tally(question: PinnedQuestion, bins: Bins, tally: Tally): Promise<Tallied> {
    const sums = tally === 'count' ? null : { sum: sumsFor(bins), lacking: countsFor(bins) };
    const tallied = { counts: countsFor(bins), sums };
    await this.#addUp(question, bins, tallied, tally);
    return tallied;
  }

  async #addUp(question: PinnedQuestion, bins: Bins, into: Tallied, tally: Tally): Promise<void> {
    const { filter, rows, drawn } = question;
    if (!drawn || filter.place) {
      await this.#addRows(question, bins, into, tally);
      return;
    }
    // Of whole blocks all is added up that lies in cells inside, as if nothing was asked of the place.
    const [whole, others] = divideList(rows, ({ isSorted, isWithin }) => isSorted && isWithin);
    const inside = drawn.binsInside(bins);
    await this.#addRows({ filter: { ...filter, area: null, keys: null }, rows: whole }, inside, into, tally);
    await this.#addBorder(drawn, { filter, rows: whole }, bins, into, tally);
    await this.#addRows({ filter, rows: others }, bins, into, tally);
  }

  /** Add up the rows of whole blocks in the cells that the border of an area runs through. */
  async #addBorder(
    drawn: DrawnArea,
    { filter, rows }: PinnedQuestion,
    { of }: Bins,
    { counts, sums }: Tallied,
    tally: Tally,
  ): Promise<void> {
    const kindFilter = new KindFilter(filter);
    const slices = new Slices();
    for (const pinned of rows) {
      const own = rowsOf(pinned);
      const { cell, dead } = own;
      for (const i of drawn.rowsAtBorder(pinned)) {
        if ((dead && dead[i] === 1) || !kindFilter.passes(own, i)) continue;
        const bin = of[cell[i]!]!;
        counts[bin]! += 1;
        if (!sums || tally === 'count') continue;
        const sum = SUM_OF_ROW[tally](own, filter, i);
        if (Number.isNaN(sum)) sums.lacking[bin]! += 1;
        else sums.sum[bin]! += sum;
      }
      if (slices.isOver) await slices.pause();
    }
  }

  async #addRows(question: PinnedQuestion, bins: Bins, into: Tallied, tally: Tally): Promise<void> {
    const kindFilter = new KindFilter(question.filter);
    const sieves = new Sieves(question);
    const slices = new Slices();
    const blocks: Block[] = [];
    for (const pinned of question.rows) {
      const needsKinds = pinned.isSorted && (kindFilter.wanted !== null || tally !== 'count');
      const isWhole = pinned.isSorted && pinned.isWithin && !sieves.areOfPlaces;
      blocks.push({ pinned, isWhole, asked: this.#ask(pinned, question.filter, kindFilter, needsKinds) });
      if (slices.isOver) await slices.pause();
    }
    const isSummedUp = await this.#countSummedUp(blocks, bins, into.counts);
    const hasHours = tally === 'mean_hours' && (await this.#addHours(blocks, bins, into.sums!.sum));
    for (const { pinned, isWhole, asked } of blocks) {
      const isCounted = isWhole && (isSummedUp || countWanted(asked, bins, into.counts));
      if (isCounted) subtractDead(asked.rows, asked.kinds, kindFilter.wanted, bins, into.counts);
      if (!isCounted || into.sums || kindFilter.testsLights) {
        sieves.each(pinned, asked, (passing) => {
          if (!isCounted) countPassing(asked, passing, bins, into.counts);
          if (kindFilter.testsLights) countLights(asked, passing, bins, into.counts);
          if (!into.sums || tally === 'count') return;
          if (hasHours && isWhole) countLacking(asked, passing, bins, into.sums);
          else SUMS[tally](asked, passing, bins, into.sums);
        });
      }
      if (slices.isOver) await slices.pause();
    }
  }

  /**
   * Count the rows of whole blocks by their sums: of a filter that most of them pass, less those that do not.
   *
   * @returns false, and nothing is counted, where that cannot be or would take longer
   */
  async #countSummedUp(blocks: readonly Block[], bins: Bins, counts: Int32Array): Promise<boolean> {
    const whole = blocks.filter(({ isWhole }) => isWhole);
    if (whole.length === 0 || !whole.every(({ asked }) => mostPass(asked))) return false;
    const pinned = whole.map((block) => block.pinned);
    await this.#counts.follow(this.#live.layers.incidents);
    if (!this.#counts.addTo(counts, bins, pinned)) return false;
    for (const { asked } of whole) {
      const { kinds, kindFilter } = asked;
      if (kinds && kindFilter.wanted) countRuns(kinds, kindFilter.unwanted, bins, counts, -1);
    }
    return true;
  }

  /**
   * Add up the hours of whole blocks by their sums, where all pass.
   *
   * @returns false, and nothing is added, where that cannot be
   */
  async #addHours(blocks: readonly Block[], bins: Bins, hours: Float64Array): Promise<boolean> {
    const whole = blocks.filter(({ isWhole }) => isWhole);
    if (whole.length === 0 || !whole.every(({ asked }) => allHoursPass(asked))) return false;
    await this.#hours.follow(this.#live.layers.incidents);
    return this.#hours.addTo(
      hours,
      bins,
      whole.map(({ pinned }) => pinned),
    );
  }

  #ask(pinned: PinnedRows, filter: RowFilter, kindFilter: KindFilter, needsKinds: boolean): Asked {
    const rows = rowsOf(pinned);
    const kinds = needsKinds ? this.#blocks.kindsOf(pinned, rows) : null;
    return { rows, filter, kindFilter, kinds, hours: (known) => this.#blocks.hoursOf(pinned, rows, known) };
  }
}

/** What of a list passes a test, and what does not. */
function divideList<T>(list: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [list.filter(test), list.filter((item) => !test(item))];
}

/** Whether most rows of a block are of a kind that is wanted. */
function mostPass({ rows, kinds, kindFilter: { wanted } }: Asked): boolean {
  if (!wanted) return true;
  if (!kinds) return false;
  let unwanted = 0;
  for (const [run, kind] of kinds.present.entries()) {
    if (wanted[kind] === 0) unwanted += kinds.starts[run + 1]! - kinds.starts[run]!;
  }
  return 2 * unwanted < rows.n;
}

/** @returns whether the wanted rows of a whole block are counted now */
function countWanted({ kinds, kindFilter: { wanted } }: Asked, bins: Bins, counts: Int32Array): boolean {
  if (!kinds || !wanted) return false;
  countRuns(kinds, wanted, bins, counts);
  return true;
}

function countPassing({ rows, kinds, kindFilter }: Asked, passing: Passing, bins: Bins, counts: Int32Array): void {
  const { wanted } = kindFilter;
  if (kinds && wanted) countKinds(rows, kinds, wanted, passing, bins, counts);
  else countRows(rows, passing, bins, counts);
}

/** Count open incidents of a wanted light; where kinds are not known, they are counted already. */
function countLights(asked: Asked, passing: Passing, { of }: Bins, counts: Int32Array): void {
  if (!asked.kinds) return;
  const { cell } = asked.rows;
  eachOpen(asked, passing, (i) => {
    counts[of[cell[i]!]!]! += 1;
  });
}

/** Finds the rows of a question that are where and when it asks. */
class Sieves {
  /** Whether it asks for a place. */
  readonly areOfPlaces: boolean;
  readonly #question: PinnedQuestion;
  /** Made when a block needs them: places may have thousands of corners. */
  #whole: RowSieve | undefined;
  #ofPlaces: RowSieve | undefined;

  constructor(question: PinnedQuestion) {
    const { owners, keys, place, area } = question.filter;
    this.areOfPlaces = owners !== null || keys !== null || place !== null || area !== null;
    this.#question = question;
  }

  /** Visit runs of rows, see `RowSieve`; where kinds are known, they are not looked at. */
  each(pinned: PinnedRows, { rows, kinds, kindFilter }: Asked, visit: (passing: Passing) => void): void {
    const { filter, under } = this.#question;
    const isOfKinds = kinds !== null || !kindFilter.wanted;
    if (!pinned.isSorted || !isOfKinds) {
      this.#whole ??= new RowSieve(filter);
      this.#whole.each(rows, visit);
      return;
    }
    this.#ofPlaces ??= new RowSieve(placesOf(this.#question));
    if (under) this.#ofPlaces.eachOf(rows, under.of(pinned), visit);
    else this.#ofPlaces.each(rows, visit);
  }
}

/** A filter without what kinds tell, and without the grid whose rows are known. */
function placesOf({ filter, under }: PinnedQuestion): RowFilter {
  const { owners, place } = filter;
  return {
    ...filter,
    categories: null,
    statuses: null,
    lights: null,
    owners: under ? null : owners,
    place: under ? null : place,
  };
}
