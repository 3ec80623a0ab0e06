import { Histogram, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createMetrics } from '../../src/live/metrics.ts';
import { seeded } from '../helpers/noise.ts';

const NAME = 'wangge_http_request_duration_seconds';

test('times of requests are told as the histogram of prom-client tells them', async () => {
  const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
  const reference = new Registry();
  const help = 'Time from the request to the end of its answer';
  const labelNames = ['method', 'route', 'status'];
  const histogram = new Histogram({ name: NAME, help, labelNames, buckets, registers: [reference] });
  const { registry, httpSeconds } = createMetrics();
  const random = seeded(1);
  const often = httpSeconds.observer({ method: 'GET', route: 'tile', status: 200 });
  for (let i = 0; i < 500; i++) {
    const seconds = i < buckets.length ? buckets[i]! : 10 ** (5 * random() - 4);
    const [method, status] = random() < 0.5 ? ['GET', 200] : ['POST', 404];
    const labels = { method: String(method), route: random() < 0.5 ? 'tile' : '/a "b"', status: Number(status) };
    if (method === 'GET' && labels.route === 'tile') often.observe(seconds);
    else httpSeconds.observe(labels, seconds);
    histogram.observe({ ...labels, status: String(status) }, seconds);
  }
  expect(linesOf(await registry.getSingleMetricAsString(NAME))).toEqual(linesOf(await reference.metrics()));
});

/** The order of lines and of labels says nothing. */
function linesOf(text: string): string[] {
  return text
    .trim()
    .split('\n')
    .map((line) =>
      line.replace(/\{(.*)\}/, (_, labels: string) =>
        labels
          .split(/,(?=\w+=)/)
          .sort()
          .join(),
      ),
    )
    .sort();
}
