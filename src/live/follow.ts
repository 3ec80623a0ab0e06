import { CameraLayer } from '../cameras/live.ts';
import type { Queryable } from '../db/db.ts';
import type { Box } from '../geo/bbox.ts';
import { GridLayer } from '../grids/live.ts';
import type { GridKey, LiveGrid } from '../grids/live-grid.ts';
import { IncidentLayer, type IncidentWindow } from '../incidents/live.ts';
import { CategoryLayer } from '../incidents/live-categories.ts';
import { StreetLayer } from '../tiles/live-streets.ts';
import { RosterLayer } from '../workers/live.ts';
import type { Change } from './changes.ts';
import type { Layers, LiveEdits } from './live.ts';
import type { Micros } from './micros.ts';

/** Rows that were read again and wait to be put in. */
export interface Reread {
  /** Put everything in at once; undefined when nothing of the layers was concerned. */
  apply(layers: Layers): LiveEdits | undefined;
}

export interface RereadOptions {
  timeZone: string;
  window: IncidentWindow;
  at: Micros;
}

/** Puts what was read of one layer in its place and adds to the edits what that changed. */
type Put = (layers: Layers, edits: LiveEdits) => void;

/** Read the current rows of what changed; whole layers where the log names no rows. Needs the transaction of the log. */
export async function readAgain(
  tx: Queryable,
  changes: readonly Change[],
  layers: Layers,
  options: RereadOptions,
): Promise<Reread> {
  const byLayer = new Map<string, Change[]>();
  for (const change of changes) {
    const others = byLayer.get(change.layer);
    if (others) others.push(change);
    else byLayer.set(change.layer, [change]);
  }
  const of = (layer: string) => byLayer.get(layer) ?? [];
  const categories = of('categories').length > 0 ? await CategoryLayer.load(tx, layers.categories) : undefined;
  const puts: (Put | undefined)[] = [
    categories && putCategories(categories),
    await readGrids(tx, of('grids')),
    await readCameras(tx, of('cameras')),
    await readStreets(tx, of('streets')),
    await readRoster(tx, [...of('workers'), ...of('assignments'), ...of('holidays')], options.timeZone),
    await readIncidents(tx, of('incidents'), categories ?? layers.categories, options),
  ];
  return {
    apply(current) {
      const edits: LiveEdits = { cause: 'data' };
      for (const put of puts) put?.(current, edits);
      return Object.keys(edits).length > 1 ? edits : undefined;
    },
  };
}

function putCategories(categories: CategoryLayer): Put {
  return (layers, edits) => {
    layers.categories = categories;
    layers.incidents.use(categories);
    edits.categories = true;
  };
}

async function readGrids(tx: Queryable, changes: Change[]): Promise<Put | undefined> {
  if (changes.length === 0) return undefined;
  if (isWhole(changes)) {
    const grids = await GridLayer.load(tx);
    return (layers, edits) => {
      layers.grids = grids;
      layers.incidents.forgetOwners([EVERYWHERE]);
      edits.grids = 'all';
    };
  }
  const keys = keysOf(changes);
  const rows = await GridLayer.read(tx, keys);
  return (layers, edits) => {
    edits.grids = layers.grids.replace(keys, rows);
    const touched = edits.grids.map(({ before, after }) => (before ?? after)!);
    layers.incidents.forgetOwners(boxesOfBase(touched));
  };
}

/** Where owners of incidents may have changed: they are kept for net `base`. */
export function boxesOfBase(grids: readonly LiveGrid[]): Box[] {
  return grids.filter(({ net }) => net === 'base').map(({ box }) => box);
}

const EVERYWHERE: Box = [-Infinity, -Infinity, Infinity, Infinity];

function keysOf(changes: Change[]): GridKey[] {
  const keys = new Map<string, GridKey>();
  for (const { scope, id } of changes) keys.set(`${scope}\n${id}`, { net: scope!, code: id! });
  return [...keys.values()];
}

async function readCameras(tx: Queryable, changes: Change[]): Promise<Put | undefined> {
  if (changes.length === 0) return undefined;
  if (isWhole(changes)) {
    const cameras = await CameraLayer.load(tx);
    return (layers, edits) => {
      layers.cameras = cameras;
      edits.cameras = 'all';
    };
  }
  const codes = idsOf(changes);
  const rows = await CameraLayer.read(tx, codes);
  return (layers, edits) => {
    edits.cameras = layers.cameras.replace(codes, rows);
  };
}

async function readStreets(tx: Queryable, changes: Change[]): Promise<Put | undefined> {
  if (changes.length === 0) return undefined;
  if (isWhole(changes)) {
    const streets = await StreetLayer.load(tx);
    return (layers, edits) => {
      layers.streets = streets;
      edits.streets = 'all';
    };
  }
  const ids = idsOf(changes);
  const rows = await StreetLayer.read(tx, ids);
  return (layers, edits) => {
    edits.streets = layers.streets.replace(ids, rows);
  };
}

async function readRoster(tx: Queryable, changes: Change[], timeZone: string): Promise<Put | undefined> {
  if (changes.length === 0) return undefined;
  if (isWhole(changes)) {
    const roster = await RosterLayer.load(tx, timeZone);
    return (layers, edits) => {
      layers.roster = roster;
      edits.roster = 'all';
    };
  }
  const of = (layer: string) => idsOf(changes.filter((change) => change.layer === layer));
  const changed = {
    workers: of('workers'),
    assignments: of('assignments'),
    holidays: changes.some(({ layer }) => layer === 'holidays'),
  };
  const rows = await RosterLayer.read(tx, changed);
  return (layers, edits) => {
    layers.roster.replace(rows);
    edits.roster = rows;
  };
}

async function readIncidents(
  tx: Queryable,
  changes: Change[],
  categories: CategoryLayer,
  { window, at }: RereadOptions,
): Promise<Put | undefined> {
  if (changes.length === 0) return undefined;
  if (isWhole(changes)) {
    const incidents = await IncidentLayer.load(tx, categories, window, at);
    return (layers, edits) => {
      layers.incidents = incidents;
      edits.incidents = 'all';
    };
  }
  const ids = idsOf(changes);
  const rows = await IncidentLayer.read(tx, ids, at);
  return (layers, edits) => {
    edits.incidents = layers.incidents.replace(ids, rows);
  };
}

/** A change without id, as after TRUNCATE or of many rows, is of the whole layer. */
function isWhole(changes: Change[]): boolean {
  return changes.some(({ id }) => id === null);
}

function idsOf(changes: Change[]): string[] {
  return [...new Set(changes.map(({ id }) => id!))];
}
