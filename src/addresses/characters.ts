/**
 * One table lookup per UTF-16 code unit: what a character becomes in a normalised address.
 *
 * Traditional characters are mapped one by one, from the data of opencc-js. Its phrase rules are left out on purpose:
 * they separate words that share a simplified character (乾隆 keeps 乾, 萬鍾 becomes 万锺), and a key for comparing
 * must unite whatever two writers may have meant to be the same.
 */
import { Converter } from 'opencc-js/t2cn';

/** What a code unit does in `clean`; a value of 8 or more is the code unit to write. */
export const DROP = 0;
export const SPACE = 1;
export const HYPHEN = 2;
export const TILDE = 3;
export const OPEN = 4;
export const CLOSE = 5;
export const HASH = 6;
export const SURROGATE = 7;

const HAN_RANGES: readonly (readonly [number, number])[] = [
  [0x2e80, 0x2fdf],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xf900, 0xfaff],
];

/** The action table of the whole Basic Multilingual Plane, 128 KB. */
export const ACTIONS: Uint16Array = buildActions();

function buildActions(): Uint16Array {
  const actions = new Uint16Array(0x10000);
  const kept = /[\p{L}\p{N}]/u;
  const spacing = /[\p{Z}\p{P}\p{S}\s]/u;
  for (let unit = 32; unit < 0x10000; unit++) {
    const text = String.fromCharCode(unit);
    if (unit >= 0xd800 && unit <= 0xdfff) actions[unit] = SURROGATE;
    else if (kept.test(text)) actions[unit] = upperUnit(text);
    else if (spacing.test(text)) actions[unit] = SPACE;
  }
  for (const unit of [9, 10, 11, 12, 13]) actions[unit] = SPACE;
  mark(actions, '-‐‑‒–—―−', HYPHEN);
  mark(actions, '~〜∼～', TILDE);
  mark(actions, '([{〈《【〔「『〖', OPEN);
  mark(actions, ')]}〉》】〕」』〗', CLOSE);
  mark(actions, '#', HASH);
  applyPairs(actions, simplifiedPairs());
  return actions;
}

function mark(actions: Uint16Array, characters: string, action: number): void {
  for (const character of characters) actions[character.charCodeAt(0)] = action;
}

/** The upper-case form where it is one code unit that is itself stable; otherwise the character as it is. */
function upperUnit(text: string): number {
  const upper = text.toUpperCase();
  return upper.length === 1 && upper.normalize('NFKC') === upper ? upper.charCodeAt(0) : text.charCodeAt(0);
}

/** Characters and their simplified forms, by plain, Taiwanese and Hong Kong variants in this order. */
function simplifiedPairs(): Map<number, number> {
  const source = hanCharacters();
  const pairs = new Map<number, number>();
  for (const from of ['t', 'tw', 'hk'] as const) {
    const target = Converter({ from, to: 'cn' })(source.join('\n')).split('\n');
    source.forEach((character, i) => {
      const simple = target[i];
      const unit = character.charCodeAt(0);
      if (simple?.length === 1 && simple !== character && !pairs.has(unit)) pairs.set(unit, simple.charCodeAt(0));
    });
  }
  return pairs;
}

function hanCharacters(): string[] {
  const characters: string[] = [];
  for (const [first, last] of HAN_RANGES) {
    for (let unit = first; unit <= last; unit++) {
      const text = String.fromCharCode(unit);
      if (text.normalize('NFKC') === text) characters.push(text);
    }
  }
  return characters;
}

/** Follows chains (薴 → 苧 → 苎), so that a mapped character is never mapped again; the bound guards against a cycle. */
function applyPairs(actions: Uint16Array, pairs: Map<number, number>): void {
  for (const [unit, first] of pairs) {
    let target = first;
    for (let step = 0; step < 4 && pairs.has(target) && pairs.get(target) !== unit; step++) target = pairs.get(target)!;
    if (pairs.get(target) === unit) target = Math.min(unit, target);
    actions[unit] = target;
  }
}
