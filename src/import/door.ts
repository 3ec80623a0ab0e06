import { type Components, parse } from '../addresses/parse.ts';

/** An address as the end of an entry of the address book: from the district down to the number. */
export interface Door {
  text: string;
  /** The city that the address names, which the entry must not contradict. */
  city: string | null;
}

const PARTS = new Set<string>([
  'city',
  'district',
  'community',
  'neighbourhood',
  'road',
  'section',
  'lane',
  'alley',
  'number',
] satisfies (keyof Components)[]);

/**
 * The district, road and number of a normalised address, as an entry without community (里) and neighbourhood (鄰) reads.
 *
 * @returns null when the address says more or less than one door: no district, a range of numbers, a crossing, a place
 */
export function doorOf(normalised: string): Door | null {
  const components = parse(normalised);
  const { city, district, road, section, lane, alley, number } = components;
  if (district === undefined || road === undefined || number === undefined) return null;
  if (!Object.keys(components).every((part) => PARTS.has(part)) || !isOneDoor(number)) return null;
  const text = [district, road, part(section, '段'), part(lane, '巷'), part(alley, '弄'), part(number, '号')].join('');
  return { text, city: city ?? null };
}

/** `31-60` may be door 60 of number 31 or a range of doors, so it is neither; `31-2` is no range. */
function isOneDoor(number: string): boolean {
  const match = /^(\d+)(?:-(\d+))?$/.exec(number);
  return match !== null && (match[2] === undefined || Number(match[2]) <= Number(match[1]));
}

function part(value: string | undefined, unit: string): string {
  return value === undefined ? '' : value + unit;
}
