/** Rows by their id: open addressing in an Int32Array, 8 bytes a row. Rows are verified by whoever asks. */
import { hashText } from './columns.ts';

export class IdTable {
  #slots: Int32Array;
  #count = 0;

  /** @param rows that will be entered soon */
  constructor(rows: number) {
    let size = 1024;
    while (size < rows * 2) size *= 2;
    this.#slots = new Int32Array(size);
  }

  get bytes(): number {
    return this.#slots.byteLength;
  }

  get isFull(): boolean {
    return this.#count * 4 >= this.#slots.length * 3;
  }

  enter(id: string, row: number): void {
    const mask = this.#slots.length - 1;
    let slot = hashText(id) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = row + 1;
    this.#count++;
  }

  /** The row that `isIt` accepts among those whose id may be this one, or −1. */
  find(id: string, isIt: (row: number) => boolean): number {
    const mask = this.#slots.length - 1;
    for (let slot = hashText(id) & mask; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const row = this.#slots[slot]! - 1;
      if (isIt(row)) return row;
    }
    return -1;
  }
}
