import { encodeTable, type Table, type TableFormat } from '../heat/table.ts';
import { unpackRows } from '../threads/pack.ts';
import type { Runner, Task } from '../threads/task.ts';
import { type Findings, indicatorsOf, type LazyRows, rowsFrom } from './answer.ts';
import { type SeriesFindings, seriesOf } from './series-answer.ts';
import { indicatorSeriesTable, indicatorTable } from './tables.ts';
import type { TreeGrid } from './tree.ts';

interface Grids {
  grids: readonly TreeGrid[];
}

/** What a thread is sent: the grids as `packRows` packed them. */
type Packed<F extends Grids> = Omit<F, 'grids'> & { grids: readonly SharedArrayBuffer[] };

/** Which of about equal parts of the rows. */
interface Share {
  part: number;
  of: number;
}

/** Writes a table of all rows, or as JSON those of a share, with commas between them. */
type EncodeTask<F extends Grids> = Task<{ findings: Packed<F>; form: TableFormat | Share }, Uint8Array>;

/** Write indicators. */
export const encodeIndicatorsTask: EncodeTask<Findings> = {
  name: 'indicators',
  run: ({ findings, form }) =>
    encode(indicatorsOf(unpacked(findings)), form, (grids) => indicatorTable({ ...findings.about, grids })),
};

/** Write indicators through time. */
export const encodeSeriesTask: EncodeTask<SeriesFindings> = {
  name: 'indicators through time',
  run: ({ findings, form }) =>
    encode(seriesOf(unpacked(findings)), form, (grids) => indicatorSeriesTable({ ...findings.about, grids })),
};

/** Write an answer in threads: a table in one, the rows of JSON in as many as there are. */
export async function encodeInThreads<F extends Grids & { about: object }>(
  threads: Runner,
  task: EncodeTask<F>,
  findings: Packed<F>,
  format: 'json' | TableFormat,
): Promise<Uint8Array> {
  if (format !== 'json') return threads.run(task, { findings, form: format });
  const of = threads.size;
  const shares = Array.from({ length: of }, (_, part) => threads.run(task, { findings, form: { part, of } }));
  const written = (await Promise.all(shares)).filter(({ length }) => length > 0);
  const head = Buffer.from(JSON.stringify({ ...findings.about, grids: [] }).slice(0, -2));
  return Buffer.concat([head, ...written.flatMap((rows, i) => (i > 0 ? [COMMA, rows] : [rows])), TAIL]);
}

const [COMMA, TAIL] = [Buffer.from(','), Buffer.from(']}')];

function unpacked<F extends Grids>(findings: Packed<F>): F {
  return { ...findings, grids: unpackRows(findings.grids, (grid: TreeGrid) => grid) } as unknown as F;
}

function encode<T>(
  rows: LazyRows<T>,
  form: TableFormat | Share,
  tableOf: (rows: T[]) => Table,
): Uint8Array | Promise<Uint8Array> {
  if (typeof form === 'string') return encodeTable(tableOf(rowsFrom(rows)), form);
  const { part, of } = form;
  const [from, to] = [part, part + 1].map((edge) => Math.floor((edge * rows.count) / of)) as [number, number];
  return Buffer.from(
    rowsFrom(rows, from, to)
      .map((row) => JSON.stringify(row))
      .join(','),
  );
}
