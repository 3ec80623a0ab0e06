import { type Hours, PUBLIC_HOLIDAY, parseHours } from './hours.syntax.ts';
import { createZone, type Zone } from './zone.ts';

const DAY = 86_400_000;

/** Forgets the texts it has read at this many different ones (about 1 KB each). */
const MAX_TEXTS = 20_000;

/** What a holiday row says of its date. */
export interface Holiday {
  /** False: a public holiday. True: a make-up working day. */
  working: boolean;
}

/**
 * What turns an instant into a day and a time of duty: a time zone and its holidays. It never changes in meaning;
 * create another one when the holidays change. Local days are numbered from 1970-01-01.
 */
export interface Calendar extends Zone {
  /** The holiday row of a date `YYYY-MM-DD`. */
  holiday(date: string): Holiday | undefined;
  /**
   * The kinds of a local day as bits: Monday to Sunday are the bits 0 to 6, a public holiday adds bit 7 to its weekday.
   *
   * OpenStreetMap has no make-up working days. Here such a day on a weekend counts as the working day beside it, and
   * not as the weekend day: Saturday as Friday, Sunday as Monday. On another day it changes nothing.
   */
  dayKinds(day: number): number;
  /** The hours of a text, parsed once; see `parseHours`. */
  hoursOf(text: string | null): Hours;
}

/**
 * @param zone IANA name of the zone in which hours are written, or a zone whose cache is to be shared
 * @param holidays rows by date `YYYY-MM-DD`
 * @throws RangeError on an unknown zone or a date that does not exist
 */
export function createCalendar(zone: string | Zone, holidays: ReadonlyMap<string, Holiday> = new Map()): Calendar {
  const working = new Map<number, boolean>();
  for (const [date, holiday] of holidays) working.set(dayOfDate(date), holiday.working);
  const texts = new Map<string, Hours>();
  return {
    ...(typeof zone === 'string' ? createZone(zone) : zone),
    holiday: (date) => holidays.get(date),
    dayKinds(day) {
      // 1970-01-01 was a Thursday.
      const weekday = (((day + 3) % 7) + 7) % 7;
      const isWorking = working.get(day);
      if (isWorking === undefined) return 1 << weekday;
      if (!isWorking) return (1 << weekday) | PUBLIC_HOLIDAY;
      return 1 << (weekday === SATURDAY ? FRIDAY : weekday === SUNDAY ? MONDAY : weekday);
    },
    hoursOf(text) {
      const key = text ?? '';
      let hours = texts.get(key);
      if (!hours) {
        if (texts.size >= MAX_TEXTS) texts.clear();
        hours = parseHours(key);
        texts.set(key, hours);
      }
      return hours;
    },
  };
}

const [MONDAY, FRIDAY, SATURDAY, SUNDAY] = [0, 4, 5, 6];

function dayOfDate(date: string): number {
  const ms = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  // Date.parse takes February 30 for March 2.
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== date) {
    throw new RangeError(`"${date}" is not a date of the calendar; write YYYY-MM-DD.`);
  }
  return ms / DAY;
}
