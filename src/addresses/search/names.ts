/**
 * All distinct names of roads, estates and places, and the ways to find one: as written, with one character wrong
 * (deletion neighbourhoods, so common characters cost nothing), by bigrams weighted by rarity, by pinyin and initials.
 */
import { pinyin } from 'pinyin-pro';
import { Chains, hashText, Words } from './columns.ts';
import { NameSimilarity } from './similarity.ts';
import { INITIALS, INSIDE, PINYIN } from './thresholds.ts';

export type Via = 'exact' | 'typo' | 'inside' | 'pinyin' | 'alias';

export interface NameHit {
  name: number;
  similarity: number;
  via: Via;
}

/** Longer names are found exactly or by bigrams of their beginning. */
const MAX_NAME = 32;
const MAX_DELETES = 16;
const MIN_SIMILARITY = 0.5;
/** Many names lie one character apart; divisions and numbers choose among them. */
const MAX_HITS = 64;
/** Postings read per bigram; a bigram with more says next to nothing (花园, 小区). */
const MAX_POSTINGS = 1000;
/** Names examined by edit distance per question. */
const MAX_VERIFIED = 256;
const MAX_BIGRAM_NAMES = 64;
const MAX_INSIDE_LENGTH = 14;

const DELETES = 1;
const BIGRAM = 2;
const SPELLED = 3;

/** Names by their number, and the spellings of some. */
export interface NewNames {
  texts: string[];
  /** The number of the first name that is spelled here. */
  firstSpelled: number;
  spellings: string[];
  initials: string[];
}

export class Names {
  private readonly words = new Words();
  private readonly chains = new Chains();
  private readonly similarity = new NameSimilarity();
  /** The first two characters of all names. */
  private readonly beginnings = new Set<string>();
  /** Full pinyin and initials of the names up to `spelled`; made late, since they cost 10–20 µs a name. */
  readonly spellings: string[] = [''];
  readonly initials: string[] = [''];

  get count(): number {
    return this.words.texts.length;
  }

  get bytes(): number {
    return this.chains.bytes;
  }

  text(name: number): string {
    return this.words.texts[name]!;
  }

  find(text: string): number {
    return this.words.find(text);
  }

  /** The id of a name, entering it into the indexes when it is new. 0 for the absent name. */
  intern(text: string | undefined): number {
    if (text === undefined) return 0;
    const key = text.length > MAX_NAME ? text.slice(0, MAX_NAME) : text;
    const known = this.words.find(key);
    if (known >= 0) return known;
    const name = this.words.intern(key);
    this.similarity.learn(key);
    this.beginnings.add(key.slice(0, 2));
    for (const variant of deletions(key)) this.chains.add(hashText(variant, DELETES), name);
    for (const bigram of bigrams(key)) this.chains.add(hashText(bigram, BIGRAM), name);
    return name;
  }

  /** Spells the names that have no pinyin yet. */
  spell(): void {
    for (let name = this.spellings.length; name < this.count; name++) {
      const syllables = pinyin(this.text(name), { toneType: 'none', type: 'array', v: true, nonZh: 'consecutive' });
      const full = syllables
        .join('')
        .toUpperCase()
        .replace(/[^0-9A-Z]/g, '');
      const short = syllables
        .map((syllable) => syllable.charAt(0))
        .join('')
        .toUpperCase();
      this.enterSpelling(name, full, short);
    }
  }

  /** What somebody lacks who has as many names and spellings. */
  since(count: number, spelled: number): NewNames {
    return {
      texts: this.words.texts.slice(count),
      firstSpelled: spelled,
      spellings: this.spellings.slice(spelled),
      initials: this.initials.slice(spelled),
    };
  }

  /** Take what another thread gave by `since`. */
  take({ texts, firstSpelled, spellings, initials }: NewNames): void {
    for (const text of texts) this.intern(text);
    // Some may have been spelled here meanwhile.
    for (let i = this.spellings.length - firstSpelled; i < spellings.length; i++) {
      this.enterSpelling(firstSpelled + i, spellings[i]!, initials[i]!);
    }
  }

  private enterSpelling(name: number, full: string, short: string): void {
    this.spellings.push(full);
    this.initials.push(short);
    this.chains.add(hashText(full, SPELLED), name);
    if (short !== full) this.chains.add(hashText(short, SPELLED), name);
  }

  exact(text: string): NameHit[] {
    const name = this.find(text);
    return name > 0 ? [{ name, similarity: 1, via: 'exact' }] : [];
  }

  /** Names like `text`, best first: one edit apart, else with shared rare bigrams; by spelling for Latin letters. */
  like(text: string): NameHit[] {
    if (/^[0-9A-Z]+$/.test(text)) return this.spelledLike(text);
    const asked = text.slice(0, MAX_NAME);
    const found = new Set<number>();
    for (const variant of deletions(asked)) this.collect(hashText(variant, DELETES), found);
    const near = this.verify(asked, found);
    if (near.length > 0) return best(near);
    found.clear();
    this.collectBigrams(asked, found);
    return best(this.verify(asked, found));
  }

  private verify(asked: string, candidates: Iterable<number>): NameHit[] {
    const hits: NameHit[] = [];
    for (const name of candidates) {
      const similarity = this.similarity.of(asked, this.text(name));
      if (similarity >= MIN_SIMILARITY) hits.push({ name, similarity, via: similarity === 1 ? 'exact' : 'typo' });
    }
    return hits;
  }

  /** Known names that stand inside `text`, longest first; a name inside a longer one that was found is left out. */
  inside(text: string): NameHit[] {
    const hits: NameHit[] = [];
    for (let start = 0, covered = 0; start + 2 <= text.length; start++) {
      if (!this.beginnings.has(text.slice(start, start + 2))) continue;
      const longest = Math.min(MAX_INSIDE_LENGTH, text.length - start);
      for (let length = longest; length >= 2; length--) {
        if (start + length <= covered) break;
        const name = this.find(text.slice(start, start + length));
        if (name <= 0) continue;
        hits.push({ name, similarity: INSIDE, via: 'inside' });
        covered = start + length;
        break;
      }
    }
    return hits.sort((a, b) => this.text(b.name).length - this.text(a.name).length).slice(0, MAX_HITS);
  }

  private spelledLike(text: string): NameHit[] {
    this.spell();
    const hits: NameHit[] = [];
    let read = 0;
    const { chains } = this;
    for (let e = chains.head(hashText(text, SPELLED)); e !== 0 && read < MAX_POSTINGS; e = chains.next(e), read++) {
      const name = chains.value(e);
      if (this.spellings[name] === text) hits.push({ name, similarity: PINYIN, via: 'pinyin' });
      else if (this.initials[name] === text) hits.push({ name, similarity: INITIALS, via: 'pinyin' });
    }
    return best(hits);
  }

  private collect(hash: number, into: Set<number>): void {
    const { chains } = this;
    for (let e = chains.head(hash); e !== 0 && into.size < MAX_VERIFIED; e = chains.next(e)) into.add(chains.value(e));
  }

  /** Adds up the rarity of shared bigrams, rarest first; a common one is read only while nothing rarer was found. */
  private collectBigrams(text: string, into: Set<number>): void {
    const { chains } = this;
    const keys = bigrams(text).map((bigram) => hashText(bigram, BIGRAM));
    const ranked = keys.map((key) => ({ key, count: chains.count(key) })).filter((b) => b.count > 0);
    ranked.sort((a, b) => a.count - b.count);
    const weights = new Map<number, number>();
    for (const { key, count } of ranked) {
      if (count > MAX_POSTINGS && weights.size > 0) break;
      const weight = Math.log(1 + this.count / count);
      let read = 0;
      for (let e = chains.head(key); e !== 0 && read < MAX_POSTINGS; e = chains.next(e), read++) {
        const name = chains.value(e);
        weights.set(name, (weights.get(name) ?? 0) + weight);
      }
    }
    const sorted = [...weights].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
    for (const [name] of sorted.slice(0, MAX_BIGRAM_NAMES)) into.add(name);
  }
}

function best(hits: NameHit[]): NameHit[] {
  return hits.sort((a, b) => b.similarity - a.similarity || a.name - b.name).slice(0, MAX_HITS);
}

function deletions(text: string): string[] {
  if (text.length < 3 || text.length > MAX_DELETES) return [text];
  const variants = new Set<string>([text]);
  for (let i = 0; i < text.length; i++) variants.add(text.slice(0, i) + text.slice(i + 1));
  return [...variants];
}

function bigrams(text: string): string[] {
  const pairs = new Set<string>();
  for (let i = 0; i + 2 <= text.length; i++) pairs.add(text.slice(i, i + 2));
  return [...pairs];
}
