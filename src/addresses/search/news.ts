import type { SharedColumn } from './columns.ts';
import type { NewNames } from './names.ts';

/** How much of the dictionaries somebody has. */
export interface TableMarks {
  words: number;
  divisions: number;
  scopes: number;
  names: number;
  spelled: number;
  pages: number;
}

/** What brings a table of other marks to this one's state: shared columns, and what is new in the dictionaries. */
export interface TableNews {
  columns: SharedColumn[];
  pages: SharedArrayBuffer[];
  words: string[];
  divisions: string[];
  scopes: Int32Array[];
  names: NewNames;
}
