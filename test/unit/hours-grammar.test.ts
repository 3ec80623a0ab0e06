import fc from 'fast-check';
import OpeningHours from 'opening_hours';
import { describe, expect, it } from 'vitest';
import { createCalendar, HOURS_PATTERN, HoursError, isOpen, parseHours } from '../../src/workers/hours.ts';

const WEEKDAYS = ['Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MINUTE = 60_000;

const two = (n: number) => String(n).padStart(2, '0');
const clock = (minute: number) => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
const listOf = (item: fc.Arbitrary<string>, separators = [',']) =>
  fc
    .array(fc.tuple(item, fc.constantFrom(...separators)), { minLength: 1, maxLength: 3 })
    .map((items) => items.map(([text, separator], i) => (i === 0 ? text : separator + text)).join(''));

const weekday = fc.constantFrom(...WEEKDAYS);
const weekdays = fc.oneof(
  weekday,
  fc.tuple(weekday, weekday).map(([a, b]) => `${a}-${b}`),
);
const month = fc.constantFrom(...MONTHS);
// Up to 27: in common years the library never finds Feb 01-28 and takes Feb 29 for March 1.
const monthDay = fc.integer({ min: 1, max: 27 });
const months = fc.oneof(
  month,
  fc.tuple(month, month).map(([a, b]) => `${a}-${b}`),
);
const monthDays = fc.oneof(
  fc.tuple(month, monthDay).map(([m, d]) => `${m} ${two(d)}`),
  // Not around the year inside one month, which the library refuses or reads as less than a year.
  fc
    .tuple(month, monthDay, month, monthDay)
    .filter(([m, d, n, e]) => m !== n || d <= e)
    .map(([m, d, n, e]) => `${m} ${two(d)}-${n} ${two(e)}`),
  fc.tuple(month, monthDay, monthDay).map(([m, d, e]) => `${m} ${two(Math.min(d, e))}-${two(Math.max(d, e))}`),
);
// On the quarter hour, so that spans touch often.
const span = fc
  .tuple(fc.integer({ min: 0, max: 95 }), fc.integer({ min: 0, max: 192 }))
  .map(([start, end]) => `${clock(start * 15)}-${clock(end * 15)}`);
const modifier = fc.constantFrom('open', 'off', 'closed');

interface Freedom {
  dates: fc.Arbitrary<string>[];
  days: fc.Arbitrary<string>;
  commas: string[];
  gaps: string[];
}

function ruleOf(
  { dates, days, commas, gaps }: Freedom,
  selected: boolean,
): fc.Arbitrary<{ text: string; bounded: boolean }> {
  return fc
    .record({
      dates: fc.option(fc.oneof(...dates.map((date) => listOf(date, commas))), { freq: 2 }),
      days: fc.option(listOf(days, commas), { freq: 4 }),
      spans: fc.option(listOf(span, commas), { freq: 6 }),
      modifier: fc.option(modifier, { freq: 2 }),
      gap: fc.constantFrom(...gaps),
    })
    .filter((rule) => (rule.dates ?? rule.days ?? (selected ? null : (rule.spans ?? rule.modifier))) !== null)
    .map((rule) => {
      const selectors = [rule.dates, rule.days, rule.spans].filter((part) => part !== null).join(rule.gap);
      const text = [selectors, rule.modifier].filter((part) => part !== null && part !== '').join(' ');
      return { text, bounded: rule.spans !== null || rule.modifier !== null };
    });
}

/** Rules as text; a comma only where a rule ends in times or a modifier, and in front of a selector. */
function hoursOf(freedom: Freedom): fc.Arbitrary<string> {
  const always = fc.constant({ text: '24/7', bounded: false });
  const first = fc.oneof({ weight: 8, arbitrary: ruleOf(freedom, false) }, { weight: 1, arbitrary: always });
  const others = fc.array(fc.tuple(fc.boolean(), ruleOf(freedom, true)), { maxLength: 4 });
  return fc.tuple(first, others).map(([start, rest]) => {
    let { text, bounded } = start;
    for (const [comma, rule] of rest) {
      text += (comma && bounded ? ', ' : '; ') + rule.text;
      bounded = rule.bounded;
    }
    return text;
  });
}

// The library reads a list that mixes months and dates in its own way.
const plain = hoursOf({ dates: [months, monthDays], days: weekdays, commas: [','], gaps: [' '] });
const every = hoursOf({
  dates: [fc.oneof(months, monthDays)],
  days: fc.oneof(weekdays, fc.constant('PH')),
  commas: [',', ', ', ' , '],
  gaps: [' ', '  ', ': '],
});

describe('isOpen beside the opening_hours library', () => {
  const utc = createCalendar('UTC');

  /** The library reads the local time of the process: keep away from days on which its offset changes. */
  function localTwin(wall: number): Date | null {
    const at = new Date(wall);
    const local = (days: number) =>
      new Date(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate() + days, at.getUTCHours(), at.getUTCMinutes());
    return local(-2).getTimezoneOffset() === local(2).getTimezoneOffset() ? local(0) : null;
  }

  it('agrees on random hours at random minutes, borders included', () => {
    const wall = fc
      .tuple(fc.integer({ min: 0, max: 4 * 366 * 96 }), fc.integer({ min: -1, max: 1 }))
      .map(([quarter, minute]) => Date.UTC(2023, 0, 3) + (quarter * 15 + minute) * MINUTE);
    let open = 0;
    let closed = 0;
    fc.assert(
      fc.property(plain, fc.array(wall, { minLength: 8, maxLength: 8 }), (text, walls) => {
        const hours = parseHours(text);
        const reference = new OpeningHours(text);
        for (const at of walls) {
          const twin = localTwin(at);
          if (!twin) continue;
          const expected = reference.getState(twin);
          if (expected) open++;
          else closed++;
          expect(`${new Date(at).toISOString()} ${isOpen(hours, new Date(at), utc)}`).toBe(
            `${new Date(at).toISOString()} ${expected}`,
          );
        }
      }),
      { numRuns: 800, seed: 20261 },
    );
    expect(Math.min(open, closed)).toBeGreaterThan(1000);
  });

  it('agrees on whole weeks of typical hours', () => {
    const texts = [
      'Mo-Fr 08:00-12:00,14:00-18:00; Sa 09:00-12:00',
      'Mo-Fr 20:00-08:00, Sa-Su 18:00-09:00',
      'Mo-Fr 20:00-32:00; We off',
      '24/7; Sa-Mo off',
      'Apr-Sep Mo-Fr 07:00-19:00; Oct-Mar Mo-Fr 08:00-18:00; Dec 24-Jan 02 off',
      'Su-Tu 11:00-01:00, We-Th 11:00-03:00, Fr 11:00-06:00, Sa 11:00-07:00',
    ];
    for (const text of texts) {
      const hours = parseHours(text);
      const reference = new OpeningHours(text);
      for (let at = Date.UTC(2025, 11, 20); at < Date.UTC(2026, 0, 10); at += 15 * MINUTE) {
        const twin = localTwin(at);
        if (twin) expect([text, at, isOpen(hours, new Date(at), utc)]).toEqual([text, at, reference.getState(twin)]);
      }
    }
  });
});

describe('HOURS_PATTERN', () => {
  const pattern = new RegExp(HOURS_PATTERN);
  // The faults that the pattern may leave to the parser.
  const loose = /is not a day of|a rule without times cannot end in/;

  const faultOf = (text: string): string | null => {
    try {
      parseHours(text);
      return null;
    } catch (error) {
      expect(error).toBeInstanceOf(HoursError);
      return (error as HoursError).message;
    }
  };

  const check = (text: string): void => {
    const fault = faultOf(text);
    if (fault === null) expect(text).toMatch(pattern);
    else if (!loose.test(fault)) expect(text).not.toMatch(pattern);
  };

  it('accepts what the grammar makes, and so does the parser', () => {
    fc.assert(
      fc.property(every, (text) => {
        expect(faultOf(text)).toBeNull();
        expect(text).toMatch(pattern);
      }),
      { numRuns: 3000, seed: 20262 },
    );
  });

  it('agrees with the parser on texts with one or two characters changed', () => {
    const signs = [...'0123456789:-,;+/ MoTuPHf', '，', '\n', 'off', 'Jan', '24/7', ''];
    const change = fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.constantFrom(...signs), fc.boolean());
    fc.assert(
      fc.property(every, fc.array(change, { minLength: 1, maxLength: 2 }), (text, changes) => {
        let changed = text;
        for (const [place, sign, replace] of changes) {
          const index = Math.floor(place * changed.length);
          changed = changed.slice(0, index) + sign + changed.slice(index + (replace ? 1 : 0));
        }
        if (changed.trim() !== '') check(changed);
      }),
      { numRuns: 5000, seed: 20263 },
    );
  });

  it('agrees with the parser on words in any order', () => {
    const words = ['Mo', 'Mo-Fr', 'PH', 'Jan', 'Jan 05', 'Apr-Sep', '08:00-12:00', 'off', '24/7', ',', ';', ', ', ' '];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 7 }), (parts) => {
        const text = parts.join('');
        if (text.trim() !== '') check(text);
      }),
      { numRuns: 5000, seed: 20264 },
    );
  });

  it('can stand in a CHECK constraint', () => {
    expect(HOURS_PATTERN).not.toMatch(/['\\]|\(\?/);
    expect('Mo off\n').not.toMatch(pattern);
    // A pattern that backtracks would not end here.
    expect(`${'Mo,'.repeat(160)}x`).not.toMatch(pattern);
  });
});
