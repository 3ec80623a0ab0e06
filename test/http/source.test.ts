import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoDatabase } from '../helpers/database.ts';
import { startService, type TestService } from '../helpers/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService(await demoDatabase(), { window: { days: 60, rows: 1_000_000 } });
});
afterAll(() => service.close());

const NEAR = ['2026-10-20', '2026-11-01'] as const;
const FAR = ['2026-02-01', '2026-03-01'] as const;

/** The query of a period. */
function within([from, to]: readonly [string, string]): string {
  return `from=${encodeURIComponent(`${from}T00:00:00+08:00`)}&to=${encodeURIComponent(`${to}T00:00:00+08:00`)}`;
}

test.each([
  '/heat?res=8',
  '/heat/series?step=month',
  '/hotspots?res=8',
  '/indicators?level=community',
  '/report?under=990121001',
])('%s says of each answer by itself whether the record was asked', async (path) => {
  const source = async (of: readonly [string, string]) => {
    const response = await fetch(`${service.url}${path}&${within(of)}`);
    const body = await response.text();
    expect(response.status, body.slice(0, 300)).toBe(200);
    return response.headers.get('wangge-source');
  };
  expect(await Promise.all([source(NEAR), source(FAR), source(NEAR)])).toEqual(['memory', 'sql', 'memory']);
});
