import { createHash } from 'node:crypto';
import { createZone, type Zone } from '../workers/zone.ts';
import type { DateSpec, FieldSpec, Mapping } from './mapping.ts';
import type { SourceRow } from './row.ts';
import { numbersOf, toRfc3339 } from './time.ts';

/** A row with the fields of its layer, or why it cannot be mapped; each reason begins with the field. */
export type MappedRow = { ok: true; row: SourceRow } | { ok: false; reasons: string[] };
export type RowMapper = (row: SourceRow) => MappedRow;

type Properties = Record<string, unknown>;
type Maker = (properties: Properties) => unknown;

/** A value that cannot be made; caught by the mapper. */
class MappingFault extends Error {}

/**
 * A function that turns rows of a source into rows of the mapping's layer.
 *
 * @param timeZone IANA name of the zone of local times whose spec names none
 */
export function createRowMapper(mapping: Mapping, timeZone: string): RowMapper {
  const makers = Object.entries(mapping.fields).map(([name, spec]) => [name, createMaker(spec, timeZone)] as const);
  const used = new Set(Object.values(mapping.fields).flatMap(columnsOf));
  return (row) => {
    const properties: Properties = mapping.rest === 'keep' ? without(row.properties, used) : {};
    const reasons: string[] = [];
    for (const [name, make] of makers) {
      try {
        properties[name] = make(row.properties);
      } catch (error) {
        if (!(error instanceof MappingFault)) throw error;
        reasons.push(`${name}: ${error.message}`);
      }
    }
    return reasons.length > 0 ? { ok: false, reasons } : { ok: true, row: { ...row, properties } };
  };
}

/** Columns that a spec reads. */
function columnsOf(spec: FieldSpec): string[] {
  if (typeof spec === 'string') return [spec];
  if ('const' in spec) return [];
  if ('join' in spec) return spec.join.flatMap(columnsOf);
  if ('first' in spec) return spec.first.flatMap(columnsOf);
  if ('hash' in spec) return spec.hash;
  if ('date' in spec) return spec.time === undefined ? [spec.date] : [spec.date, spec.time];
  return [spec.column];
}

function without(properties: Properties, names: Set<string>): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !names.has(name)));
}

function createMaker(spec: FieldSpec, timeZone: string): Maker {
  if (typeof spec === 'string') return (row) => row[spec];
  if ('const' in spec) return () => spec.const;
  if ('join' in spec) return joinMaker(spec.join, spec.with, timeZone);
  if ('first' in spec) return firstMaker(spec.first, timeZone);
  if ('hash' in spec) return (row) => hashOf(row, spec.hash);
  if ('date' in spec) return dateMaker(spec, createZone(spec.timeZone ?? timeZone));
  if ('lookup' in spec) return lookupMaker(spec.column, new Map(Object.entries(spec.lookup)), spec.otherwise);
  const pattern = new RegExp(spec.match, 'u');
  return (row) => {
    const value = textOf(row[spec.column]);
    if (value === '') return undefined;
    const match = pattern.exec(value);
    if (match === null) throw new MappingFault(`${spec.column} '${value}' does not match ${spec.match}`);
    return match[1] ?? match[0];
  };
}

function joinMaker(specs: FieldSpec[], separator: string, timeZone: string): Maker {
  const makers = specs.map((spec) => createMaker(spec, timeZone));
  return (row) => {
    const parts = makers.map((make) => textOf(make(row)));
    return parts.includes('') ? undefined : parts.join(separator);
  };
}

/** A part that cannot be made counts as none, unless there is no other. */
function firstMaker(specs: FieldSpec[], timeZone: string): Maker {
  const makers = specs.map((spec) => createMaker(spec, timeZone));
  return (row) => {
    let fault: MappingFault | undefined;
    for (const make of makers) {
      try {
        const value = make(row);
        if (textOf(value) !== '') return value;
      } catch (error) {
        if (!(error instanceof MappingFault)) throw error;
        fault = error;
      }
    }
    if (fault) throw fault;
    return undefined;
  };
}

function lookupMaker(column: string, lookup: Map<string, unknown>, otherwise: 'reject' | 'keep'): Maker {
  return (row) => {
    const value = textOf(row[column]);
    if (value === '') return undefined;
    if (lookup.has(value)) return lookup.get(value) ?? undefined;
    if (otherwise === 'keep') return value;
    throw new MappingFault(`${column} '${value}' is not in the lookup of the mapping; add it there`);
  };
}

/** The first 96 bits of SHA-256: two of ten million rows are alike by chance once in 10¹⁵ imports. */
function hashOf(row: Properties, columns: string[]): string {
  const values = columns.map((column) => {
    if (!(column in row)) throw new MappingFault(`the source has no column ${column}`);
    return textOf(row[column]);
  });
  return createHash('sha256').update(JSON.stringify(values)).digest('hex').slice(0, 24);
}

const DATES: Record<DateSpec['form'], RegExp> = {
  YYYYMMDD: /^(\d{4})(\d\d)(\d\d)$/,
  'YYYY-MM-DD': /^(\d{4})-(\d\d?)-(\d\d?)$/,
  'YYYY/MM/DD': /^(\d{4})\/(\d\d?)\/(\d\d?)$/,
  // Written together a year has three digits: two could as well be a slip of the pen.
  roc: /^(?:(\d{3})(\d\d)(\d\d)|(\d{2,3})[-/.](\d\d?)[-/.](\d\d?))$/,
};

/** Year 1 of the Republic of China is 1912. */
const ROC_ERA = 1911;

const TIMES: Record<NonNullable<DateSpec['timeForm']>, RegExp> = {
  HHMMSS: /^(\d\d)(\d\d)(\d\d)$/,
  'HH:MM': /^(\d\d?):(\d\d)$/,
  'HH:MM:SS': /^(\d\d?):(\d\d):(\d\d)$/,
  hours: /^(\d\d?) ?[~-] ?\d\d?$/,
};

function dateMaker(spec: DateSpec, zone: Zone): Maker {
  return (row) => {
    const text = textOf(row[spec.date]);
    if (text === '') return undefined;
    const [year, month, day] = dateParts(spec, text);
    const moment = toRfc3339([year, month, day, ...timeParts(spec, row)], zone);
    if (moment === null) throw new MappingFault(`${spec.date} '${text}' is not a time that exists in ${zone.timeZone}`);
    return moment;
  };
}

function dateParts(spec: DateSpec, text: string): [number, number, number] {
  const parts = matchOf(spec.date, text, spec.form, DATES[spec.form]);
  if (spec.form !== 'roc') return parts as [number, number, number];
  const [year, month, day] = (parts[0] === 0 ? parts.slice(3) : parts) as [number, number, number];
  return [year + ROC_ERA, month, day];
}

function timeParts(spec: DateSpec, row: Properties): [number, number, number] {
  if (spec.time === undefined || spec.timeForm === undefined) return [0, 0, 0];
  const [hour = 0, minute = 0, second = 0] = matchOf(
    spec.time,
    textOf(row[spec.time]),
    spec.timeForm,
    TIMES[spec.timeForm],
  );
  return [hour, minute, second];
}

function matchOf(column: string, text: string, form: string, pattern: RegExp): number[] {
  const match = pattern.exec(text);
  if (match === null) throw new MappingFault(`${column} '${text}' is not of the form ${form}; is the row shifted?`);
  return numbersOf(match);
}

function textOf(value: unknown): string {
  return value === undefined || value === null ? '' : String(value).trim();
}
