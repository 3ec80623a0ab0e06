import { z } from 'zod';
import { answer, type Paths, problems } from '../openapi.ts';

export const healthPaths: Paths = {
  '/healthz': {
    get: {
      operationId: 'getHealth',
      tags: ['service'],
      summary: 'Whether the process is alive',
      responses: {
        200: answer('It is', { 'application/json': z.object({ status: z.literal('ok') }) }),
        ...problems(),
      },
    },
  },
  '/readyz': {
    get: {
      operationId: 'getReadiness',
      tags: ['service'],
      summary: 'Whether the database answers and what is derived from it is up to date',
      responses: {
        200: answer('It is', {
          'application/json': z.object({
            status: z.literal('ready'),
            version: z.string(),
            lag: z.number().optional().meta({ description: 'Seconds since the live layers were known to be whole' }),
          }),
        }),
        ...problems(503),
      },
    },
  },
  '/metrics': {
    get: {
      operationId: 'getMetrics',
      tags: ['service'],
      summary: 'Figures in the text format of Prometheus',
      responses: { 200: answer('The figures', { 'text/plain': z.string() }), ...problems() },
    },
  },
};
