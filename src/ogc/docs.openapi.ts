import { z } from 'zod';
import { answer, type Paths, pathParameters, problems } from '../openapi.ts';

export const docsPaths: Paths = {
  '/openapi.json': {
    get: {
      operationId: 'getOpenApi',
      tags: ['service'],
      summary: 'This document',
      responses: {
        200: answer('OpenAPI 3.1', {
          'application/vnd.oai.openapi+json': z.looseObject({
            openapi: z.literal('3.1.0'),
            paths: z.record(z.string(), z.unknown()),
          }),
        }),
        ...problems(),
      },
    },
  },
  '/docs': {
    get: {
      operationId: 'getDocs',
      tags: ['pages'],
      summary: 'A page to read and try this document',
      responses: { 200: answer('The page', { 'text/html': z.string() }), ...problems() },
    },
  },
  '/docs/{file}': {
    get: {
      operationId: 'getDocsFile',
      tags: ['pages'],
      summary: 'What the page is made of',
      requestParams: { path: pathParameters({ file: 'swagger-ui.css' }) },
      responses: {
        200: answer('The file', { 'text/css': null, 'text/javascript': null, 'image/png': null }),
        ...problems(404),
      },
    },
  },
};
