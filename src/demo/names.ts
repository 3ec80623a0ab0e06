import type { Area, Line } from './area.ts';
import { hanzi, pad } from './numerals.ts';
import { hash32 } from './random.ts';
import type { NameSettings } from './settings.ts';

/** Two-character words made of a first and a second character, without the words of another list. */
function compose(first: string, second: string, without: readonly string[] = []): string[] {
  const known = new Set(without);
  return [...first]
    .flatMap((a) => [...second].filter((b) => a !== b).map((b) => a + b))
    .filter((word) => !known.has(word));
}

/**
 * Invents names. Within a street or town no road, estate or village has the name of another of its kind; across towns
 * the well-known words (和平, 人民 …) come back, as they do in real cities, so that an address without its town is
 * ambiguous.
 */
export class StreetNames {
  private readonly settings: NameSettings;
  private readonly seed: number;
  private readonly places: string[];
  private readonly roads: string[];
  private readonly estates: string[];
  private readonly used = new Map<string, number>();

  constructor(settings: NameSettings, seed: number) {
    this.settings = settings;
    this.seed = seed;
    this.places = compose(settings.placeFirst, settings.placeSecond);
    this.roads = compose(settings.roadFirst, settings.roadSecond, settings.roads);
    this.estates = compose(settings.estateFirst, settings.estateSecond, settings.estates);
  }

  district(index: number, county: boolean): string {
    if (county) return '云溪县';
    const { districts } = this.settings;
    return `${districts[index % districts.length]}区`;
  }

  /** A street (街道) or town (镇), unique in the whole place. */
  place(suffix: string): string {
    return this.next('place', [], this.places) + suffix;
  }

  community(street: Area, rural: boolean): string {
    return this.next(`community ${street.code}`, [], this.places) + (rural ? '村' : '社区');
  }

  microgrid(grid: Area, ordinal: number): string {
    return `${grid.name}${pad(ordinal, 2)}微网格`;
  }

  /** A dedicated place, by the kinds of the settings in turn: 云溪县城关第一中学. */
  site(street: Area, ordinal: number): string {
    const { sites } = this.settings;
    const place = street.name.replace(/街道|镇$/, '');
    const round = this.count(`site ${street.code} ${ordinal % sites.length}`);
    return `${place}第${hanzi(round + 1)}${sites[ordinal % sites.length]!.name}`;
  }

  river(): string {
    return '云溪河';
  }

  /** Class and name of a street that divides an area; `town` is the street or town it lies in, if it lies in one. */
  street(divided: Area, town: Area | null): Pick<Line, 'class' | 'name'> {
    if (!town) return { class: 'arterial', name: `${this.road('大道', '')}大道` };
    switch (divided.level) {
      case 'street':
        return { class: 'arterial', name: `${this.road('路', town.code)}路` };
      case 'area':
        return { class: 'collector', name: `${this.road('路', town.code)}路` };
      case 'community':
        return { class: 'collector', name: `${this.road('街', town.code)}街` };
      default: {
        const suffixes = this.settings.laneSuffixes;
        const suffix = suffixes[hash32(this.seed, this.count(`lane ${town.code}`)) % suffixes.length]!;
        return { class: 'lane', name: this.road(suffix, town.code) + suffix };
      }
    }
  }

  /** An estate, unique in its street or town. */
  estate(town: Area): string {
    const { estates, estateSuffixes } = this.settings;
    const suffix = estateSuffixes[hash32(this.seed, 7, this.count(`estate ${town.code}`)) % estateSuffixes.length]!;
    return this.next(`${suffix} ${town.code}`, estates, this.estates) + suffix;
  }

  private road(suffix: string, scope: string): string {
    return this.next(`${suffix} ${scope}`, this.settings.roads, this.roads);
  }

  private count(key: string): number {
    const n = this.used.get(key) ?? 0;
    this.used.set(key, n + 1);
    return n;
  }

  /** The next word of a scope: a few well-known ones first, then composed ones, each list in the scope's own order. */
  private next(scope: string, known: readonly string[], composed: readonly string[]): string {
    const n = this.count(scope);
    const start = hash32(this.seed, ...[...scope].map((c) => c.codePointAt(0)!));
    const familiar = Math.min(known.length, 6);
    if (n < familiar) return known[(start + n) % known.length]!;
    const index = n - familiar;
    if (index >= composed.length)
      throw new RangeError(`${composed.length} names are too few for "${scope}": lengthen data/demo/names.json`);
    return composed[(start + index * coprime(composed.length)) % composed.length]!;
  }
}

/** A stride near the golden section that has no factor in common with n, so that its multiples reach every index. */
function coprime(n: number): number {
  let stride = Math.max(1, Math.floor(n * 0.618));
  const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
  while (gcd(stride, n) !== 1) stride++;
  return stride;
}
