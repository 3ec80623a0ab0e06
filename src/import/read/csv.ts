import { parse } from 'csv-parse/sync';
import type { SourceRow } from '../row.ts';
import { type Encoding, MAX_ROW, ReadError, type RowFault, UNDECODABLE, undecodable } from './fault.ts';
import { countOf, splitLines } from './text.ts';

/** The text of one record, quoted line breaks included, and the physical line where it starts. */
interface RecordText {
  line: number;
  text: string;
}

/** Records that are parsed in one call. */
const BATCH = 512;

/**
 * Read CSV (RFC 4180, comma) with a header row. Every column becomes a text property; blank rows are passed over.
 *
 * @throws ReadError when the header cannot be used
 */
export async function* readCsv(
  chunks: AsyncIterable<string>,
  encoding: Encoding,
): AsyncGenerator<SourceRow | RowFault> {
  let header: string[] | undefined;
  for await (let records of batches(splitRecords(chunks))) {
    if (header === undefined) {
      header = parseHeader(records[0]!, encoding);
      records = records.slice(1);
    }
    for (const [record, values] of parseBatch(records)) {
      if (values === null) yield* resync(record, header, encoding);
      else if (values.some((value) => value.trim() !== '')) yield toRow(record, values, header, encoding);
    }
  }
}

/** A line break ends a record when the quotes so far are paired; an unpaired quote holds on until the file ends. */
async function* splitRecords(chunks: AsyncIterable<string>): AsyncGenerator<RecordText> {
  let line = 0;
  let start = 1;
  let held: string[] = [];
  let length = 0;
  let open = false;
  for await (const lines of splitLines(chunks)) {
    for (const text of lines) {
      line++;
      if (held.length === 0) start = line;
      held.push(text);
      length += text.length + 1;
      if (text.includes('"') && countOf(text, '"') % 2 === 1) open = !open;
      if (open && length <= MAX_ROW) continue;
      const record = held.join('\n');
      held = [];
      length = 0;
      open = false;
      if (record.trim() !== '') yield { line: start, text: record };
    }
  }
  if (held.length > 0) yield { line: start, text: held.join('\n') };
}

async function* batches(records: AsyncIterable<RecordText>): AsyncGenerator<RecordText[]> {
  let batch: RecordText[] = [];
  let length = 0;
  for await (const record of records) {
    batch.push(record);
    length += record.text.length;
    if (batch.length < BATCH && length < 1 << 20) continue;
    yield batch;
    batch = [];
    length = 0;
  }
  if (batch.length > 0) yield batch;
}

/** Parse records together, and one by one when that fails; null marks a record whose quotes are wrong. */
function parseBatch(records: RecordText[]): [RecordText, string[] | null][] {
  const together = parseText(records.map((record) => record.text).join('\n'));
  if (together?.length === records.length) return records.map((record, i) => [record, together[i]!]);
  return records.map((record) => {
    const alone = parseText(record.text);
    return [record, alone?.length === 1 ? alone[0]! : null];
  });
}

/** Columns are counted by `toRow`, which knows the line; null: the quotes are wrong. */
function parseText(text: string): string[][] | null {
  try {
    return parse(text, { record_delimiter: ['\r\n', '\n'], relax_column_count: true });
  } catch {
    return null;
  }
}

/** A wrong quote must not swallow the rows after it: blame the first line alone and read on behind it. */
function* resync(record: RecordText, header: string[], encoding: Encoding): Generator<SourceRow | RowFault> {
  const [first, ...rest] = record.text.split('\n');
  yield {
    line: record.line,
    reason: 'quotes do not pair up; a quoted value needs " at both ends and "" for each " inside it',
    raw: first!,
  };
  for (const [i, text] of rest.entries()) {
    if (text.trim() === '') continue;
    const next = { line: record.line + 1 + i, text };
    const values = parseText(text);
    if (values?.length === 1) yield toRow(next, values[0]!, header, encoding);
    else yield { line: next.line, reason: `quotes do not pair up since line ${record.line}`, raw: text };
  }
}

function parseHeader(record: RecordText, encoding: Encoding): string[] {
  if (record.text.includes(UNDECODABLE)) throw new ReadError(record.line, `the header has ${undecodable(encoding)}`);
  const names = parseText(record.text)?.[0]?.map((name) => name.trim());
  if (names === undefined) throw new ReadError(record.line, 'the header cannot be read: its quotes do not pair up');
  const twice = names.find((name, i) => name !== '' && names.indexOf(name) !== i);
  if (twice !== undefined) throw new ReadError(record.line, `the header names column ${twice} twice; rename one`);
  return names;
}

function toRow(record: RecordText, values: string[], header: string[], encoding: Encoding): SourceRow | RowFault {
  const fault = (reason: string): RowFault => ({ line: record.line, reason, raw: record.text.replace(/\r$/, '') });
  if (record.text.includes(UNDECODABLE)) return fault(undecodable(encoding));
  if (values.length !== header.length) {
    return fault(`${values.length} columns where the header has ${header.length}; quote values that hold a comma`);
  }
  const properties: Record<string, unknown> = {};
  for (const [i, name] of header.entries()) if (name !== '') properties[name] = values[i];
  return { line: record.line, properties, geometry: null };
}
