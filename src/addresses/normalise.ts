/**
 * One text form for every way of writing the same address, used when an address is stored and when it is asked for.
 *
 * Pure, versioned and idempotent: `normalise(normalise(x)) === normalise(x)`. Time is linear in the text that is
 * considered, the first `MAX_CONSIDERED` UTF-16 units; the raw text is kept by whoever stores it.
 */
import { ACTIONS, CLOSE, DROP, HASH, HYPHEN, OPEN, SPACE, SURROGATE, TILDE } from './characters.ts';
import { readNumeral, writeNumeral } from './numerals.ts';

/** Raise it with every change of the output: stored normal forms of another version have to be made again. */
export const NORMALISE_VERSION = 2;

/** Longer input is cut here: the longest real addresses have about 120 characters, so the rest is noise or an attack. */
export const MAX_CONSIDERED = 512;

/**
 * Characters that a rule might still take up: text with none of them is settled after one round. Parts of Korean
 * syllables are among them, which compose once nothing stands between them.
 */
const UNSETTLED =
  /[零〇一二三四五六七八九十百千两廿卅楼幢座房户门梯F之附至到~第邮地\u1161-\u11c2]|栋栋|号[栋室]|\d[路街大马环]|(?<![0-9A-Z])[ ~-]|[ ~-](?![0-9A-Z])/;

/** The rules settle in two rounds; the bound keeps hostile text from costing more. */
const MAX_ROUNDS = 6;

/** Han characters of the basic plane; a range is several times faster here than the Unicode property. */
const HAN = '\u3400-\u9fff';
const DIVISIONS = new RegExp(`[${HAN}]{1,8}?(?:省|市|区|县|街道|镇|乡|社区)`, 'y');

/**
 * The comparable form of an address: NFKC, simplified script, upper case, no white space, punctuation or emoji (a space
 * stays between two runs of ASCII letters or digits), digits in number positions, one word per concept (栋 单元 层 室),
 * `12-3号` for 之/附/- numbers, `1~30号` for ranges, without zip codes and repeated prefixes.
 */
export function normalise(text: string): string {
  let current = cut(text);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const written = rewrite(clean(current));
    const next = cut(prefixes(written));
    if (next === current || (next === written && !UNSETTLED.test(next))) return next;
    current = next;
  }
  return current;
}

function cut(text: string): string {
  if (text.length <= MAX_CONSIDERED) return text;
  const last = text.charCodeAt(MAX_CONSIDERED - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? MAX_CONSIDERED - 1 : MAX_CONSIDERED);
}

/** Character level: composes, maps and drops. Text in brackets goes to the end unless the address opens with it. */
function clean(text: string): string {
  if (isClean(text)) return text;
  const source = compose(text);
  const out = new Cleaner();
  for (let i = 0; i < source.length; i++) {
    const unit = source.charCodeAt(i);
    const action = ACTIONS[unit]!;
    if (action > SURROGATE) out.write(String.fromCharCode(action), isAsciiWord(action));
    else if (action === SURROGATE) {
      const point = source.codePointAt(i)!;
      const character = String.fromCodePoint(point);
      if (point > 0xffff) i++;
      if (/[\p{L}\p{N}]/u.test(character)) out.write(character, false);
    } else if (action === OPEN || action === CLOSE) out.bracket(action === OPEN);
    else if (action === HASH) out.hash();
    else if (action !== DROP) out.separate(action);
  }
  return out.finish();
}

/** Whether the text has only Han characters and ASCII that are written as they are; NFKC leaves both alone. */
function isClean(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (ACTIONS[unit] !== unit || (unit > 0x7f && (unit < 0x3400 || unit > 0x9fff))) return false;
  }
  return true;
}

/**
 * NFKC, and Latin letters without their marks: pinyin is typed with and without tones. Letters of other scripts keep
 * theirs whatever stands beside them, since a neighbour may be Latin only once it is written in upper case.
 */
function compose(text: string): string {
  const composed = text.normalize('NFKC');
  if (!/[\u00c0-\u024f\u1e00-\u1eff]|[\u0300-\u036f]/.test(composed)) return composed;
  return composed
    .normalize('NFKD')
    .replace(/(\p{Script=Latin})\p{M}+/gu, '$1')
    .normalize('NFKC');
}

function isAsciiWord(unit: number): boolean {
  return (unit >= 48 && unit <= 57) || (unit >= 65 && unit <= 90);
}

const SEPARATORS: Readonly<Record<number, string>> = { [SPACE]: ' ', [HYPHEN]: '-', [TILDE]: '~' };

/** Collects output; a separator is written only between two ASCII letters or digits, the strongest of a run wins. */
class Cleaner {
  private main = '';
  private aside = '';
  private depth = 0;
  private word = false;
  private pending = 0;

  write(text: string, word: boolean): void {
    const separator = this.pending && this.word && word ? (SEPARATORS[this.pending] ?? '') : '';
    this.pending = 0;
    this.word = word;
    if (this.depth > 0) this.aside += separator + text;
    else this.main += separator + text;
  }

  separate(action: number): void {
    this.pending = Math.max(this.pending, action);
  }

  /** `3#楼` is building 3. */
  hash(): void {
    if (this.word && this.pending === 0) this.write('栋', false);
    else this.separate(SPACE);
  }

  bracket(open: boolean): void {
    if (!open) {
      if (this.depth > 0) this.depth--;
    } else if (this.main !== '') this.depth++;
    this.word = this.depth === 0 && isAsciiWord(this.main.charCodeAt(this.main.length - 1));
    this.pending = this.word ? SPACE : 0;
  }

  finish(): string {
    const first = this.aside.charCodeAt(0);
    const joint = isAsciiWord(this.main.charCodeAt(this.main.length - 1)) && isAsciiWord(first) ? ' ' : '';
    return this.main + joint + this.aside;
  }
}

/** Word level. Each group runs only where one of its characters occurs, since most addresses need few of them. */
function rewrite(text: string): string {
  let out = text;
  if (/[零〇一二三四五六七八九十百千两廿卅]/.test(out)) out = numerals(out);
  if (/\d/.test(out)) {
    out = roads(out);
    if (/[栋幢座楼室房户门梯层F]/.test(out)) out = units(out);
    out = numbers(out);
  }
  return out;
}

const BEFORE_NUMBER = new Set('之附');
const BEFORE_LAST_NUMBER = new Set('号层栋元');
const BEFORE_DOOR = new Set('栋幢座元号层楼');
const AFTER_NUMBER = /[号巷弄段栋幢室层楼邻期]|单元|座(?![山桥])|[之附][\d零〇一二三四五六七八九十百千两廿卅]/y;

/** Digits for the numerals that stand in the position of a number: 三里屯, 五一路, 八一街 stay names. */
function numerals(text: string): string {
  return text
    .replace(/[零〇一二三四五六七八九十百千两廿卅]+/g, (numeral, start: number) =>
      isNumberPosition(text, start, start + numeral.length) ? (readNumeral(numeral) ?? numeral) : numeral,
    )
    .replace(/第(?=\d+[号巷弄段栋单层室期])/g, '');
}

function isNumberPosition(text: string, start: number, end: number): boolean {
  const before = text.charAt(start - 1);
  if (BEFORE_NUMBER.has(before) && /[号层\d]/.test(text.charAt(start - 2))) return true;
  if (end === text.length) return BEFORE_LAST_NUMBER.has(before);
  if (BEFORE_DOOR.has(before) && /[户房门]/.test(text.charAt(end))) return true;
  AFTER_NUMBER.lastIndex = end;
  return AFTER_NUMBER.test(text);
}

const NUMBERED_ROAD = new RegExp(`(?<=[${HAN}])(?<![号段巷弄栋层室元期])\\d{1,2}(?=路|街|大道|马路|环路)`, 'g');

/** Numbered roads are written as names are: 中山2路 is 中山二路. */
function roads(text: string): string {
  if (!/\d[路街大马环]/.test(text)) return text;
  return text.replace(NUMBERED_ROAD, (digits) => writeNumeral(Number(digits)));
}

/** One word per concept: what to write instead, and the characters without which there is nothing to do. */
const UNIT_RULES: readonly (readonly [needs: RegExp, rule: RegExp, replacement: string])[] = [
  [/[楼幢座]|号栋/, /([0-9A-Z甲乙丙丁戊己庚辛])号?(?:楼(?=栋)|栋楼|幢楼?|栋|座(?![山桥]))/g, '$1栋'],
  [/号楼/, /([0-9A-Z])号楼(?![上下顶道梯])/g, '$1栋'],
  [/栋[栋楼]/, /栋[栋楼]/g, '栋'],
  [/地下/, /地下(\d{1,2})[层楼]?/g, 'B$1层'],
  [/[楼F]/, /(\d)(?:楼|F(?![A-Z0-9室栋]))/g, '$1层'],
  [/[房户]|号室/, /([0-9A-Z])号?(?:房(?![山东产屋])|户(?![县外])|室)/g, '$1室'],
  [/[门梯]/, /(\d)(?:门(?![牌口前外内诊市店卫])|梯)/g, '$1单元'],
  [/层之/, /(\d)层之(\d+)(?!\d|[层栋号])/g, '$1层$2室'],
];

function units(text: string): string {
  let out = text;
  for (const [needs, rule, replacement] of UNIT_RULES) if (needs.test(out)) out = out.replace(rule, replacement);
  return out;
}

/** Numbers of doors: leading zeros, sub-numbers and ranges. */
function numbers(text: string): string {
  let out = text.replace(/(?<![0-9A-Z])0+(?=\d)/g, '');
  if (/[至到~]/.test(out)) out = out.replace(/(\d)号?[至到](\d)/g, '$1~$2').replace(/(\d)号~(\d)/g, '$1~$2');
  if (/[之附]/.test(out)) out = out.replace(/(\d)[之附](\d)/g, '$1-$2').replace(/(\d)号[之附](\d+)号?/g, '$1-$2号');
  return out;
}

const ZIP = new RegExp(
  `(?:^|(?<=[省市县区]))(?:\\d{3}(?:\\d{2,3})?(?![号巷弄段栋单层室期邻路街])|[A-Z]{2,4}(?=[${HAN}]{2,4}[省市])) ?(?:台湾省?)?(?=[${HAN}]{1,7}[省市县区]|$)`,
);
const COUNTRY = new RegExp(`^(?:中华人民共和国|中国|台湾省?)(?=[${HAN}]{1,7}[省市县区])`);

/** Zip codes (also the IATA code some Taiwanese forms put there), the country and divisions that are said twice (`松山区台北市松山区` is `台北市松山区`). */
function prefixes(text: string): string {
  let bare = text;
  if (bare.includes('邮')) bare = bare.replace(/邮政?编码?\d{6}/g, '');
  if (/\d{3}|[A-Z]{2}/.test(bare)) bare = bare.replace(ZIP, '').replace(/(?<=[号室栋层市区])\d{6}$/, '');
  if (/^[中台]/.test(bare)) bare = bare.replace(COUNTRY, '');
  return dropRepeats(bare);
}

function dropRepeats(text: string): string {
  const tokens: string[] = [];
  let end = 0;
  DIVISIONS.lastIndex = 0;
  for (let m = DIVISIONS.exec(text); m !== null; m = DIVISIONS.exec(text)) {
    tokens.push(m[0]);
    end = DIVISIONS.lastIndex;
  }
  if (tokens.length < 2 || new Set(tokens).size === tokens.length) return text;
  return tokens.filter((token, i) => tokens.lastIndexOf(token) === i).join('') + text.slice(end);
}
