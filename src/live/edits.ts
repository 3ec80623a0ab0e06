/** A row that came (`after`), went (`before`) or changed (both). */
export interface Edit<T> {
  before: T | undefined;
  after: T | undefined;
}
