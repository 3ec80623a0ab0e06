import { readFileSync } from 'node:fs';
import { z } from 'zod';

const range = z.object({ min: z.int().nonnegative(), max: z.int().nonnegative() });

const profileSchema = z.object({
  id: z.string(),
  name: z.string(),
  note: z.string(),
  /** The grids that it is for. */
  level: z.string(),
  kind: z.enum(['base', 'dedicated']),
  /** `any`: one figure in its range is enough; `all`: each has to be. */
  combine: z.enum(['any', 'all']),
  households: range,
  population: range,
});

/** How large a grid should be. */
export type Profile = z.infer<typeof profileSchema>;

const staffingSchema = z.object({
  staffed: z.object({ level: z.string(), days: z.int().positive() }),
  rules: z.array(
    z.object({
      check: z.enum(['no_fulltime', 'few_members', 'no_legal_officer', 'no_chief']),
      name: z.string(),
      level: z.string(),
      kind: z.enum(['base', 'dedicated']),
      /** Absent: everybody counts. */
      roles: z.array(z.string()).optional(),
      least: z.int().positive(),
      /** `own`: who is assigned to the grid itself; `chain`: or to one above. */
      counting: z.enum(['own', 'chain']),
    }),
  ),
});

/** Who has to serve a grid. */
export type Staffing = z.infer<typeof staffingSchema>;
export type StaffingRule = Staffing['rules'][number];

export const PROFILE_IDS = ['standard', 'mixed', 'managed'] as const;
export type ProfileId = (typeof PROFILE_IDS)[number];

/** `data/profiles` lies at the same distance from `src/grids` and from `dist/grids`. */
function load<T>(file: string, schema: z.ZodType<T>): T {
  return schema.parse(JSON.parse(readFileSync(new URL(`../../data/profiles/${file}.json`, import.meta.url), 'utf8')));
}

/** Read a profile; a ZodError names the field of the file that does not fit. */
export function loadProfile(id: ProfileId): Profile {
  return load(id, profileSchema);
}

/** Read the staffing rules; a ZodError names the field of the file that does not fit. */
export function loadStaffing(): Staffing {
  return load('staffing', staffingSchema);
}
