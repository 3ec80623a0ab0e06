import { STATUSES } from '../incidents/incidents.schema.ts';
import type { RowFilter } from '../incidents/live-mask.ts';
import type { PinnedRows, Rows } from '../incidents/live-rows.ts';
import { type Bins, countCells } from './live-count.ts';

/** The cells of a block's rows by category and status: a filter of these is a few runs of cells, with nothing to test. */
interface Runs {
  /** Numbers of cells; within a run in the order of rows. */
  cells: Int32Array;
  /** Where the run of a category and a status begins: at `category · statuses + status`; one more than runs. */
  starts: Int32Array;
}

/** Those of sorted blocks, made when first needed: 4 bytes a row and 7 KB a block. Blocks are told apart by their memory. */
const runsOfBlocks = new WeakMap<SharedArrayBuffer, Runs>();

/** Whether a filter asks for no more of a block than categories and statuses, so that its runs answer it. */
export function isOfRuns({ isSorted, isWithin }: PinnedRows, filter: RowFilter): boolean {
  const { categories, statuses, lights, owners, places, keys } = filter;
  return isSorted && isWithin && !lights && !owners && !keys && places.length === 0 && (!!categories || !!statuses);
}

/** Count the rows of a block by bin, see `countCells`; only where `isOfRuns`. */
export function countRuns(pinned: PinnedRows, rows: Rows, filter: RowFilter, bins: Bins, counts: Int32Array): void {
  const { categories, statuses } = filter;
  const runs = runsOf(pinned, rows);
  const { cells, starts } = runs;
  const count = (starts.length - 1) / STATUSES.length;
  for (let category = 0; category < count; category++) {
    if (categories && categories[category] !== 1) continue;
    const first = category * STATUSES.length;
    if (!statuses) countCells(cells, starts[first]!, starts[first + STATUSES.length]!, bins, counts);
    for (let status = 0; statuses && status < STATUSES.length; status++) {
      if (statuses[status] === 1) countCells(cells, starts[first + status]!, starts[first + status + 1]!, bins, counts);
    }
  }
  subtractDead(rows, filter, bins, counts);
}

/** Take off the rows of a block that are dead, where all were counted. */
export function subtractDead(
  { dead, category, status, cell }: Rows,
  filter: RowFilter,
  { of, size }: Bins,
  counts: Int32Array,
) {
  const { categories, statuses } = filter;
  for (let i = dead?.indexOf(1) ?? -1; i >= 0; i = dead!.indexOf(1, i + 1)) {
    if ((categories && categories[category[i]!] !== 1) || (statuses && statuses[status[i]!] !== 1)) continue;
    const bin = of[cell[i]!]!;
    counts[bin < 0 ? size : bin]! -= 1;
  }
}

function runsOf({ buffer }: PinnedRows, rows: Rows): Runs {
  const known = runsOfBlocks.get(buffer);
  if (known) return known;
  const runs = makeRuns(rows);
  runsOfBlocks.set(buffer, runs);
  return runs;
}

/** By counting: some tenths of a millisecond for a block. */
function makeRuns({ n, category, status, cell }: Rows): Runs {
  const width = STATUSES.length;
  let categories = 0;
  for (let i = 0; i < n; i++) categories = Math.max(categories, category[i]! + 1);
  const starts = new Int32Array(categories * width + 1);
  for (let i = 0; i < n; i++) starts[category[i]! * width + status[i]! + 1]! += 1;
  for (let run = 1; run < starts.length; run++) starts[run]! += starts[run - 1]!;
  const next = starts.slice();
  const cells = new Int32Array(n);
  for (let i = 0; i < n; i++) cells[next[category[i]! * width + status[i]!]!++] = cell[i]!;
  return { cells, starts };
}
