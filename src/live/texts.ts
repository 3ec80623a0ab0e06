import { ByteWriter } from '../geo/bytes.ts';
import { LAYER, writeValue } from '../geo/mvt.ts';

/**
 * Numbers for texts, in the order of their first use, each with its bytes as a value of a tile's layer: to write a text
 * again is to copy them. About 100 bytes a text beside its own.
 */
export class TileTexts {
  readonly #numbers = new Map<string, number>();
  readonly #written = new ByteWriter(1 << 16);
  readonly #value = new ByteWriter();
  /** Where each text begins, and where the last ends. */
  readonly #starts: number[] = [0];

  get count(): number {
    return this.#numbers.size;
  }

  numberOf(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(text, number);
    this.#value.clear();
    writeValue(this.#value, text);
    this.#written.writerField(LAYER.value, this.#value);
    this.#starts.push(this.#written.length);
    return number;
  }

  /** Append the field of a text to others. */
  writeTo(writer: ByteWriter, number: number): void {
    const start = this.#starts[number]!;
    writer.part(this.#written, start, this.#starts[number + 1]! - start);
  }
}
