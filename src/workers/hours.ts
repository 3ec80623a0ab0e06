import type { Calendar } from './calendar.ts';
import type { Hours, Rule } from './hours.syntax.ts';

export { type Calendar, createCalendar, type Holiday } from './calendar.ts';
export { HoursError } from './hours.fault.ts';
export { HOURS_PATTERN, type Hours, parseHours } from './hours.syntax.ts';

const MINUTE = 60_000;
const DAY_MINUTES = 1440;
const DAY = DAY_MINUTES * MINUTE;

/** How many days ahead a change is looked for: hours that are bound to dates repeat within a year. */
export const HORIZON_DAYS = 400;

/** Half-open period [from, to). */
export interface Interval {
  from: Date;
  to: Date;
}

/**
 * Whether the hours are open at an instant, in about 0.2 µs.
 *
 * As in OpenStreetMap each rule of `;` replaces what the rules before it say of the calendar days that it matches,
 * early hours that reach over from the day before included; `off` closes, with times only those; a rule behind `,`
 * adds. Hours over midnight belong to the day on which they start. So `20:00-08:00; Mo off` is closed on Monday from
 * 00:00 to 24:00 and open on Tuesday from 00:00: for a night off write `Tu-Su 20:00-08:00`. One difference from the
 * opening_hours library, after the specification: a rule without days, as in `Mo 10:00-12:00; 14:00-15:00`, is for
 * every day and replaces Monday's too.
 */
export function isOpen(hours: Hours, at: Date, calendar: Calendar): boolean {
  if (hours.constant !== null) return hours.constant;
  const wall = calendar.wallTime(at.getTime());
  const day = Math.floor(wall / DAY);
  return isOpenAt(hours, day, Math.floor((wall - day * DAY) / MINUTE), calendar);
}

/**
 * The next moment after an instant at which the hours open or close; null when that does not happen within `days`.
 *
 * Hours that go on over midnight do not change there.
 */
export function nextChange(
  hours: Hours,
  at: Date,
  calendar: Calendar,
  days = HORIZON_DAYS,
): { at: Date; open: boolean } | null {
  if (hours.constant !== null) return null;
  const wall = calendar.wallTime(at.getTime());
  const first = Math.floor(wall / DAY);
  const open = isOpen(hours, at, calendar);
  for (let day = first; day <= first + days; day++) {
    for (const minute of hours.cuts) {
      const next = day * DAY + minute * MINUTE;
      if (next <= wall || isOpenAt(hours, day, minute, calendar) === open) continue;
      const change = new Date(calendar.instantOf(next));
      // A span inside an hour that the clock skips has no length.
      if (isOpen(hours, change, calendar) !== open) return { at: change, open: !open };
    }
  }
  return null;
}

/** The open periods between two instants, ascending, cut at both ends; hours over midnight are one period. */
export function openIntervals(hours: Hours, from: Date, to: Date, calendar: Calendar): Interval[] {
  const intervals: Interval[] = [];
  let start = from;
  let open = isOpen(hours, from, calendar);
  while (start < to) {
    const days = Math.ceil((to.getTime() - start.getTime()) / DAY) + 1;
    const change = nextChange(hours, start, calendar, days);
    const end = change && change.at < to ? change.at : to;
    if (open) intervals.push({ from: start, to: end });
    start = end;
    open = !open;
  }
  return intervals;
}

function isOpenAt(hours: Hours, day: number, minute: number, calendar: Calendar): boolean {
  const today = calendar.dayKinds(day);
  const yesterday = calendar.dayKinds(day - 1);
  let open = false;
  for (const rule of hours.rules) {
    if (matches(rule, today, day)) {
      if (rule.open && !rule.additional) open = false;
      if (covers(rule.spans, minute)) open = rule.open;
    }
    if (rule.overnight && matches(rule, yesterday, day - 1) && covers(rule.spans, minute + DAY_MINUTES)) {
      open = rule.open;
    }
  }
  return open;
}

function covers(spans: readonly number[], minute: number): boolean {
  for (let i = 0; i < spans.length; i += 2) if (spans[i]! <= minute && minute < spans[i + 1]!) return true;
  return false;
}

function matches(rule: Rule, kinds: number, day: number): boolean {
  return (rule.days & kinds) !== 0 && (rule.dates === null || inDates(rule.dates, day));
}

function inDates(dates: readonly number[], day: number): boolean {
  const date = new Date(day * DAY);
  const number = 100 * (date.getUTCMonth() + 1) + date.getUTCDate();
  for (let i = 0; i < dates.length; i += 2) {
    const [first, last] = [dates[i]!, dates[i + 1]!];
    if (first <= last ? first <= number && number <= last : number >= first || number <= last) return true;
  }
  return false;
}
