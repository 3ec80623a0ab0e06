/** The parts of an address as the book keeps them: what decides a stem, and what its tails are told apart by. */
import { divisionStem } from '../divisions.ts';
import type { Components } from '../parse.ts';

export interface AddressRow {
  id: string;
  text: string;
  /** Degrees, WGS 84. */
  lon: number;
  lat: number;
}

export const LEVELS = ['province', 'city', 'district', 'street', 'community'] as const;
export type Level = (typeof LEVELS)[number];
/** The parts that tell stems of one name apart, in the order of the columns of a stem. */
export const STEM_PARTS = ['section', 'lane', 'alley', 'phase', 'group'] as const;
/** The parts of a tail, in the order of the columns of a row. A floor without a room stands as `3层` in `room`. */
export const TAIL_PARTS = ['number', 'building', 'unit', 'room'] as const;

/** Everything that decides the stem of a row, and the number for its aliases. */
export const STEM_COMPONENTS = [...LEVELS, ...STEM_PARTS, 'road', 'estate', 'place', 'number'] as const;

/** The name of a stem beside its road: the estate, or what else names the place; the whole text where nothing does. */
export function nameOf(normalised: string, components: Components): string | undefined {
  const named = components.estate ?? components.place;
  if (named !== undefined || components.road !== undefined) return named;
  if (components.community !== undefined) return divisionStem(components.community);
  return normalised === '' ? undefined : normalised;
}

/** What a tail has for its room: a floor without a room stands for it. */
export function roomOf(components: Components): string | undefined {
  return components.room ?? (components.floor === undefined ? undefined : `${components.floor}层`);
}
