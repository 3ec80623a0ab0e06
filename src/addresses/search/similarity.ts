/**
 * How alike two names are, from 0 to 1: edit distance with each character weighted by its rarity, half of it for a
 * character of the same sound (input methods make such errors). Numerals and directions are never typing errors:
 * 中山北路 is not 中山南路, and 建设二路 is not 建设三路.
 */
import { pinyin } from 'pinyin-pro';

/** The share of a name that is misspelt costs half: the other half of the evidence is that the rest agrees. */
const TYPO_COST = 0.5;
const HOMOPHONE = 0.4;
/** Names of one kind differ in their last word only (路 and 街): both usually exist, so the error is not a slip. */
const OTHER_KIND = 0.8;
const KINDS = new Set('路街道巷里村弄');
/** Words for a kind of place: names that share nothing else are two names. */
const KIND_ONLY =
  /^(?:[大公]?路|大?街|大?道|胡同|巷|弄|里|[新乡]?村|小区|[花家]?园|[花佳]?苑|公?寓|大厦|广场|新?城|山庄|别墅|[华庭]?庭|大?院|名?邸|府|雅?居|国际|中心|园区|宿舍|坊|轩|阁)?$/;
const DISTINCT = new Set('0123456789一二三四五六七八九十东西南北中前后上下左右内外新老大小');

/** Characters that are remembered; more only come from texts that mean nothing. */
const MAX_CHARACTERS = 30_000;

export class NameSimilarity {
  private readonly occurrences = new Map<string, number>();
  private readonly sounds = new Map<string, string>();
  /** Of the characters that were asked for since the last name was learned. */
  private readonly weights = new Map<string, number>();
  private names = 0;

  /** Counts the characters of a name. */
  learn(name: string): void {
    this.names++;
    if (this.weights.size > 0) this.weights.clear();
    for (const character of new Set(name)) this.occurrences.set(character, (this.occurrences.get(character) ?? 0) + 1);
  }

  of(asked: string, name: string): number {
    if (asked === name) return 1;
    const [start, endAsked, endName] = trimCommon(asked, name);
    const a = asked.slice(start, endAsked);
    const b = name.slice(start, endName);
    if (this.isDistinction(a, b) || (start === 0 && this.isOther(a, b, asked.slice(endAsked)))) return 0;
    const total = Math.max(this.weigh(asked), this.weigh(name));
    const share = this.distance(a, b) / total;
    const similarity = 1 - TYPO_COST * Math.min(1, share);
    if (a.length + b.length > 2 && share > 0.6) return 0;
    return endAsked === asked.length && endName === name.length && KINDS.has(a.slice(-1)) && KINDS.has(b.slice(-1))
      ? Math.min(similarity, OTHER_KIND)
      : similarity;
  }

  /** Whether the differing middles differ in a numeral or direction, said on both sides or added on one. */
  private isDistinction(a: string, b: string): boolean {
    const marks = (text: string) => [...text].filter((character) => DISTINCT.has(character)).join('');
    return marks(a) !== marks(b);
  }

  /** Whether names share their kind only: no character before it is the same in both, nor sounds the same. */
  private isOther(a: string, b: string, rest: string): boolean {
    if (a === '' || b === '' || !KIND_ONLY.test(rest)) return false;
    const sounds = new Set([...a].map((character) => this.sound(character)));
    return ![...b].some((character) => sounds.has(this.sound(character)));
  }

  /** Rarity among the names; a character of no name says nothing about which name was meant, so it weighs little. */
  private weight(character: string): number {
    const known = this.weights.get(character);
    if (known !== undefined) return known;
    const count = this.occurrences.get(character);
    const weight = Math.log(2 + (count === undefined ? Math.sqrt(this.names) : this.names / (1 + count)));
    if (this.weights.size < MAX_CHARACTERS) this.weights.set(character, weight);
    return weight;
  }

  private weigh(text: string): number {
    let sum = 0;
    for (const character of text) sum += this.weight(character);
    return sum;
  }

  private sound(character: string): string {
    const known = this.sounds.get(character);
    if (known !== undefined) return known;
    const sound = pinyin(character, { toneType: 'none' });
    if (this.sounds.size < MAX_CHARACTERS) this.sounds.set(character, sound);
    return sound;
  }

  private substitution(a: string, b: string): number {
    if (a === b) return 0;
    const cost = Math.max(this.weight(a), this.weight(b));
    return this.sound(a) === this.sound(b) ? cost * HOMOPHONE : cost;
  }

  /** Weighted Levenshtein distance with adjacent transpositions, over the differing middles only. */
  private distance(a: string, b: string): number {
    if (a.length === 1 && b.length === 1) return this.substitution(a, b);
    if (a.length === 2 && b.length === 2 && a[0] === b[1] && a[1] === b[0]) return this.weight(a[0]!) * HOMOPHONE;
    let previous = [0];
    for (let j = 0; j < b.length; j++) previous.push(previous[j]! + this.weight(b[j]!));
    for (let i = 0; i < a.length; i++) {
      const row = [previous[0]! + this.weight(a[i]!)];
      for (let j = 0; j < b.length; j++) {
        const changed = previous[j]! + this.substitution(a[i]!, b[j]!);
        row.push(Math.min(changed, previous[j + 1]! + this.weight(a[i]!), row[j]! + this.weight(b[j]!)));
      }
      previous = row;
    }
    return previous[b.length]!;
  }
}

/** The bounds of what differs once the common beginning and end are taken off. */
function trimCommon(a: string, b: string): [start: number, endA: number, endB: number] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let endA = a.length;
  let endB = b.length;
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA--;
    endB--;
  }
  return [start, endA, endB];
}
