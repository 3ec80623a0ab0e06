import { CameraLayer, type LiveCamera } from '../cameras/live.ts';
import type { FlatRing } from '../geo/rings.ts';
import { GridLayer } from '../grids/live.ts';
import { type GridKey, type GridRecord, LiveGrid, recordOf } from '../grids/live-grid.ts';
import { FloatStore } from '../threads/floats.ts';
import { packRows, unpackRows } from '../threads/pack.ts';
import { type LiveAssignment, RosterLayer, type RosterRows, type Worker } from '../workers/live.ts';
import type { PlanLayers } from './live.ts';

/** A plan in shared memory, for threads: rings where they lie, and the rows as JSON. */
export interface PlanSnapshot {
  levels: ReadonlyMap<string, readonly string[]>;
  grids: SharedArrayBuffer[];
  /** Where the positions of rings lie. */
  positions: SharedArrayBuffer[];
  cameras: SharedArrayBuffer[];
  workers: SharedArrayBuffer[];
  assignments: SharedArrayBuffer[];
  holidays: Map<string, { working: boolean }>;
  timeZone: string;
}

/** A change of the plan since a snapshot. */
export interface PlanEdit {
  grids?: { keys: GridKey[]; records: GridRecord[] };
  cameras?: { codes: string[]; cameras: LiveCamera[] };
  roster?: RosterRows;
}

type PackedGrid = [...(string | number | null)[]];

/** The layers as they are when it is called. It takes turns with other work. */
export async function snapshotOf({ grids, cameras, roster }: Omit<PlanLayers, 'categories'>): Promise<PlanSnapshot> {
  const levels = new Map(grids.levels);
  const { workers, assignments, holidays } = roster.snapshot();
  const [allGrids, allCameras] = [[...grids], [...cameras]];
  const rings = new RingPlaces();
  return {
    levels,
    grids: await packRows(allGrids, (grid) => packGrid(grid, rings)),
    positions: rings.blocks,
    cameras: await packRows(allCameras, ({ box: _, ...camera }) => camera),
    workers: await packRows(workers, (worker) => worker),
    assignments: await packRows(assignments, packAssignment),
    holidays,
    timeZone: roster.timeZone,
  };
}

/** The layers of a snapshot. Rings are read where they lie; the rest is this thread's own. */
export function layersOf(snapshot: PlanSnapshot): Omit<PlanLayers, 'categories'> {
  const rings = new RingReader(snapshot.positions);
  let cameras: CameraLayer | undefined;
  return {
    grids: GridLayer.of(
      snapshot.levels,
      unpackRows(snapshot.grids, (row: PackedGrid) => unpackGrid(row, rings)),
    ),
    // Few batches ask for cameras: they are unpacked for the first that does.
    get cameras() {
      cameras ??= CameraLayer.of(unpackRows(snapshot.cameras, unpackCamera));
      return cameras;
    },
    roster: RosterLayer.of(snapshot.timeZone, {
      workers: unpackRows(snapshot.workers, (worker: Worker) => worker),
      assignments: unpackRows(snapshot.assignments, unpackAssignment),
      holidays: snapshot.holidays,
    }),
  };
}

function unpackCamera(packed: Omit<LiveCamera, 'box'>): LiveCamera {
  const { lon, lat } = packed;
  return { ...packed, box: [lon, lat, lon, lat] };
}

/** Put a change in, as the live layers do. */
export function applyEdit(layers: Omit<PlanLayers, 'categories'>, { grids, cameras, roster }: PlanEdit): void {
  if (grids)
    layers.grids.replace(
      grids.keys,
      grids.records.map((record) => new LiveGrid(record)),
    );
  if (cameras) layers.cameras.replace(cameras.codes, cameras.cameras);
  if (roster) layers.roster.replace(roster);
}

/** JSON knows no infinity. */
function packGrid(grid: LiveGrid, rings: RingPlaces): PackedGrid {
  const { gid, net, code, name, level, parent, kind, validFrom, validTo, area } = grid;
  const ends = [validFrom === -Infinity ? null : validFrom, validTo === Infinity ? null : validTo];
  const places = area.polygons.flatMap((polygon) => [polygon.length, ...polygon.flatMap((ring) => rings.of(ring))]);
  return [gid, net, code, name, level, parent, kind, ...ends, ...places];
}

function unpackGrid(packed: PackedGrid, rings: RingReader): LiveGrid {
  const [gid, net, code, name, level, parent, kind, validFrom, validTo, ...places] = packed as [
    number,
    string,
    string,
    string,
    string,
    string | null,
    string,
    number | null,
    number | null,
    ...number[],
  ];
  const polygons: FlatRing[][] = [];
  for (let at = 0; at < places.length; ) {
    const count = places[at]!;
    polygons.push(Array.from({ length: count }, (_, i) => rings.at(places, at + 1 + i * PLACE)));
    at += 1 + count * PLACE;
  }
  const ends = { validFrom: validFrom ?? -Infinity, validTo: validTo ?? Infinity };
  return new LiveGrid({ gid, net, code, name, level, parent, kind, ...ends, polygons });
}

/** The change that made a grid of a record. */
export function gridEdit(keys: GridKey[], grids: readonly LiveGrid[]): PlanEdit['grids'] {
  return { keys, records: grids.map(recordOf) };
}

interface PackedAssignment extends Omit<LiveAssignment, 'validFrom' | 'validTo'> {
  validFrom: number | null;
  validTo: number | null;
}

function packAssignment(assignment: LiveAssignment): PackedAssignment {
  const { validFrom, validTo } = assignment;
  return { ...assignment, validFrom: validFrom?.getTime() ?? null, validTo: validTo?.getTime() ?? null };
}

function unpackAssignment(packed: PackedAssignment): LiveAssignment {
  const { validFrom, validTo } = packed;
  return {
    ...packed,
    validFrom: validFrom === null ? null : new Date(validFrom),
    validTo: validTo === null ? null : new Date(validTo),
  };
}

/** Numbers that say where a ring lies: its block, its start there, its length. */
const PLACE = 3;

/** Says where rings lie in shared memory. Those of grids that have changed are brought there. */
class RingPlaces {
  readonly blocks: SharedArrayBuffer[] = [];
  readonly #numbers = new Map<SharedArrayBuffer, number>();
  readonly #own = new FloatStore();

  of(ring: FlatRing): number[] {
    const { buffer, byteOffset, length } = ring;
    if (!(buffer instanceof SharedArrayBuffer)) {
      const copy = this.#own.take(length);
      copy.set(ring);
      return this.of(copy);
    }
    let block = this.#numbers.get(buffer);
    if (block === undefined) {
      block = this.blocks.push(buffer) - 1;
      this.#numbers.set(buffer, block);
    }
    return [block, byteOffset / Float64Array.BYTES_PER_ELEMENT, length];
  }
}

/** Reads rings where they lie. */
class RingReader {
  readonly #blocks: readonly Float64Array[];

  constructor(blocks: readonly SharedArrayBuffer[]) {
    this.#blocks = blocks.map((block) => new Float64Array(block));
  }

  at(places: readonly number[], i: number): FlatRing {
    const [block, start, length] = places.slice(i, i + PLACE) as [number, number, number];
    return this.#blocks[block]!.subarray(start, start + length);
  }
}
