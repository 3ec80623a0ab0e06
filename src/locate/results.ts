import { stringify } from 'csv-stringify/sync';
import { isFault, type RowFault } from '../import/read/fault.ts';
import type { SourceRow } from '../import/row.ts';
import type { LocateAnswer } from './locate.ts';
import type { AnswerWriter } from './writer.ts';

export type BatchFormat = 'csv' | 'ndjson';

/** A row of a batch as it came, with its answer or what is wrong with it. */
export interface BatchResult {
  row: SourceRow | RowFault;
  answer?: LocateAnswer;
  error?: string;
}

/** The first line of CSV. */
export function headerOf(columns: readonly string[]): string {
  return stringify([[...columns, ...Object.keys(COLUMNS), 'locate_error']]);
}

/** A result as text: NDJSON adds `locate`, CSV adds columns to those of the row. */
export function resultText(
  { row, answer, error }: BatchResult,
  format: BatchFormat,
  columns: readonly string[],
  write: AnswerWriter,
): string {
  const properties: Record<string, unknown> = isFault(row) ? { line: row.line } : row.properties;
  if (format === 'ndjson') {
    const { locate: _, ...others } = properties;
    const own = JSON.stringify(isFault(row) || !row.geometry ? others : { ...others, geometry: row.geometry });
    const found = answer ? write(answer) : JSON.stringify({ error });
    return `${own.slice(0, -1)}${own === '{}' ? '' : ','}"locate":${found}}\n`;
  }
  const own = columns.map((name) => text(properties[name]));
  const found = Object.values(COLUMNS).map((column) => (answer ? text(column(answer)) : ''));
  return stringify([[...own, ...found, error ?? '']]);
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
