import type { Geometry } from 'geojson';
import { z } from 'zod';
import {
  boolean,
  code,
  count,
  date,
  type Field,
  hours,
  number,
  object,
  oneOf,
  optional,
  text,
  time,
  withDefault,
} from './values.ts';

/** Geometry of a layer's rows. */
export interface GeometrySpec {
  kinds: readonly Geometry['type'][];
  /** A row without a point can get that of its address, when the importer looks addresses up. */
  byAddress: boolean;
}

/** What a layer's rows are made of; help, OpenAPI document, reader and writers go by it. */
export interface LayerSpec<F extends Record<string, Field> = Record<string, Field>> {
  fields: F;
  geometry: GeometrySpec | null;
  /** What must hold between fields; each message begins with the field to blame. */
  rules: readonly Rule[];
}

type Values = Record<string, unknown>;
type Rule = (record: Values) => string | null;

export const ROLES = [
  'chief',
  'fulltime',
  'parttime',
  'police',
  'judge',
  'prosecutor',
  'lawyer',
  'liaison',
  'building',
  'volunteer',
  'social',
  'other',
] as const;
export const STATUSES = ['reported', 'triaged', 'handling', 'supervised', 'closed', 'revisited', 'void'] as const;

const POINT: GeometrySpec = { kinds: ['Point'], byAddress: false };
const POINT_OR_ADDRESS: GeometrySpec = { kinds: ['Point'], byAddress: true };

/** `later` must not lie before `earlier`, or must lie after it when `strict`. */
function order(earlier: string, later: string, strict: boolean): Rule {
  return (record) => {
    const [from, to] = [record[earlier], record[later]];
    if (typeof from !== 'string' || typeof to !== 'string') return null;
    const gap = Date.parse(to) - Date.parse(from);
    if (gap > 0 || (gap === 0 && !strict)) return null;
    return `${later}: ${to} must ${strict ? 'lie after' : 'not lie before'} ${earlier} ${from}`;
  };
}

const period = order('valid_from', 'valid_to', true);

function notItself(key: string): Rule {
  return (record) =>
    record.parent === record[key] ? `parent: ${String(record.parent)} is the row's own ${key}` : null;
}

/** GB/T 28181: 8 digits centre, 2 industry, 3 type, 1 network, 6 serial; a camera's type is 131 or 132 (IPC). */
function gb28181(record: Values): string | null {
  const value = String(record.code);
  if (!/^\d{20}$/.test(value) || ['131', '132'].includes(value.slice(10, 13))) return null;
  return `code: ${value} has 20 digits, so digits 11 to 13 must be 131 or 132 (GB/T 28181 camera types), not ${value.slice(10, 13)}`;
}

function spec<F extends Record<string, Field>>(
  fields: F,
  geometry: GeometrySpec | null = null,
  rules: readonly Rule[] = [],
): LayerSpec<F> {
  return { fields, geometry, rules };
}

/** All layers that can be imported and exported. */
export const layers = {
  grids: spec(
    {
      code: code('unique in its net at any moment'),
      name: text('name'),
      level: code('level of the net'),
      net: withDefault(code('net, default base'), 'base'),
      parent: optional(code('code of the grid above, of a higher level of the same net')),
      kind: withDefault(oneOf(['base', 'dedicated'], 'base, or dedicated to one factory, school or market'), 'base'),
      households: optional(count('households')),
      population: optional(count('inhabitants')),
      valid_from: optional(time('first moment, default unbounded')),
      valid_to: optional(time('first moment after, default unbounded')),
      props: withDefault(object('further properties'), {}),
    },
    { kinds: ['Polygon', 'MultiPolygon'], byAddress: false },
    [period, notItself('code')],
  ),
  workers: spec({
    id: code('unique'),
    name: text('name'),
    role: oneOf(ROLES, 'role'),
    phone: optional(text('duty telephone')),
    org: optional(text('organisation')),
  }),
  assignments: spec(
    {
      worker: code('id of the worker'),
      net: withDefault(code('net of the grid, default base'), 'base'),
      grid: code('code of the grid'),
      duty: oneOf(['lead', 'member', 'backup'], 'duty'),
      category: optional(code('only for incidents of this category')),
      valid_from: optional(time('first moment, default unbounded')),
      valid_to: optional(time('first moment after, default unbounded')),
      hours: optional(hours('OpenStreetMap opening_hours in TIMEZONE, default always')),
    },
    null,
    [period],
  ),
  holidays: spec({
    date: date('the day'),
    name: optional(text('name')),
    working: withDefault(boolean('a make-up working day, default false'), false),
  }),
  cameras: spec(
    {
      code: code('unique; 20 digits are checked as a GB/T 28181 code'),
      name: optional(text('name')),
      zone: optional(oneOf(['entrance', 'public', 'unit', 'perimeter'], 'zone')),
      heading: optional(number('degrees from north', 'a heading, 0 ≤ degrees < 360', (n) => n >= 0 && n < 360)),
      status: withDefault(oneOf(['online', 'offline', 'fault'], 'status, default online'), 'online'),
      owner: optional(text('owner')),
    },
    POINT_OR_ADDRESS,
    [gb28181],
  ),
  categories: spec(
    {
      code: code('unique'),
      name: text('name'),
      parent: optional(code('class of the item')),
      hours_limit: optional(
        number('calendar hours to close in', 'a number of hours above 0', (n) => n > 0 && Number.isFinite(n)),
      ),
      red_after_hours: withDefault(
        number(
          'hours overdue until red, default 24',
          'a number of hours, 0 or more',
          (n) => n >= 0 && Number.isFinite(n),
        ),
        24,
      ),
    },
    null,
    [notItself('code')],
  ),
  incidents: spec(
    {
      id: code('unique'),
      category: code('code of the category'),
      occurred_at: time('when it occurred'),
      status: withDefault(oneOf(STATUSES, 'status, default reported'), 'reported'),
      source: optional(text('where the report came from')),
      department: optional(text('department in charge')),
      reported_at: optional(time('when it was reported')),
      triaged_at: optional(time('when it was passed on')),
      handled_at: optional(time('when work began')),
      due_at: optional(
        time('when it must be closed; default: report, or occurrence, plus the hours limit of its category'),
      ),
      closed_at: optional(time('when it was closed')),
      revisited_at: optional(time('when the reporter was asked again')),
      severity: optional(text('severity')),
      address: optional(text('address')),
    },
    POINT_OR_ADDRESS,
    [order('occurred_at', 'closed_at', false)],
  ),
  addresses: spec({ id: code('unique'), text: text('the address', 1000) }, POINT),
  streets: spec(
    { id: code('unique'), name: text('name'), class: optional(text('class')) },
    { kinds: ['LineString'], byAddress: false },
  ),
} satisfies Record<string, LayerSpec>;

export type LayerName = keyof typeof layers;
export const LAYERS = Object.keys(layers) as LayerName[];

/** The values of a layer's fields: optional ones null when absent, defaults filled in. */
export type RecordOf<L extends LayerName> = {
  [K in keyof (typeof layers)[L]['fields']]: (typeof layers)[L]['fields'][K] extends Field<infer T> ? T : never;
};

/** The zod schema of a layer's fields. Absent is undefined. Other members are dropped. */
export function schemaOf<L extends LayerName>(layer: L): z.ZodType<RecordOf<L>> {
  const { fields, rules }: LayerSpec = layers[layer];
  const shape = Object.fromEntries(
    Object.entries(fields).map(([name, field]) => {
      const missing = field.required ? {} : { default: field.fallback };
      return [name, 'default' in missing ? z.preprocess((v) => v ?? missing.default, field.schema) : required(field)];
    }),
  );
  const schema = z.object(shape).superRefine((record, context) => {
    for (const rule of rules) {
      const message = rule(record);
      if (message !== null) context.addIssue({ code: 'custom', message });
    }
  });
  return schema as unknown as z.ZodType<RecordOf<L>>;
}

function required(field: Field): z.ZodType {
  return z
    .unknown()
    .superRefine((value, context) => {
      if (value === undefined) context.addIssue({ code: 'custom', message: 'is required but missing' });
    })
    .pipe(field.schema);
}

/** Columns by which a row without geometry tells its place. */
export const PLACE_COLUMNS = ['lon', 'lat', 'geometry'] as const;

/** Names that a row of a layer may use, columns of the place included. */
export function namesOf(layer: LayerName): string[] {
  const { fields, geometry }: LayerSpec = layers[layer];
  const place = geometry === null ? [] : [...PLACE_COLUMNS, ...(geometry.byAddress ? ['address'] : [])];
  return [...new Set([...Object.keys(fields), ...place])];
}
