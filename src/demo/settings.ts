import { readFileSync } from 'node:fs';
import { z } from 'zod';

const pair = z.tuple([z.number(), z.number()]);
const words = z.array(z.string().min(1)).min(1);

const plantSchema = z.object({
  kind: z.enum(['stable', 'emerging', 'dying']),
  at: pair,
  share: z.number().positive(),
  class: z.string(),
});

const sizeSchema = z.object({
  name: z.string(),
  code: z.string(),
  rootLevel: z.enum(['city', 'district']),
  addressPrefix: z.string(),
  centre: pair,
  lattice: z.int().positive(),
  halfWidthMetres: z.number().positive(),
  bendMetres: z.number().positive(),
  blockArea: z.number().positive(),
  baseGrids: z.int().positive(),
  dedicatedGrids: z.int().nonnegative(),
  areas: z.boolean(),
  gridsPerDistrict: z.number().positive(),
  gridsPerStreet: z.number().positive(),
  gridsPerArea: z.number().positive(),
  gridsPerCommunity: z.number().positive(),
  microgrids: z.tuple([z.int(), z.int()]),
  households: z.tuple([z.int(), z.int()]),
  streets: z.array(z.object({ name: z.string(), town: z.boolean() })),
  stations: z.int().positive(),
  beatsPerStation: z.int().positive(),
  cameras: z.int().positive(),
  addresses: z.int().positive(),
  addressesPerBlock: z.int().positive(),
  incidents: z.int().positive(),
  plantRadiusMetres: z.number().positive(),
  plants: z.array(plantSchema),
  workers: z.int().positive().optional(),
  unstaffedGrids: z.int().nonnegative(),
  ownHelpers: z.boolean(),
});

/** What makes a demo of one size: its place, its counts and its planted hotspots. Lattice points are fractions of it. */
export type SizeSettings = z.infer<typeof sizeSchema>;

const namesSchema = z.object({
  districts: words,
  placeFirst: z.string(),
  placeSecond: z.string(),
  roads: words,
  roadFirst: z.string(),
  roadSecond: z.string(),
  estates: words,
  estateFirst: z.string(),
  estateSecond: z.string(),
  estateSuffixes: words,
  laneSuffixes: words,
  sites: z.array(z.object({ name: z.string(), owner: z.string() })).min(1),
  cameraOwners: words,
  sources: words,
});

export type NameSettings = z.infer<typeof namesSchema>;

const classSchema = z.object({
  code: z.string(),
  name: z.string(),
  department: z.string(),
  weight: z.number().positive(),
  hours: z.number().positive(),
  items: z.record(z.string(), words),
});

/** A class of incidents: `items` lists the faults of each subject, `hours` is the usual time limit. */
export type ClassSettings = z.infer<typeof classSchema>;

const span = z.object({ name: z.string(), from: z.string(), to: z.string() });
const holidaysSchema = z.object({
  years: z.record(z.string(), z.object({ off: z.array(span), working: z.array(z.string()) })),
  otherYears: z.array(span),
});

export type HolidaySettings = z.infer<typeof holidaysSchema>;

const rhythmSchema = z.object({
  hours: z.array(z.number().positive()).length(24),
  weekdays: z.array(z.number().positive()).length(7),
  months: z.array(z.number().positive()).length(12),
  holiday: z.number().positive(),
});

/** Relative numbers of incidents by hour, weekday (Sunday first), month and on public holidays. */
export type RhythmSettings = z.infer<typeof rhythmSchema>;

/** `data/demo` lies at the same distance from `src/demo` and from `dist/demo`. */
function load<T>(file: string, schema: z.ZodType<T>): T {
  return schema.parse(JSON.parse(readFileSync(new URL(`../../data/demo/${file}`, import.meta.url), 'utf8')));
}

export interface DemoSettings {
  size: SizeSettings;
  names: NameSettings;
  classes: ClassSettings[];
  holidays: HolidaySettings;
  rhythm: RhythmSettings;
}

/** Reads the settings of one size from `data/demo`; a file that does not fit its shape throws a ZodError naming the field. */
export function loadSettings(size: string): DemoSettings {
  return {
    size: load(`${size}.json`, sizeSchema),
    names: load('names.json', namesSchema),
    classes: load('categories.json', z.array(classSchema)),
    holidays: load('holidays.json', holidaysSchema),
    rhythm: load('rhythm.json', rhythmSchema),
  };
}
