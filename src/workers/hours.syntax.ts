import { faultAt, HoursError } from './hours.fault.ts';
import { MODIFIERS, MONTHS, WEEKDAYS } from './hours.words.ts';

/*
 * Weekly hours in a subset of the OpenStreetMap opening_hours specification 0.7
 * (https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification):
 *
 *   hours    = group { ";" group }
 *   group    = rule { "," rule }                   a rule before a "," ends in spans, a modifier or is 24/7
 *   rule     = ( "24/7" | [ dates ] [ days ] [ spans ] ) [ modifier ]                not empty
 *   dates    = date { "," date }
 *   date     = month [ "-" month ] | month day [ "-" [ month ] day ]                 Apr-Sep, Oct 01-07, Dec 24-Jan 02
 *   days     = weekday [ "-" weekday ] | "PH", { "," … }                             Mo-Fr,Su  PH,Sa
 *   spans    = HH:MM "-" HH:MM { "," … }           starts before 24:00, ends up to 48:00; 20:00-08:00 is 20:00-32:00
 *   modifier = "open" | "off" | "closed"
 *
 * Parts are separated by spaces; a ":" may stand before the space in front of days or spans. Spaces around "," and ";"
 * are free. Every range wraps: Sa-Mo, Nov-Feb, Oct 07-01.
 */

/** The bit of a public holiday beside the bits 0 to 6 of Monday to Sunday. */
export const PUBLIC_HOLIDAY = 1 << 7;

const EVERY_DAY = PUBLIC_HOLIDAY - 1;
const DAY_MINUTES = 1440;

/** One rule. A day that has no weekday or date selector matches every day. */
export interface Rule {
  /** False for `off` and `closed`. */
  open: boolean;
  /** Written after a comma: adds to the rules before it instead of replacing them on the days that it matches. */
  additional: boolean;
  /** Bits of the kinds of day that it matches. */
  days: number;
  /** Pairs of first and last date as 100 × month + day; null: the whole year. */
  dates: readonly number[] | null;
  /** Pairs of start and end in minutes from the day's midnight, end exclusive and up to 2880. */
  spans: readonly number[];
  /** Whether a span reaches over midnight. */
  overnight: boolean;
}

/** Parsed hours; immutable. */
export interface Hours {
  readonly text: string;
  readonly rules: readonly Rule[];
  /** The minutes of a day, ascending from 0, at which it may open or close. */
  readonly cuts: readonly number[];
  /** Whether it is known without looking at the day: null when it depends on it. */
  readonly constant: boolean | null;
}

const MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const WEEKDAY = `(${WEEKDAYS.join('|')})`;
const MONTH = `(${MONTHS.join('|')})`;
const MONTH_DAY = '(0[1-9]|[12][0-9]|3[01])';
const START = '([01][0-9]|2[0-3]):[0-5][0-9]';
const END = '(([0-3][0-9]|4[0-7]):[0-5][0-9]|48:00)';
const MODIFIER = `(${MODIFIERS.join('|')})`;

/**
 * A POSIX regular expression of the subset for a CHECK constraint: `hours ~ '…'`. It accepts every text that
 * `parseHours` accepts, except the blank one, and takes every comma for the same: so it also accepts a day that its
 * month lacks, and some texts whose commas `parseHours` finds ambiguous. It has no backslash and no quote, and takes linear time.
 */
export const HOURS_PATTERN = (() => {
  const date = `${MONTH}( ${MONTH_DAY}(-(${MONTH} )?${MONTH_DAY})?|-${MONTH})?`;
  const day = `(${WEEKDAY}(-${WEEKDAY})?|PH)`;
  const span = `${START}-${END}`;
  const selectors = `(${date}(:? +${day})?|${day})`;
  const rule = `((24/7|${selectors}(:? +${span})?|${span})( +${MODIFIER})?|${MODIFIER})`;
  return `^${rule}( *[,;] *${rule})*$`;
})();

/**
 * Parse weekly hours; null, undefined and blank texts mean always.
 *
 * @throws HoursError naming the fault, its position and the cure
 */
export function parseHours(text: string | null | undefined): Hours {
  const source = text?.trim() ? text : '24/7';
  const rules = parseRules(source);
  const cuts = new Set([0]);
  for (const rule of rules) for (const minute of rule.spans) cuts.add(minute % DAY_MINUTES);
  return { text: source, rules, cuts: [...cuts].sort((a, b) => a - b), constant: constantOf(rules) };
}

function constantOf(rules: readonly Rule[]): boolean | null {
  const last = rules.at(-1)!;
  const wholeDay = last.spans.length === 2 && last.spans[0] === 0 && last.spans[1]! >= DAY_MINUTES;
  return wholeDay && last.days === EVERY_DAY && last.dates === null ? last.open : null;
}

/** The text and how far it has been read. */
class Reader {
  readonly text: string;
  index = 0;

  constructor(text: string) {
    this.text = text;
  }

  get ended(): boolean {
    return this.index === this.text.length;
  }

  /** Step over what an expression, which starts with `^`, matches here; null when it does not match. */
  take(expression: RegExp): RegExpExecArray | null {
    const match = expression.exec(this.text.slice(this.index));
    if (match) this.index += match[0].length;
    return match;
  }

  need(expression: RegExp, expected: string): RegExpExecArray {
    const match = this.take(expression);
    if (!match) throw faultAt(this.text, this.index, expected);
    return match;
  }
}

const AT_MONTH = new RegExp(`^(?=${MONTH})`);
const NEXT_MONTH = new RegExp(`^ *, *(?=${MONTH})`);
const MONTH_WORD = new RegExp(`^${MONTH}`);
const TO_MONTH = new RegExp(`^-${MONTH}`);
const DAY_OF_MONTH = /^ (\d{1,2})(?!:?\d)/;
const TO_DAY_OF_MONTH = new RegExp(`^-(?:${MONTH} )?(\\d{1,2})(?!:?\\d)`);
const DAY_WORD = `(?:${WEEKDAY}|PH)`;
const AT_DAY = new RegExp(`^(?=${DAY_WORD})`);
const AFTER_GAP_DAY = new RegExp(`^:? +(?=${DAY_WORD})`);
const NEXT_DAY = new RegExp(`^ *, *(?=${DAY_WORD})`);
const DAY_RANGE = new RegExp(`^(?:${WEEKDAY}(?:-${WEEKDAY})?|PH)`);
const SPAN_START = new RegExp(`^(${START})`);
const SPAN_END = new RegExp(`^(${END})`);
const AT_MODIFIER = new RegExp(`^${MODIFIER}`);
const AFTER_GAP_MODIFIER = new RegExp(`^ +${MODIFIER}`);

function parseRules(text: string): Rule[] {
  const reader = new Reader(text);
  const rules: Rule[] = [];
  for (let additional = false; ; ) {
    const { rule, bounded } = parseRule(reader, additional);
    rules.push(rule);
    if (reader.ended) return rules;
    const index = reader.index;
    additional = reader.need(/^ *([;,]) */, '";" or "," before the next rule')[1] === ',';
    if (reader.ended) throw new HoursError(text, index, 'a rule is missing behind the last sign; remove the sign');
    if (additional && !bounded) throw commaFault(text, index, reader.index);
  }
}

/** A list that turns into another rule: which part do the times behind it belong to? */
function commaFault(text: string, comma: number, next: number): HoursError {
  const known = faultAt(text, next, '');
  if (/ is written | ASCII | not supported/.test(known.message)) return known;
  return new HoursError(text, comma, 'a rule without times cannot end in ","; write its times, or ";" instead');
}

/** `bounded`: it ends in times, a modifier or 24/7, so that a comma behind it starts another rule. */
function parseRule(reader: Reader, additional: boolean): { rule: Rule; bounded: boolean } {
  const always = reader.take(/^24\/7/) !== null;
  const dates = !always && reader.take(AT_MONTH) ? parseDates(reader) : null;
  const days = !always && reader.take(dates ? AFTER_GAP_DAY : AT_DAY) ? parseDays(reader) : null;
  const selected = dates !== null || days !== null;
  const spans = !always && reader.take(selected ? /^:? +(?=\d)/ : /^(?=\d)/) ? parseSpans(reader) : null;
  const modifiable = always || selected || spans !== null;
  const modifier = modifiable
    ? reader.take(AFTER_GAP_MODIFIER)
    : reader.need(AT_MODIFIER, 'a rule such as Mo-Fr 08:00-18:00 or PH off');
  const overnight = spans?.some((minute) => minute > DAY_MINUTES) ?? false;
  const open = modifier === null || modifier[1] === 'open';
  return {
    rule: { open, additional, days: days ?? EVERY_DAY, dates, spans: spans ?? [0, DAY_MINUTES], overnight },
    bounded: always || spans !== null || modifier !== null,
  };
}

function parseDates(reader: Reader): number[] {
  const dates: number[] = [];
  do {
    const from = MONTHS.indexOf(reader.need(MONTH_WORD, 'a month, as in Jan')[1]!);
    const day = reader.take(DAY_OF_MONTH);
    if (day) {
      const first = dateOf(reader, from, day[1]!);
      const end = reader.take(TO_DAY_OF_MONTH);
      dates.push(first, end ? dateOf(reader, end[1] ? MONTHS.indexOf(end[1]) : from, end[2]!) : first);
    } else {
      const to = reader.take(TO_MONTH);
      dates.push(dateNumber(from, 1), dateNumber(to ? MONTHS.indexOf(to[1]!) : from, 31));
    }
  } while (reader.take(NEXT_MONTH));
  return dates;
}

const dateNumber = (month: number, day: number) => 100 * (month + 1) + day;

function dateOf(reader: Reader, month: number, digits: string): number {
  const index = reader.index - digits.length;
  if (digits.length < 2) throw faultAt(reader.text, index, 'two digits');
  const day = Number(digits);
  if (day >= 1 && day <= MONTH_DAYS[month]!) return dateNumber(month, day);
  const fault = `"${digits}" is not a day of ${MONTHS[month]}; write 01 to ${MONTH_DAYS[month]}`;
  throw new HoursError(reader.text, index, fault);
}

function parseDays(reader: Reader): number {
  let days = 0;
  do {
    const [, first, last] = reader.need(DAY_RANGE, 'a weekday, as in Mo, or PH');
    if (first === undefined) {
      days |= PUBLIC_HOLIDAY;
      continue;
    }
    const from = WEEKDAYS.indexOf(first);
    const length = last === undefined ? 0 : (WEEKDAYS.indexOf(last) - from + 7) % 7;
    for (let i = 0; i <= length; i++) days |= 1 << ((from + i) % 7);
  } while (reader.take(NEXT_DAY));
  return days;
}

function parseSpans(reader: Reader): number[] {
  const spans: number[] = [];
  do {
    const start = minutesOf(reader.need(SPAN_START, 'a time, as in 08:00')[1]!);
    reader.need(/^-/, '"-" and the end of the span');
    const end = minutesOf(reader.need(SPAN_END, 'the end of the span, as in 18:00')[1]!);
    spans.push(start, end > start ? end : end + DAY_MINUTES);
  } while (reader.take(/^ *, *(?=\d)(?!24\/7)/));
  return spans;
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}
