import { MODIFIERS, MONTHS, WEEKDAYS } from './hours.words.ts';

/** A text that is not hours of the subset: the message names the fault, its position and the cure. */
export class HoursError extends Error {
  override name = 'HoursError';
  /** Position of the fault in the text, from 1. */
  readonly position: number;

  constructor(text: string, index: number, fault: string) {
    super(`Hours "${text}", position ${index + 1}: ${fault}.`);
    this.position = index + 1;
  }
}

const WORDS = [...WEEKDAYS, ...MONTHS, 'PH', ...MODIFIERS];

/** What OpenStreetMap or a keyboard offers beyond the subset, and what to write instead. The first that matches counts. */
const CURES: readonly [RegExp, (found: string) => string][] = [
  [/^ +$|^[\t\r\n]+/, () => 'remove the blanks here'],
  [/^[：；，－—–～~、]+/, (found) => `"${found}" is not an ASCII sign; write ":", ";", "," or "-"`],
  [/^\d(?!\d)(:\d\d)?/, (found) => `"${found}" needs two digits; write "0${found}"`],
  [/^\d{4}(?!\d)/, () => 'years are not supported; use valid_from and valid_to'],
  [/^\d\d(?![:\d])/, (found) => `"${found}" is not a time; write hours and minutes, as in 08:00`],
  [/^([01]\d|2[0-3]):[0-5]\d/, () => 'times stand behind the days and a space, as in Mo-Fr 08:00-18:00'],
  [/^\d\d:\d\d/, (found) => `"${found}" cannot stand here; a span starts at 00:00 to 23:59 and ends by 48:00`],
  [/^-/, () => '"-" joins two weekdays, two months, two dates or two times, without spaces'],
  [/^\+/, () => 'open-ended hours are not supported; write the end, as in 18:00-22:00'],
  [/^(sunrise|sunset|dawn|dusk|\()/i, () => 'times of the sun are not supported; write clock times'],
  [/^week\b/i, () => 'week numbers are not supported; write dates, as in Oct 01-07'],
  [/^(SH\b|easter)/i, (found) => `"${found}" is not supported; write dates, or PH for public holidays`],
  [/^\[/, () => 'the n-th weekday of a month is not supported; write dates'],
  [/^"/, () => 'comments are not supported; leave them out'],
  [/^\|\|/, () => 'fallback rules are not supported; use ";" or ","'],
  [/^unknown\b/i, () => '"unknown" is not supported; write "open" or "off"'],
  [new RegExp(`^(${WORDS.join('|')})(?![a-z])`, 'i'), cureOfWord],
];

function cureOfWord(found: string): string {
  const word = WORDS.find((w) => w.toLowerCase() === found.toLowerCase())!;
  if (word !== found) return `"${found}" is written "${word}"`;
  return `"${found}" cannot stand here; the order is dates, days, times, "off", with a space between`;
}

/**
 * The error of a text that does not go on as it should.
 *
 * @param index where it stops
 * @param expected what could stand there, for a fault that no cure is known for
 */
export function faultAt(text: string, index: number, expected: string): HoursError {
  const blanks = /^ *(?! *$)/.exec(text.slice(index))?.[0].length ?? 0;
  if (index === 0 && blanks > 0) return new HoursError(text, 0, 'remove the blanks here');
  const rest = text.slice(index + blanks);
  for (const [pattern, cure] of CURES) {
    const found = pattern.exec(rest)?.[0];
    if (found !== undefined) return new HoursError(text, index + blanks, cure(found));
  }
  const found = rest === '' ? 'the text ends' : `"${/^.[^ ,;]*/u.exec(rest)?.[0] ?? rest}" is not understood`;
  return new HoursError(text, index + blanks, `${found}; write ${expected}`);
}
