import { z } from 'zod';
import { answer, type Paths, parameters, pathParameters, problems, SECURED } from '../openapi.ts';
import { LAYERS, type LayerName } from './fields.ts';
import { importQuerySchema, MODES } from './import.schema.ts';

const count = z.int().min(0);
const reject = z.object({ line: z.int(), reason: z.string() });

const report = z
  .object({
    layer: z.enum(LAYERS as [LayerName, ...LayerName[]]),
    read: count,
    inserted: count,
    updated: count,
    unchanged: count,
    duplicates: count.meta({ description: 'Rows that say again what an earlier one said' }),
    rejected: count,
    removed: count.meta({ description: 'Rows of the record that `replace` removed' }),
    repaired: z.array(
      z.object({
        line: z.int(),
        area: z.number().meta({ description: 'Square metres after the repair' }),
        parts: count,
        verticesBefore: count,
        vertices: count,
      }),
    ),
    dryRun: z.boolean(),
    rejects: z.array(reject),
  })
  .meta({ id: 'ImportReport', description: 'read = inserted + updated + unchanged + duplicates + rejected' });

const ROW = '{"code":"99012100001320009001","name":"东门1号机","zone":"entrance","lon":118.62,"lat":30.86}\n';

export const importPaths: Paths = {
  '/import/{layer}': {
    post: {
      operationId: 'importRows',
      tags: ['import'],
      summary: 'Load rows, NDJSON: flat objects or GeoJSON features, one a line; all or nothing',
      description: `Rows in one transaction: \`mode\` is one of ${MODES.join(', ')}. The same rows twice change nothing.`,
      security: SECURED,
      requestParams: {
        path: pathParameters({ layer: 'cameras' }),
        query: parameters(importQuerySchema, { dry_run: 'true' }),
      },
      requestBody: {
        required: true,
        content: {
          'application/x-ndjson': {
            schema: z.record(z.string(), z.unknown()).meta({ description: 'Of each line: the fields of the layer' }),
            example: ROW,
          },
        },
      },
      responses: {
        200: answer('What became of every row', { 'application/json': report }),
        ...problems(400, 401, 403, 404, 409, 422),
      },
    },
  },
};
