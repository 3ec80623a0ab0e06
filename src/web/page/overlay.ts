import type { Feature, Geometry } from 'geojson';
import type { Map as MapLibreMap } from 'maplibre-gl';

/** The hexagon of a cell as it is drawn on the map; none when it is out of view. */
export function hexagonFeature(map: MapLibreMap, cell: string): Feature[] {
  const filter = ['==', ['get', 'cell'], cell] as never;
  const drawn = map.querySourceFeatures('hotspots', { sourceLayer: 'hotspots', filter });
  const [found] = drawn;
  return found ? [areaFeature(found.geometry)] : [];
}

export function areaFeature(geometry: Geometry): Feature {
  return { type: 'Feature', properties: { kind: 'area' }, geometry };
}

export function placeFeature(coordinates: [number, number]): Feature {
  return { type: 'Feature', properties: { kind: 'place' }, geometry: { type: 'Point', coordinates } };
}

/** A ring around what is drawn at a point, which stays to be seen. */
export function ringFeature(coordinates: [number, number]): Feature {
  return { type: 'Feature', properties: { kind: 'fault' }, geometry: { type: 'Point', coordinates } };
}
