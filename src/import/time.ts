import type { Zone } from '../workers/zone.ts';

/** Local date and time: year, month (1–12), day, hour (0–23), minute, second. */
export type WallTime = readonly [number, number, number, number, number, number];

/**
 * Local time as RFC 3339 with the zone's offset at that moment. A time that occurs twice, where clocks go back, means
 * the first of the two.
 *
 * @returns null when there is no such date, or the zone's clocks skip that time
 */
export function toRfc3339(time: WallTime, zone: Zone): string | null {
  const wall = utcOf(time);
  if (wall === null) return null;
  const instant = zone.instantOf(wall);
  if (zone.wallTime(instant) !== wall) return null;
  // RFC 3339 has no seconds in offsets; zones had them before standard time.
  const offset = Math.round((wall - instant) / 60_000);
  const ahead = Math.abs(offset);
  const sign = offset < 0 ? '-' : '+';
  const local = new Date(instant + offset * 60_000).toISOString().slice(0, 19);
  return `${local}${sign}${pad(Math.floor(ahead / 60))}:${pad(ahead % 60)}`;
}

/** Milliseconds of a local time read as UTC; null: there is no such date or time. */
function utcOf([year, month, day, hour, minute, second]: WallTime): number | null {
  if (year < 1 || hour > 23 || minute > 59 || second > 59) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second, 0);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() : null;
}

function pad(n: number): string {
  return String(n).padStart(2, '0');
}

/** The groups of a match as numbers, absent ones 0. */
export function numbersOf(match: RegExpExecArray): number[] {
  return match.slice(1).map((digits) => Number(digits ?? 0));
}

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|[+-](\d\d):(\d\d))$/;

/** Whether text is an RFC 3339 date-time that exists. Leap seconds are not taken. */
export function isRfc3339(text: string): boolean {
  const match = RFC3339.exec(text);
  if (match === null) return false;
  const [year, month, day, hour, minute, second, ahead, minutes] = numbersOf(match) as [...WallTime, number, number];
  return utcOf([year, month, day, hour, minute, second]) !== null && ahead < 24 && minutes < 60;
}

/** Whether text is a calendar date `YYYY-MM-DD` that exists. */
export function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (match === null) return false;
  const [year, month, day] = numbersOf(match) as [number, number, number];
  return utcOf([year, month, day, 0, 0, 0]) !== null;
}

const LOCAL = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d))?)?$/;

/** Give `YYYY-MM-DD HH:MM[:SS]`, or a date alone (its midnight), the offset of a zone; other text stays as it is. */
export function withOffset(text: string, zone: Zone): string {
  const match = LOCAL.exec(text);
  if (match === null) return text;
  return toRfc3339(numbersOf(match) as [...WallTime], zone) ?? text;
}
