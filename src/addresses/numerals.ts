/** Chinese numerals as they occur in addresses: positional (五〇一), with powers of ten (一百二十), and 廿 and 卅. */

const DIGITS: Readonly<Record<string, number>> = {
  零: 0,
  〇: 0,
  一: 1,
  二: 2,
  两: 2,
  三: 3,
  四: 4,
  五: 5,
  六: 6,
  七: 7,
  八: 8,
  九: 9,
};
const POWERS: Readonly<Record<string, number>> = { 十: 10, 百: 100, 千: 1000 };
const SIMPLE = '零一二三四五六七八九';

/** Longer runs are not house numbers; they stay as they are. */
const MAX_NUMERAL = 9;

/** The decimal digits of a Chinese numeral, or null where it is none. */
export function readNumeral(text: string): string | null {
  const numeral = text.replace(/廿/g, '二十').replace(/卅/g, '三十');
  if (numeral === '' || numeral.length > MAX_NUMERAL) return null;
  return /[十百千]/.test(numeral) ? readPowers(numeral) : readPositions(numeral);
}

function readPositions(numeral: string): string | null {
  let digits = '';
  for (const character of numeral) {
    const digit = DIGITS[character];
    if (digit === undefined) return null;
    digits += digit;
  }
  return digits;
}

function readPowers(numeral: string): string | null {
  let total = 0;
  let digit = -1;
  let lastPower = Number.POSITIVE_INFINITY;
  for (const character of numeral) {
    const power = POWERS[character];
    if (power === undefined) {
      if (digit > 0) return null;
      digit = DIGITS[character] ?? -1;
    } else {
      if (power >= lastPower) return null;
      total += (digit > 0 ? digit : 1) * power;
      lastPower = power;
      digit = -1;
    }
  }
  return String(total + Math.max(digit, 0));
}

/** A number from 1 to 99 as a Chinese numeral; other numbers as digits. */
export function writeNumeral(value: number): string {
  if (value < 1 || value > 99) return String(value);
  const tens = Math.floor(value / 10);
  const unit = value % 10 === 0 ? '' : SIMPLE.charAt(value % 10);
  if (tens === 0) return unit;
  return `${tens === 1 ? '' : SIMPLE.charAt(tens)}十${unit}`;
}
