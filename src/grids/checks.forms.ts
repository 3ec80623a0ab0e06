import type { FeatureCollection } from 'geojson';
import { type Column, type Table, tableOf } from '../heat/table.ts';
import type { GridFault } from './checks.fault.ts';
import type { CheckAnswer } from './checks.ts';

/** The faults as features: the faulty area where there is one, otherwise a point. */
export function checkFeatures({ faults, ...about }: CheckAnswer): FeatureCollection & Omit<CheckAnswer, 'faults'> {
  return {
    type: 'FeatureCollection',
    ...about,
    features: faults.map(({ geometry, at, ...properties }) => ({
      type: 'Feature',
      properties,
      geometry: geometry ?? (at && { type: 'Point', coordinates: at }),
    })) as FeatureCollection['features'],
  };
}

const COLUMNS: Column<GridFault>[] = [
  { name: 'check', type: 'text', of: ({ check }) => check },
  { name: 'severity', type: 'text', of: ({ severity }) => severity },
  { name: 'grid', type: 'text', of: ({ grid }) => grid },
  { name: 'name', type: 'text', of: ({ name }) => name },
  { name: 'level', type: 'text', of: ({ level }) => level },
  { name: 'other', type: 'text', of: ({ other }) => other },
  { name: 'value', type: 'float', of: ({ value }) => value },
  { name: 'lon', type: 'float', of: ({ at }) => at?.[0] },
  { name: 'lat', type: 'float', of: ({ at }) => at?.[1] },
  { name: 'message', type: 'text', of: ({ message }) => message },
];

/** The faults as a table. */
export function checkTable({ faults, ...about }: CheckAnswer): Table {
  return tableOf(COLUMNS, faults, about);
}

/** The faults as lines for a terminal, the counts last. */
export function checkText({ net, at, grids, counts, faults }: CheckAnswer): string {
  const lines = faults.map(({ check, severity, grid, name, message, at: place }) => {
    const where = place ? ` (${place.map((degrees) => degrees.toFixed(6)).join(',')})` : '';
    return `${severity} ${check}: ${grid === null ? '' : `${grid} ${name} `}${message}${where}`;
  });
  const summary = Object.entries(counts).map(([check, n]) => `${n} ${check}`);
  const found = summary.length > 0 ? summary.join(', ') : 'nothing found';
  return `${[...lines, `${grids} grids of net ${net} at ${at.toISOString()}: ${found}`].join('\n')}\n`;
}
