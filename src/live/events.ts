import { randomBytes } from 'node:crypto';

/** An event as it goes out. */
export interface SentEvent {
  id: string;
  text: string;
}

/** Events that a client can ask for again. */
const KEPT_EVENTS = 5_000;
const KEPT_BYTES = 16 * 2 ** 20;

/**
 * Numbers events and keeps the last ones, so that a client that was away gets what it missed. The ids of another process
 * mean nothing here: their clients start anew.
 */
export class EventLog {
  readonly #instance = randomBytes(6).toString('base64url');
  readonly #events: SentEvent[] = [];
  readonly #listeners = new Set<(event: SentEvent) => void>();
  #next = 0;
  #bytes = 0;

  /** The id of the last event. */
  get last(): string {
    return `${this.#instance}.${this.#next - 1}`;
  }

  publish(data: unknown): void {
    const id = `${this.#instance}.${this.#next++}`;
    const event = { id, text: `id: ${id}\nevent: change\ndata: ${JSON.stringify(data)}\n\n` };
    this.#events.push(event);
    this.#bytes += event.text.length;
    while (this.#events.length > KEPT_EVENTS || this.#bytes > KEPT_BYTES) {
      this.#bytes -= this.#events.shift()!.text.length;
    }
    for (const listener of this.#listeners) listener(event);
  }

  /** The events after one; undefined when that one is not known any more. */
  since(id: string): SentEvent[] | undefined {
    const [instance, number] = id.split('.');
    const first = this.#next - this.#events.length;
    const from = Number(number) + 1;
    if (instance !== this.#instance || !(from >= first && from <= this.#next)) return undefined;
    return this.#events.slice(from - first);
  }

  /** @returns a function that ends it */
  listen(listener: (event: SentEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
