/** `118.62, 30.86` as a point; an address is none. */
export function readPoint(text: string): { lon: number; lat: number } | null {
  const match = /^\s*(-?\d+(?:\.\d+)?)\s*[,，\s]\s*(-?\d+(?:\.\d+)?)\s*$/.exec(text);
  const [lon, lat] = [Number(match?.[1]), Number(match?.[2])];
  return match && Math.abs(lon) <= 180 && Math.abs(lat) <= 90 ? { lon, lat } : null;
}
