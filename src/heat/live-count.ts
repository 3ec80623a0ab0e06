import type { IncidentLayer } from '../incidents/live.ts';
import { type LiveFilter, passes } from '../incidents/live-filter.ts';

/**
 * Count all rows that pass a filter by the ancestors of their cells. The common filters, a period with or without
 * categories, have loops of their own: a year of a million rows takes some milliseconds.
 *
 * @param of by number of a cell, the number of its ancestor
 * @param counts by number of an ancestor, added to
 */
export function countRows(incidents: IncidentLayer, filter: LiveFilter, of: Int32Array, counts: Int32Array): void {
  const { from, to, categories } = filter;
  const isPlain = !filter.statuses && !filter.lights && !filter.under;
  for (const { columns, isWithin } of incidents.columnsOf(from, to)) {
    const { n, cell, dead, category } = columns;
    if (!isPlain || !isWithin) {
      for (let i = 0; i < n; i++) if (passes(filter, columns, i, isWithin)) counts[of[cell[i]!]!]! += 1;
    } else if (!categories && columns.live === n) {
      for (let i = 0; i < n; i++) counts[of[cell[i]!]!]! += 1;
    } else if (categories) {
      for (let i = 0; i < n; i++) if (dead[i] === 0 && categories[category[i]!] === 1) counts[of[cell[i]!]!]! += 1;
    } else {
      for (let i = 0; i < n; i++) if (dead[i] === 0) counts[of[cell[i]!]!]! += 1;
    }
  }
}
