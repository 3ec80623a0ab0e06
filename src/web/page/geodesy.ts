/** Mean radius of the Earth in metres (IUGG). */
const RADIUS = 6_371_008.8;
const rad = (degrees: number) => (degrees * Math.PI) / 180;

export type Position = [lon: number, lat: number];

/** Distance on the sphere in metres (haversine). */
export function distance([lon1, lat1]: Position, [lon2, lat2]: Position): number {
  const h =
    Math.sin(rad(lat2 - lat1) / 2) ** 2 +
    Math.cos(rad(lat1)) * Math.cos(rad(lat2)) * Math.sin(rad(lon2 - lon1) / 2) ** 2;
  return 2 * RADIUS * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** A closed ring of 64 corners around a point, for radii far smaller than the Earth. */
export function circleRing([lon, lat]: Position, metres: number): Position[] {
  const corners = 64;
  const dLat = (metres / RADIUS) * (180 / Math.PI);
  const dLon = dLat / Math.cos(rad(lat));
  return Array.from({ length: corners + 1 }, (_, i) => {
    const angle = (2 * Math.PI * (i % corners)) / corners;
    return [lon + dLon * Math.cos(angle), lat + dLat * Math.sin(angle)];
  });
}

/** Square metres inside a ring, by the spherical excess of its edges (Chamberlain & Duquette 2007). */
export function ringArea(ring: readonly Position[]): number {
  let sum = 0;
  for (let i = 0; i < ring.length; i++) {
    const [lon1, lat1] = ring[i]!;
    const [lon2, lat2] = ring[(i + 1) % ring.length]!;
    sum += rad(lon2 - lon1) * (2 + Math.sin(rad(lat1)) + Math.sin(rad(lat2)));
  }
  return Math.abs((sum * RADIUS * RADIUS) / 2);
}

/** The box around positions as [west, south, east, north]. */
export function boxOf(positions: readonly Position[]): [number, number, number, number] {
  const lons = positions.map(([lon]) => lon);
  const lats = positions.map(([, lat]) => lat);
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}
