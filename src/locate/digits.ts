/** Digits that a double holds whatever they are. */
const SURE_DIGITS = 15;
/** Powers of ten that doubles hold. */
const TENS = Array.from({ length: SURE_DIGITS + 1 }, (_, i) => 10 ** i);
const [MINUS, POINT, ZERO] = [45, 46, 48];

/**
 * A number in plain digits as JSON has them, without an exponent. To match and to convert it costs a hot read as much as
 * to find the cell of a point.
 *
 * @returns what `Number` makes of it; NaN when it is written otherwise
 */
export function plainNumber(text: string, from: number, to: number): number {
  const isNegative = text.charCodeAt(from) === MINUS;
  const first = isNegative ? from + 1 : from;
  let value = 0;
  let point = -1;
  for (let i = first; i < to; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    if (digit >= 0 && digit <= 9) value = value * 10 + digit;
    else if (digit === POINT - ZERO && point < 0 && i > first) point = i;
    else return Number.NaN;
  }
  const whole = (point < 0 ? to : point) - first;
  if (whole < 1 || point === to - 1 || (whole > 1 && text.charCodeAt(first) === ZERO)) return Number.NaN;
  const decimals = point < 0 ? 0 : to - point - 1;
  // One division of two whole numbers that are exact is rounded once, as the conversion is.
  if (whole + decimals > SURE_DIGITS) return Number(text.slice(from, to));
  const absolute = value / TENS[decimals]!;
  return isNegative ? -absolute : absolute;
}
