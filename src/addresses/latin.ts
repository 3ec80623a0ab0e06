/** Addresses in Latin script, good enough to search: `No. 35, Sec. 2, Zhongshan N. Rd.` and `Chaoyang Road 12`. */
import type { Components } from './parse.ts';

const DIRECTIONS: Readonly<Record<string, string>> = {
  N: 'BEI',
  S: 'NAN',
  E: 'DONG',
  W: 'XI',
  NORTH: 'BEI',
  SOUTH: 'NAN',
  EAST: 'DONG',
  WEST: 'XI',
};
const ROADS: Readonly<Record<string, string>> = {
  RD: 'LU',
  ROAD: 'LU',
  LU: 'LU',
  ST: 'JIE',
  STREET: 'JIE',
  JIE: 'JIE',
  AVE: 'DADAO',
  AVENUE: 'DADAO',
  BLVD: 'DADAO',
  BOULEVARD: 'DADAO',
  DADAO: 'DADAO',
};

const PARTS: readonly (readonly [keyof Components, RegExp])[] = [
  ['section', /\bSEC(?:TION)? (\d+)\b/],
  ['lane', /\b(?:LN|LANE) (\d+)\b/],
  ['alley', /\b(?:ALY|ALLEY) (\d+)\b/],
  ['building', /\b(?:BLDG|BUILDING|BLOCK|TOWER) ([0-9A-Z]{1,3})\b/],
  ['unit', /\bUNIT ([0-9A-Z]{1,3})\b/],
  ['room', /\b(?:RM|ROOM|APT|FLAT) ([0-9A-Z]{1,5})\b/],
  ['floor', /\b(\d{1,3})(?:F|层)(?![0-9A-Z])/],
  ['number', /\bNO (\d+(?:-\d+)?)\b/],
];

/** Parses a normalised text without Han characters; names are written as pinyin without spaces. */
export function parseLatin(text: string): Components {
  const components: Components = {};
  let rest = text;
  for (const [part, regex] of PARTS) {
    rest = rest.replace(regex, (_, value: string) => {
      components[part] = value;
      return ' ';
    });
  }
  rest = rest.replace(/\b[A-Z]+ (?:DIST|DISTRICT|CITY|COUNTY|PROVINCE|TAIWAN|CHINA)\b/g, ' ');
  return readRoad(rest, components);
}

function readRoad(text: string, components: Components): Components {
  const words = text.split(/[^0-9A-Z]+/).filter((word) => word !== '');
  const end = words.findIndex((word) => ROADS[word] !== undefined);
  const name =
    end > 0
      ? words.slice(0, end).filter((word) => /^[A-Z]+$/.test(word))
      : words.filter((word) => /^[A-Z]+$/.test(word));
  const numbers = words.filter((word) => /^\d+$/.test(word));
  if (components.number === undefined && numbers[0] !== undefined) components.number = numbers[0];
  const spelled = name.map((word, i) => (i > 0 ? (DIRECTIONS[word] ?? word) : word)).join('');
  if (end > 0) components.road = spelled + ROADS[words[end]!]!;
  else if (spelled !== '') components.place = spelled;
  return components;
}
