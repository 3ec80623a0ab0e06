import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DutyMemory, type PlanLayers } from '../../src/locate/duty.ts';
import { type LiveAssignment, RosterLayer, type Worker } from '../../src/workers/live.ts';

const CHAIN = ['G1', 'S1', 'D1'];
const START = Date.UTC(2026, 9, 1);
const MINUTE = 60_000;

const workers: Worker[] = ['W1', 'W2', 'W3'].map((id) => ({ id, name: id, role: 'fulltime', phone: '1', org: null }));

/** Moments near each other, so that many fall into one minute. */
const moment = fc.oneof(
  fc.integer({ min: 0, max: 40 }).map((minutes) => START + minutes * MINUTE),
  fc.integer({ min: 0, max: 40 * MINUTE }).map((ms) => START + ms),
);

const assignment = fc
  .record({
    worker: fc.constantFrom('W1', 'W2', 'W3'),
    grid: fc.constantFrom(...CHAIN),
    duty: fc.constantFrom('lead', 'member', 'backup'),
    category: fc.constantFrom(null, '1'),
    validFrom: fc.option(moment.map((ms) => new Date(ms))),
    validTo: fc.option(moment.map((ms) => new Date(ms))),
    hours: fc.constantFrom(null, 'Mo-Su 08:00-08:20', 'Mo-Su 08:10-08:30; PH off', '08:05-08:06', 'off'),
  })
  .map((row): Omit<LiveAssignment, 'id'> => ({ ...row, net: 'base', duty: row.duty as LiveAssignment['duty'] }));

const roster = fc.array(assignment, { minLength: 1, maxLength: 6 }).map((rows) =>
  RosterLayer.of('Asia/Shanghai', {
    workers,
    assignments: rows.map((row, i) => ({ ...row, id: `${i}` })),
    holidays: new Map([['2026-10-01', { working: false }]]),
  }),
);

test('what is remembered of duty is what would be found', () => {
  const property = fc.property(
    roster,
    fc.array(
      fc.record({ at: moment, category: fc.option(fc.constant('1'), { nil: undefined }), withPhone: fc.boolean() }),
      {
        minLength: 1,
        maxLength: 20,
      },
    ),
    (layer, questions) => {
      const memory = new DutyMemory();
      const layers = { roster: layer, categories: { chainOf: (code: string) => [code] } } as unknown as PlanLayers;
      for (const { at, ...question } of questions) {
        const asked = { net: 'base', chain: CHAIN, at: new Date(at), timeZone: 'Asia/Shanghai', ...question };
        expect(memory.of(layers, asked)).toEqual(new DutyMemory().of(layers, asked));
      }
    },
  );
  fc.assert(property, { numRuns: 300 });
});

test('it hears of a changed roster', () => {
  const row: LiveAssignment = {
    ...{ id: '1', worker: 'W1', net: 'base', grid: 'G1', duty: 'lead', category: null, hours: null },
    validFrom: null,
    validTo: null,
  };
  const layer = RosterLayer.of('Asia/Shanghai', { workers, assignments: [row], holidays: new Map() });
  const layers = { roster: layer } as unknown as PlanLayers;
  const memory = new DutyMemory();
  const ask = () =>
    memory
      .of(layers, { net: 'base', chain: CHAIN, at: new Date(START), timeZone: 'Asia/Shanghai', withPhone: false })
      .map(({ id }) => id);
  expect(ask()).toEqual(['W1']);
  layer.replace({ assignments: { ids: ['1'], rows: [{ ...row, worker: 'W2' }] } });
  expect(ask()).toEqual(['W2']);
  expect(ask()).toEqual(['W2']);
});
