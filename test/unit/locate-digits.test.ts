import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainNumber } from '../../src/locate/digits.ts';

const read = (text: string) => plainNumber(`>${text}<`, 1, text.length + 1);
const isPlain = (text: string) => /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text);

test('digits are the number that JSON reads', () => {
  const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,12})(\.\d{1,22})?$/);
  fc.assert(
    fc.property(digits, (text) => Object.is(read(text), JSON.parse(text))),
    { numRuns: 5_000 },
  );
  const degrees = fc.double({ min: -180, max: 180, noNaN: true });
  fc.assert(
    fc.property(degrees, (value) => !isPlain(String(value)) || read(String(value)) === value),
    { numRuns: 5_000 },
  );
});

test('anything else is none', () => {
  for (const text of [
    '',
    '-',
    '.',
    '1.',
    '.5',
    '-.5',
    '007',
    '00',
    '-00.1',
    '1.2.3',
    '1e5',
    '+1',
    ' 1',
    '0x1',
    '１',
    'NaN',
  ]) {
    expect(read(text), text).toBeNaN();
  }
  const close = fc.string({ unit: fc.constantFrom('0', '1', '9', '.', '-', 'e', ' '), maxLength: 8 });
  fc.assert(
    fc.property(close, (text) => Number.isNaN(read(text)) === !isPlain(text)),
    { numRuns: 5_000 },
  );
});
