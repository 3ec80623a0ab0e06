import { z } from 'zod';
import { answer, type Paths, problems } from '../openapi.ts';

export const eventPaths: Paths = {
  '/changes': {
    get: {
      operationId: 'getChanges',
      tags: ['service'],
      summary: 'Server-sent events of what changed',
      description:
        'Each `data` is `{version, layer, ids, tiles, cause}`: at most 1,000 ids and tiles, else null and a `bbox`. ' +
        'The event `reset` says that something was missed: load everything again.',
      requestParams: {
        header: z.object({
          'Last-Event-ID': z
            .string()
            .optional()
            .meta({
              description: 'The last event that was seen: what came after it is sent first',
              examples: ['41'],
            }),
        }),
      },
      responses: { 200: answer('The stream; it does not end', { 'text/event-stream': z.string() }), ...problems() },
    },
  },
};
