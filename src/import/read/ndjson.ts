import type { SourceRow } from '../row.ts';
import { type Encoding, MAX_ROW, ReadError, type RowFault } from './fault.ts';
import { parseJsonRow } from './json.ts';
import { splitLines } from './text.ts';

/** RFC 8142: begins each text of a sequence, which may then span lines. */
const RECORD_SEPARATOR = '\u001E';

/** Read one GeoJSON feature, geometry or flat object per line, or per record of a GeoJSON text sequence (RFC 8142). */
export async function* readNdjson(
  chunks: AsyncIterable<string>,
  encoding: Encoding,
): AsyncGenerator<SourceRow | RowFault> {
  let line = 0;
  let start = 1;
  let held: string[] | null = null;
  let length = 0;
  for await (const lines of splitLines(chunks)) {
    for (const text of lines) {
      line++;
      const begins = text.startsWith(RECORD_SEPARATOR);
      if (held === null && !begins) {
        if (text.trim() !== '') yield parseJsonRow(line, text, encoding);
        continue;
      }
      if (begins) {
        if (held !== null) yield* flush(start, held, encoding);
        held = [];
        start = line;
        length = 0;
      }
      held!.push(begins ? text.slice(1) : text);
      length += text.length;
      if (length > MAX_ROW) throw new ReadError(start, `the record is longer than ${MAX_ROW} characters`);
    }
  }
  if (held !== null) yield* flush(start, held, encoding);
}

function* flush(line: number, held: string[], encoding: Encoding): Generator<SourceRow | RowFault> {
  const text = held.join('\n').trim();
  if (text !== '') yield parseJsonRow(line, text, encoding);
}
