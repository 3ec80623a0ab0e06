import { z } from 'zod';
import { timeSchema, wordsSchema } from '../http.ts';
import { PROFILE_IDS } from './checks.profiles.ts';

/** What is checked, in the order in which faults are listed. */
export const CHECKS = [
  'invalid',
  'overlap',
  'gap',
  'outside_parent',
  'code_not_under_parent',
  'households',
  'population',
  'incident_outside',
  'address_outside',
  'hours_unreadable',
  'unstaffed_week',
  'unstaffed_now',
  'no_fulltime',
  'few_members',
  'no_legal_officer',
  'no_chief',
] as const;
export type Check = (typeof CHECKS)[number];

export const CHECK_FORMATS = ['json', 'geojson', 'csv'] as const;

export const profileSchema = z.enum([...PROFILE_IDS, 'none'], {
  error: `must be out of: ${PROFILE_IDS.join(', ')}, none`,
});

/** `GET /checks` */
export const checkQuerySchema = z.strictObject({
  net: z.string().min(1).default('base'),
  under: z.string().min(1).optional(),
  at: timeSchema.optional(),
  profile: profileSchema.default('standard'),
  check: wordsSchema(CHECKS).optional(),
  format: z.enum(CHECK_FORMATS, { error: `must be out of: ${CHECK_FORMATS.join(', ')}` }).default('json'),
});
