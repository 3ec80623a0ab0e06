import type { Queryable } from '../db/db.ts';
import { ADDRESSES_ENDING, SAMPLE_ADDRESS } from './addresses.sql.ts';
import { normalise } from './normalise.ts';

export interface AddressMatch {
  id: string;
  text: string;
  lon: number;
  lat: number;
  /** Normalised parts of the stored address that the question left out. */
  missing: string;
}

/** What the part before a number can end with where one division of an address ends and the next begins. */
const DIVISION_END =
  /(?:[省市区县旗盟州镇乡村里邻组]|街道|社区|新村|小区|花园|家园|公寓|苑|园|城|庭|府|弄|巷|路|街|道|号|栋|单元)$/;

/**
 * Addresses of the book that a text means exactly, or with leading parts left out: the whole normalised form, or its end
 * from the beginning of a part on. The plain form of the search, asked of the record: what it finds, the book must find.
 *
 * @param limit how many at most, shortest first
 */
export async function findExact(db: Queryable, text: string, limit: number): Promise<AddressMatch[]> {
  const key = normalise(text);
  if (key.length < 2) return [];
  const rows = await db.query<Omit<AddressMatch, 'missing'> & { key: string }>(ADDRESSES_ENDING, [
    `${escapeLike([...key].reverse().join(''))}%`,
    limit * 4,
  ]);
  const matches = rows
    .map(({ key: stored, ...row }) => ({ ...row, missing: stored.slice(0, stored.length - key.length) }))
    .filter(({ missing }) => missing === '' || DIVISION_END.test(missing));
  const exact = matches.filter(({ missing }) => missing === '');
  return (exact.length > 0 ? exact : matches).slice(0, limit);
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}

/** An address of the book to show what can be asked. */
export async function sampleOf(db: Queryable): Promise<{ text: string; lon: number; lat: number } | undefined> {
  const [row] = await db.query<{ text: string; lon: number; lat: number }>(SAMPLE_ADDRESS);
  return row;
}
