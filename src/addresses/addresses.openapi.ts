import { answer, type Paths, parameters, problems } from '../openapi.ts';
import { suggestionsSchema, suggestQuerySchema } from './addresses.schema.ts';

export const addressPaths: Paths = {
  '/addresses/suggest': {
    get: {
      operationId: 'suggestAddresses',
      tags: ['locate'],
      summary: 'Completions while typing: names as written, in pinyin or by initials, then addresses',
      requestParams: { query: parameters(suggestQuerySchema, { q: '南环', limit: 3 }) },
      responses: { 200: answer('The completions', { 'application/json': suggestionsSchema }), ...problems(400) },
    },
  },
};
