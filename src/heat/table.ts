import {
  Table as ArrowTable,
  type DataType,
  Field,
  Float64,
  Int32,
  RecordBatch,
  Schema,
  TimestampMillisecond,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { stringify } from 'csv-stringify/sync';
import { type BasicType, parquetWriteBuffer } from 'hyparquet-writer';
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

/** Write a table: CSV (RFC 4180, a header line), an Arrow IPC stream, or a Parquet file. */
export function encodeTable(table: Table, format: TableFormat): Uint8Array {
  return ENCODERS[format](table);
}

/** See `encodeTable`. */
export const encodeTableTask: Task<{ table: Table; format: TableFormat }, Uint8Array> = {
  name: 'table',
  run: ({ table, format }) => encodeTable(table, format),
};

const ENCODERS: Record<TableFormat, (table: Table) => Uint8Array> = {
  csv: encodeCsv,
  arrow: encodeArrow,
  parquet: encodeParquet,
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

const ARROW_TYPES: Record<ColumnType, () => DataType> = {
  text: () => new Utf8(),
  int: () => new Int32(),
  float: () => new Float64(),
  time: () => new TimestampMillisecond('UTC'),
};

function encodeArrow({ columns, about }: Table): Uint8Array {
  const vectors = Object.fromEntries(
    columns.map(({ name, type, values }) => [name, vectorFromArray(values, ARROW_TYPES[type]())]),
  );
  const plain = new ArrowTable(vectors);
  // A column without a null would otherwise be declared as one that cannot hold any.
  const fields = plain.schema.fields.map(({ name, type }) => new Field(name, type, true));
  const schema = new Schema(fields, new Map([['wangge', JSON.stringify(about)]]));
  const batches = plain.batches.map((batch) => new RecordBatch(schema, batch.data));
  return tableToIPC(new ArrowTable(schema, batches), 'stream');
}

const PARQUET_TYPES: Record<ColumnType, BasicType> = {
  text: 'STRING',
  int: 'INT32',
  float: 'DOUBLE',
  time: 'TIMESTAMP',
};

function encodeParquet({ columns, about }: Table): Uint8Array {
  const columnData = columns.map(({ name, type, values }) => ({ name, type: PARQUET_TYPES[type], data: values }));
  const kvMetadata = [{ key: 'wangge', value: JSON.stringify(about) }];
  return new Uint8Array(parquetWriteBuffer({ columnData, kvMetadata }));
}
