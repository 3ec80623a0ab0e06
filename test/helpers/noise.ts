/** Seeded noise on address texts, as callers and old registers make it. Independent of the code that is tested with it. */
import { Converter } from 'opencc-js/cn2t';
import { pinyin } from 'pinyin-pro';

export type Random = () => number;

/** mulberry32: 32 bits of state, uniform in [0, 1). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function pick<T>(random: Random, items: readonly T[]): T {
  return items[Math.floor(random() * items.length)]!;
}

const traditional = Converter({ from: 'cn', to: 'tw' });
const HAN = '[\\u4e00-\\u9fff]';
const DIVISION = new RegExp(`^(?:${HAN}{2,8}?(?:省|市|区|县|街道|镇|乡|社区))`);
/** The first name after the divisions that ends as a road or estate does. */
const NAME = new RegExp(
  `(?<=^|[省市区县道镇乡号]|社区)(${HAN}{2,6}?)(路|街|大道|花园|家园|小区|公寓|苑|新村|大厦|广场|府|城)`,
);
const KEEP = new Set('东西南北中上下大小新一二三四五六七八九十');
const WRONG = [...'朗澜琪枫颖骏沐涵茗妍曜翊'];
const SHOPS = ['全家便利店', '沙县小吃', '(近地铁站)', '旁边水果店', '对面药房', '门口'];
const SAID_BEFORE = ['我家在', '你好，我住', '报警地址是', '麻烦派人到', '请来一下，我们在', '位置：'];
const DIGITS = '零一二三四五六七八九';

function toHan(value: number): string {
  if (value > 99 || value < 1) return [...String(value)].map((digit) => DIGITS[Number(digit)]).join('');
  const [tens, unit] = [Math.floor(value / 10), value % 10];
  return `${tens > 1 ? DIGITS[tens] : ''}${tens > 0 ? '十' : ''}${unit > 0 ? DIGITS[unit] : ''}`;
}

function splitDivisions(text: string): { divisions: string[]; rest: string } {
  const divisions: string[] = [];
  let rest = text;
  for (let m = DIVISION.exec(rest); m !== null && rest.length > m[0].length; m = DIVISION.exec(rest)) {
    divisions.push(m[0]);
    rest = rest.slice(m[0].length);
  }
  return { divisions, rest };
}

function typo(text: string, random: Random): string {
  return inRest(text, (rest) => {
    const found = NAME.exec(rest);
    const places = [...(found?.[1] ?? '')].flatMap((character, i) => (KEEP.has(character) ? [] : [i]));
    if (found === null || places.length === 0) return rest;
    const at = found.index + pick(random, places);
    return rest.slice(0, at) + pick(random, WRONG) + rest.slice(at + 1);
  });
}

/** Applies `change` behind the divisions. */
function inRest(text: string, change: (rest: string) => string): string {
  const { rest } = splitDivisions(text);
  return text.slice(0, text.length - rest.length) + change(rest);
}

function spaced(text: string, random: Random): string {
  return [...text]
    .map((character) =>
      /\d/.test(character) || random() > 0.2
        ? character
        : `${character}${pick(random, [' ', '，', '、', '\u3000', '.'])}`,
    )
    .join('');
}

function reordered(text: string): string {
  const { divisions, rest } = splitDivisions(text);
  const tail = /\d+[栋幢].*$/.exec(rest);
  if (tail === null) return rest + divisions.join('');
  return tail[0] + rest.slice(0, tail.index) + divisions.join('');
}

function ranged(text: string): string {
  return text.replace(/(\d+)号(?!楼)/, (_, digits: string) => {
    const from = Math.floor((Number(digits) - 1) / 10) * 10 + 1;
    return `${from}~${from + 9}号`;
  });
}

/** The kinds of noise by name; each takes a clean text and gives it as somebody might say it. */
export const NOISES: Readonly<Record<string, (text: string, random: Random) => string>> = {
  'full width': (text) => text.replace(/[0-9]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)),
  traditional: (text) => traditional(text),
  'missing divisions': (text, random) => {
    const { divisions, rest } = splitDivisions(text);
    return divisions.slice(Math.floor(random() * (divisions.length + 1))).join('') + rest;
  },
  'building word': (text, random) =>
    text.replace(/(\d+)(?:栋|幢|号楼|座)/, (_, digits: string) => digits + pick(random, ['栋', '幢', '号楼', '座'])),
  typo,
  'dropped unit words': (text) => text.replace(/(\d+)室$/, '$1').replace(/(\d+)号$/, '$1'),
  spaced,
  'repeated prefix': (text) => {
    const { divisions, rest } = splitDivisions(text);
    return divisions.slice(-2).join('') + divisions.join('') + rest;
  },
  reordered,
  'shop behind': (text, random) => text + pick(random, SHOPS),
  'chinese numerals': (text) => text.replace(/(\d+)(?=号|栋|幢|单元)/g, (digits) => toHan(Number(digits))),
  pinyin: (text) =>
    inRest(text, (rest) => rest.replace(NAME, (name) => pinyin(name, { toneType: 'none', type: 'array' }).join(''))),
  range: ranged,
  'said before': (text, random) => pick(random, SAID_BEFORE) + text,
  backwards: (text) => {
    const { divisions, rest } = splitDivisions(text);
    return [rest, ...divisions.reverse()].join('，');
  },
};
