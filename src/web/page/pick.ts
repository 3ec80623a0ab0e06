import type { Point as PointGeometry } from 'geojson';
import type { MapGeoJSONFeature, Map as MapLibreMap, Point, PointLike } from 'maplibre-gl';
import type { StyleNet } from '../../tiles/styles.ts';
import { ANALYSES, type Store, type Subject, type View } from './view.ts';
import { netOf } from './viewstyle.ts';

/** How near, in points, a small thing must be to count as pointed at; a finger is wider than a mouse. */
const REACH = matchMedia('(pointer: coarse)').matches ? 14 : 6;

/** Choose what is clicked, or, with the keyboard, what lies under the cross in the middle. */
export function pickOnClick(map: MapLibreMap, store: Store, nets: StyleNet[], isDrawing: () => boolean): void {
  const choose = (point: Point) => {
    const subject = subjectAt(map, point, store.get(), nets);
    if (subject) store.set({ subject });
  };
  map.on('click', ({ point }) => {
    if (!isDrawing()) choose(point);
  });
  map.on('mousemove', ({ point }) => {
    if (!isDrawing()) map.getCanvas().style.cursor = smallThing(map, point, store.get()) ? 'pointer' : '';
  });
  map.getCanvas().addEventListener('keydown', ({ key }) => {
    if (key === 'Enter' && !isDrawing()) choose(map.project(map.getCenter()));
  });
}

/** What lies at a point of the window: the small before the wide, the deepest grid that is drawn before those above it. */
function subjectAt(map: MapLibreMap, point: Point, view: View, nets: StyleNet[]): Subject | null {
  const small = smallThing(map, point, view);
  if (small) return small;
  const { lng: lon, lat } = map.unproject(point);
  const [fault] = rendered(map, point, ['check-areas'], view);
  if (fault) return faultSubject(fault);
  if (rendered(map, point, ['hotspots'], view).length > 0) return { kind: 'hotspot', lon, lat };
  const [cell] = rendered(map, point, ['heat'], view);
  if (cell) return { kind: 'cell', cell: String(cell.properties.cell), lon, lat };
  const grid = gridAt(map, point, view, nets);
  return grid ? { kind: 'grid', ...grid, lon, lat } : { kind: 'point', lon, lat };
}

function smallThing(map: MapLibreMap, { x, y }: Point, view: View): Subject | null {
  const box: [PointLike, PointLike] = [
    [x - REACH, y - REACH],
    [x + REACH, y + REACH],
  ];
  const [fault] = rendered(map, box, ['checks-discs', 'faults-discs', 'checks-signs'], view);
  if (fault) return faultSubject(fault);
  const [incident] = rendered(map, box, ['incidents'], view);
  if (incident) return incidentSubject(incident);
  const [camera] = rendered(map, box, ['cameras'], view);
  return camera ? { kind: 'camera', code: String(camera.properties.code) } : null;
}

function faultSubject({ properties: { check, grid, other } }: MapGeoJSONFeature): Subject {
  const text = (value: unknown) => (value === undefined || value === null ? '' : String(value));
  return { kind: 'fault', check: text(check), grid: text(grid), other: text(other) };
}

/** A crowd of incidents stands for its cell. */
function incidentSubject({ properties, geometry }: MapGeoJSONFeature): Subject {
  if (properties.id !== undefined) return { kind: 'incident', id: String(properties.id) };
  const [lon, lat] = (geometry as PointGeometry).coordinates as [number, number];
  return { kind: 'cell', cell: String(properties.cell), lon, lat };
}

function gridAt(map: MapLibreMap, point: Point, view: View, nets: StyleNet[]): { net: string; code: string } | null {
  const layers = map.getLayersOrder().filter((id) => id.startsWith('grid-areas'));
  const features = rendered(map, point, layers, view);
  for (const { id: net, levels } of nets) {
    const drawn = levels.filter(({ id, borderZoom }) => view.levels[net]?.includes(id) ?? map.getZoom() >= borderZoom);
    for (const level of [...drawn.toReversed(), ...levels]) {
      const found = features.find(({ source, properties }) => netOf(source) === net && properties.level === level.id);
      if (found) return { net, code: String(found.properties.code) };
    }
  }
  return null;
}

function rendered(map: MapLibreMap, where: PointLike | [PointLike, PointLike], layers: string[], view: View) {
  const isOff = (id: string) => ANALYSES.some((analysis) => analysis === id && !view.layers.includes(analysis));
  const shown = layers.filter((id) => map.getLayer(id) && !isOff(id));
  return shown.length === 0 ? [] : map.queryRenderedFeatures(where, { layers: shown });
}
