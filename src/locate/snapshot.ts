import { CameraLayer, type LiveCamera } from '../cameras/live.ts';
import type { FlatRing } from '../geo/rings.ts';
import { GridLayer } from '../grids/live.ts';
import { type GridKey, type GridRecord, LiveGrid, recordOf } from '../grids/live-grid.ts';
import { packRows, unpackRows } from '../threads/pack.ts';
import { type LiveAssignment, RosterLayer, type RosterRows, type Worker } from '../workers/live.ts';
import type { PlanLayers } from './live.ts';

/** A plan in shared memory, for threads: 16 bytes a position of a ring, and the rows as JSON. */
export interface PlanSnapshot {
  levels: ReadonlyMap<string, readonly string[]>;
  grids: SharedArrayBuffer[];
  /** Positions of all rings, one after another. */
  positions: SharedArrayBuffer;
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
  const rings = new RingStore(allGrids);
  return {
    levels,
    grids: await packRows(allGrids, (grid) => packGrid(grid, rings)),
    positions: rings.buffer,
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
function packGrid(grid: LiveGrid, rings: RingStore): PackedGrid {
  const { gid, net, code, name, level, parent, kind, validFrom, validTo, area } = grid;
  const ends = [validFrom === -Infinity ? null : validFrom, validTo === Infinity ? null : validTo];
  const lengths = area.polygons.flatMap((polygon) => [polygon.length, ...polygon.map((ring) => rings.write(ring))]);
  return [gid, net, code, name, level, parent, kind, ...ends, ...lengths];
}

function unpackGrid(packed: PackedGrid, rings: RingReader): LiveGrid {
  const [gid, net, code, name, level, parent, kind, validFrom, validTo, ...lengths] = packed as [
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
  for (let at = 0; at < lengths.length; at += 1 + lengths[at]!) {
    polygons.push(lengths.slice(at + 1, at + 1 + lengths[at]!).map((length) => rings.read(length)));
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

/** Writes rings one after another into shared memory. */
class RingStore {
  readonly buffer: SharedArrayBuffer;
  readonly #flat: Float64Array;
  #at = 0;

  constructor(grids: readonly LiveGrid[]) {
    let length = 0;
    for (const { area } of grids) for (const rings of area.polygons) for (const ring of rings) length += ring.length;
    this.buffer = new SharedArrayBuffer(length * Float64Array.BYTES_PER_ELEMENT);
    this.#flat = new Float64Array(this.buffer);
  }

  /** @returns the length of the ring */
  write(ring: FlatRing): number {
    this.#flat.set(ring, this.#at);
    this.#at += ring.length;
    return ring.length;
  }
}

/** Reads rings in the order in which they were written. */
class RingReader {
  readonly #flat: Float64Array<ArrayBufferLike>;
  #at = 0;

  constructor(buffer: SharedArrayBuffer) {
    this.#flat = new Float64Array(buffer);
  }

  read(length: number): FlatRing {
    const ring = this.#flat.subarray(this.#at, this.#at + length) as FlatRing;
    this.#at += length;
    return ring;
  }
}
