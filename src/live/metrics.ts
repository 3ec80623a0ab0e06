import type { RequestHandler } from 'express';
import { collectDefaultMetrics, Histogram, type Metric, Registry } from 'prom-client';

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

/** Seconds, ascending. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/**
 * How long requests took. Counts by itself: one observation by the histogram of the library costs as much as finding the
 * grid of a point.
 */
export class HttpSeconds {
  readonly #observers = new Map<string, Observer>();

  constructor(registry: Registry) {
    const metric = { name: 'wangge_http_request_duration_seconds', get: async () => this.#read(metric.name) };
    // A registry only asks what it holds for its name and figures, whatever its type says.
    registry.registerMetric(metric as unknown as Metric);
  }

  observe(labels: HttpLabels, seconds: number): void {
    this.observer(labels).observe(seconds);
  }

  /** For a label set that many requests have. */
  observer(labels: HttpLabels): Observer {
    const key = JSON.stringify([labels.method, labels.route, labels.status]);
    const known = this.#observers.get(key);
    if (known) return known;
    const observer = new Observer(labels);
    this.#observers.set(key, observer);
    return observer;
  }

  #read(name: string) {
    return {
      name,
      help: 'Time from the request to the end of its answer',
      type: 'histogram',
      aggregator: 'sum',
      values: [...this.#observers.values()].flatMap((observer) => observer.read(name)),
    };
  }
}

/** The times of the requests with one set of labels. */
export class Observer {
  readonly #labels: Readonly<Record<keyof HttpLabels, string>>;
  /** The last for what is above every bucket. */
  readonly #counts = new Float64Array(BUCKETS.length + 1);
  #sum = 0;

  constructor({ method, route, status }: HttpLabels) {
    this.#labels = { method, route, status: String(status) };
  }

  observe(seconds: number): void {
    let bucket = 0;
    while (seconds > BUCKETS[bucket]!) bucket++;
    this.#counts[bucket]! += 1;
    this.#sum += seconds;
  }

  /** As the text format has it: a bucket counts what is in those below it too. */
  read(name: string) {
    const labels = this.#labels;
    let count = 0;
    const buckets = [...BUCKETS, '+Inf'].map((le, i) => {
      count += this.#counts[i]!;
      return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: this.#sum },
      { metricName: `${name}_count`, labels, value: count },
    ];
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
