/** Administrative divisions at the head of a text: province, city, district, street, community, neighbourhood. */

export interface Divisions {
  province?: string;
  city?: string;
  district?: string;
  /** 街道, 镇 or 乡. */
  street?: string;
  /** 社区, 村 or, in Taiwan, 里. */
  community?: string;
  /** The number of a Taiwanese 邻. */
  neighbourhood?: string;
}

export type Division = keyof Divisions;

/** A division's name followed by a word for a road is a road: 上海市广东路 lies in no 广东, 新市路 in no 新市. */
const NO_ROAD = '(?!路|街(?!道)|大道|大街|巷|弄|胡同)';
/** A lazy run of Han characters without those in `not`, so that one division is never read over another. */
const run = (min: number, max: number, not = '') => `[^${not}\0-\u33ff\ua000-\uffff]{${min},${max}}?`;

const PATTERNS: readonly (readonly [Division, RegExp])[] = [
  // No province or city has the word for an estate in its name: what ends so stands before it in a reordered text.
  ['province', pattern(`${run(2, 6, '市区县路街苑园村寓邸居府城厦庭号')}(?:省|自治区|特别行政区)`)],
  ['city', pattern(`${run(2, 9, '省市区县镇乡路街苑邸寓')}(?:市(?![场政民区])|自治州|地区|盟)`)],
  [
    'district',
    pattern(
      `(?:[东西南北中城郊矿]区|市[东西南北中]区|${run(2, 9, '区县市路街')}(?<![小社园校厂景库片院街])(?<!工业|住宅|宿舍|生活|家属|商业|别墅)区` +
        `|${run(1, 9, '区县市路街')}[县旗](?!委)|${run(2, 5, '区县市路街苑邸寓')}市(?![场政民区]))(?![府委])`,
    ),
  ],
  [
    'street',
    pattern(
      `(?:${run(1, 9, '区县市')}街道(?:办事处)?|${run(1, 7, '区县市路街村')}[镇乡]|${run(2, 5, '区县市路街')}办事处(?=.{2,8}(?:社区|村|委会|委员会)))`,
    ),
  ],
  ['community', pattern(`${run(2, 10, '路街')}(?:社区(?:居民?委员?会)?|(?:居民?|村民?)委员?会|(?<!新)村(?!委))`)],
  [
    'community',
    pattern(
      `(?![一二三四五六七八九十]+里)${run(2, 4, '路街里')}里(?=\\d+邻|(?![东西南北中][大]?[路街])${run(2, 8)}(?:路|街|大道))`,
    ),
  ],
  ['neighbourhood', /(\d+)邻/y],
];

function pattern(source: string): RegExp {
  return new RegExp(`(${source})${NO_ROAD}`, 'y');
}

/** Reads the divisions at `start`, each at most once; returns where the rest begins. */
export function readDivisions(text: string, start: number, into: Divisions): number {
  let position = start;
  for (let before = -1; before !== position; ) {
    before = position;
    for (const [division, regex] of PATTERNS) position = readDivision(text, position, division, regex, into);
  }
  return position;
}

function readDivision(text: string, position: number, division: Division, regex: RegExp, into: Divisions): number {
  if (into[division] !== undefined) return position;
  regex.lastIndex = position;
  const found = regex.exec(text);
  if (found === null) return position;
  into[division] = found[1]!;
  return regex.lastIndex;
}

const SUFFIX =
  /(?:省|特别行政区|自治区|自治州|市|区|县|街道(?:办事处)?|办事处|镇|乡|社区(?:居民?委员?会)?|(?:居民?|村民?)委员?会|村|里)$/;

/** The name without the word for its kind: 望江街道 and 望江 are compared as one; names of one character keep it. */
export function divisionStem(name: string): string {
  const stem = name.replace(SUFFIX, '');
  return stem.length >= 2 ? stem : name;
}
