import { z } from 'zod';
import { answer, type Paths, parameters, problems } from '../openapi.ts';
import { reportQuerySchema } from './report.schema.ts';

export const reportPaths: Paths = {
  '/report': {
    get: {
      operationId: 'getReport',
      tags: ['analysis'],
      summary: 'A page to print: figures, hotspots and lights of a period',
      requestParams: { query: parameters(reportQuerySchema, { under: '990121001', lang: 'en' }) },
      responses: { 200: answer('The page', { 'text/html': z.string() }), ...problems(400) },
    },
  },
};
