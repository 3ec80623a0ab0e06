import { z } from 'zod';
import { parseHours } from '../workers/hours.ts';
import { isDate, isRfc3339 } from './time.ts';

/** Types of fields as the help, the OpenAPI document and the writers name them. */
export type FieldType =
  | 'code'
  | 'text'
  | 'enum'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'time'
  | 'date'
  | 'hours'
  | 'object';

/** One field of a layer. `schema` takes text as CSV has it, and the JSON types. */
export interface Field<T = unknown> {
  type: FieldType;
  /** A row without it is rejected. */
  required: boolean;
  description: string;
  /** What an `enum` can be. */
  values?: readonly string[];
  /** What stands for an absent value. */
  fallback?: T;
  schema: z.ZodType<T>;
}

/** Most bytes of a code or id in UTF-8. */
export const CODE_BYTES = 64;

/** Control characters and halves of surrogate pairs, which neither the database nor JSON readers keep. */
const UNSTORABLE = /[\p{Cc}\p{Cs}]/u;
const UNSTORABLE_IN_TEXT = /[\p{Cs}\0]/u;

/** Text as it is. A JSON number is taken as its digits, unless it is one that has lost some of them. */
const string = z.preprocess(
  (value) => (typeof value === 'boolean' || Number.isSafeInteger(value) ? String(value) : value),
  z.string('must be text, in quotes'),
);

const codeSchema = string
  .refine((text) => Buffer.byteLength(text) <= CODE_BYTES, `is longer than ${CODE_BYTES} bytes`)
  .refine((text) => !UNSTORABLE.test(text), 'contains a control character');

const textSchema = string.refine(
  (text) => !UNSTORABLE_IN_TEXT.test(text),
  'contains a character that text cannot hold',
);

const numberSchema = z.preprocess((value) => {
  if (typeof value !== 'string') return value;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) ? Number(value) : value;
}, z.number('must be a number, written without unit or thousands separator'));

const TRUE = new Set(['true', 't', 'yes', 'y', '1', '是']);
const FALSE = new Set(['false', 'f', 'no', 'n', '0', '否']);

const booleanSchema = z.preprocess((value) => {
  const text = String(value).toLowerCase();
  return TRUE.has(text) ? true : FALSE.has(text) ? false : value;
}, z.boolean('must be true or false'));

const objectSchema = z.preprocess(
  (value) => {
    if (typeof value !== 'string') return value;
    try {
      return JSON.parse(value) as unknown;
    } catch {
      return value;
    }
  },
  z.record(z.string(), z.unknown(), 'must be a JSON object'),
);

/** A code or an id: 1 to 64 bytes, no control characters. */
export function code(description: string): Field<string> {
  return { type: 'code', required: true, description, schema: codeSchema };
}

/** Free text; `bytes` is the most that its UTF-8 form may take. */
export function text(description: string, bytes = Number.POSITIVE_INFINITY): Field<string> {
  const schema = textSchema.refine((value) => Buffer.byteLength(value) <= bytes, `is longer than ${bytes} bytes`);
  return { type: 'text', required: true, description, schema };
}

/** One of a list. */
export function oneOf<const V extends string>(values: readonly V[], description: string): Field<V> {
  const schema = z.enum(values, { error: ({ input }) => `${show(input)} is not one of ${values.join(', ')}` });
  return { type: 'enum', required: true, description, values, schema };
}

/** A whole number from 0 to the largest 4-byte integer. */
export function count(description: string): Field<number> {
  const schema = numberSchema.refine((n) => Number.isInteger(n) && n >= 0 && n <= 2_147_483_647, {
    error: ({ input }) => `${show(input)} is not a whole number from 0 to 2147483647`,
  });
  return { type: 'integer', required: true, description, schema };
}

/** A number for which `fits` holds; `range` says so in words. */
export function number(description: string, range: string, fits: (n: number) => boolean): Field<number> {
  const schema = numberSchema.refine(fits, { error: ({ input }) => `${show(input)} is not ${range}` });
  return { type: 'number', required: true, description, schema };
}

export function boolean(description: string): Field<boolean> {
  return { type: 'boolean', required: true, description, schema: booleanSchema };
}

/** A moment, as RFC 3339 text; local times have got their offset before (`withOffset`). */
export function time(description: string): Field<string> {
  const schema = z
    .string('must be text')
    .refine(isRfc3339, {
      error: ({ input }) =>
        `${show(input)} is not a time; write RFC 3339 (2025-03-01T08:00:00+08:00) or YYYY-MM-DD HH:MM[:SS] in TIMEZONE`,
    })
    .transform((value) => value.toUpperCase().replace(' ', 'T'));
  return { type: 'time', required: true, description, schema };
}

export function date(description: string): Field<string> {
  const schema = z
    .string('must be text')
    .refine(isDate, { error: ({ input }) => `${show(input)} is not a date; write YYYY-MM-DD` });
  return { type: 'date', required: true, description, schema };
}

/** Weekly hours in OpenStreetMap's opening_hours syntax. */
export function hours(description: string): Field<string> {
  const schema = z.string('must be text').superRefine((value, context) => {
    if (Buffer.byteLength(value) > 500) context.addIssue('is longer than 500 bytes');
    try {
      parseHours(value);
    } catch (error) {
      context.addIssue((error as Error).message);
    }
  });
  return { type: 'hours', required: true, description, schema };
}

/** A JSON object, in CSV as its text. */
export function object(description: string): Field<Record<string, unknown>> {
  return { type: 'object', required: true, description, schema: objectSchema };
}

/** The same field, null when absent. */
export function optional<T>(field: Field<T>): Field<T | null> {
  return { ...field, required: false, fallback: null, schema: field.schema.nullable() };
}

/** The same field with a value for rows that have none. */
export function withDefault<T>(field: Field<T>, fallback: T): Field<T> {
  return { ...field, required: false, fallback };
}

function show(value: unknown): string {
  if (typeof value === 'number') return String(value);
  const shown = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return `'${shown.length > 80 ? `${shown.slice(0, 80)}…` : shown}'`;
}
