import { type ClientRequest, get } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { tileOfPoint } from '../../src/geo/tile.ts';
import { quantile } from './figures.ts';
import type { ServiceProcess } from './process.ts';

/** One of so many new incidents is looked for in its tile. */
const TILE_EVERY = 5;
const ZOOM = 16;

interface Expected {
  /** Just before its COMMIT. */
  since: number;
  place: [number, number];
}

export interface Quantiles {
  p99: number;
  text: string;
}

/** A client on HTTP: hears of changes, comes back when the connection breaks, and looks at new tiles. */
export class Watcher {
  readonly #service: ServiceProcess;
  readonly #expected = new Map<string, Expected>();
  readonly #events: number[] = [];
  readonly #tiles: number[] = [];
  #request: ClientRequest | undefined;
  #lastId: string | undefined;
  #heard = 0;
  #countFrom = 0;
  #isStopped = false;

  constructor(service: ServiceProcess) {
    this.#service = service;
  }

  /** Resolves when it hears. */
  start(): Promise<void> {
    return new Promise((resolve) => {
      const headers: Record<string, string> = this.#lastId ? { 'Last-Event-ID': this.#lastId } : {};
      const again = () => {
        if (!this.#isStopped) setTimeout(50).then(() => this.start());
      };
      this.#request = get({ port: this.#service.port, path: '/changes', headers }, (res) => {
        let text = '';
        res.setEncoding('utf8');
        res.on('data', (chunk: string) => {
          const blocks = (text + chunk).split('\n\n');
          text = blocks.pop()!;
          for (const block of blocks) this.#hear(block);
          resolve();
        });
        res.on('error', () => {});
        res.on('close', again);
      });
      this.#request.on('error', again);
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#request?.destroy();
  }

  /** A new incident is about to be committed. */
  expect(id: string, place: [number, number]): void {
    this.#expected.set(id, { since: performance.now(), place });
  }

  /** It was not committed, or nobody knows. */
  forget(id: string): void {
    this.#expected.delete(id);
  }

  /** What arrives from now on says nothing: something is about to die. */
  pause(): void {
    this.#countFrom = Infinity;
  }

  /** What is committed from now on counts, once anything has come; waits no longer than to a moment. */
  async backToNow(until: number): Promise<void> {
    const heard = this.#heard;
    while (this.#heard === heard && performance.now() < until) await setTimeout(10);
    this.#countFrom = performance.now();
  }

  /** Committed after the last kill and never announced. */
  get missing(): number {
    return [...this.#expected.values()].filter(({ since }) => since > this.#countFrom).length;
  }

  /** Of events, and of tiles. */
  report(): Quantiles[] {
    return [quantiles(this.#events), quantiles(this.#tiles)];
  }

  #hear(block: string): void {
    const fields = new Map(
      block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const),
    );
    this.#lastId = fields.get('id') ?? this.#lastId;
    if (fields.get('event') !== 'change') return;
    this.#heard++;
    const { layer, ids } = JSON.parse(fields.get('data')!) as { layer: string; ids: string[] | null };
    if (layer !== 'incidents') return;
    for (const id of ids ?? []) this.#arrived(id);
  }

  #arrived(id: string): void {
    const expected = this.#expected.get(id);
    if (!expected) return;
    this.#expected.delete(id);
    if (expected.since <= this.#countFrom) return;
    this.#events.push(performance.now() - expected.since);
    if (this.#events.length % TILE_EVERY === 0) void this.#look(id, expected);
  }

  async #look(id: string, { since, place }: Expected): Promise<void> {
    const { z, x, y } = tileOfPoint(...place, ZOOM);
    try {
      const { body } = await this.#service.get(`/tiles/incidents/${z}/${x}/${y}.mvt?last=P2D`);
      // A tile without it is as late as can be.
      this.#tiles.push(body.includes(id) ? performance.now() - since : Infinity);
    } catch {
      // The service was killed meanwhile.
    }
  }
}

function quantiles(times: readonly number[]): Quantiles {
  const [p50, p99, most] = [0.5, 0.99, 1].map((share) => quantile(times, share).toFixed(0));
  return { p99: quantile(times, 0.99), text: `p50 ${p50} ms, p99 ${p99} ms, most ${most} ms of ${times.length}` };
}
