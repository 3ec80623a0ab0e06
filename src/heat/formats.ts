import type { Response } from 'express';
import type { FeatureCollection } from 'geojson';
import { z } from 'zod';
import { sendJson } from '../http.ts';
import { Slices } from '../threads/slices.ts';
import type { Analysis } from './analysis.ts';
import { type CellAnswer, type CellFormat, encodeCells, encodeCellsTask } from './cell-table.ts';
import { encodeTable, encodeTableTask, TABLE_FORMATS, TABLE_TYPES, type Table } from './table.ts';

export const FORMATS = ['json', 'geojson', ...TABLE_FORMATS] as const;
export type Format = (typeof FORMATS)[number];

/** The `format` parameter of an answer that has these forms; the first is the default. */
export function formatSchema<const F extends readonly [Format, ...Format[]]>(formats: F) {
  return z.enum(formats, { error: `must be out of: ${formats.join(', ')}` }).default(formats[0] as never);
}

/** More rows than these are written in a thread. */
const MAX_ROWS_HERE = 1_000;

/** Media type of each format. */
export const FORMAT_TYPES: Record<CellFormat, string> = {
  json: 'application/json',
  geojson: 'application/geo+json',
  ...TABLE_TYPES,
};

/** Answer figures of cells in the asked form. */
export async function sendCells({ threads }: Pick<Analysis, 'threads'>, res: Response, answer: CellAnswer) {
  const isSmall = answer.table.keys.length <= MAX_ROWS_HERE;
  const bytes = isSmall ? await encodeCells(answer) : await threads.run(encodeCellsTask, answer);
  sendBytes(res, bytes, FORMAT_TYPES[answer.format]);
}

/** The forms of one answer. */
export interface Forms {
  json: object;
  /** The member of the JSON that holds the rows, where there may be many. */
  rows?: string;
  geojson?: () => FeatureCollection;
  table: () => Table;
}

/** Answer in the asked form. */
export async function sendForm(
  { threads }: Pick<Analysis, 'threads'>,
  res: Response,
  format: Format,
  forms: Forms,
): Promise<void> {
  if (format === 'json') return sendBytes(res, await jsonInSlices(forms.json, forms.rows), FORMAT_TYPES.json);
  if (format === 'geojson') return sendJson(res, forms.geojson!(), { type: 'application/geo+json' });
  const table = forms.table();
  const isSmall = table.length <= MAX_ROWS_HERE;
  const bytes = isSmall ? await encodeTable(table, format) : await threads.run(encodeTableTask, { table, format });
  sendBytes(res, bytes, TABLE_TYPES[format]);
}

/** JSON whose rows are written some at a time, letting requests in between. */
async function jsonInSlices(body: object, member: string | undefined): Promise<Uint8Array> {
  if (member === undefined) return Buffer.from(JSON.stringify(body));
  const { [member]: rows, ...about } = body as Record<string, unknown>;
  const slices = new Slices();
  const parts = [JSON.stringify({ ...about, [member]: [] }).slice(0, -2)];
  for (const [i, row] of (rows as unknown[]).entries()) {
    parts.push(i > 0 ? ',' : '', JSON.stringify(row));
    if (slices.isOver) await slices.pause();
  }
  return Buffer.from(`${parts.join('')}]}`);
}

/** Answer what has been written. */
export function sendBytes(res: Response, bytes: Uint8Array, type: string): void {
  res.writeHead(200, { 'Content-Type': type, 'Content-Length': bytes.length });
  res.end(res.req.method === 'HEAD' ? undefined : bytes);
}
