/** Indexes are below this: an index and the emptying that it was given after then make one exact number. */
const INDEXES = 2 ** 24;
/** Of a table that holds nothing: what is below was put before the last emptying. */
const FIRST_BASE = INDEXES;
/** Above it a table is emptied in earnest. */
const LAST_BASE = 2 ** 52;

/** Indexes of numbers by number: a table of open addresses that is emptied at no cost and used again. */
export class NumberIndexes {
  /** A number, then its index above the base that the table had: side by side, so that one look in memory finds both. */
  #slots = new Float64Array(1 << 11);
  #base = FIRST_BASE;
  #count = 0;

  clear(): void {
    this.#base = baseAfter(this.#base, this.#slots);
    this.#count = 0;
  }

  /** The index of a number, -1 when it has none; then it is given this one. */
  getOrPut(number: number, index: number): number {
    if (4 * this.#count >= this.#slots.length) this.#grow();
    const at = this.#placeOf(number);
    const known = this.#slots[at + 1]!;
    if (known >= this.#base) return known - this.#base;
    this.#fill(at, number, this.#base + index);
    return -1;
  }

  #placeOf(number: number): number {
    const slots = this.#slots;
    const mask = slots.length / 2 - 1;
    let slot = (Math.imul(number, 0x9e3779b1) >>> 12) & mask;
    while (slots[2 * slot + 1]! >= this.#base && slots[2 * slot] !== number) slot = (slot + 1) & mask;
    return 2 * slot;
  }

  #fill(at: number, number: number, index: number): void {
    this.#slots[at] = number;
    this.#slots[at + 1] = index;
    this.#count += 1;
  }

  #grow(): void {
    const slots = this.#slots;
    this.#slots = new Float64Array(2 * slots.length);
    this.#count = 0;
    for (let at = 0; at < slots.length; at += 2) {
      if (slots[at + 1]! >= this.#base) this.#fill(this.#placeOf(slots[at]!), slots[at]!, slots[at + 1]!);
    }
  }
}

/** The same of numbers that are places in a list, without a search. */
export class PlaceIndexes {
  /** By place, its index above the base that the table had. */
  #indexes = new Float64Array(1 << 10);
  #base = FIRST_BASE;

  clear(): void {
    this.#base = baseAfter(this.#base, this.#indexes);
  }

  /** The index of a place, -1 when it has none; then it is given this one. */
  getOrPut(place: number, index: number): number {
    if (place >= this.#indexes.length) this.#grow(2 * place);
    const known = this.#indexes[place]!;
    if (known >= this.#base) return known - this.#base;
    this.#indexes[place] = this.#base + index;
    return -1;
  }

  #grow(length: number): void {
    const indexes = this.#indexes;
    this.#indexes = new Float64Array(length);
    this.#indexes.set(indexes);
  }
}

function baseAfter(base: number, table: Float64Array): number {
  if (base < LAST_BASE) return base + INDEXES;
  table.fill(0);
  return FIRST_BASE;
}
