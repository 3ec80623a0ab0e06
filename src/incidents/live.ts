import { setImmediate } from 'node:timers/promises';
import type { Queryable } from '../db/db.ts';
import type { Box } from '../geo/bbox.ts';
import type { Tile } from '../geo/tile.ts';
import type { Edit } from '../live/edits.ts';
import { dateOf, type Micros, microsOfEpoch } from '../live/micros.ts';
import { STATUSES } from './incidents.schema.ts';
import { INCIDENTS_OF_IDS, INCIDENTS_SINCE, WINDOW } from './live.sql.ts';
import { IncidentBlocks, periodOf } from './live-blocks.ts';
import type { CategoryLayer } from './live-categories.ts';
import { CellNumbers } from './live-cells.ts';
import { IncidentColumns, keyRange, type LiveIncident, OPEN_STATUSES, UNKNOWN_OWNER } from './live-columns.ts';
import { type LiveFilter, OwnerNumbers, passes } from './live-filter.ts';
import { CellOutlines } from './live-outlines.ts';
import { type PinnedRows, pinRows } from './live-rows.ts';
import { WordNumbers } from './live-words.ts';

/** How much of the incidents is kept in memory. */
export interface IncidentWindow {
  days: number;
  rows: number;
}

export const DEFAULT_WINDOW: IncidentWindow = { days: 400, rows: 4_000_000 };

/** A row as read; the layer gives it its numbers. */
export interface IncidentRow {
  /**
   * With tabs between: id, category, status, longitude, latitude; seconds since 1970 of the moments occurred, due, closed,
   * reported, triaged, handled and revisited; the cell, whether the owner is that of the plan, and the owner. Empty: none.
   */
  packed: string;
  source: string | null;
  department: string | null;
}

const DAY: Micros = 86_400_000_000;
const BATCH = 20_000;
const BYTES_PER_CELL = 150;

/**
 * Incidents of a window of time in memory, about 150 bytes a row with an id of 17 characters: with the default window's 4
 * million rows some 600 MB, and what `BlockIndex` finds of them once it is asked for. Rows are in the blocks of `IncidentBlocks`.
 */
export class IncidentLayer {
  readonly cells = new CellNumbers();
  readonly owners = new OwnerNumbers();
  readonly sources = new WordNumbers();
  readonly departments = new WordNumbers();
  readonly outlines = new CellOutlines();
  /** Incidents from before this moment are only in the record; -Infinity: there are none. */
  #since: Micros;
  #categories: CategoryLayer;
  readonly #window: IncidentWindow;
  readonly #blocks = new IncidentBlocks();

  private constructor(categories: CategoryLayer, window: IncidentWindow, since: Micros) {
    this.#categories = categories;
    this.#window = window;
    this.#since = since;
  }

  /** Read the window that ends now. Needs a transaction. */
  static async load(tx: Queryable, categories: CategoryLayer, window: IncidentWindow, at: Micros) {
    const first = dateOf(at - window.days * DAY);
    const [row] = await tx.query<{ since: number | null }>(WINDOW, [first, window.rows]);
    const since = row!.since === null ? -Infinity : microsOfEpoch(row!.since);
    const layer = new IncidentLayer(categories, window, since);
    await layer.#fill(tx, at);
    return layer;
  }

  /** Some incidents as they are now, whenever they occurred; those that are gone are missing. */
  static read(tx: Queryable, ids: readonly string[], at: Micros): Promise<IncidentRow[]> {
    return tx.query<IncidentRow>(INCIDENTS_OF_IDS, [dateOf(at), ids]);
  }

  /** Whether everything from this moment on is here. */
  holdsSince(from: Micros): boolean {
    return from >= this.#since;
  }

  get count(): number {
    return this.#blocks.count;
  }

  get bytes(): number {
    return this.#blocks.bytes + this.cells.count * BYTES_PER_CELL;
  }

  /** What incidents are judged by from now on; numbers stay (`CategoryLayer.load`). */
  use(categories: CategoryLayer): void {
    this.#categories = categories;
  }

  /** Put what `read` found in the place of the incidents of these ids. */
  replace(ids: readonly string[], rows: readonly IncidentRow[]): Edit<LiveIncident>[] {
    const found = new Map(rows.map((row) => [row.packed.slice(0, row.packed.indexOf('\t')), row]));
    return ids.map((id) => {
      const before = this.#blocks.remove(id);
      const row = found.get(id);
      const after = row && this.#numbered(row);
      if (!after || after.occurred < this.#since) return { before, after: undefined };
      this.#blocks.add(after);
      return { before, after };
    });
  }

  get needsCompaction(): boolean {
    return this.#blocks.needsCompaction;
  }

  /** See `IncidentBlocks.compactStep`; keeps the window's limit of rows too. */
  compactStep(): void {
    this.#blocks.compactStep();
    this.#since = Math.max(this.#since, this.#blocks.forgetOldest(this.#window.rows) ?? -Infinity);
  }

  /** Let go of blocks that the window has left behind. */
  forgetBefore(at: Micros): void {
    const end = this.#blocks.forgetUntil(at - this.#window.days * DAY);
    this.#since = Math.max(this.#since, end ?? -Infinity);
  }

  /** The owners of rows in the box around some boxes have to be found again. */
  forgetOwners(boxes: readonly Box[]): void {
    if (boxes.length === 0) return;
    const around: Box = [
      Math.min(...boxes.map((box) => box[0])),
      Math.min(...boxes.map((box) => box[1])),
      Math.max(...boxes.map((box) => box[2])),
      Math.max(...boxes.map((box) => box[3])),
    ];
    for (const { columns } of this.#blocks) columns.forgetOwners(around);
  }

  /** Columns that may hold rows without a known owner. */
  *withUnknownOwners(): Generator<IncidentColumns> {
    for (const { columns } of this.#blocks) if (columns.hasUnknownOwners) yield columns;
  }

  /** The rows of a period, block by block in the order of time, as they are now: to be read later or in a thread. */
  pin(from: Micros, to: Micros): PinnedRows[] {
    return [...this.#blocks.overlapping(from, to)].map(({ block, isWithin }) => pinRows(block.columns, isWithin));
  }

  /** The sorted columns in the order of time; nothing of them changes but what dies and whose owners are found. */
  sealed(): IncidentColumns[] {
    return [...this.#blocks].filter(({ period }) => period !== undefined).map(({ columns }) => columns);
  }

  /**
   * Visit the rows that pass a filter.
   *
   * @param tiles only points that one of these tiles owns; beyond `KEY_ZOOM` those of the tile above
   */
  scan(
    filter: LiveFilter,
    tiles: readonly Tile[] | null,
    visit: (columns: IncidentColumns, row: number) => void,
  ): void {
    const ranges = tiles?.map(keyRange) ?? [[0, 2 ** 32] as [number, number]];
    for (const { block, isWithin } of this.#blocks.overlapping(filter.from, filter.to)) {
      const { columns, period } = block;
      if (period === undefined) scanUnsorted(columns, filter, ranges, visit);
      else {
        for (const [from, to] of ranges) {
          const last = tiles ? columns.lowerBound(to) : columns.n;
          for (let i = tiles ? columns.lowerBound(from) : 0; i < last; i++) {
            if (passes(filter, columns, i, isWithin)) visit(columns, i);
          }
        }
      }
    }
  }

  /** Columns that may hold rows of a period, and whether they lie wholly in it. */
  *columnsOf(from: Micros, to: Micros): Generator<{ columns: IncidentColumns; isWithin: boolean }> {
    for (const { block, isWithin } of this.#blocks.overlapping(from, to)) yield { columns: block.columns, isWithin };
  }

  /** Open incidents whose light changes when the clock goes from one moment to another. */
  *changingLights(from: Micros, to: Micros): Generator<LiveIncident> {
    const { redAfter } = this.#categories;
    const passed = (moment: Micros) => moment >= from && moment < to;
    for (const { columns } of this.#blocks) {
      const { status, due, category, dead, n } = columns;
      for (let i = 0; i < n; i++) {
        if (status[i]! >= OPEN_STATUSES || dead[i] === 1) continue;
        if (passed(due[i]!) || passed(due[i]! + redAfter[category[i]!]!)) yield columns.row(i);
      }
    }
  }

  /** Incidents that occurred in `[from, to)`. */
  *occurredWithin(from: Micros, to: Micros): Generator<LiveIncident> {
    for (const { columns } of this.columnsOf(from, to)) {
      for (let i = 0; i < columns.n; i++) {
        if (columns.dead[i] === 0 && columns.occurred[i]! >= from && columns.occurred[i]! < to) yield columns.row(i);
      }
    }
  }

  async #fill(tx: Queryable, at: Micros): Promise<void> {
    const byPeriod = new Map<number, IncidentColumns>();
    const since = Number.isFinite(this.#since) ? dateOf(this.#since) : null;
    for await (const rows of tx.cursor<IncidentRow>(INCIDENTS_SINCE, [dateOf(at), since], BATCH)) {
      for (const row of rows) {
        const incident = this.#numbered(row);
        const period = periodOf(incident.occurred);
        let columns = byPeriod.get(period);
        if (!columns) {
          columns = new IncidentColumns(1_024);
          byPeriod.set(period, columns);
        }
        columns.push(incident);
      }
    }
    const newNumbers = this.cells.reorder();
    for (const [period, columns] of byPeriod) {
      for (let i = 0; i < columns.n; i++) columns.cell[i] = newNumbers[columns.cell[i]!]!;
      this.#blocks.seal(period, columns);
      byPeriod.delete(period);
      // Sorting a block takes some milliseconds: whoever asks meanwhile is answered from the layer before.
      await setImmediate();
    }
    await this.cells.prepare();
  }

  #numbered({ packed, source, department }: IncidentRow): LiveIncident {
    const fields = packed.split('\t') as Fields;
    const [id, category, status, x, y, occurred, due, closed, reported, triaged, handled, revisited, ...place] = fields;
    const [cell, isPlaced, owner] = place;
    const [lon, lat] = [Number(x), Number(y)];
    return {
      id,
      lon,
      lat,
      occurred: microsOfText(occurred),
      due: microsOfText(due),
      closed: microsOfText(closed),
      reported: microsOfText(reported),
      triaged: microsOfText(triaged),
      handled: microsOfText(handled),
      revisited: microsOfText(revisited),
      category: this.#categories.numberOf(category)!,
      status: STATUSES.indexOf(status),
      cell: cell === '' ? this.cells.numberAt(lon, lat) : this.cells.numberOf(cell),
      owner: isPlaced === '' ? UNKNOWN_OWNER : this.owners.numberOf(owner === '' ? null : owner),
      source: this.sources.numberOf(source),
      department: this.departments.numberOf(department),
    };
  }
}

type Status = (typeof STATUSES)[number];

/** See `IncidentRow.packed`. */
type Fields = [
  id: string,
  category: string,
  status: Status,
  x: string,
  y: string,
  occurred: string,
  due: string,
  closed: string,
  reported: string,
  triaged: string,
  handled: string,
  revisited: string,
  cell: string,
  isPlaced: string,
  owner: string,
];

function microsOfText(epoch: string): Micros {
  return epoch === '' ? Number.NaN : microsOfEpoch(Number(epoch));
}

function scanUnsorted(
  columns: IncidentColumns,
  filter: LiveFilter,
  ranges: readonly [number, number][],
  visit: (columns: IncidentColumns, row: number) => void,
): void {
  for (let i = 0; i < columns.n; i++) {
    const key = columns.key[i]!;
    const isOwn = ranges.some(([from, to]) => key >= from && key < to);
    if (isOwn && passes(filter, columns, i, false)) visit(columns, i);
  }
}
