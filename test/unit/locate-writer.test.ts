import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LocateAnswer } from '../../src/locate/locate.ts';
import { answerWriter } from '../../src/locate/writer.ts';

const text = fc.string({ unit: 'binary', maxLength: 6 });
const metres = fc.integer({ min: 0, max: 10_000 }).map((tenths) => tenths / 10);
const date = fc.date({ noInvalidDate: true, min: new Date('1000-01-01'), max: new Date('9000-01-01') });
// Few codes, so that one comes back under another name or level.
const code = fc.constantFrom('1', '12', '"');
const grid = fc.record({ code, name: text, level: fc.constantFrom('grid', 'city') });
const edge = fc.record({ on: fc.boolean(), metres, others: fc.array(fc.record({ code, name: text, metres })) });
const position = {
  lon: fc.double({ noNaN: true, min: -180, max: 180 }),
  lat: fc.double({ noNaN: true, min: -90, max: 90 }),
};
const query = fc.oneof(
  fc.record({ address: text, normalized: text, at: date, net: text }),
  fc.record({ ...position, at: date, net: text }),
);
const match = fc.record({
  id: fc.option(text),
  text: fc.option(text),
  ...position,
  matched: fc.dictionary(text, text),
});
const worker = fc.record({ id: text, name: text, until: fc.option(date) });
const answer = fc
  .record(
    {
      ...{ query, match: fc.option(match), candidates: fc.array(match, { maxLength: 2 }), grid: fc.option(grid) },
      ...{ chain: fc.array(grid), edge: fc.option(edge), workers: fc.array(worker), cameras: fc.array(grid) },
      ...{ version: text, status: fc.constantFrom('found', 'outside') },
      ...{ address: fc.option(match), nearest: fc.option(grid) },
    },
    {
      requiredKeys: [
        'query',
        'match',
        'candidates',
        'grid',
        'chain',
        'edge',
        'workers',
        'cameras',
        'version',
        'status',
      ],
    },
  )
  .map((parts) => parts as unknown as LocateAnswer);

test('answers are written as JSON writes them, whatever was written before', () => {
  const property = fc.property(fc.array(answer, { minLength: 1, maxLength: 6 }), (answers) => {
    const write = answerWriter();
    for (const one of [...answers, ...answers]) {
      expect(JSON.parse(write(one))).toEqual(JSON.parse(JSON.stringify(one)));
    }
  });
  fc.assert(property, { numRuns: 300 });
});
