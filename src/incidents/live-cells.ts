import { latLngToCell } from 'h3-js';
import { bigintToCell, cellToBigint, joinCell, parentOfPair, STORED_RES, splitCell } from '../geo/h3.ts';

/** The ancestors at one resolution of all cells that have been seen. */
export interface Parents {
  /** By number of a stored cell, the number of its ancestor. */
  of: Int32Array;
  /** By number of an ancestor, its H3 index as text. */
  cells: string[];
}

interface GrowingParents extends Parents {
  numbers: Map<number, number>;
  /** How many stored cells have an ancestor in `of`. */
  known: number;
}

/**
 * Numbers for the H3 cells of the stored resolution, in the order of their first use, and for their ancestors. Grows with
 * the places that ever held an incident: about 150 bytes a cell.
 */
export class CellNumbers {
  readonly #numbers = new Map<string, number>();
  readonly #cells: string[] = [];
  readonly #parents: (GrowingParents | undefined)[] = [];

  get count(): number {
    return this.#cells.length;
  }

  /** The number of a cell given as text. */
  numberOf(cell: string): number {
    const known = this.#numbers.get(cell);
    if (known !== undefined) return known;
    const number = this.#cells.length;
    this.#cells.push(cell);
    this.#numbers.set(cell, number);
    return number;
  }

  numberAt(lon: number, lat: number): number {
    return this.numberOf(latLngToCell(lat, lon, STORED_RES));
  }

  /** The cell of a number. */
  cellOf(number: number): string {
    return this.#cells[number]!;
  }

  /** The ancestors of all cells so far at a resolution; valid until the next cell is numbered. */
  parentsAt(res: number): Parents {
    this.#parents[res] ??= { of: new Int32Array(1024), cells: [], numbers: new Map(), known: 0 };
    const parents = this.#parents[res];
    if (parents.of.length < this.count) {
      const grown = new Int32Array(Math.max(this.count, parents.of.length * 2));
      grown.set(parents.of);
      parents.of = grown;
    }
    for (; parents.known < this.count; parents.known++) {
      parents.of[parents.known] = parentNumber(parents, this.#cells[parents.known]!, res);
    }
    return parents;
  }
}

function parentNumber(parents: GrowingParents, cell: string, res: number): number {
  const [hi, lo] = parentOfPair(...splitCell(cellToBigint(cell)), res);
  // The bits above the base cell are the same for all cells of a resolution; the others fit a double.
  const key = (hi & 0xfffff) * 2 ** 32 + lo;
  const known = parents.numbers.get(key);
  if (known !== undefined) return known;
  const number = parents.cells.length;
  parents.cells.push(bigintToCell(joinCell(hi, lo)));
  parents.numbers.set(key, number);
  return number;
}
