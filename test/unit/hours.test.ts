import { describe, expect, it } from 'vitest';
import {
  createCalendar,
  HORIZON_DAYS,
  HoursError,
  isOpen,
  nextChange,
  openIntervals,
  parseHours,
} from '../../src/workers/hours.ts';
import { createZone } from '../../src/workers/zone.ts';

const MINUTE = 60_000;

// The week of National Day 2025 in Shanghai: Wednesday Oct 1 to Wednesday Oct 8, made up on Sunday Sep 28 and Saturday Oct 11.
const holidays = new Map([
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((day) => [`2025-10-0${day}`, false] as const),
  ...['2025-09-28', '2025-10-11', '2025-10-14'].map((date) => [date, true] as const),
]);
const shanghai = createCalendar('Asia/Shanghai', new Map([...holidays].map(([date, working]) => [date, { working }])));

const local = (text: string) => new Date(`${text.replace(' ', 'T')}:00+08:00`);
const inShanghai = (date: Date) =>
  new Date(date.getTime() + 8 * 60 * MINUTE).toISOString().slice(0, 16).replace('T', ' ');

describe('isOpen', () => {
  // 2025-11-03 is a Monday without holidays around it.
  it.each<[string, string, boolean]>([
    ['', '2025-11-03 03:00', true],
    ['24/7', '2025-11-03 03:00', true],
    ['off', '2025-11-03 03:00', false],
    ['Mo-Fr 08:00-18:00', '2025-11-03 07:59', false],
    ['Mo-Fr 08:00-18:00', '2025-11-03 08:00', true],
    ['Mo-Fr 08:00-18:00', '2025-11-03 17:59', true],
    ['Mo-Fr 08:00-18:00', '2025-11-03 18:00', false],
    ['Mo-Fr 08:00-18:00', '2025-11-08 12:00', false],
    ['Mo-Fr: 08:00-18:00', '2025-11-03 12:00', true],
    ['Mo-Fr 08:00-12:00,14:00-18:00', '2025-11-03 13:00', false],
    ['Mo-Fr 08:00-12:00, 14:00-18:00', '2025-11-03 14:00', true],
    ['Sa-Mo 08:00-12:00', '2025-11-03 09:00', true],
    ['Sa-Mo 08:00-12:00', '2025-11-04 09:00', false],
    // Later rules replace the days that they match.
    ['Mo-Fr 08:00-18:00; Mo 10:00-12:00', '2025-11-03 09:00', false],
    ['Mo-Fr 08:00-18:00, Mo 20:00-21:00', '2025-11-03 09:00', true],
    ['Mo-Fr 08:00-18:00, Mo 20:00-21:00', '2025-11-03 20:30', true],
    ['Mo-Fr 08:00-18:00; Mo 10:00-12:00 off', '2025-11-03 09:00', true],
    ['Mo-Fr 08:00-18:00; Mo 10:00-12:00 off', '2025-11-03 11:00', false],
    ['24/7; Sa,Su off', '2025-11-08 00:00', false],
    ['24/7; Sa,Su off', '2025-11-10 00:00', true],
    ['Mo 10:00-12:00; 14:00-15:00', '2025-11-03 11:00', false],
    // Over midnight.
    ['Mo 20:00-08:00', '2025-11-03 07:00', false],
    ['Mo 20:00-08:00', '2025-11-04 07:59', true],
    ['Mo 20:00-08:00', '2025-11-04 08:00', false],
    ['Su 20:00-32:00', '2025-11-03 07:59', true],
    ['Su 20:00-48:00', '2025-11-03 23:59', true],
    ['Su 20:00-48:00', '2025-11-04 00:00', false],
    ['Mo 08:00-08:00', '2025-11-04 07:59', true],
    ['20:00-08:00; Mo off', '2025-11-03 07:00', false],
    ['20:00-08:00; Mo off', '2025-11-04 07:00', true],
    ['Mo 20:00-08:00, Tu 07:00-09:00', '2025-11-04 08:30', true],
    // Months and dates.
    ['Apr-Sep 08:00-18:00', '2025-09-30 12:00', true],
    ['Apr-Sep 08:00-18:00', '2025-11-03 12:00', false],
    ['Nov-Feb Mo 08:00-18:00', '2025-11-03 12:00', true],
    ['Nov-Feb Tu 08:00-18:00', '2025-11-03 12:00', false],
    ['24/7; Nov 03 off', '2025-11-03 23:59', false],
    ['24/7; Nov 03-05 off', '2025-11-05 12:00', false],
    ['24/7; Nov 03-05 off', '2025-11-06 00:00', true],
    ['24/7; Oct 30-Nov 02,Nov 04 off', '2025-11-03 12:00', true],
    ['Dec 24-Jan 02 10:00-12:00', '2026-01-02 11:00', true],
    ['Dec 24-Jan 02 10:00-12:00', '2026-01-03 11:00', false],
    ['Dec 31 22:00-02:00', '2026-01-01 01:00', true],
    ['Feb 29 10:00-12:00', '2028-02-29 11:00', true],
    ['Feb 29 10:00-12:00', '2027-03-01 11:00', false],
    // Public holidays: Thursday Oct 2.
    ['Mo-Fr 08:00-18:00', '2025-10-02 12:00', true],
    ['Mo-Fr 08:00-18:00; PH off', '2025-10-02 12:00', false],
    ['Mo-Fr 08:00-18:00; PH off', '2025-10-09 12:00', true],
    ['PH,Sa 09:00-12:00', '2025-10-02 10:00', true],
    ['PH,Sa 09:00-12:00', '2025-11-08 10:00', true],
    ['PH,Sa 09:00-12:00', '2025-11-03 10:00', false],
    ['Mo-Fr 20:00-08:00; PH off', '2025-10-01 07:00', false],
    ['PH 20:00-08:00', '2025-10-09 07:00', true],
    // Make-up working days: a Sunday as Monday, a Saturday as Friday, a Tuesday as itself.
    ['Mo-Fr 08:00-18:00; PH off', '2025-09-28 12:00', true],
    ['Mo 08:00-18:00', '2025-09-28 12:00', true],
    ['Su 08:00-18:00', '2025-09-28 12:00', false],
    ['Fr 08:00-18:00', '2025-10-11 12:00', true],
    ['Sa,Su 08:00-18:00', '2025-10-11 12:00', false],
    ['Tu 08:00-18:00', '2025-10-14 12:00', true],
    ['Fr 20:00-08:00', '2025-10-12 07:00', true],
  ])('%s at %s: %s', (text, at, open) => {
    expect(isOpen(parseHours(text), local(at), shanghai)).toBe(open);
  });

  it('reads the zone, not the time of the process', () => {
    const hours = parseHours('Mo 08:00-09:00');
    const at = new Date('2025-11-03T08:30:00Z');
    expect(isOpen(hours, at, createCalendar('UTC'))).toBe(true);
    expect(isOpen(hours, at, shanghai)).toBe(false);
  });
});

describe('nextChange', () => {
  it.each<[string, string, string | null, boolean?]>([
    ['', '2025-11-03 03:00', null],
    ['24/7', '2025-11-03 03:00', null],
    ['off', '2025-11-03 03:00', null],
    ['Mo-Su 00:00-24:00', '2025-11-03 03:00', null],
    ['Mo-Fr 08:00-18:00', '2025-11-03 07:00', '2025-11-03 08:00', true],
    ['Mo-Fr 08:00-18:00', '2025-11-03 08:00', '2025-11-03 18:00', false],
    ['Mo-Fr 08:00-18:00', '2025-11-07 18:00', '2025-11-10 08:00', true],
    ['Mo-Fr 20:00-08:00', '2025-11-03 21:00', '2025-11-04 08:00', false],
    ['Mo-Fr 00:00-24:00', '2025-11-03 12:00', '2025-11-08 00:00', false],
    ['24/7; PH off', '2025-09-20 12:00', '2025-10-01 00:00', false],
    ['24/7; PH off', '2025-10-01 00:00', '2025-10-09 00:00', true],
    ['Dec 25 10:00-12:00', '2025-12-25 12:00', '2026-12-25 10:00', true],
    ['Feb 29 10:00-12:00', '2025-11-03 12:00', null],
  ])('%s after %s: %s', (text, at, expected, open) => {
    const change = nextChange(parseHours(text), local(at), shanghai);
    expect(change && [inShanghai(change.at), change.open]).toEqual(expected && [expected, open]);
  });

  it('looks no further than it is told', () => {
    const hours = parseHours('Dec 25 10:00-12:00');
    expect(nextChange(hours, local('2025-12-01 12:00'), shanghai, 20)).toBeNull();
    expect(nextChange(hours, local('2025-12-01 12:00'), shanghai, 30)?.at).toEqual(local('2025-12-25 10:00'));
    expect(HORIZON_DAYS).toBeGreaterThan(366);
  });
});

it('openIntervals cuts at both ends and joins over midnight', () => {
  const intervals = openIntervals(
    parseHours('Mo 20:00-08:00, Tu 08:00-09:00, We 10:00-12:00'),
    local('2025-11-03 22:00'),
    local('2025-11-05 11:00'),
    shanghai,
  );
  expect(intervals.map(({ from, to }) => `${inShanghai(from)}/${inShanghai(to)}`)).toEqual([
    '2025-11-03 22:00/2025-11-04 09:00',
    '2025-11-05 10:00/2025-11-05 11:00',
  ]);
  expect(openIntervals(parseHours('24/7'), local('2025-11-03 22:00'), local('2025-11-03 22:00'), shanghai)).toEqual([]);
});

describe('where clocks change', () => {
  const clock = (timeZone: string) => {
    const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
    return (at: number) => format.format(at);
  };

  // A day with a change in each zone; Shanghai had summer time until 1991; Apia skipped 2011-12-30.
  const changes: [string, string][] = [
    ['America/New_York', '2025-03-09'],
    ['America/New_York', '2025-11-02'],
    ['Europe/Berlin', '2025-03-30'],
    ['Europe/Berlin', '2025-10-26'],
    ['Australia/Lord_Howe', '2025-04-05'],
    ['America/Havana', '2025-11-02'],
    ['America/Sao_Paulo', '2018-02-17'],
    ['Asia/Shanghai', '1991-04-14'],
    ['Asia/Shanghai', '1991-09-15'],
    ['Asia/Shanghai', '2025-11-02'],
    ['Pacific/Apia', '2011-12-30'],
  ];

  it.each(changes)('%s %s: minute by minute, the clock never running backwards', (timeZone, date) => {
    const calendar = createCalendar(timeZone);
    const read = clock(timeZone);
    const spans = ['00:15-00:45', '01:30-02:30', '02:00-03:00', '02:15-02:30', '20:00-01:30', '23:00-24:00'];
    const start = Date.parse(`${date}T00:00:00Z`) - 1440 * MINUTE;
    const open = spans.map(() => new Map<number, boolean>());
    let reached = '';
    for (let at = start; at < start + 3 * 1440 * MINUTE; at += MINUTE) {
      const reading = read(at);
      if (reading > reached) reached = reading;
      const time = reached.slice(11, 16);
      for (const [i, span] of spans.entries()) {
        const [from, to] = span.split('-') as [string, string];
        open[i]!.set(at, from < to ? from <= time && time < to : time >= from || time < to);
      }
    }
    for (const [i, span] of spans.entries()) {
      const hours = parseHours(span);
      const wrong = [...open[i]!].filter(([at, expected]) => isOpen(hours, new Date(at), calendar) !== expected);
      expect(wrong.map(([at]) => `${span} at ${read(at)}`)).toEqual([]);
      const times = [...open[i]!.keys()];
      for (const at of times.slice(0, 2 * 1440).filter((_, n) => n % 7 === 0)) {
        const next = times.find((time) => time > at && open[i]!.get(time) !== open[i]!.get(at));
        if (next !== undefined) expect(nextChange(hours, new Date(at), calendar)?.at.getTime()).toBe(next);
      }
    }
  });

  it('shifts that meet at a repeated or skipped time neither overlap nor leave a gap', () => {
    const calendar = createCalendar('Europe/Berlin');
    const shifts = ['22:00-02:30', '02:30-22:00'].map(parseHours);
    for (const date of ['2025-03-29T20:00:00Z', '2025-10-25T20:00:00Z']) {
      for (let at = Date.parse(date), i = 0; i < 600; i++, at += MINUTE) {
        expect(shifts.filter((hours) => isOpen(hours, new Date(at), calendar))).toHaveLength(1);
      }
    }
  });

  it('keeps offsets before standard time to the second', () => {
    const zone = createZone('Asia/Shanghai');
    const noon = Date.parse('1900-06-01T12:00:00Z');
    expect(zone.instantOf(noon)).toBe(noon - ((8 * 60 + 5) * 60 + 43) * 1000);
    expect(zone.wallTime(zone.instantOf(noon))).toBe(noon);
  });
});

describe('what is refused', () => {
  it.each<[string, number, RegExp]>([
    ['Mo-Fr 8:00-12:00', 7, /write "08:00"/],
    ['Mo 08-12', 4, /hours and minutes/],
    ['18:00+', 6, /open-ended .* write the end/],
    ['18:00-22:00+', 12, /open-ended/],
    ['Mo-Fr 08:00–12:00', 12, /"–" is not an ASCII sign/],
    ['Mo-Fr 08:00-12:00，14:00-18:00', 18, /"，" is not an ASCII sign/],
    ['mo 08:00-12:00', 1, /"mo" is written "Mo"/],
    ['Mo,tu 08:00-12:00', 4, /"tu" is written "Tu"/],
    ['Mo 08:00-12:00;', 15, /remove the sign/],
    ['Mo 08:00-12:00, ', 15, /remove the sign/],
    [' Mo off', 1, /remove the blanks/],
    ['Mo off ', 7, /remove the blanks/],
    ['Mo 10:00 - 12:00', 10, /without spaces/],
    ['Mo08:00-12:00', 3, /a space/],
    ['Mo 24:00-26:00', 4, /starts at 00:00 to 23:59/],
    ['Mo 10:00-48:30', 10, /ends by 48:00/],
    ['Feb 30 off', 5, /"30" is not a day of Feb; write 01 to 29/],
    ['Nov 00 off', 5, /"00" is not a day of Nov/],
    ['Jan 5 off', 5, /write "05"/],
    ['2026 Jan 01 off', 1, /valid_from and valid_to/],
    ['week 1-10 Mo off', 1, /week numbers/],
    ['SH off', 1, /"SH" is not supported/],
    ['Mo[1] off', 3, /n-th weekday/],
    ['sunrise-sunset', 1, /clock times/],
    ['Mo 10:00-12:00 "by phone"', 16, /comments/],
    ['Mo 10:00-12:00 || off', 16, /fallback/],
    ['Mo unknown', 4, /"open" or "off"/],
    ['Jan, Mo 10:00-12:00', 4, /rule without times/],
    ['off Mo', 5, /the order is/],
    ['周一 08:00-18:00', 1, /"周一" is not understood; write a rule such as/],
    ['Mo 08:00', 9, /the text ends/],
  ])('%s', (text, position, message) => {
    let error: unknown;
    try {
      parseHours(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(HoursError);
    expect(error).toMatchObject({ position, message: expect.stringMatching(message) });
  });

  it('a zone or a date that does not exist', () => {
    expect(() => createCalendar('Asia/Peking')).toThrow(/IANA name/);
    expect(() => createCalendar('UTC', new Map([['2025-02-30', { working: false }]]))).toThrow(/YYYY-MM-DD/);
    expect(() => createCalendar('UTC', new Map([['2025-2-3', { working: false }]]))).toThrow(/YYYY-MM-DD/);
  });
});
