import { stringify } from 'csv-stringify/sync';
import { HttpError } from '../errors.ts';
import { isFault, type RowFault } from '../import/read/fault.ts';
import type { SourceRow } from '../import/row.ts';
import { batchRowSchema } from './locate.schema.ts';
import type { LocateAnswer, LocateRequest } from './locate.ts';

export type BatchFormat = 'csv' | 'ndjson';

/** A row of a batch as it came, with its answer or what is wrong with it. */
export interface BatchResult {
  row: SourceRow | RowFault;
  answer?: LocateAnswer;
  error?: string;
}

/** What a batch asks unless a row says otherwise. */
export type BatchDefaults = Omit<LocateRequest, 'address' | 'lon' | 'lat'>;

/** Answer the rows one after another, in order; a bad row gets an error and the rest goes on. */
export async function* locateRows(
  rows: AsyncIterable<SourceRow | RowFault>,
  defaults: BatchDefaults,
  locate: (request: LocateRequest) => Promise<LocateAnswer>,
): AsyncIterable<BatchResult> {
  for await (const row of rows) {
    if (isFault(row)) {
      yield { row, error: row.reason };
      continue;
    }
    try {
      yield { row, answer: await locate({ ...defaults, ...questionOf(row) }) };
    } catch (error) {
      if (!(error instanceof HttpError) || error.status >= 500) throw error;
      yield { row, error: error.message };
    }
  }
}

function questionOf(row: SourceRow): Partial<LocateRequest> {
  const present = Object.fromEntries(
    Object.entries(row.properties).filter(([, value]) => value !== '' && value !== null),
  );
  const point =
    row.geometry?.type === 'Point' ? { lon: row.geometry.coordinates[0], lat: row.geometry.coordinates[1] } : {};
  const parsed = batchRowSchema.safeParse({ ...present, ...point });
  if (parsed.success) {
    const question = Object.entries(parsed.data).filter(([, value]) => value !== undefined);
    return Object.fromEntries(question) as Partial<LocateRequest>;
  }
  const [issue] = parsed.error.issues;
  throw new HttpError(400, `${issue!.path.join('.')}: ${issue!.message}`);
}

/** The results as text in the format that the rows came in: NDJSON adds `locate`, CSV adds columns. */
export async function* writeResults(results: AsyncIterable<BatchResult>, format: BatchFormat): AsyncIterable<string> {
  let header: string[] | undefined;
  for await (const { row, answer, error } of results) {
    const properties = isFault(row) ? { line: row.line } : row.properties;
    if (format === 'ndjson') {
      const place = isFault(row) || !row.geometry ? {} : { geometry: row.geometry };
      yield `${JSON.stringify({ ...properties, ...place, locate: answer ?? { error } })}\n`;
      continue;
    }
    if (!header) {
      header = isFault(row) ? [] : Object.keys(properties);
      yield stringify([[...header, ...Object.keys(COLUMNS), 'locate_error']]);
    }
    const own = header.map((name) => text((properties as Record<string, unknown>)[name]));
    const found = Object.values(COLUMNS).map((column) => (answer ? text(column(answer)) : ''));
    yield stringify([[...own, ...found, error ?? '']]);
  }
}

/** What a CSV row gets of an answer. */
const COLUMNS: Record<string, (answer: LocateAnswer) => unknown> = {
  locate_status: (answer) => answer.status,
  match_id: (answer) => answer.match?.id,
  match_text: (answer) => answer.match?.text,
  match_level: (answer) => answer.match?.level,
  match_lon: (answer) => answer.match?.lon,
  match_lat: (answer) => answer.match?.lat,
  grid: (answer) => answer.grid?.code,
  grid_name: (answer) => answer.grid?.name,
  chain: (answer) => answer.chain.map((grid) => grid.code).join(' '),
  edge_metres: (answer) => answer.edge?.metres,
  workers: (answer) => answer.workers.map((worker) => worker.id).join(' '),
  duty: (answer) => answer.workers[0]?.duty,
  candidates: (answer) => answer.candidates.map((candidate) => candidate.id).join(' '),
};

function text(value: unknown): string {
  return value === null || value === undefined ? '' : String(value);
}
