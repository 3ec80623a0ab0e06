import type { Response } from 'express';
import type { FeatureCollection } from 'geojson';
import { z } from 'zod';
import { hexagonRing } from '../geo/h3.ts';
import { sendJson } from '../http.ts';
import { encodeTable, TABLE_FORMATS, TABLE_TYPES, type Table } from './table.ts';

export const FORMATS = ['json', 'geojson', ...TABLE_FORMATS] as const;
export type Format = (typeof FORMATS)[number];

/** The `format` parameter of an answer that has these forms; the first is the default. */
export function formatSchema<const F extends readonly [Format, ...Format[]]>(formats: F) {
  return z.enum(formats, { error: `must be out of: ${formats.join(', ')}` }).default(formats[0] as never);
}

/** The forms of one answer. */
export interface Forms {
  json: unknown;
  geojson?: () => FeatureCollection;
  table: () => Table;
}

/** Answer in the asked form. */
export function sendForm(res: Response, format: Format, forms: Forms): void {
  if (format === 'json') sendJson(res, forms.json);
  else if (format === 'geojson') sendJson(res, forms.geojson!(), { type: 'application/geo+json' });
  else {
    res.setHeader('Content-Type', TABLE_TYPES[format]);
    res.end(encodeTable(forms.table(), format));
  }
}

/** Rows about cells as hexagons; what holds for all of them are members of the collection. */
export function hexagons<R extends { cell: string }>(
  rows: readonly R[],
  about: Record<string, unknown>,
): FeatureCollection {
  return {
    type: 'FeatureCollection',
    ...about,
    features: rows.map((row) => ({
      type: 'Feature',
      id: row.cell,
      properties: row,
      geometry: { type: 'Polygon', coordinates: [hexagonRing(row.cell)] },
    })),
  };
}
