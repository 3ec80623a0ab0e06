import { setImmediate } from 'node:timers/promises';
import { latLngToCell } from 'h3-js';
import { type CellKey, cellOfKey, keyOfCell, parentKey } from '../geo/cellkey.ts';
import { STORED_RES } from '../geo/h3.ts';

const COARSEST_RES = 5;
const PREPARED_AT_ONCE = 5_000;

/** The ancestors at one resolution of all cells that have been seen. */
export interface Parents {
  readonly res: number;
  /** By number of a stored cell, the number of its ancestor; shared memory. */
  of: Int32Array;
  /** By number of an ancestor, its H3 index as text. */
  cells: string[];
  /** By number of an ancestor, its key. */
  keys: CellKey[];
}

interface GrowingParents extends Parents {
  numbers: Map<CellKey, number>;
  /** How many stored cells have an ancestor in `of`. */
  known: number;
}

/**
 * Numbers for the H3 cells of the stored resolution, in the order of their first use, and for their ancestors. Grows with
 * the places that ever held an incident: about 150 bytes a cell.
 */
export class CellNumbers {
  #numbers = new Map<CellKey, number>();
  #keys: CellKey[] = [];
  #parents: (GrowingParents | undefined)[] = [];

  get count(): number {
    return this.#keys.length;
  }

  /** The number of a cell given as text. */
  numberOf(cell: string): number {
    const key = keyOfCell(cell);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#keys.length;
    this.#keys.push(key);
    this.#numbers.set(key, number);
    return number;
  }

  numberAt(lon: number, lat: number): number {
    return this.numberOf(latLngToCell(lat, lon, STORED_RES));
  }

  /**
   * Number the cells of the present anew in the order of H3, which keeps neighbours together: counting rows in the order
   * of places then stays in the processor's caches.
   *
   * @returns by old number, the new one
   */
  reorder(): Int32Array {
    const sorted = Float64Array.from(this.#keys).sort();
    const renumbered = new Map<CellKey, number>();
    sorted.forEach((key, number) => {
      renumbered.set(key, number);
    });
    const newNumbers = Int32Array.from(this.#keys, (key) => renumbered.get(key)!);
    this.#keys = [...sorted];
    this.#numbers = renumbered;
    this.#parents = [];
    return newNumbers;
  }

  /** Find the ancestors of all cells at every resolution that heat has, letting others in between. */
  async prepare(): Promise<void> {
    for (let res = COARSEST_RES; res <= STORED_RES; res++) {
      while (this.#extend(res, PREPARED_AT_ONCE).known < this.count) await setImmediate();
    }
  }

  /** The ancestors of all cells so far at a resolution; valid until the next cell is numbered. */
  parentsAt(res: number): Parents {
    return this.#extend(res, Infinity);
  }

  #extend(res: number, atMost: number): GrowingParents {
    this.#parents[res] ??= { res, of: sharedInts(1024), cells: [], keys: [], numbers: new Map(), known: 0 };
    const parents = this.#parents[res];
    if (parents.of.length < this.count) {
      const grown = sharedInts(Math.max(this.count, parents.of.length * 2));
      grown.set(parents.of);
      parents.of = grown;
    }
    const end = Math.min(this.count, parents.known + atMost);
    for (; parents.known < end; parents.known++) {
      parents.of[parents.known] = parentNumber(parents, parentKey(this.#keys[parents.known]!, res));
    }
    return parents;
  }
}

function sharedInts(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4 * length));
}

function parentNumber(parents: GrowingParents, key: CellKey): number {
  const known = parents.numbers.get(key);
  if (known !== undefined) return known;
  const number = parents.cells.length;
  parents.cells.push(cellOfKey(key, parents.res));
  parents.keys.push(key);
  parents.numbers.set(key, number);
  return number;
}
