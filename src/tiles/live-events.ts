import type { Box } from '../geo/bbox.ts';
import type { LiveIncident } from '../incidents/live-columns.ts';
import type { Edit } from '../live/edits.ts';
import { EventLog } from '../live/events.ts';
import type { Live, LiveEdits } from '../live/live.ts';
import type { LayerId } from './layers.ts';
import {
  type Trace,
  tilesOfTrace,
  traceOfBufferedPoint,
  traceOfCell,
  traceOfPoint,
  traceOfShape,
} from './live-touch.ts';

/** What a change event says. */
interface ChangeEvent {
  version: string;
  layer: LayerId | 'workers';
  /** Codes or ids; null: too many to name, or anything. */
  ids: string[] | null;
  /** `z/x/y` up to `MAX_ZOOM`; null: too many to name, or any. */
  tiles: string[] | null;
  /** Where tiles are not named: the box that they lie in. */
  bbox?: Box;
  cause: LiveEdits['cause'];
}

/** What of a layer changed. */
interface Touched {
  ids: string[];
  traces: { box: Box; trace: Trace }[];
}

const MAX_NAMED = 1_000;
const MAX_ZOOM = 16;
const EVERYWHERE: Box = [-180, -90, 180, 90];

/** Tells of edits, layer by layer, which rows and tiles they touch, whatever filters a client uses. */
export class LiveEvents {
  readonly log = new EventLog();

  constructor(live: Live) {
    live.onEdits((edits) => {
      for (const event of eventsOf(live, edits)) this.log.publish(event);
    });
  }
}

function* eventsOf(live: Live, edits: LiveEdits): Generator<ChangeEvent> {
  const about = { version: live.version, cause: edits.cause };
  for (const layer of ['grids', 'cameras', 'streets', 'incidents', 'heat'] as const) {
    const touched = TOUCHED[layer](live, edits);
    if (touched === 'all') yield { ...about, layer, ids: null, tiles: null, bbox: EVERYWHERE };
    else if (touched.ids.length > 0) yield { ...about, layer, ...named(touched) };
  }
  if (edits.roster) yield { ...about, layer: 'workers', ids: null, tiles: [] };
}

const TOUCHED: Record<LayerId, (live: Live, edits: LiveEdits) => Touched | 'all'> = {
  grids: (_live, { grids = [] }) =>
    grids === 'all'
      ? 'all'
      : touchedBy(
          grids,
          ({ code }) => code,
          (grid) => ({ box: grid.box, trace: traceOfShape(grid) }),
        ),
  cameras: (_live, { cameras = [] }) =>
    cameras === 'all'
      ? 'all'
      : touchedBy(
          cameras,
          ({ code }) => code,
          (camera) => ({ box: camera.box, trace: traceOfBufferedPoint(camera) }),
        ),
  streets: (_live, { streets = [] }) =>
    streets === 'all'
      ? 'all'
      : touchedBy(
          streets,
          ({ id }) => id,
          (street) => ({ box: street.box, trace: traceOfShape(street) }),
        ),
  incidents: (_live, edits) => changedIncidents(edits, (row) => ({ box: boxOf(row), trace: traceOfPoint(row) })),
  heat: (live, edits) => {
    const { cells } = live.layers.incidents;
    return changedIncidents(edits, (row) => ({
      box: boxOf(row),
      trace: traceOfCell((res) => {
        const parents = cells.parentsAt(res);
        return parents.cells[parents.of[row.cell]!]!;
      }),
    }));
  },
};

function changedIncidents(
  { incidents = [], categories, hour }: LiveEdits,
  toTrace: (row: LiveIncident) => Touched['traces'][number],
): Touched | 'all' {
  return incidents === 'all' || categories || hour ? 'all' : touchedBy(incidents, ({ id }) => id, toTrace);
}

function touchedBy<T>(
  edits: readonly Edit<T>[],
  idOf: (row: T) => string,
  toTrace: (row: T) => Touched['traces'][number],
): Touched {
  const rows = new Set(edits.flatMap(({ before, after }) => [before, after]).filter((row) => row !== undefined));
  return { ids: [...new Set([...rows].map(idOf))], traces: [...rows].map(toTrace) };
}

function named({ ids, traces }: Touched): Pick<ChangeEvent, 'ids' | 'tiles' | 'bbox'> {
  const tiles = traces.length > MAX_NAMED ? null : tilesOf(traces.map(({ trace }) => trace));
  const few = ids.length > MAX_NAMED ? null : ids;
  return few && tiles ? { ids: few, tiles } : { ids: few, tiles, bbox: unionOf(traces.map(({ box }) => box)) };
}

function tilesOf(traces: readonly Trace[]): string[] | null {
  const names = new Set<string>();
  for (const trace of traces) {
    for (let zoom = 0; zoom <= MAX_ZOOM; zoom++) {
      const tiles = tilesOfTrace(trace, zoom, MAX_NAMED);
      if (!tiles) return null;
      for (const { z, x, y } of tiles) names.add(`${z}/${x}/${y}`);
      if (names.size > MAX_NAMED) return null;
    }
  }
  return [...names];
}

function boxOf({ lon, lat }: LiveIncident): Box {
  return [lon, lat, lon, lat];
}

function unionOf(boxes: readonly Box[]): Box {
  return boxes.reduce(([w, s, e, n], box) => [
    Math.min(w, box[0]),
    Math.min(s, box[1]),
    Math.max(e, box[2]),
    Math.max(n, box[3]),
  ]);
}
