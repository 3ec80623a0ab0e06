import { z } from 'zod';
import { answer, GEOMETRIES, type Paths, parameters, problems, time } from '../openapi.ts';
import { compareQuerySchema, heatQuerySchema, seriesQuerySchema } from './heat.schema.ts';
import { MEASURES } from './heat.sql.ts';
import { STEPS } from './steps.ts';

const cell = z.string().meta({ description: 'H3 index as text' });
const n = z.int().min(0).meta({ description: 'Incidents' });
const period = { from: time.nullable(), to: time.nullable() };

/** The other forms of a table of cells. */
export function tableForms(members: z.ZodRawShape, properties: z.ZodObject): Record<string, z.ZodType | null> {
  const feature = z.object({
    type: z.literal('Feature'),
    id: cell,
    properties,
    geometry: GEOMETRIES.Polygon,
  });
  return {
    'application/geo+json': z.object({
      type: z.literal('FeatureCollection'),
      ...members,
      features: z.array(feature),
    }),
    'text/csv': z.string(),
    'application/vnd.apache.arrow.stream': null,
    'application/vnd.apache.parquet': null,
  };
}

const heatMembers = {
  res: z.int(),
  ...period,
  measure: z.enum(MEASURES),
  kernel: z.string().optional(),
  k: z.int().optional(),
};
const heatCell = z.object({
  cell,
  n,
  value: z.number().nullable().optional().meta({ description: 'The asked measure; null: nothing to measure' }),
});

const both = { a: n, b: n, difference: z.int(), ratio: z.number().nullable(), p: z.number().nullable() };
const rates = z.object({ from: time, to: time });
const compareMembers = { res: z.int(), a: rates, b: rates, total: z.object(both) };
const comparedCell = z.object({ cell, ...both, q: z.number().nullable() });

const series = z.object({
  step: z.enum(STEPS),
  time_zone: z.string(),
  from: time,
  to: time,
  steps: z.array(z.object({ from: time, to: time, n })),
  res: z.int().optional(),
  cells: z.array(z.object({ cell, n: z.array(n) })).optional(),
});

export const heatPaths: Paths = {
  '/heat': {
    get: {
      operationId: 'getHeat',
      tags: ['analysis'],
      summary: 'Incidents per H3 cell',
      description:
        'Without `from`, `to` and `last` the period is the last 30 days. A box chooses cells, not incidents.',
      requestParams: { query: parameters(heatQuerySchema, { res: '8' }) },
      responses: {
        200: answer('The cells that have incidents', {
          'application/json': z.object({ ...heatMembers, cells: z.array(heatCell) }),
          ...tableForms(heatMembers, heatCell),
        }),
        ...problems(400),
      },
    },
  },
  '/heat/compare': {
    get: {
      operationId: 'compareHeat',
      tags: ['analysis'],
      summary: 'Two periods cell by cell: counts, difference, ratio and significance',
      requestParams: {
        query: parameters(compareQuerySchema, {
          res: '7',
          a: '2026-09-01T00:00:00+08:00/2026-10-01T00:00:00+08:00',
          b: '2026-10-01T00:00:00+08:00/2026-11-01T00:00:00+08:00',
        }),
      },
      responses: {
        200: answer('The cells that have incidents in either period', {
          'application/json': z.object({ ...compareMembers, cells: z.array(comparedCell) }),
          ...tableForms(compareMembers, comparedCell),
        }),
        ...problems(400),
      },
    },
  },
  '/heat/series': {
    get: {
      operationId: 'getHeatSeries',
      tags: ['analysis'],
      summary: 'Incidents through time, by the steps of the calendar; with `res` of each cell',
      requestParams: { query: parameters(seriesQuerySchema, { step: 'week' }) },
      responses: {
        200: answer('The steps', {
          'application/json': series,
          'text/csv': z.string(),
          'application/vnd.apache.arrow.stream': null,
          'application/vnd.apache.parquet': null,
        }),
        ...problems(400),
      },
    },
  },
};
