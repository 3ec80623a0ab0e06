import type { Box } from '../geo/bbox.ts';
import { cellOfKey } from '../geo/cellkey.ts';
import { cellTouchesBox, hexagonRing } from '../geo/h3.ts';
import type { Task } from '../threads/task.ts';
import { type ColumnType, encodeTable, type Table, type TableFormat } from './table.ts';

/** One figure of all cells. Not a number stands for null. */
export interface CellColumn {
  name: string;
  /** Its name in JSON, where that is another. */
  jsonName?: string;
  type: ColumnType;
  values: Float64Array | Int32Array | Uint8Array;
  /** What the values are positions in. */
  words?: readonly string[];
}

/** Figures of cells, column by column, so that threads can be sent them. */
export interface CellTable {
  /** What holds for all cells. */
  about: Record<string, unknown>;
  res: number;
  /** Of the cells, in the order of rows. */
  keys: Float64Array;
  columns: readonly CellColumn[];
}

export type CellFormat = 'json' | 'geojson' | TableFormat;
type Value = string | number | null;
/** A cell with its figures by their names in JSON. */
export type CellRow = { cell: string } & Record<string, Value>;

/** A table in a form, of those cells only that touch a box where one is given. */
export interface CellAnswer {
  table: CellTable;
  format: CellFormat;
  box?: Box | undefined;
}

/** See `encodeCells`. */
export const encodeCellsTask: Task<CellAnswer, Uint8Array> = { name: 'cells', run: encodeCells };

/** Write figures of cells in any form; the cells are the member `cells` of a JSON answer. */
export async function encodeCells({ table, format, box }: CellAnswer): Promise<Uint8Array> {
  const shown = box ? cellsTouching(table, box) : table;
  if (format === 'json') return jsonOf(shown);
  if (format === 'geojson') return Buffer.from(JSON.stringify(hexagonsOf(shown)));
  return encodeTable(tableOfCells(shown), format);
}

/** One row of a table. */
export function cellRow({ res, keys, columns }: CellTable, i: number): CellRow {
  const row: CellRow = { cell: cellOfKey(keys[i]!, res) };
  for (const column of columns) row[column.jsonName ?? column.name] = valueAt(column, i);
  return row;
}

function valueAt({ values, words }: CellColumn, i: number): Value {
  const value = values[i]!;
  if (words) return words[value]!;
  return Number.isFinite(value) ? value : null;
}

function cellsTouching(table: CellTable, box: Box): CellTable {
  const touching = (key: number) => cellTouchesBox(cellOfKey(key, table.res), box);
  return pickCells(
    table,
    Uint32Array.from(table.keys.keys()).filter((i) => touching(table.keys[i]!)),
  );
}

/** Some rows of a table. */
export function pickCells(table: CellTable, rows: Uint32Array): CellTable {
  const pick = <A extends CellColumn['values']>(values: A): A => {
    const picked = new (values.constructor as new (length: number) => A)(rows.length);
    rows.forEach((row, i) => {
      picked[i] = values[row]!;
    });
    return picked;
  };
  const columns = table.columns.map((column) => ({ ...column, values: pick(column.values) }));
  return { ...table, keys: pick(table.keys), columns };
}

function jsonOf(table: CellTable): Uint8Array {
  const about = JSON.stringify({ ...table.about, cells: [] });
  // Written in parts: one text of a hundred thousand objects would take several times the memory.
  const parts = [about.slice(0, -2)];
  for (let i = 0; i < table.keys.length; i++) parts.push(i > 0 ? ',' : '', JSON.stringify(cellRow(table, i)));
  return Buffer.from(`${parts.join('')}]}`);
}

/** The cells as hexagons; what holds for all of them are members of the collection. */
function hexagonsOf(table: CellTable): Record<string, unknown> {
  return {
    type: 'FeatureCollection',
    ...table.about,
    features: Array.from(table.keys.keys(), (i) => {
      const properties = cellRow(table, i);
      return {
        type: 'Feature',
        id: properties.cell,
        properties,
        geometry: { type: 'Polygon', coordinates: [hexagonRing(properties.cell)] },
      };
    }),
  };
}

function tableOfCells({ about, res, keys, columns }: CellTable): Table {
  const cells = { name: 'cell', type: 'text' as const, values: Array.from(keys, (key) => cellOfKey(key, res)) };
  const others = columns.map((column) => ({
    name: column.name,
    type: column.type,
    values: Array.from(keys.keys(), (i) => valueAt(column, i)),
  }));
  return { columns: [cells, ...others], length: keys.length, about };
}
