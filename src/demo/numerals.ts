/** A whole number with leading zeros. */
export function pad(n: number, digits: number): string {
  return String(n).padStart(digits, '0');
}

/** 1 to 99 in Chinese numerals. */
export function hanzi(n: number): string {
  const digits = '零一二三四五六七八九';
  const tens = Math.floor(n / 10);
  const ones = n % 10;
  if (tens === 0) return digits[ones]!;
  return `${tens > 1 ? digits[tens] : ''}十${ones > 0 ? digits[ones] : ''}`;
}
