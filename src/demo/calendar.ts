import type { HolidaySettings } from './settings.ts';

/** The demo lives in Asia/Shanghai, which has kept UTC+8 without summer time since 1991. */
const OFFSET_MS = 8 * 3_600_000;
export const DAY_MS = 86_400_000;
export const DAYS = 365;

export interface Holiday {
  date: string;
  name: string;
  working: boolean;
}

/** Midnight in Shanghai at or before a moment, in ms since the epoch. */
export function startOfDay(at: number): number {
  return Math.floor((at + OFFSET_MS) / DAY_MS) * DAY_MS - OFFSET_MS;
}

/** A moment as RFC 3339 with the offset of Shanghai, whole seconds: `2026-01-31T08:00:00+08:00`. */
export function timestamp(at: number): string {
  return `${new Date(at + OFFSET_MS).toISOString().slice(0, 19)}+08:00`;
}

/** The day of a moment in Shanghai: `2026-01-31`. */
export function localDate(at: number): string {
  return new Date(at + OFFSET_MS).toISOString().slice(0, 10);
}

/** Weekday (0 = Sunday) and month (0 = January) of a moment in Shanghai. */
export function weekdayAndMonth(at: number): [number, number] {
  const local = new Date(at + OFFSET_MS);
  return [local.getUTCDay(), local.getUTCMonth()];
}

/** Public holidays and make-up working days of the years from `first` to `last`, in order of date. */
export function holidaysOf(settings: HolidaySettings, first: number, last: number): Holiday[] {
  const holidays: Holiday[] = [];
  for (let year = first; year <= last; year++) {
    const known = settings.years[String(year)];
    const spans =
      known?.off ?? settings.otherYears.map((s) => ({ ...s, from: `${year}-${s.from}`, to: `${year}-${s.to}` }));
    for (const { name, from, to } of spans) {
      for (let day = Date.parse(from); day <= Date.parse(to); day += DAY_MS) {
        holidays.push({ date: new Date(day).toISOString().slice(0, 10), name, working: false });
      }
    }
    for (const date of known?.working ?? []) holidays.push({ date, name: '调休上班', working: true });
  }
  return holidays.sort((a, b) => (a.date < b.date ? -1 : 1));
}
