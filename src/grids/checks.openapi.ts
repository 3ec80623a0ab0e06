import { z } from 'zod';
import { answer, GEOMETRIES, type Paths, parameters, problems, time } from '../openapi.ts';
import { CHECKS, checkQuerySchema, profileSchema } from './checks.schema.ts';

const check = z.enum(CHECKS);
const fault = {
  check,
  severity: z.enum(['fault', 'notice']),
  grid: z.string().nullable().meta({ description: 'Code of the grid; null: a point outside all' }),
  name: z.string().nullable(),
  level: z.string().nullable(),
  other: z.string().nullable().meta({ description: 'The other grid, the parent, or the id of a point' }),
  message: z.string(),
  value: z.number().nullable(),
};
const shape = z.union(Object.values(GEOMETRIES)).nullable();
const about = {
  net: z.string(),
  under: z.string().nullable(),
  at: time,
  profile: profileSchema,
  tolerance_m2: z.number(),
  grids: z.int(),
  counts: z.partialRecord(check, z.int()),
};
const feature = z.looseObject({ type: z.literal('Feature'), geometry: shape, properties: z.looseObject(fault) });

export const checkPaths: Paths = {
  '/checks': {
    get: {
      operationId: 'getChecks',
      tags: ['analysis'],
      summary: 'Faults of the grid plan: overlaps, gaps, sizes, people missing',
      requestParams: {
        query: parameters(checkQuerySchema, { under: '990121001', check: 'unstaffed_now' }),
      },
      responses: {
        200: answer('The faults', {
          'application/json': z.object({
            ...about,
            faults: z.array(z.object({ ...fault, at: z.array(z.number()).nullable(), geometry: shape })),
          }),
          'application/geo+json': z.looseObject({
            type: z.literal('FeatureCollection'),
            features: z.array(feature),
          }),
          'text/csv': z.string(),
        }),
        ...problems(400),
      },
    },
  },
};
