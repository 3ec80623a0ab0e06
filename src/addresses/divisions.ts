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

/**
 * A division's name followed by a word for a road is a road: 上海市广东路 lies in no 广东, 新市路 in no 新市. 路南区 and
 * 路北街道 are divisions.
 */
const NO_ROAD = '(?!路(?!.(?:区|街道))|街(?!道)|大道|大街|巷|弄|胡同)';
/** A lazy run of Han characters without those in `not`, so that one division is never read over another. */
const run = (min: number, max: number, not = '') => `[^${not}\0-\u33ff\ua000-\uffff]{${min},${max}}?`;
/** 市 that ends a name: 市场, 市政府 and 市民 go on, but 民乐县, 政和县 and their like begin anew. */
const CITY_WORD = '市(?![场区]|[政民](?!.县|和回族))';

const PROVINCE = `${run(2, 6, '市区县路街苑园村寓邸居府城厦庭号')}(?:省|自治区|特别行政区)`;
/** Cities with the word for a town in their names stand for themselves: elsewhere a town is not read over. */
const CITY = `(?:镇江|景德镇|新乡|萍乡)市|${run(2, 9, '省市区县镇乡路街苑邸寓')}(?:${CITY_WORD}|自治州|地区|盟)`;
/** 青坊镇云西区, said backwards, is a town and a district. */
const NO_TOWN_BEFORE = `(?!${run(2, 7, '省市区县')}[镇乡](?!族)${run(2, 7, '省市区县')}[区县])`;
const DISTRICT = [
  '[东西南北中城郊矿]区|市[东西南北中]区|路[南北桥]区',
  // 沙县区, 梅县区 and 赣县区, 辉县市, 津市市.
  `${run(1, 1, '区县市路街')}(?:县[区市]|市市)`,
  `${run(2, 16, '区县市路街')}(?:自治[县旗]|(?:开发|管理|示范|合作|实验)区)`,
  `${run(2, 9, '区县市路街')}(?<![小社园校厂景库片院街])(?<!工业|住宅|宿舍|生活|家属|商业|别墅)区`,
  `${run(1, 9, '区县市路街')}[县旗](?![委县])`,
  `${run(2, 5, '区县市路街苑邸寓')}${CITY_WORD}`,
].join('|');
const STREET = [
  // 东花市街道.
  `${run(1, 9, '区县市')}市?街道(?:办事处)?`,
  // 胡家湾苗族土家族乡.
  `${run(2, 12, '区县市路街村')}族[镇乡]`,
  // 县底镇, 魏村镇, 石期市镇, 旧县镇, 翟镇镇.
  `县?${run(1, 7, '区县市路街村')}[村市县]?(?:镇镇|[镇乡])`,
  `${run(2, 5, '区县市路街')}办事处(?=.{2,8}(?:社区|村|委会|委员会))`,
].join('|');
const COMMUNITY = `${run(2, 10, '路街')}(?:社区(?:居民?委员?会)?|(?:居民?|村民?)委员?会|(?<!新)村(?!委))`;
const VILLAGE = `(?![一二三四五六七八九十]+里)${run(2, 4, '路街里')}里(?=\\d+邻|(?![东西南北中][大]?[路街])${run(2, 8)}(?:路|街|大道))`;

const PATTERNS: readonly (readonly [Division, RegExp])[] = [
  // No province or city has the word for an estate in its name: what ends so stands before it in a reordered text.
  ['province', pattern(PROVINCE)],
  ['city', pattern(CITY)],
  ['district', pattern(`${NO_TOWN_BEFORE}(?:${DISTRICT})(?!府(?!.街道)|委)`)],
  ['street', pattern(`(?:${STREET})`)],
  ['community', pattern(COMMUNITY)],
  ['community', pattern(VILLAGE)],
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
