import type { z } from 'zod';
import { answer, type Paths, parameters, pathParameters, problems, SECURED, time } from '../openapi.ts';
import { mergeSchema, planChangeSchema, planQuerySchema, splitSchema } from './plan.schema.ts';

const done = planChangeSchema
  .extend({ at: time })
  .meta({ id: 'PlanChange', description: 'What a change of the plan did, and what somebody has to decide yet' });

const HALVES = [
  [
    [118.6198, 30.8598],
    [118.62, 30.8598],
    [118.62, 30.8602],
    [118.6198, 30.8602],
    [118.6198, 30.8598],
  ],
  [
    [118.62, 30.8598],
    [118.6202, 30.8598],
    [118.6202, 30.8602],
    [118.62, 30.8602],
    [118.62, 30.8598],
  ],
];

const SPLIT = {
  parts: HALVES.map((ring, i) => ({
    code: `990121002003004${'ab'[i]!}`,
    geometry: { type: 'Polygon', coordinates: [ring] },
  })),
  carry: '990121002003004a',
};
const MERGE = {
  codes: ['99012100200300401', '99012100200300402'],
  into: { code: '99012100200300409', name: '溪田社区第四网格09微网格' },
};

function changeOf(operationId: string, summary: string, schema: z.ZodType, example: unknown) {
  return {
    operationId,
    tags: ['grids'],
    summary,
    security: SECURED,
    requestParams: { query: parameters(planQuerySchema) },
    requestBody: { required: true, content: { 'application/json': { schema, example } } },
    responses: {
      200: answer('What was done', { 'application/json': done }),
      ...problems(400, 401, 403, 404, 409, 413, 415, 422),
    },
  };
}

export const planPaths: Paths = {
  '/grids/{code}/split': {
    post: {
      ...changeOf('splitGrid', 'Split a grid into several, in one transaction', splitSchema, SPLIT),
      requestParams: { path: pathParameters({ code: '990121002003004' }), query: parameters(planQuerySchema) },
    },
  },
  '/grids/merge': {
    post: changeOf('mergeGrids', 'Make one grid of several, in one transaction', mergeSchema, MERGE),
  },
};
