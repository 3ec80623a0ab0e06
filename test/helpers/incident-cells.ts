import { cellToParent, latLngToCell } from 'h3-js';
import type { Db } from '../../src/db/db.ts';

/** An incident as tests count it, beside the service: everything in plain JavaScript. */
export interface PlainIncident {
  cell: string;
  category: string;
  status: string;
  occurred_at: Date;
  closed_at: Date | null;
  due_at: Date | null;
  red_after_hours: number;
  lon: number;
  lat: number;
}

/** All incidents with their cell of resolution 10, found from their coordinates. */
export async function plainIncidents(db: Db): Promise<PlainIncident[]> {
  const rows = await db.query<Omit<PlainIncident, 'cell'>>(
    `select i.category, i.status, i.occurred_at, i.closed_at, i.due_at, c.red_after_hours,
       st_x(i.geom) as lon, st_y(i.geom) as lat
     from incident i join category c on c.code = i.category`,
  );
  return rows.map((row) => ({ ...row, cell: latLngToCell(row.lat, row.lon, 10) }));
}

/** Sums per parent cell. */
export function perCell<T extends { cell: string }>(
  rows: T[],
  res: number,
  amount: (row: T) => number = () => 1,
): Map<string, number> {
  const sums = new Map<string, number>();
  for (const row of rows) {
    const cell = cellToParent(row.cell, res);
    sums.set(cell, (sums.get(cell) ?? 0) + amount(row));
  }
  return sums;
}

/** Incidents of [from, to). */
export function within<T extends { occurred_at: Date }>(rows: T[], from: string, to: string): T[] {
  const [start, end] = [new Date(from), new Date(to)];
  return rows.filter(({ occurred_at }) => occurred_at >= start && occurred_at < end);
}
