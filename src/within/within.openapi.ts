import { z } from 'zod';
import { workerShape } from '../locate/locate.openapi.ts';
import { answer, gridName, MORE_WITH_KEY, type Paths, problems, time } from '../openapi.ts';
import { MAX_IDS, withinSchema } from './within.schema.ts';

function perLayer<S extends z.ZodType>(schema: S) {
  return z.object({
    grids: schema.optional(),
    cameras: schema.optional(),
    incidents: schema.optional(),
    addresses: schema.optional(),
  });
}

const inside = z
  .object({
    at: time,
    net: z.string(),
    area_m2: z.number().meta({ description: 'Square metres' }),
    counts: perLayer(z.int().min(0)),
    ids: perLayer(z.array(z.string()).max(MAX_IDS)).meta({ description: `In byte order, at most ${MAX_IDS} of each` }),
    truncated: perLayer(z.boolean()).meta({ description: 'Whether ids were left out' }),
    grids: z
      .array(gridName.extend({ share: z.number().min(0).max(1).meta({ description: 'Of the area of the grid' }) }))
      .optional(),
    workers: z
      .array(z.object({ ...workerShape, grids: z.array(z.string()).min(1) }))
      .optional()
      .meta({ description: 'The duty list of the deepest grids inside, each worker once with all the grids' }),
  })
  .meta({ id: 'Within' });

export const withinPaths: Paths = {
  '/within': {
    post: {
      operationId: 'within',
      tags: ['locate'],
      summary: 'What and who is inside an area: for an evacuation, a gas leak, a flood',
      description:
        'The area is a polygon, or a point and true metres around it. `layers` leaves out what is not needed.',
      security: MORE_WITH_KEY,
      requestBody: {
        required: true,
        content: { 'application/json': { schema: withinSchema, example: { point: [118.62, 30.86], metres: 150 } } },
      },
      responses: {
        200: answer('What is inside', { 'application/json': inside }),
        ...problems(400, 413, 415),
      },
    },
  },
};
