import { noSuchGrid } from '../grids/grids.ts';
import type { LiveGrid } from '../grids/live-grid.ts';
import { type Period, periodOf } from '../incidents/incidents.schema.ts';
import { compileFilter, type LiveFilter } from '../incidents/live-filter.ts';
import type { Live } from '../live/live.ts';
import { microsOf } from '../live/micros.ts';
import type { LayerId } from './layers.ts';
import type { TileQuery } from './tiles.schema.ts';
import { statusesFor } from './tiles.ts';

/** A question for tiles with its names resolved at one state of the layers. */
export interface CompiledQuery {
  layers: readonly LayerId[];
  query: TileQuery;
  cameraStatuses: readonly string[] | undefined;
  /** Of the layers that show incidents. */
  incidents: LiveFilter | undefined;
  under: { grid: LiveGrid; codes: ReadonlySet<string> } | undefined;
  /** Whether memory reaches back far enough. */
  source: 'memory' | 'sql';
}

const INCIDENT_LAYERS: readonly LayerId[] = ['incidents', 'heat'];

export function showsIncidents(layers: readonly LayerId[]): boolean {
  return layers.some((layer) => INCIDENT_LAYERS.includes(layer));
}

/**
 * The key that equal questions share: only the filters that one of the layers has a use for, in one order, defaults
 * written out.
 */
export function canonicalKey(layers: readonly LayerId[], query: TileQuery): string {
  const has = (layer: LayerId) => layers.includes(layer);
  const incidents = showsIncidents(layers);
  const status = statusesFor([...layers], query.status ?? []);
  const isPlanned = has('grids') || (query.under !== undefined && (incidents || has('cameras')));
  return JSON.stringify([
    layers,
    isPlanned || query.under !== undefined ? query.net : null,
    query.under ?? null,
    has('grids') ? (query.level ?? null) : null,
    has('cameras') ? [query.zone ?? null, status.cameras ?? null] : null,
    incidents ? [periodKey(query), query.category ?? null, status.incidents ?? null, query.light ?? null] : null,
  ]);
}

function periodKey({ from, to, last }: TileQuery): unknown {
  if (from || to) return [from?.toISOString() ?? null, to?.toISOString() ?? null];
  return canonicalDuration(last ?? 'P30D');
}

/** `P1W`, `P7D` and `PT168H` are one. */
function canonicalDuration(text: string): string {
  const amount = (unit: string, part: string) => Number(new RegExp(`(\\d+)${unit}`).exec(part)?.[1] ?? 0);
  const [date = '', time = ''] = text.split('T');
  const months = 12 * amount('Y', date) + amount('M', date);
  const hours = 24 * (7 * amount('W', date) + amount('D', date)) + amount('H', time);
  return `P${months}MT${hours}H`;
}

/**
 * Resolve a question.
 *
 * @throws HttpError 400 for a filter that names what does not exist
 */
export function compileQuery(live: Live, layers: readonly LayerId[], query: TileQuery): CompiledQuery {
  const { layers: stores, at } = live;
  const moment = microsOf(at);
  const status = statusesFor([...layers], query.status ?? []);
  const under = query.under === undefined ? undefined : underOf(live, query.net, query.under);
  const compiled = { layers, query, cameraStatuses: status.cameras, under };
  if (!showsIncidents(layers)) return { ...compiled, incidents: undefined, source: 'memory' };
  const period: Period = periodOf(query, at);
  const incidents = compileFilter(
    { category: query.category, status: status.incidents, light: query.light },
    period,
    moment,
    stores.categories,
    under ? { ...under, owners: live.owners } : null,
  );
  return { ...compiled, incidents, source: stores.incidents.holdsSince(incidents.from) ? 'memory' : 'sql' };
}

function underOf(live: Live, net: string, code: string): CompiledQuery['under'] {
  const { grids } = live.layers;
  const moment = microsOf(live.at);
  const grid = grids.find(net, code, moment);
  if (grid) return { grid, codes: grids.subtree(net, code, moment) };
  throw noSuchGrid(net, code);
}
