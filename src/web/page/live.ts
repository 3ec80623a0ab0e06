import type { GeoJSONSource, Map as MapLibreMap, StyleSpecification } from 'maplibre-gl';
import type { StyleMetadata } from '../../tiles/styles.ts';

type Sources = StyleSpecification['sources'];

interface Change {
  layer: string;
  /** `z/x/y` of the tiles that are no longer true; null: too many to name. */
  tiles: string[] | null;
}

/** Sources drawn from each layer; those of nets are found by their beginning. */
const SOURCES: Record<string, string[]> = {
  grids: ['grids', 'names'],
  cameras: ['cameras'],
  incidents: ['incidents'],
  heat: ['heat'],
  streets: ['streets'],
  hotspots: ['hotspots'],
  checks: ['checks'],
};
/** One incident changes every cell of an analysis: it is not asked for again with each. */
const ANALYSIS_PAUSE = 5_000;

/**
 * Follow the stream of changes and fetch again the tiles that they touched. Without a stream nothing happens: tiles are
 * then as fresh as the last move of the map.
 *
 * @param style of the service, which tells the path of the stream and the addresses of what is drawn
 * @param renew called when who is on duty, or for which grid, may have changed; and when incidents have, at most every
 *   few seconds
 */
export function followChanges(
  map: MapLibreMap,
  { metadata, sources }: StyleSpecification,
  { onDuty, onIncidents }: { onDuty: () => void; onIncidents: () => void },
): void {
  const path = (metadata as StyleMetadata)['wangge:changes'];
  if (path === undefined) return;
  const analyse = atMostEvery(ANALYSIS_PAUSE, () => {
    refresh(map, sources, { layer: 'hotspots', tiles: null });
    onIncidents();
  });
  const stream = new EventSource(path);
  stream.addEventListener('change', ({ data }) => {
    const change = JSON.parse(data as string) as Change;
    refresh(map, sources, change);
    if (change.layer === 'workers' || change.layer === 'grids') onDuty();
    if (change.layer === 'grids') refresh(map, sources, { layer: 'checks', tiles: null });
    if (change.layer === 'incidents' || change.layer === 'grids') analyse();
  });
  // Too long away to be told what happened meanwhile.
  stream.addEventListener('reset', () => {
    for (const layer of Object.keys(SOURCES)) refresh(map, sources, { layer, tiles: null });
    onDuty();
  });
}

function refresh(map: MapLibreMap, sources: Sources, { layer, tiles }: Change): void {
  const ids = tiles?.map((name) => {
    const [z, x, y] = name.split('/').map(Number);
    return { z: z!, x: x!, y: y! };
  });
  for (const [id, source] of Object.entries(sources)) {
    if (!isOf(layer, id) || !map.getSource(id)) continue;
    if (source.type === 'vector') map.refreshTiles(id, ids);
    else if (source.type === 'geojson') map.getSource<GeoJSONSource>(id)!.setData(source.data);
  }
}

/** Call at once, and then after a pause as long as there is something new. */
function atMostEvery(pause: number, call: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isDue = false;
  const run = () => {
    isDue = false;
    call();
    timer = setTimeout(() => {
      timer = undefined;
      if (isDue) run();
    }, pause);
  };
  return () => {
    isDue = true;
    if (timer === undefined) run();
  };
}

function isOf(layer: string, source: string): boolean {
  const names = SOURCES[layer] ?? [];
  return names.some((name) => source === name || (layer === 'grids' && source.startsWith(`${name}-`)));
}
