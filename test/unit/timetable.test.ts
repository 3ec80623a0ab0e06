import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCalendar, HORIZON_DAYS, isOpen, nextChange } from '../../src/workers/hours.ts';
import { Timetable } from '../../src/workers/timetable.ts';

const DAY = 86_400_000;
const START = Date.UTC(2025, 2, 1);

const HOURS = [
  null,
  'Mo-Fr 08:00-12:00,14:00-18:00; PH off',
  'Mo-Su 20:00-08:00',
  'Oct 01-Oct 03 10:15-10:45',
  'Feb 29 08:00-09:00',
  'Mo-Fr 00:00-24:00; Sa-Su 00:00-24:00',
  '02:30-03:30',
  'off',
];
const moment = fc.noBias(fc.integer({ min: START, max: START + 500 * DAY }));
const question = fc.record({ hours: fc.constantFrom(...HOURS), at: moment });

test.each(['Asia/Shanghai', 'Europe/Berlin'])(
  '%s: the spells are those of the hours, whatever was asked before',
  (zone) => {
    const calendar = createCalendar(zone, new Map([['2025-10-01', { working: false }]]));
    const property = fc.property(fc.array(question, { minLength: 1, maxLength: 150 }), (questions) => {
      const timetable = new Timetable(calendar);
      for (const { hours, at } of questions) {
        const spell = timetable.at(hours, at);
        expect(spell.open).toBe(isOpen(calendar.hoursOf(hours), new Date(at), calendar));
        const change = nextChange(calendar.hoursOf(hours), new Date(at), calendar)?.at.getTime() ?? Infinity;
        const isInSight = spell.to <= at + HORIZON_DAYS * DAY;
        if (isInSight || change <= at + HORIZON_DAYS * DAY) expect(spell.to).toBe(change);
      }
    });
    fc.assert(property, { numRuns: 60 });
  },
);

test('hours that mean nothing are told', () => {
  const timetable = new Timetable(createCalendar('Asia/Shanghai'));
  expect(['08:00-18:00', null, 'Feb 30 08:00-18:00', '8-18'].map((hours) => timetable.has(hours))).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(() => timetable.at('8-18', START)).toThrow(/Hours "8-18", position 1/);
});
