/** Numbers in memory that threads share, zero at first. */
export function sharedFloats(length: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(8 * length));
}

/** Numbers of a block: 1 MB. */
const BLOCK = 131_072;

/** Short arrays of numbers, one after another in blocks of shared memory: threads read them where they lie. */
export class FloatStore {
  #block = sharedFloats(0);
  #at = 0;

  /** An array of zeros. It keeps its block alive. */
  take(length: number): Float64Array {
    if (this.#at + length > this.#block.length) {
      this.#block = sharedFloats(Math.max(length, BLOCK));
      this.#at = 0;
    }
    const taken = this.#block.subarray(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }
}
