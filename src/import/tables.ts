import type { LayerName } from './fields.ts';

/** Where a layer's rows go. Every name here is a constant of SQL. */
export interface LayerTable {
  table: string;
  /** Fields that become columns, with their types. */
  columns: Record<string, string>;
  /** Columns of the unique index that tells one row from another. */
  key: string[];
  /** One text per row of `stage s`, equal where the keys are. */
  keyText: string;
  /** Type of the column `geom`, and how it is made of what was read. */
  geometry?: { type: 'Point' | 'LineString' | 'MultiPolygon'; from: string };
  /** Columns that the service derives of good rows, in the table `stage_derived d`. */
  derived?: string[];
  /** What `replace` removes beside it: rows whose key the file does not have, all or of the file's nets. */
  replaces: string;
}

const TEXT = 'text collate "C"';
const TIME = 'timestamptz';
const POINT = { type: 'Point', from: 's.geom' } as const;

/** Joins the parts of a key with a character that codes cannot hold. */
function keyOf(...parts: string[]): string {
  return `concat_ws(chr(31), ${parts.join(', ')})`;
}

export const TABLES: Record<LayerName, LayerTable> = {
  grids: {
    table: 'grid',
    columns: {
      net: TEXT,
      code: TEXT,
      name: 'text',
      level: TEXT,
      parent: TEXT,
      kind: 'text',
      households: 'int',
      population: 'int',
      valid_from: TIME,
      valid_to: TIME,
      props: 'jsonb',
    },
    key: ['net', 'code', 'valid_from'],
    keyText: keyOf('s.net', 's.code', `coalesce(s.valid_from::text, '')`),
    geometry: { type: 'MultiPolygon', from: 'st_multi(s.geom)' },
    replaces: 't.net in (select net from stage)',
  },
  workers: {
    table: 'worker',
    columns: { id: TEXT, name: 'text', role: 'text', phone: 'text', org: 'text' },
    key: ['id'],
    keyText: 's.id',
    replaces: 'true',
  },
  assignments: {
    table: 'assignment',
    columns: {
      worker: TEXT,
      net: TEXT,
      grid: TEXT,
      duty: 'text',
      category: TEXT,
      valid_from: TIME,
      valid_to: TIME,
      hours: 'text',
    },
    key: ['worker', 'net', 'grid', 'duty', 'category', 'valid_from'],
    keyText: keyOf(
      's.worker',
      's.net',
      's.grid',
      's.duty',
      `coalesce(s.category, '')`,
      `coalesce(s.valid_from::text, '')`,
    ),
    replaces: 'true',
  },
  holidays: {
    table: 'holiday',
    columns: { date: 'date', name: 'text', working: 'boolean' },
    key: ['date'],
    keyText: 's.date::text',
    replaces: 'true',
  },
  cameras: {
    table: 'camera',
    columns: { code: TEXT, name: 'text', zone: 'text', heading: 'float8', status: 'text', owner: 'text' },
    key: ['code'],
    keyText: 's.code',
    geometry: POINT,
    replaces: 'true',
  },
  categories: {
    table: 'category',
    columns: { code: TEXT, name: 'text', parent: TEXT, hours_limit: 'float8', red_after_hours: 'float8' },
    key: ['code'],
    keyText: 's.code',
    replaces: 'true',
  },
  incidents: {
    table: 'incident',
    columns: {
      region: TEXT,
      id: TEXT,
      category: TEXT,
      occurred_at: TIME,
      status: 'text',
      source: 'text',
      department: 'text',
      reported_at: TIME,
      triaged_at: TIME,
      handled_at: TIME,
      due_at: TIME,
      closed_at: TIME,
      revisited_at: TIME,
      severity: 'text',
      address: 'text',
    },
    key: ['region', 'id'],
    keyText: 's.id',
    geometry: POINT,
    derived: ['region', 'due_at'],
    replaces: 'true',
  },
  addresses: {
    table: 'address',
    columns: { id: TEXT, text: 'text' },
    key: ['id'],
    keyText: 's.id',
    geometry: POINT,
    replaces: 'true',
  },
  streets: {
    table: 'street',
    columns: { id: TEXT, name: 'text', class: 'text' },
    key: ['id'],
    keyText: 's.id',
    geometry: { type: 'LineString', from: 's.geom' },
    replaces: 'true',
  },
};

/** The columns of the table in the order of writing, the geometry last. */
export function writtenColumns({ columns, geometry }: LayerTable): string[] {
  return geometry ? [...Object.keys(columns), 'geom'] : Object.keys(columns);
}
