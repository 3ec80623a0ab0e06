import { AsyncLocalStorage } from 'node:async_hooks';
import type { ServerResponse } from 'node:http';
import { expandByCells } from '../geo/h3.ts';
import { flatRings } from '../geo/rings.ts';
import { LIGHTS, STATUSES } from '../incidents/incidents.schema.ts';
import type { IncidentFilter } from '../incidents/incidents.ts';
import { type IncidentColumns, OPEN_STATUSES } from '../incidents/live-columns.ts';
import { compileFilter, type LiveFilter, lightOf } from '../incidents/live-filter.ts';
import { tilesAround } from '../incidents/live-tiles.ts';
import { Area } from '../live/area.ts';
import type { Live } from '../live/live.ts';
import { dateOf, microsOf } from '../live/micros.ts';
import { compareText } from '../live/order.ts';
import type { CellQuestion, CellSource, CellStep, CellTally } from './cells.ts';
import type { Tally } from './heat.sql.ts';
import { countRows } from './live-count.ts';

const MICROS_PER_HOUR = 3_600_000_000;

/** Statuses of incidents that were closed as they should be. */
const CLOSED = new Set([STATUSES.indexOf('closed'), STATUSES.indexOf('revisited')]);

/**
 * Counts from the incidents in memory; what reaches back beyond them is asked of the record.
 *
 * @param onRecord told of a question that goes to the record, before it is asked
 */
export function cellsInMemory(live: Live, record: CellSource, onRecord: () => Promise<void>): CellSource {
  const answer = async <T>(
    question: CellQuestion,
    memory: (filter: LiveFilter) => T,
    sql: () => Promise<T>,
  ): Promise<T> => {
    live.tick();
    const filter = liveFilter(live, question.filter);
    if (filter && live.layers.incidents.holdsSince(filter.from)) return memory(filter);
    await onRecord();
    return sql();
  };
  return {
    tally: (question, tally) =>
      answer(
        question,
        (filter) => tallyRows(live, filter, question, tally),
        () => record.tally(question, tally),
      ),
    series: (question, edges) =>
      answer(
        question,
        (filter) => seriesOfRows(live, filter, question, edges),
        () => record.series(question, edges),
      ),
    timeline: (question, edges) =>
      answer(
        question,
        (filter) => timelineOfRows(live, filter, question, edges),
        () => record.timeline(question, edges),
      ),
    earliest: (question) =>
      answer(
        question,
        (filter) => earliestRow(live, filter, question),
        () => record.earliest(question),
      ),
  };
}

/** A resolved filter on the columns; undefined when the layers have gone on from the moment or grid that it names. */
function liveFilter(live: Live, filter: IncidentFilter): LiveFilter | undefined {
  const { grids, categories } = live.layers;
  const at = microsOf(filter.at);
  const { period, net, under } = filter;
  const grid = under === null ? undefined : grids.find(net, under, at);
  if (filter.at.getTime() !== live.at.getTime() || (under !== null && !grid)) return undefined;
  const codes = filter.categories?.filter((code) => categories.numberOf(code) !== undefined);
  return compileFilter(
    { category: codes, status: filter.statuses ?? undefined, light: filter.lights ?? undefined },
    period,
    at,
    categories,
    grid ? { grid, codes: grids.subtree(net, grid.code, at), owners: live.owners } : null,
  );
}

/** Visit the rows of a question. */
function scanRows(
  live: Live,
  filter: LiveFilter,
  { box, res, polygon }: CellQuestion,
  visit: (columns: IncidentColumns, row: number) => void,
): void {
  const { incidents } = live.layers;
  const area =
    polygon && new Area((polygon.type === 'Polygon' ? [polygon.coordinates] : polygon.coordinates).map(flatRings));
  const tiles = box ? tilesAround(expandByCells(box, res)) : area ? tilesAround(area.box) : null;
  incidents.scan(filter, tiles, (columns, row) => {
    if (!area || area.covers(columns.lon[row]!, columns.lat[row]!)) visit(columns, row);
  });
}

function tallyRows(live: Live, filter: LiveFilter, question: CellQuestion, tally: Tally): CellTally[] {
  const { of, cells } = live.layers.incidents.cells.parentsAt(question.res);
  const counts = new Int32Array(cells.length);
  if (tally === 'count' && !question.box && !question.polygon) {
    countRows(live.layers.incidents, filter, of, counts);
    return inOrder(cells, counts).map(({ cell, number }) => ({
      cell,
      n: counts[number]!,
      sum: counts[number]!,
      of: null,
    }));
  }
  const sums = new Float64Array(cells.length);
  const divisors = new Int32Array(cells.length);
  scanRows(live, filter, question, (columns, row) => {
    const number = of[columns.cell[row]!]!;
    counts[number]! += 1;
    const value = TALLIES[tally](filter, columns, row);
    if (value === undefined) return;
    sums[number]! += value;
    divisors[number]! += 1;
  });
  return inOrder(cells, counts).map(({ cell, number }) => ({
    cell,
    n: counts[number]!,
    sum: sums[number]!,
    of: tally === 'mean_hours' ? divisors[number]! : null,
  }));
}

/** What a row adds; undefined: nothing, and it is not divided by either. */
const TALLIES: Record<Tally, (filter: LiveFilter, columns: IncidentColumns, row: number) => number | undefined> = {
  count: () => 1,
  open: (_filter, { status }, row) => (status[row]! < OPEN_STATUSES ? 1 : 0),
  overdue: (filter, columns, row) => (OVERDUE.has(LIGHTS[lightOf(filter, columns, row)]!) ? 1 : 0),
  mean_hours: (_filter, { status, closed, occurred }, row) =>
    CLOSED.has(status[row]!) && !Number.isNaN(closed[row]!)
      ? (closed[row]! - occurred[row]!) / MICROS_PER_HOUR
      : undefined,
};
const OVERDUE = new Set<string>(['yellow', 'red']);

function inOrder(cells: readonly string[], counts: Int32Array): { cell: string; number: number }[] {
  const found: { cell: string; number: number }[] = [];
  for (let number = 0; number < counts.length; number++) {
    if (counts[number]! > 0) found.push({ cell: cells[number]!, number });
  }
  return found.sort((a, b) => compareText(a.cell, b.cell));
}

function seriesOfRows(live: Live, filter: LiveFilter, question: CellQuestion, edges: readonly Date[]): CellStep[] {
  const { of, cells } = live.layers.incidents.cells.parentsAt(question.res);
  const steps = stepsOf(edges);
  const counts = new Map<number, Int32Array>();
  scanRows(live, filter, question, (columns, row) => {
    const number = of[columns.cell[row]!]!;
    let own = counts.get(number);
    if (!own) {
      own = new Int32Array(edges.length - 1);
      counts.set(number, own);
    }
    own[steps(columns.occurred[row]!)]! += 1;
  });
  return [...counts]
    .map(([number, own]) => ({ cell: cells[number]!, own }))
    .sort((a, b) => compareText(a.cell, b.cell))
    .flatMap(({ cell, own }) => [...own].map((n, step) => ({ cell, step, n })).filter(({ n }) => n > 0));
}

function timelineOfRows(live: Live, filter: LiveFilter, question: CellQuestion, edges: readonly Date[]): number[] {
  const steps = stepsOf(edges);
  const counts = new Array<number>(edges.length - 1).fill(0);
  scanRows(live, filter, question, (columns, row) => {
    counts[steps(columns.occurred[row]!)]! += 1;
  });
  return counts;
}

/** The step of a moment, by its edges. */
function stepsOf(edges: readonly Date[]): (moment: number) => number {
  const starts = edges.map(microsOf);
  return (moment) => {
    let [from, to] = [0, starts.length - 1];
    while (to - from > 1) {
      const middle = (from + to) >> 1;
      if (starts[middle]! <= moment) from = middle;
      else to = middle;
    }
    return from;
  };
}

function earliestRow(live: Live, filter: LiveFilter, question: CellQuestion): Date | null {
  let earliest = Infinity;
  scanRows(live, filter, question, ({ occurred }, row) => {
    earliest = Math.min(earliest, occurred[row]!);
  });
  return Number.isFinite(earliest) ? dateOf(Math.floor(earliest / 1000) * 1000) : null;
}

/** Lets what runs for a request say on its answer where the numbers came from. */
export class SourceHeader {
  readonly #answers = new AsyncLocalStorage<ServerResponse>();

  run(res: ServerResponse, next: () => void): void {
    res.setHeader('Wangge-Source', 'memory');
    this.#answers.run(res, next);
  }

  sayRecord(): void {
    this.#answers.getStore()?.setHeader('Wangge-Source', 'sql');
  }
}
