interface Entry<V> {
  value: Promise<V>;
  cost: number;
}

/**
 * Values that are costly to make, by key, the least recently asked forgotten first. Those who ask while a value is being
 * made wait for the same one; a failure is not kept.
 */
export class Lru<V> {
  private readonly entries = new Map<string, Entry<V>>();
  private total = 0;
  private readonly ceiling: number;
  private readonly costOf: (value: V) => number;

  /**
   * @param ceiling of the sum of costs; one value alone may exceed it until the next comes
   * @param costOf in whatever unit the ceiling is
   */
  constructor(ceiling: number, costOf: (value: V) => number) {
    this.ceiling = ceiling;
    this.costOf = costOf;
  }

  get(key: string, make: () => Promise<V>): Promise<V> {
    const known = this.entries.get(key);
    if (known) {
      this.entries.delete(key);
      this.entries.set(key, known);
      return known.value;
    }
    const entry: Entry<V> = { value: make(), cost: 0 };
    this.entries.set(key, entry);
    entry.value.then(
      (value) => this.settle(key, entry, this.costOf(value)),
      () => this.forget(key, entry),
    );
    return entry.value;
  }

  private settle(key: string, entry: Entry<V>, cost: number): void {
    if (this.entries.get(key) !== entry) return;
    entry.cost = cost;
    this.total += cost;
    for (const [oldest, old] of this.entries) {
      if (this.total <= this.ceiling || old === entry) return;
      this.forget(oldest, old);
    }
  }

  private forget(key: string, entry: Entry<V>): void {
    if (this.entries.get(key) !== entry) return;
    this.entries.delete(key);
    this.total -= entry.cost;
  }
}
