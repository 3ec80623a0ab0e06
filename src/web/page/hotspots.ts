import { getJson, type HotspotAnswer } from './api.ts';
import { incidentQuery } from './incidents.ts';
import type { View } from './view.ts';

/** The shortest period in which an emerging analysis has steps enough to speak of a trend. */
const LEAST_DAYS: Record<View['step'], number> = { day: 30, week: 90, month: 365 };

/** Days that an analysis looks back: those of the view, more when its steps need more. */
export function daysOfAnalysis({ method, step, days }: Pick<View, 'method' | 'step' | 'days'>): number {
  return method === 'emerging' ? Math.max(days, LEAST_DAYS[step]) : days;
}

/** The parameters of an analysis, as the service takes them. */
function analysisQuery(view: View): Record<string, string> {
  const { method, res, k, step, by } = view;
  return {
    ...incidentQuery({ ...view, days: daysOfAnalysis(view) }),
    res: String(res),
    k: String(k),
    ...(method === 'emerging' && { step, by }),
  };
}

/** The query of the tiles of hotspots. */
export function hotspotTileQuery(view: View): string {
  const method: Record<string, string> = view.method === 'emerging' ? { method: 'emerging' } : {};
  return `?${new URLSearchParams({ ...method, ...analysisQuery(view) }).toString().replace(/%3A/g, ':')}`;
}

/** The analysis with the cells that touch a box; those outside it take part all the same. */
export function askHotspots(
  view: View,
  box: [number, number, number, number],
  signal?: AbortSignal,
): Promise<HotspotAnswer> {
  const path = view.method === 'emerging' ? '/hotspots/emerging' : '/hotspots';
  const bbox = box.map((degrees) => degrees.toFixed(6)).join(',');
  return getJson<HotspotAnswer>(path, { ...analysisQuery(view), bbox }, signal);
}
