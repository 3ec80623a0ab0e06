import { MESSAGES, type MessageKey } from './messages.ts';

export const LANGUAGES = ['zh', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The words, numbers and times of one language and the service's time zone. */
export interface Words {
  language: Language;
  /** A sentence of the page. */
  t(key: MessageKey, values?: Record<string, string | number>): string;
  /** A word of the data out of a vocabulary; one the page does not know stays as it is. */
  word(vocabulary: string, value: string, otherwise?: string): string;
  number(value: number): string;
  /** Without the year while it is this one. */
  time(value: string | number | Date): string;
  /** First and last day of a half-open period in milliseconds. */
  days(from: number, to: number): string;
}

export function createWords(language: Language, timeZone: string): Words {
  const column = LANGUAGES.indexOf(language) as 0 | 1;
  const locale = language === 'zh' ? 'zh-CN' : 'en-GB';
  const clock: Intl.DateTimeFormatOptions = {
    timeZone,
    month: language === 'zh' ? 'long' : 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
  };
  const time = new Intl.DateTimeFormat(locale, clock);
  const timeOfAnotherYear = new Intl.DateTimeFormat(locale, { ...clock, year: 'numeric' });
  const day = new Intl.DateTimeFormat(locale, { timeZone, year: 'numeric', month: 'short', day: 'numeric' });
  const number = new Intl.NumberFormat(locale);
  return {
    language,
    t: (key, values = {}) =>
      MESSAGES[key][column].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole)),
    word: (vocabulary, value, otherwise = value) => {
      const key = `${vocabulary}.${value}`;
      return Object.hasOwn(MESSAGES, key) ? MESSAGES[key as MessageKey][column] : otherwise;
    },
    number: (value) => number.format(value),
    time: (value) => {
      const at = new Date(value);
      return (at.getFullYear() === new Date().getFullYear() ? time : timeOfAnotherYear).format(at);
    },
    days: (from, to) => day.formatRange(from, to - 1),
  };
}

/** Write the words of the page's fixed parts, marked by `data-t` (text) and `data-t-label` (accessible name). */
export function writeFixedWords({ language, t }: Words): void {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  document.title = t('title');
  for (const element of document.querySelectorAll<HTMLElement>('[data-t]')) {
    element.textContent = t(element.dataset.t as MessageKey);
  }
  for (const element of document.querySelectorAll<HTMLElement>('[data-t-label]')) {
    element.setAttribute('aria-label', t(element.dataset.tLabel as MessageKey));
  }
}
