import type { SourceRow } from '../row.ts';

/** A row that cannot be read. The rows after it still can. */
export interface RowFault {
  /** Physical line where the row starts, from 1. */
  line: number;
  reason: string;
  /** The row's text as it stands in the file, decoded. */
  raw: string;
}

/** A file that cannot be read any further. The message names the line and the cure. */
export class ReadError extends Error {
  override name = 'ReadError';
  readonly line: number;

  constructor(line: number, reason: string) {
    super(`line ${line}: ${reason}`);
    this.line = line;
  }
}

/** Whether a reader gave a fault in place of a row. */
export function isFault(row: SourceRow | RowFault): row is RowFault {
  return 'reason' in row;
}

/** Longest row that is held in memory, in UTF-16 units. A polygon of a million vertices fits. */
export const MAX_ROW = 1 << 26;

/** What stands in decoded text for bytes that the encoding does not know. */
export const UNDECODABLE = '\uFFFD';

/** Reason of a row whose bytes do not fit the encoding. */
export function undecodable(encoding: string): string {
  return `bytes that are not ${encoding} (shown as ${UNDECODABLE}); name the file's encoding with --encoding ${ENCODINGS.filter((e) => e !== encoding).join(' or ')}`;
}

/** Encodings by the names of the command line; `big5` includes CP950, `gb18030` includes GBK and GB 2312. */
export const ENCODINGS = ['utf8', 'gb18030', 'big5'] as const;
export type Encoding = (typeof ENCODINGS)[number];
