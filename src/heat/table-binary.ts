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
import { type BasicType, parquetWriteBuffer } from 'hyparquet-writer';
import type { ColumnType, Table } from './table.ts';

const ARROW_TYPES: Record<ColumnType, () => DataType> = {
  text: () => new Utf8(),
  int: () => new Int32(),
  float: () => new Float64(),
  time: () => new TimestampMillisecond('UTC'),
};

/** An Arrow IPC stream. */
export function encodeArrow({ columns, about }: Table): Uint8Array {
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

/** A Parquet file. */
export function encodeParquet({ columns, about }: Table): Uint8Array {
  const columnData = columns.map(({ name, type, values }) => ({ name, type: PARQUET_TYPES[type], data: values }));
  const kvMetadata = [{ key: 'wangge', value: JSON.stringify(about) }];
  return new Uint8Array(parquetWriteBuffer({ columnData, kvMetadata }));
}
