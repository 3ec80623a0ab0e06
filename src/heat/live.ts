import type { CellNumbers, Parents } from '../incidents/live-cells.ts';
import type { Live } from '../live/live.ts';
import { dateOf, microsOf } from '../live/micros.ts';
import { sharedFloats } from '../threads/floats.ts';
import {
  type AreaCounts,
  type CellQuestion,
  type CellSeries,
  type CellSource,
  type CellTallies,
  type OnRecord,
  rowsOfTallies,
} from './cells.ts';
import type { Tally } from './heat.sql.ts';
import { type Bins, countSteps, countsFor, earliestOf, stepOf } from './live-count.ts';
import { DrawnAreas } from './live-drawn.ts';
import { eachRows, type NumberedQuestion, OwnerMasks, type PinnedQuestion, pinQuestion } from './live-filter.ts';
import { RowTallies } from './live-tally.ts';
import type { StudyArea } from './stats/area.ts';

/**
 * Counts from the incidents in memory; what reaches back beyond them is asked of the record.
 *
 * @returns the same counts for each who wants to be told when a question goes to the record
 */
export function cellsInMemory(live: Live, record: CellSource): (onRecord: OnRecord) => CellSource {
  const areas = { masks: new OwnerMasks(live), areas: new DrawnAreas(live) };
  const source: MemoryOf = { positions: new AreaPositions(), rows: new RowTallies(live) };
  return (onRecord) => cellsFor({ live, record, areas, source }, onRecord);
}

/** What is kept between questions. */
interface Kept {
  live: Live;
  record: CellSource;
  areas: { masks: OwnerMasks; areas: DrawnAreas };
  source: MemoryOf;
}

function cellsFor({ live, record, areas, source }: Kept, onRecord: OnRecord): CellSource {
  const answer = async <T>(
    question: CellQuestion,
    memory: (pinned: NumberedQuestion) => Promise<T>,
    sql: () => Promise<T>,
  ): Promise<T> => {
    const pinned = await pinQuestion(live, areas, question);
    if (pinned) return memory(pinned);
    await onRecord();
    return sql();
  };
  const tallies = (question: CellQuestion, tally: Tally) =>
    answer(
      question,
      (pinned) => talliesOf(source, pinned, question.res, tally),
      () => record.tallies(question, tally),
    );
  return {
    tallies,
    tally: async (question, tally) => rowsOfTallies(await tallies(question, tally)),
    countsOn: (question, area) =>
      answer(
        question,
        (pinned) => countsOnArea(source, area, pinned),
        () => record.countsOn(question, area),
      ),
    cubeOn: (question, area, edges) =>
      answer(
        question,
        (pinned) => cubeOnArea(source.positions.of(area, pinned.cells), pinned, edges),
        () => record.cubeOn(question, area, edges),
      ),
    series: (question, edges, refuse) =>
      answer(
        question,
        (pinned) => seriesOf(source, pinned, question.res, edges, refuse),
        () => record.series(question, edges, refuse),
      ),
    timeline: (question, edges) =>
      answer(
        question,
        (pinned) => timelineOf(pinned, edges),
        () => record.timeline(question, edges),
      ),
    earliest: (question) =>
      answer(
        question,
        (pinned) => earliestRow(pinned),
        () => record.earliest(question),
      ),
  };
}

/** Where the cells of study areas are by the numbers of stored cells; kept as long as the area is. */
class AreaPositions {
  readonly #known = new WeakMap<StudyArea, { parents: Parents; count: number; of: Int32Array; positions: number[] }>();

  of(area: StudyArea, cells: CellNumbers): Bins {
    const parents = cells.parentsAt(area.res);
    let known = this.#known.get(area);
    if (known?.parents !== parents) {
      known = { parents, count: 0, of: new Int32Array(parents.of.length), positions: [] };
      this.#known.set(area, known);
    }
    const { positions } = known;
    const size = area.keys.length;
    for (let i = positions.length; i < parents.keys.length; i++) {
      const position = area.positionOf(parents.keys[i]!);
      positions.push(position < 0 ? size : position);
    }
    if (known.of.length < cells.count) {
      const grown = new Int32Array(parents.of.length);
      grown.set(known.of);
      known.of = grown;
    }
    for (; known.count < cells.count; known.count++) known.of[known.count] = positions[parents.of[known.count]!]!;
    return { of: known.of, size };
  }
}

async function talliesOf(source: MemoryOf, pinned: NumberedQuestion, res: number, tally: Tally): Promise<CellTallies> {
  const { of, keys } = pinned.cells.parentsAt(res);
  const { counts, sums } = await source.rows.tally(pinned, { of, size: keys.length }, tally);
  const found = inOrder(keys, counts.subarray(0, keys.length));
  const n = picked(counts, found);
  return {
    res,
    keys: keysOf(keys, found),
    n,
    sum: sums ? picked(sums.sum, found) : new Float64Array(n),
    of: sums && tally === 'mean_hours' ? n.map((own, i) => own - sums.lacking[found[i]!]!) : null,
  };
}

/** What questions to memory share. */
interface MemoryOf {
  positions: AreaPositions;
  rows: RowTallies;
}

/** Numbers of the cells that have a count, in the order of cells; numbers ascend with them but for cells that came later. */
function inOrder(keys: readonly number[], counts: Int32Array): Int32Array {
  const found = new Int32Array(counts.length);
  let n = 0;
  let isSorted = true;
  for (let number = 0; number < counts.length; number++) {
    if (counts[number] === 0) continue;
    if (n > 0 && keys[found[n - 1]!]! > keys[number]!) isSorted = false;
    found[n++] = number;
  }
  const own = found.slice(0, n);
  return isSorted ? own : own.sort((a, b) => keys[a]! - keys[b]!);
}

function keysOf(keys: readonly number[], found: Int32Array): Float64Array {
  const own = new Float64Array(found.length);
  for (let i = 0; i < found.length; i++) own[i] = keys[found[i]!]!;
  return own;
}

function picked<A extends Int32Array | Float64Array>(values: A, found: Int32Array): A {
  const own = values.slice(0, found.length) as A;
  for (let i = 0; i < found.length; i++) own[i] = values[found[i]!]!;
  return own;
}

async function countsOnArea(source: MemoryOf, area: StudyArea, pinned: NumberedQuestion): Promise<AreaCounts> {
  const bins = source.positions.of(area, pinned.cells);
  const counts = countsFor(bins);
  await source.rows.count(pinned, bins, counts);
  return { counts: Float64Array.from(counts.subarray(0, bins.size)), outside: counts[bins.size]! };
}

async function cubeOnArea(bins: Bins, pinned: PinnedQuestion, edges: readonly Date[]): Promise<AreaCounts> {
  const steps = edges.length - 1;
  const width = bins.size + 1;
  const moments = Float64Array.from(edges, microsOf);
  const counted = new Int32Array(steps * width);
  await eachRows(pinned, (rows, passing) => countSteps(rows, passing, bins, moments, counted));
  const counts = sharedFloats(steps * bins.size);
  let outside = 0;
  for (let step = 0; step < steps; step++) {
    counts.set(counted.subarray(step * width, step * width + bins.size), step * bins.size);
    outside += counted[step * width + bins.size]!;
  }
  return { counts, outside };
}

async function seriesOf(
  source: MemoryOf,
  pinned: NumberedQuestion,
  res: number,
  edges: readonly Date[],
  refuse: (cells: number) => void,
): Promise<CellSeries> {
  const { of, keys } = pinned.cells.parentsAt(res);
  const bins = { of, size: keys.length };
  const totals = countsFor(bins);
  await source.rows.count(pinned, bins, totals);
  const found = inOrder(keys, totals.subarray(0, keys.length));
  refuse(found.length);
  const steps = edges.length - 1;
  const position = new Int32Array(keys.length).fill(-1);
  for (const [i, number] of found.entries()) position[number] = i;
  const moments = Float64Array.from(edges, microsOf);
  const n = new Int32Array(found.length * steps);
  await eachRows(pinned, ({ cell, occurred }, { from, to, mask }) => {
    for (let i = from; i < to; i++) {
      if (mask && mask[i] === 0) continue;
      n[position[of[cell[i]!]!]! * steps + stepOf(moments, occurred[i]!)]! += 1;
    }
  });
  return { res, keys: keysOf(keys, found), n };
}

async function timelineOf(pinned: PinnedQuestion, edges: readonly Date[]): Promise<number[]> {
  const moments = Float64Array.from(edges, microsOf);
  const counts = new Array<number>(edges.length - 1).fill(0);
  await eachRows(pinned, ({ occurred }, { from, to, mask }) => {
    for (let i = from; i < to; i++) if (!mask || mask[i] === 1) counts[stepOf(moments, occurred[i]!)]! += 1;
  });
  return counts;
}

async function earliestRow(pinned: PinnedQuestion): Promise<Date | null> {
  let earliest = Infinity;
  await eachRows(pinned, (rows, passing) => {
    earliest = Math.min(earliest, earliestOf(rows, passing));
  });
  return Number.isFinite(earliest) ? dateOf(Math.floor(earliest / 1000) * 1000) : null;
}
