import { z } from 'zod';
import { answer, type Paths, pathParameters, problems } from '../openapi.ts';

export const pagePaths: Paths = {
  '/': {
    get: {
      operationId: 'getPage',
      tags: ['pages'],
      summary: 'The map page',
      responses: { 200: answer('The page', { 'text/html': z.string() }), ...problems(503) },
    },
  },
  '/assets/{file}': {
    get: {
      operationId: 'getPageAsset',
      tags: ['pages'],
      summary: 'What the map page is made of; the page names the files',
      requestParams: { path: pathParameters({ file: 'index.js' }) },
      responses: {
        200: answer('The file', { 'text/javascript': null, 'text/css': null, 'image/svg+xml': null }),
        ...problems(404),
      },
    },
  },
};
