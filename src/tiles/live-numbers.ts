/** Indexes of numbers by number: a table of open addresses that is emptied at no cost and used again. */
export class NumberIndexes {
  #numbers = new Float64Array(1 << 10);
  #indexes = new Uint32Array(1 << 10);
  /** When each slot was filled, counted in emptyings. */
  #filledIn = new Uint32Array(1 << 10);
  #emptyings = 1;
  #count = 0;

  clear(): void {
    this.#emptyings += 1;
    this.#count = 0;
  }

  /** The index of a number, -1 when it has none; then it is given this one. */
  getOrPut(number: number, index: number): number {
    if (2 * this.#count >= this.#numbers.length) this.#grow();
    const slot = this.#slotOf(number);
    if (this.#filledIn[slot] === this.#emptyings) return this.#indexes[slot]!;
    this.#fill(slot, number, index);
    return -1;
  }

  #slotOf(number: number): number {
    const mask = this.#numbers.length - 1;
    let slot = (Math.imul(number, 0x9e3779b1) >>> 12) & mask;
    while (this.#filledIn[slot] === this.#emptyings && this.#numbers[slot] !== number) slot = (slot + 1) & mask;
    return slot;
  }

  #fill(slot: number, number: number, index: number): void {
    this.#numbers[slot] = number;
    this.#indexes[slot] = index;
    this.#filledIn[slot] = this.#emptyings;
    this.#count += 1;
  }

  #grow(): void {
    const [numbers, indexes, filledIn] = [this.#numbers, this.#indexes, this.#filledIn];
    this.#numbers = new Float64Array(2 * numbers.length);
    this.#indexes = new Uint32Array(2 * numbers.length);
    this.#filledIn = new Uint32Array(2 * numbers.length);
    this.#count = 0;
    for (let i = 0; i < numbers.length; i++) {
      if (filledIn[i] === this.#emptyings) this.#fill(this.#slotOf(numbers[i]!), numbers[i]!, indexes[i]!);
    }
  }
}

/** The same of numbers that are places in a list, without a search. */
export class PlaceIndexes {
  #indexes = new Uint32Array(1 << 10);
  /** When each place was filled, counted in emptyings. */
  #filledIn = new Uint32Array(1 << 10);
  #emptyings = 1;

  clear(): void {
    this.#emptyings += 1;
  }

  /** The index of a place, -1 when it has none; then it is given this one. */
  getOrPut(place: number, index: number): number {
    if (place >= this.#indexes.length) this.#grow(2 * place);
    if (this.#filledIn[place] === this.#emptyings) return this.#indexes[place]!;
    this.#filledIn[place] = this.#emptyings;
    this.#indexes[place] = index;
    return -1;
  }

  #grow(length: number): void {
    const [indexes, filledIn] = [this.#indexes, this.#filledIn];
    this.#indexes = new Uint32Array(length);
    this.#filledIn = new Uint32Array(length);
    this.#indexes.set(indexes);
    this.#filledIn.set(filledIn);
  }
}
