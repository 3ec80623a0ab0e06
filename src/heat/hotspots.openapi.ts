import { z } from 'zod';
import { answer, type Paths, parameters, problems, time } from '../openapi.ts';
import { tableForms } from './heat.openapi.ts';
import { CUBE_STEPS, emergingQuerySchema, hotspotQuerySchema, METHODS, VALUES, WEIGHTS } from './hotspots.schema.ts';
import type { EmergingClass } from './stats/emerging.ts';
import { EMERGING_CLASSES } from './stats/emerging.ts';

const cell = z.string().meta({ description: 'H3 index as text' });
const count = z.int().min(0);
const tested = z.number().nullable();

const about = {
  method: z.enum(METHODS),
  res: z.int(),
  from: time.nullable(),
  to: time.nullable(),
  k: z.int(),
  weights: z.enum(WEIGHTS),
  value: z.enum(VALUES),
  area: z.object({
    cells: count,
    mean: z.number().nullable(),
    sd: z.number().nullable(),
    outside: count.meta({ description: 'Incidents that lie in no cell of the area and take no part' }),
    without_households: count.optional(),
  }),
};
const hotspot = z.object({
  cell,
  n: count,
  rate: z.number().optional(),
  i: tested.optional().meta({ description: "Local Moran's I" }),
  z: tested,
  p: tested.meta({ description: 'Two-sided' }),
  q: tested.meta({ description: 'Benjamini–Hochberg over the area' }),
  class: z.string(),
});

const cube = {
  ...about,
  by: z.enum(['q', 'p']),
  step: z.enum(CUBE_STEPS),
  time_zone: z.string(),
  steps: z.array(z.object({ from: time, to: time })),
};
const emerging = z.object({
  cell,
  n: count,
  class: z.enum(EMERGING_CLASSES as [EmergingClass, ...EmergingClass[]]),
  s: tested,
  z: tested,
  p: tested,
  hot: count,
  cold: count,
  last_z: tested,
});

function hotspotOperation(operationId: string, summary: string) {
  return {
    operationId,
    tags: ['analysis'],
    summary,
    requestParams: { query: parameters(hotspotQuerySchema, { res: '8' }) },
    responses: {
      200: answer('Every cell of the study area, zeros included', {
        'application/json': z.object({ ...about, cells: z.array(hotspot) }),
        ...tableForms(about, hotspot),
      }),
      ...problems(400),
    },
  };
}

export const hotspotPaths: Paths = {
  '/hotspots': { get: hotspotOperation('getHotspots', 'Hot and cold spots by Getis–Ord Gi*') },
  '/hotspots/moran': { get: hotspotOperation('getMoran', 'Clusters and outliers by local Moran') },
  '/hotspots/emerging': {
    get: {
      operationId: 'getEmerging',
      tags: ['analysis'],
      summary: 'How hotspots come and go: one of 17 classes per cell',
      requestParams: { query: parameters(emergingQuerySchema, { res: '8', step: 'week' }) },
      responses: {
        200: answer('Every cell of the study area', {
          'application/json': z.object({ ...cube, cells: z.array(emerging) }),
          ...tableForms(cube, emerging),
        }),
        ...problems(400),
      },
    },
  },
};
