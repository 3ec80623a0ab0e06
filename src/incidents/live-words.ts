import { NO_WORD } from './live-columns.ts';

/** Numbers for words of which there are few, such as sources and departments, in the order of their first use. */
export class WordNumbers {
  readonly #numbers = new Map<string, number>();
  readonly words: string[] = [];

  /** The number of a word, `NO_WORD` of null. */
  numberOf(word: string | null): number {
    if (word === null) return NO_WORD;
    const known = this.#numbers.get(word);
    if (known !== undefined) return known;
    this.#numbers.set(word, this.words.length);
    return this.words.push(word) - 1;
  }
}
