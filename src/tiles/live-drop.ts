import type { LiveCamera } from '../cameras/live.ts';
import { isValid, type LiveGrid } from '../grids/live-grid.ts';
import { IncidentColumns, type LiveIncident } from '../incidents/live-columns.ts';
import { type LiveFilter, passes } from '../incidents/live-filter.ts';
import type { Edit } from '../live/edits.ts';
import type { Live, LiveEdits } from '../live/live.ts';
import { microsOf } from '../live/micros.ts';
import type { LayerId } from './layers.ts';
import { showsCamera } from './live-features.ts';
import { type Trace, traceOfBufferedPoint, traceOfCell, traceOfPoint, traceOfShape } from './live-touch.ts';
import type { CompiledQuery } from './live-views.ts';

/** More traces than this are not followed one by one. */
const MAX_TRACES = 20_000;

/**
 * Which tiles of a question edits touch: what the old and the new rows leave in them. `all`: any.
 *
 * @param compiled the question as it is after the edits
 * @param periodFrom where its period began before
 */
export function tracesOf(live: Live, compiled: CompiledQuery, edits: LiveEdits, periodFrom: number): Trace[] | 'all' {
  const traces: Trace[] = [];
  for (const layer of compiled.layers) {
    const own = TRACES[layer](live, compiled, edits, periodFrom);
    if (own === 'all' || traces.length + own.length > MAX_TRACES) return 'all';
    traces.push(...own);
  }
  return traces;
}

type Tracer = (live: Live, compiled: CompiledQuery, edits: LiveEdits, periodFrom: number) => Trace[] | 'all';

const TRACES: Record<LayerId, Tracer> = {
  grids: gridTraces,
  cameras: cameraTraces,
  incidents: incidentTraces,
  heat: heatTraces,
  streets: (_live, _compiled, { streets = [] }) =>
    streets === 'all' ? 'all' : bothOf(streets).map((street) => traceOfShape(street)),
};

function gridTraces(live: Live, { query, under }: CompiledQuery, { grids = [], cause }: LiveEdits): Trace[] | 'all' {
  if (grids === 'all' || (under && grids.length > 0)) return 'all';
  const at = microsOf(live.at);
  const isShown = (grid: LiveGrid) =>
    grid.net === query.net &&
    (!query.level || query.level.includes(grid.level)) &&
    (cause === 'clock' || isValid(grid, at));
  return bothOf(grids)
    .filter(isShown)
    .map((grid) => traceOfShape(grid));
}

function cameraTraces(live: Live, compiled: CompiledQuery, { cameras = [], grids = [] }: LiveEdits): Trace[] | 'all' {
  if (cameras === 'all' || (compiled.under && grids.length > 0)) return 'all';
  return bothOf(cameras)
    .filter((camera: LiveCamera) => showsCamera(live, compiled, camera))
    .map((camera) => traceOfBufferedPoint(camera));
}

function incidentTraces(live: Live, compiled: CompiledQuery, edits: LiveEdits, periodFrom: number): Trace[] | 'all' {
  const rows = changedRows(live, compiled, edits, periodFrom);
  if (rows === 'all') return 'all';
  return rows.flatMap(({ before, after }) => [before, after].filter((row) => row !== undefined).map(traceOfPoint));
}

function heatTraces(live: Live, compiled: CompiledQuery, edits: LiveEdits, periodFrom: number): Trace[] | 'all' {
  const rows = changedRows(live, compiled, edits, periodFrom);
  if (rows === 'all') return 'all';
  const cells = new Map<number, Trace>();
  const add = (cell: number) => {
    if (!cells.has(cell))
      cells.set(
        cell,
        traceOfCell((res) => parentOf(live, cell, res)),
      );
  };
  const moves: Trace[] = [];
  for (const { before, after } of rows) {
    // Lights are not drawn: they only matter where they let in or keep out.
    if (before === after && !compiled.incidents!.lights && !leftPeriod(before!, compiled)) continue;
    if (before?.cell === after?.cell && before !== after) continue;
    if (before && after && before !== after) {
      moves.push(traceOfCell((res) => ownParent(live, before.cell, after.cell, res)));
      moves.push(traceOfCell((res) => ownParent(live, after.cell, before.cell, res)));
    } else add((before ?? after)!.cell);
  }
  return [...moves, ...cells.values()];
}

/** A move within a cell changes no count of it. */
function ownParent(live: Live, cell: number, other: number, res: number): string | undefined {
  const parent = parentOf(live, cell, res);
  return parentOf(live, other, res) === parent ? undefined : parent;
}

function leftPeriod({ occurred }: LiveIncident, { incidents }: CompiledQuery): boolean {
  return occurred < incidents!.from;
}

function parentOf({ layers: { incidents } }: Live, cell: number, res: number): string {
  const { of, cells } = incidents.cells.parentsAt(res);
  return cells[of[cell]!]!;
}

/** Rows that a question showed before, shows now, or shows otherwise. */
function changedRows(
  live: Live,
  { incidents: filter, under, query }: CompiledQuery,
  edits: LiveEdits,
  periodFrom: number,
): Edit<LiveIncident>[] | 'all' {
  const { incidents = [], grids = [], categories, cause, hour } = edits;
  if (incidents === 'all' || categories || (under && grids.length > 0)) return 'all';
  const probe = new Probe();
  if (cause === 'data') {
    return incidents
      .map(({ before, after }) => ({
        before: before && probe.passes(filter!, before) ? before : undefined,
        after: after && probe.passes(filter!, after) ? after : undefined,
      }))
      .filter(({ before, after }) => before !== undefined || after !== undefined);
  }
  const anyLight: LiveFilter = { ...filter!, lights: null };
  const turned = incidents.filter(({ after }) => probe.passes(anyLight, after!));
  if (!hour || query.from || query.to) return turned;
  if (periodFrom > filter!.from) return 'all';
  const whole: LiveFilter = { ...anyLight, from: periodFrom };
  const left = [...live.layers.incidents.occurredWithin(periodFrom, filter!.from)].filter((row) =>
    probe.passes(whole, row),
  );
  return [...turned, ...left.map((row) => ({ before: row, after: row }))];
}

/** Puts single rows to the test of columns. */
class Probe {
  readonly #columns = new IncidentColumns(1);

  passes(filter: LiveFilter, row: LiveIncident): boolean {
    this.#columns.n = 0;
    this.#columns.push(row);
    return passes(filter, this.#columns, 0, false);
  }
}

function bothOf<T>(edits: readonly Edit<T>[]): T[] {
  const rows = new Set<T>();
  for (const { before, after } of edits) {
    if (before !== undefined) rows.add(before);
    if (after !== undefined) rows.add(after);
  }
  return [...rows];
}
