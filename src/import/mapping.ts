import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { CRS_NAMES } from '../geo/crs.ts';
import { LAYERS, type LayerName, namesOf } from './fields.ts';
import { ENCODINGS } from './read/fault.ts';
import { FORMATS } from './read/rows.ts';
import { code } from './values.ts';

export { CRS_NAMES };

/**
 * How the value of one field is made of a source's columns:
 *
 * - `"COLUMN"`: the column as it is
 * - `{const}`: the same value in every row
 * - `{join: [spec, …], with}`: parts put together; absent when a part is absent
 * - `{first: [spec, …]}`: the first of these that gives a value
 * - `{column, lookup: {from: to}, otherwise: "reject" | "keep"}`: a value for each value; `null` stands for absent
 * - `{column, match}`: the first group of a regular expression, or all that it matches
 * - `{hash: [column, …]}`: an identifier made of the row's content, for sources that have none or a damaged one:
 *   the same content has the same identifier in every import
 * - `{date: column, form, time: column, timeForm, timeZone}`: a local time as RFC 3339
 */
export type FieldSpec =
  | string
  | { const: string | number | boolean }
  | { join: FieldSpec[]; with: string }
  | { first: FieldSpec[] }
  | { column: string; lookup: Record<string, string | number | boolean | null>; otherwise: 'reject' | 'keep' }
  | { column: string; match: string }
  | { hash: string[] }
  | DateSpec;

/** Forms of dates: `roc` is year, month, day with years counted from 1911 (1040101, 104/1/1). */
export const DATE_FORMS = ['YYYYMMDD', 'YYYY-MM-DD', 'YYYY/MM/DD', 'roc'] as const;
/** Forms of times: `hours` is a range of hours (16~18), of which the start counts. */
export const TIME_FORMS = ['HHMMSS', 'HH:MM', 'HH:MM:SS', 'hours'] as const;

export interface DateSpec {
  date: string;
  form: (typeof DATE_FORMS)[number];
  /** Without it the day's midnight is meant. */
  time?: string | undefined;
  timeForm?: (typeof TIME_FORMS)[number] | undefined;
  /** Zone of the source's clocks; default TIMEZONE. */
  timeZone?: string | undefined;
}

const column = z.string().min(1);

const isPattern = (pattern: string): boolean => {
  try {
    return new RegExp(pattern, 'u') instanceof RegExp;
  } catch {
    return false;
  }
};

const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
};

const dateSpec = z
  .strictObject({
    date: column,
    form: z.enum(DATE_FORMS),
    time: column.optional(),
    timeForm: z.enum(TIME_FORMS).optional(),
    timeZone: z.string().refine(isTimeZone, 'is not an IANA time zone').optional(),
  })
  .refine((spec) => (spec.time === undefined) === (spec.timeForm === undefined), 'time and timeForm go together');

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const fieldSpec: z.ZodType<FieldSpec> = z.lazy(() =>
  z.union(
    [
      column,
      z.strictObject({ const: scalar }),
      z.strictObject({ join: z.array(fieldSpec).min(1), with: z.string().default('') }),
      z.strictObject({ first: z.array(fieldSpec).min(1) }),
      z.strictObject({
        column,
        lookup: z.record(z.string(), scalar.nullable()),
        otherwise: z.enum(['reject', 'keep']).default('reject'),
      }),
      z.strictObject({ column, match: z.string().refine(isPattern, 'is not a regular expression') }),
      z.strictObject({ hash: z.array(column).min(1) }),
      dateSpec,
    ],
    {
      error:
        'must be a column name, or an object with const, join, first, lookup, match, hash or date as data/mappings/README.md has it',
    },
  ),
);

const id = code('identifier').schema as z.ZodType<string>;
const net = z.strictObject({
  id,
  name: z.string().min(1),
  /** From the top of the net down. */
  levels: z.array(z.strictObject({ id, name: z.string().min(1) })).min(1),
});

const mappingSchema = z
  .strictObject({
    /** Where the source comes from and its licence. */
    description: z.string().optional(),
    layer: z.enum(LAYERS as [LayerName, ...LayerName[]]),
    format: z.enum(FORMATS).optional(),
    encoding: z.enum(ENCODINGS).optional(),
    crs: z.enum(CRS_NAMES).optional(),
    /** Nets that must exist with exactly these levels, before the rows are loaded. */
    nets: z.array(net).default([]),
    fields: z.record(z.string(), fieldSpec),
    /** What happens to columns that `fields` does not use: dropped, or kept under their own names. */
    rest: z.enum(['drop', 'keep']).default('drop'),
  })
  .superRefine((mapping, context) => {
    const names = namesOf(mapping.layer);
    for (const name of Object.keys(mapping.fields)) {
      if (names.includes(name)) continue;
      const message = `${mapping.layer} have no field ${name}; there are ${names.join(', ')}`;
      context.addIssue({ code: 'custom', path: ['fields', name], message });
    }
  });

/** A mapping file: how the rows of one source become rows of a layer. */
export type Mapping = z.output<typeof mappingSchema>;

/**
 * Read a mapping file.
 *
 * @throws Error naming the file, each place in it that is wrong, and the cure
 */
export async function loadMapping(path: string): Promise<Mapping> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new Error(`mapping ${path} cannot be read: ${(error as Error).message}`);
  }
  return parseMapping(value, path);
}

/** Check a mapping that is already in memory; see `loadMapping`. */
export function parseMapping(value: unknown, name: string): Mapping {
  const parsed = mappingSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(
    (issue) => `${issue.path.map(String).join('.') || 'the file'}: ${issue.message}`,
  );
  throw new Error(`mapping ${name} is not valid: ${faults.join('; ')}`);
}

/**
 * Parse `--map from=to,…`: columns of the source and the fields that they become.
 *
 * @returns specs by field
 * @throws Error naming the part that is wrong
 */
export function parseMap(text: string): Record<string, FieldSpec> {
  const fields: Record<string, FieldSpec> = {};
  for (const part of text.split(',')) {
    const [from, to, ...more] = part.split('=').map((side) => side.trim());
    if (!from || !to || more.length > 0) {
      throw new Error(`--map: '${part}' is not column=field; columns with , or = in their names need a --mapping file`);
    }
    if (to in fields) throw new Error(`--map: field ${to} is given twice`);
    fields[to] = from;
  }
  return fields;
}

/** Put the renamings of `--map` over a mapping file, or over nothing: then all other columns keep their names. */
export function withMap(mapping: Mapping | undefined, layer: LayerName, map: Record<string, FieldSpec>): Mapping {
  const base = mapping ?? { layer, nets: [], fields: {}, rest: 'keep' as const };
  return parseMapping({ ...base, fields: { ...base.fields, ...map } }, '--map');
}
