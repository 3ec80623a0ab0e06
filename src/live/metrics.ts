import type { RequestHandler } from 'express';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';

/** Figures that wait to be sorted into their buckets, see `Observer`. */
const MAX_WAITING = 256;

export interface HttpLabels {
  method: string;
  route: string;
  status: number;
}

/** The figures that the service gives to Prometheus. */
export interface Metrics {
  registry: Registry;
  httpSeconds: HttpSeconds;
  /** From the writing of a change to its being visible in memory. */
  liveSeconds: Histogram;
}

/** How long requests took. */
export class HttpSeconds {
  readonly #histogram: Histogram<keyof HttpLabels>;
  readonly #observers: Observer[] = [];

  constructor(registry: Registry) {
    this.#histogram = new Histogram({
      name: 'wangge_http_request_duration_seconds',
      help: 'Time from the request to the end of its answer',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers: [registry],
      collect: () => this.#flush(),
    });
  }

  observe(labels: HttpLabels, seconds: number): void {
    this.#histogram.observe(labelsOf(labels), seconds);
  }

  /** For a label set that many requests have. */
  observer(labels: HttpLabels): Observer {
    const observer = new Observer(this.#histogram.labels(labelsOf(labels)));
    this.#observers.push(observer);
    return observer;
  }

  #flush(): void {
    for (const observer of this.#observers) observer.flush();
  }
}

function labelsOf({ method, route, status }: HttpLabels): Record<keyof HttpLabels, string> {
  return { method, route, status: String(status) };
}

/**
 * Takes figures at once and sorts them into their buckets some hundred at a time, and before they are read: one by one
 * between requests, that costs several times as much.
 */
export class Observer {
  readonly #figure: { observe(seconds: number): void };
  readonly #waiting = new Float64Array(MAX_WAITING);
  #count = 0;

  constructor(figure: { observe(seconds: number): void }) {
    this.#figure = figure;
  }

  observe(seconds: number): void {
    this.#waiting[this.#count++] = seconds;
    if (this.#count === MAX_WAITING) this.flush();
  }

  flush(): void {
    for (let i = 0; i < this.#count; i++) this.#figure.observe(this.#waiting[i]!);
    this.#count = 0;
  }
}

/** A registry of its own for each service, so that several can live in one process. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const httpSeconds = new HttpSeconds(registry);
  const liveSeconds = new Histogram({
    name: 'wangge_live_apply_seconds',
    help: 'Time from the writing of a change to its being visible in memory',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
    registers: [registry],
  });
  return { registry, httpSeconds, liveSeconds };
}

/** `GET /metrics` in the text format of Prometheus. */
export function getMetrics({ registry }: Metrics): RequestHandler {
  return async (_req, res) => {
    res.setHeader('Content-Type', registry.contentType);
    res.end(await registry.metrics());
  };
}
