import type { Queryable } from '../db/db.ts';
import { ALL_LAYERS, type AnyLayerId, type LayerDefinition } from './layers.ts';
import { extentSql } from './tiles.sql.ts';

type Bbox = [number, number, number, number];

/** The whole square that tiles can show, for a layer that holds nothing yet. */
const EVERYWHERE: Bbox = [-180, -85.051129, 180, 85.051129];

export interface LayerSummary {
  id: AnyLayerId;
  name: string;
  minzoom: number;
  maxzoom: number;
  bounds: Bbox;
  count: number;
  fields: Record<string, string>;
  /** Of its TileJSON. */
  url: string;
}

/** All tile layers with what they hold now. */
export async function describeLayers(db: Queryable, origin: string): Promise<LayerSummary[]> {
  const summaries: LayerSummary[] = [];
  for (const [id, layer] of Object.entries(ALL_LAYERS) as [AnyLayerId, LayerDefinition][]) {
    const { n, bounds } = await extentOf(db, layer.table);
    const { name, minzoom, maxzoom, fields } = layer;
    summaries.push({ id, name, minzoom, maxzoom, bounds, count: n, fields, url: `${origin}/tiles/${id}.json` });
  }
  return summaries;
}

/** TileJSON 3.0.0 of one layer or several. */
export async function tileJson(db: Queryable, layers: AnyLayerId[], origin: string, query: string) {
  const extents = [];
  for (const id of layers) extents.push(await extentOf(db, ALL_LAYERS[id].table));
  const bounds = extents.map((extent) => extent.bounds).reduce(unite);
  return {
    tilejson: '3.0.0',
    name: layers.map((id) => ALL_LAYERS[id].name).join(', '),
    scheme: 'xyz',
    tiles: [`${origin}/tiles/${layers.join(',')}/{z}/{x}/{y}.mvt${query}`],
    minzoom: Math.min(...layers.map((id) => ALL_LAYERS[id].minzoom)),
    maxzoom: Math.max(...layers.map((id) => ALL_LAYERS[id].maxzoom)),
    bounds,
    center: [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2, 12],
    vector_layers: layers.map((id) => ({
      id,
      description: ALL_LAYERS[id].name,
      minzoom: ALL_LAYERS[id].minzoom,
      maxzoom: ALL_LAYERS[id].maxzoom,
      fields: ALL_LAYERS[id].fields,
    })),
  };
}

async function extentOf(db: Queryable, table: LayerDefinition['table']): Promise<{ n: number; bounds: Bbox }> {
  const [row] = await db.query<Record<'n' | 'west' | 'south' | 'east' | 'north', number | null>>(extentSql(table));
  const { n, west, south, east, north } = row!;
  return { n: n!, bounds: west === null ? EVERYWHERE : [west, south!, east!, north!] };
}

function unite(a: Bbox, b: Bbox): Bbox {
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
}
