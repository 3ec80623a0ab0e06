import { stringify } from 'csv-stringify/sync';
import type { Task } from '../threads/task.ts';

/** What a column holds; every column may hold nulls. */
export type ColumnType = 'text' | 'int' | 'float' | 'time';

/** A column of rows `R`. Numbers that are not finite leave as null. */
export interface Column<R> {
  name: string;
  type: ColumnType;
  of(row: R): string | number | Date | null | undefined;
}

type Value = string | number | Date | null;

/** Columns of equal length, and what holds for all rows. */
export interface Table {
  columns: { name: string; type: ColumnType; values: Value[] }[];
  length: number;
  /** Kept beside the data where the format has a place for it, as JSON under the key `wangge`. */
  about: Record<string, unknown>;
}

/** The table of rows. */
export function tableOf<R>(columns: readonly Column<R>[], rows: readonly R[], about: Record<string, unknown>): Table {
  return {
    columns: columns.map(({ name, type, of }) => ({ name, type, values: rows.map((row) => finite(of(row) ?? null)) })),
    length: rows.length,
    about,
  };
}

function finite(value: Value): Value {
  return typeof value === 'number' && !Number.isFinite(value) ? null : value;
}

export const TABLE_FORMATS = ['csv', 'arrow', 'parquet'] as const;
export type TableFormat = (typeof TABLE_FORMATS)[number];

/** Media type of each format, as registered or as its makers say. */
export const TABLE_TYPES: Record<TableFormat, string> = {
  csv: 'text/csv; charset=utf-8',
  arrow: 'application/vnd.apache.arrow.stream',
  parquet: 'application/vnd.apache.parquet',
};

/**
 * Write a table: CSV (RFC 4180, a header line), an Arrow IPC stream, or a Parquet file. What writes the latter two takes
 * longer to load than most answers to write: only those who ask for it wait.
 */
export async function encodeTable(table: Table, format: TableFormat): Promise<Uint8Array> {
  if (format === 'csv') return encodeCsv(table);
  const { encodeArrow, encodeParquet } = await import('./table-binary.ts');
  return format === 'arrow' ? encodeArrow(table) : encodeParquet(table);
}

/** See `encodeTable`. */
export const encodeTableTask: Task<{ table: Table; format: TableFormat }, Uint8Array> = {
  name: 'table',
  run: ({ table, format }) => encodeTable(table, format),
};

function encodeCsv({ columns, length }: Table): Uint8Array {
  const records = Array.from({ length }, (_, i) => columns.map(({ values }) => csvField(values[i]!)));
  const text = stringify(records, {
    header: true,
    columns: columns.map(({ name }) => name),
    record_delimiter: '\r\n',
  });
  return Buffer.from(text);
}

function csvField(value: Value): string | number | null {
  return value instanceof Date ? value.toISOString() : value;
}
