import type { SourceRow } from '../row.ts';
import { readCsv } from './csv.ts';
import type { Encoding, RowFault } from './fault.ts';
import { readGeojson } from './geojson.ts';
import { readNdjson } from './ndjson.ts';
import { decode, gunzip } from './text.ts';

/** Formats of files by the names of the command line. */
export const FORMATS = ['csv', 'geojson', 'ndjson'] as const;
export type Format = (typeof FORMATS)[number];

export interface ReadOptions {
  format: Format;
  /** The bytes are compressed with gzip. */
  gzip: boolean;
  encoding: Encoding;
}

const READERS = { csv: readCsv, geojson: readGeojson, ndjson: readNdjson };

/**
 * Read rows one after another; memory does not grow with the file. A row that cannot be read comes as a fault in its
 * place.
 *
 * @throws ReadError when the file as a whole is broken: cut off, damaged, without a usable header
 */
export function readRows(
  source: AsyncIterable<Uint8Array>,
  options: ReadOptions,
): AsyncGenerator<SourceRow | RowFault> {
  const bytes = options.gzip ? gunzip(source) : source;
  return READERS[options.format](decode(bytes, options.encoding), options.encoding);
}
