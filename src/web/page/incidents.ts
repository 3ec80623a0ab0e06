import type { View } from './view.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The period of a view in milliseconds; its end is the start of the next hour when it is "now". */
export function periodOf({ days, end }: Pick<View, 'days' | 'end'>, now: number): { from: number; to: number } {
  const to = end ?? Math.floor(now / HOUR) * HOUR + HOUR;
  return { from: to - days * DAY, to };
}

/** The filters of incidents as the parameters of tiles and of the heatmap. */
export function incidentQuery(view: Pick<View, 'days' | 'end' | 'category' | 'status'>): Record<string, string> {
  const { days, end, category, status } = view;
  const period: Record<string, string> =
    end === null
      ? { last: `P${days}D` }
      : { from: new Date(end - days * DAY).toISOString(), to: new Date(end).toISOString() };
  return { ...period, ...(category !== null && { category }), ...(status !== null && { status }) };
}

/** The query of the tiles of a source that shows incidents. */
export function tileQuery(source: 'incidents' | 'heat', view: View): string {
  const query = new URLSearchParams(incidentQuery(view));
  if (source === 'incidents' && view.lights.length < 4) query.set('light', view.lights.join(','));
  // Commas stay readable, and equal to those of the styles.
  return `?${query.toString().replace(/%2C/g, ',').replace(/%3A/g, ':')}`;
}
