import { ANY_ROW, RowSieve } from '../incidents/live-mask.ts';
import type { Place } from '../incidents/live-ranges.ts';
import { type PinnedRows, type Rows, rowsOf } from '../incidents/live-rows.ts';

/**
 * The rows of sorted blocks whose owner is a grid or one below it and that lie in the grid, found once for each block and
 * each state of the owners. Rows near each other lie beside each other, so that they are few runs: about 1 KB a block for
 * a district.
 */
export class UnderRuns {
  readonly #sieve: RowSieve;
  /** By the owners of a block: they get other memory when the block or the plan changes. */
  readonly #runs = new WeakMap<Int32Array, Int32Array>();

  /** @param owners by number, 1 for the grid and those below it; all owners must be known */
  constructor(owners: Uint8Array, place: Place) {
    this.#sieve = new RowSieve({ ...ANY_ROW, owners, place });
  }

  /** First row and end of each run, dead rows among them. */
  of(pinned: PinnedRows): Int32Array {
    const known = this.#runs.get(pinned.owner);
    if (known) return known;
    const runs = this.#find(rowsOf({ ...pinned, dead: null, isWithin: true }));
    this.#runs.set(pinned.owner, runs);
    return runs;
  }

  #find(rows: Rows): Int32Array {
    const ends: number[] = [];
    this.#sieve.each(rows, ({ from, to, mask }) => {
      for (let i = from; i < to; i++) {
        if (mask![i] === 0) continue;
        if (ends.at(-1) === i) ends[ends.length - 1] = i + 1;
        else ends.push(i, i + 1);
      }
    });
    return Int32Array.from(ends);
  }
}
