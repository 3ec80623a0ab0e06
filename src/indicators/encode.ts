import { encodeTable, type TableFormat } from '../heat/table.ts';
import { unpackRows } from '../threads/pack.ts';
import type { Task } from '../threads/task.ts';
import { type Findings, indicatorsOf } from './answer.ts';
import { type SeriesFindings, seriesOf } from './series-answer.ts';
import { indicatorSeriesTable, indicatorTable } from './tables.ts';
import type { TreeGrid } from './tree.ts';

type Form = 'json' | TableFormat;
/** What a thread is sent: the grids as `packRows` packed them. */
type Packed<F extends { grids: readonly unknown[] }> = Omit<F, 'grids'> & { grids: readonly SharedArrayBuffer[] };

/** Write indicators in a form. */
export const encodeIndicatorsTask: Task<{ findings: Packed<Findings>; format: Form }, Uint8Array> = {
  name: 'indicators',
  async run({ findings, format }) {
    const rows = indicatorsOf({ ...findings, grids: unpackGrids(findings.grids) });
    if (format === 'json') return jsonOf(findings.about, rows);
    return encodeTable(indicatorTable({ ...findings.about, grids: [...rows] }), format);
  },
};

/** Write indicators through time in a form. */
export const encodeSeriesTask: Task<{ findings: Packed<SeriesFindings>; format: Form }, Uint8Array> = {
  name: 'indicators through time',
  async run({ findings, format }) {
    const rows = seriesOf({ ...findings, grids: unpackGrids(findings.grids) });
    if (format === 'json') return jsonOf(findings.about, rows);
    return encodeTable(indicatorSeriesTable({ ...findings.about, grids: [...rows] }), format);
  },
};

function unpackGrids(parts: readonly SharedArrayBuffer[]): TreeGrid[] {
  return unpackRows(parts, (grid: TreeGrid) => grid);
}

/** One text of all rows at once would take several times the memory. */
function jsonOf(about: object, grids: Iterable<object>): Uint8Array {
  const parts = [JSON.stringify({ ...about, grids: [] }).slice(0, -2)];
  for (const grid of grids) parts.push(parts.length > 1 ? ',' : '', JSON.stringify(grid));
  return Buffer.from(`${parts.join('')}]}`);
}
