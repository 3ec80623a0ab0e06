import { HttpError } from '../errors.ts';
import { isFault, type RowFault } from '../import/read/fault.ts';
import type { SourceRow } from '../import/row.ts';
import { chunksOf, inOrder } from '../threads/stream.ts';
import { batchRowSchema } from './locate.schema.ts';
import { type LocateContext, type LocateRequest, locate } from './locate.ts';
import { type BatchFormat, headerOf, resultText } from './results.ts';
import { type AnswerWriter, answerWriter } from './writer.ts';

/** Rows that are answered at once: some 30 ms of work. */
const CHUNK = 200;
/** How long a row waits for others, in milliseconds. */
const PATIENCE = 10;

export type BatchRow = SourceRow | RowFault;

/** What a batch asks unless a row says otherwise. */
export type BatchDefaults = Omit<LocateRequest, 'address' | 'lon' | 'lat'>;

/** Some rows of a batch, and how to answer them. */
export interface BatchChunk {
  rows: BatchRow[];
  defaults: BatchDefaults;
  format: BatchFormat;
  /** Columns of CSV; empty for another format. */
  columns: string[];
}

/** Thrown by a plan that holds no database, for what only the record knows. */
export class NeedsRecord extends Error {
  override name = 'NeedsRecord';
}

/**
 * The rows of a batch with their answers, as text in the format that they came in: NDJSON gets a member `locate`, CSV more
 * columns. They go out in their order while they come in; a bad row gets an error and the rest goes on.
 *
 * @param atOnce chunks that are under way at once
 * @param answer one text for each row of a chunk
 */
export async function* locateBatch(
  rows: AsyncIterable<BatchRow>,
  { defaults, format, atOnce }: { defaults: BatchDefaults; format: BatchFormat; atOnce: number },
  answer: (chunk: BatchChunk) => Promise<string[]>,
): AsyncGenerator<string> {
  let columns: string[] | undefined;
  const results = inOrder(chunksOf(rows, CHUNK, PATIENCE), atOnce, async (chunk) => {
    const isFirst = columns === undefined;
    columns ??= format === 'csv' ? columnsOf(chunk[0]!) : [];
    const heading = isFirst && format === 'csv' ? headerOf(columns) : '';
    const texts = await answer({ rows: chunk, defaults, format, columns });
    return heading + texts.join('');
  });
  yield* results;
}

function columnsOf(row: BatchRow): string[] {
  return isFault(row) ? [] : Object.keys(row.properties);
}

/** The texts of a chunk's rows; null for a row that needs the record where the plan holds none. */
export async function answerChunk(
  context: LocateContext,
  chunk: BatchChunk,
  write: AnswerWriter = answerWriter(),
): Promise<(string | null)[]> {
  const texts: (string | null)[] = [];
  for (const row of chunk.rows) texts.push(await answerRow(context, row, chunk, write));
  return texts;
}

async function answerRow(
  context: LocateContext,
  row: BatchRow,
  { defaults, format, columns }: BatchChunk,
  write: AnswerWriter,
): Promise<string | null> {
  if (isFault(row)) return resultText({ row, error: row.reason }, format, columns, write);
  try {
    const answer = await locate(context, { ...defaults, ...questionOf(row) });
    return resultText({ row, answer }, format, columns, write);
  } catch (error) {
    if (error instanceof NeedsRecord) return null;
    if (!(error instanceof HttpError) || error.status >= 500) throw error;
    return resultText({ row, error: error.message }, format, columns, write);
  }
}

const ASKED = Object.keys(batchRowSchema.shape);

/** What a row asks; empty members ask nothing. */
function questionOf({ properties, geometry }: SourceRow): Partial<LocateRequest> {
  const asked: Record<string, unknown> = {};
  for (const name of ASKED) {
    const value = properties[name];
    if (value !== undefined && value !== null && value !== '') asked[name] = value;
  }
  if (geometry?.type === 'Point') [asked.lon, asked.lat] = geometry.coordinates;
  const { success, data, error } = batchRowSchema.safeParse(asked);
  if (success) return withoutUndefined(data);
  const [issue] = error.issues;
  throw new HttpError(400, `${issue!.path.join('.')}: ${issue!.message}`);
}

/** Members that are undefined would take the place of defaults. */
function withoutUndefined(question: Partial<LocateRequest>): Partial<LocateRequest> {
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(question)) if (value !== undefined) given[name] = value;
  return given;
}
