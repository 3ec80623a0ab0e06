import { z } from 'zod';
import { ROLES } from '../import/fields.ts';
import { answer, gridName, MORE_WITH_KEY, type Paths, parameters, problems, time } from '../openapi.ts';
import { batchQuerySchema, batchRowSchema, locateQuerySchema } from './locate.schema.ts';

const role = z.enum(ROLES);

/** A worker in a duty list; `phone` only with the key. */
export const workerShape = {
  id: z.string(),
  name: z.string(),
  role,
  duty: z.enum(['lead', 'member', 'backup', 'escalated']),
  grid: z.string().meta({ description: 'The grid that the worker serves; when escalated, one above' }),
  org: z.string().nullable(),
  phone: z.string().nullable().optional().meta({ description: 'With the key only' }),
  until: time.nullable().meta({ description: 'End of the spell of duty; null: not in sight' }),
  next: z
    .object({ id: z.string(), name: z.string(), role, grid: z.string(), duty: z.string(), from: time })
    .nullable()
    .meta({ description: 'Who takes over' }),
};

const parts = z.record(z.string(), z.string());
const oneSided = z.record(z.string(), z.object({ asked: z.string().optional(), found: z.string().optional() }));
const near = z.object({ code: z.string(), name: z.string(), metres: z.number() });

/** A place that an address may mean. */
const place = {
  id: z.string().nullable().meta({ description: 'Of the address in the book; null: a place between addresses' }),
  lon: z.number(),
  lat: z.number(),
  score: z.number().min(0).max(1),
  matched: parts,
  missing: oneSided.meta({ description: 'Parts that only the question or only the book names' }),
  contradicted: oneSided,
  bracket: z
    .object({ from: z.string(), to: z.string(), errorMetres: z.number() })
    .optional()
    .meta({ description: 'Of an interpolated place: the doors on both sides' }),
};
const level = z.enum(['room', 'unit', 'building', 'number', 'interpolated', 'estate', 'street', 'area']);

const located = z
  .object({
    query: z.object({
      address: z.string().optional(),
      normalized: z.string().optional(),
      lon: z.number().optional(),
      lat: z.number().optional(),
      at: time,
      net: z.string(),
    }),
    status: z.enum(['found', 'ambiguous', 'not_found', 'outside']),
    match: z
      .object({
        ...place,
        text: z.string().nullable(),
        level: z.enum([...level.options, 'point']),
        accuracy: z.number().meta({ description: 'How far off the place may be, in metres' }),
        margin: z.number().meta({ description: 'The lead over the best other place' }),
        others: z.array(z.object({ id: z.string().nullable(), text: z.string(), score: z.number() })),
      })
      .nullable(),
    candidates: z.array(z.object({ ...place, text: z.string(), level, grid: gridName.nullable() })),
    grid: gridName.nullable(),
    chain: z
      .array(gridName)
      .meta({ description: 'From the widest grid above it down to the grid, as one reads an address' }),
    edge: z
      .object({ on: z.boolean(), metres: z.number(), others: z.array(near) })
      .nullable()
      .meta({ description: 'How near the border of the grid is, and who is on its other side' }),
    workers: z.array(z.object(workerShape)),
    cameras: z.array(
      near.extend({
        name: z.string().nullable(),
        zone: z.string().nullable(),
        heading: z.number().nullable(),
        status: z.string(),
        lon: z.number(),
        lat: z.number(),
      }),
    ),
    address: z
      .object({ id: z.string(), text: z.string(), lon: z.number(), lat: z.number(), metres: z.number() })
      .nullable()
      .optional()
      .meta({ description: 'Of a point: the nearest address within 100 metres' }),
    nearest: gridName.extend({ metres: z.number() }).nullable().optional().meta({
      description: 'Outside every grid: the nearest one; null where none is within 50 km',
    }),
    version: z.string(),
  })
  .meta({ id: 'Located' });

const NDJSON = '{"address":"岚江省云州市云溪县城关街道南环路4号"}\n{"lon":118.62,"lat":30.86}\n';
const CSV = 'address\n岚江省云州市云溪县城关街道南环路4号\n';

export const locatePaths: Paths = {
  '/locate': {
    get: {
      operationId: 'locate',
      tags: ['locate'],
      summary: 'The grid of an address or a point, its chain, and who is on duty there',
      description: 'An address that matches nothing is `not_found` with status 200, never a guess.',
      security: MORE_WITH_KEY,
      requestParams: {
        query: parameters(
          locateQuerySchema,
          { address: '岚江省云州市云溪县城关街道南环路4号' },
          { category: { description: 'Code of a category: specialists for it count too', example: '01001' } },
        ),
      },
      responses: { 200: answer('What was found', { 'application/json': located }), ...problems(400) },
    },
  },
  '/locate/batch': {
    post: {
      operationId: 'locateBatch',
      tags: ['locate'],
      summary: 'Rows in, the same rows with answers out, in order and while they come',
      description:
        'The answers are those of single questions. A row that cannot be asked gets `locate: {error}`, or a `locate_error` ' +
        'in CSV, and the rest goes on. A body that cannot be read at all is 400; when answers have gone out already, the ' +
        'connection breaks. The body may be compressed (`Content-Encoding: gzip`). All rows are asked of the moment at ' +
        'which the batch began, unless `at` says otherwise, and of the data as it is when their turn comes: `version` ' +
        'says which.',
      security: MORE_WITH_KEY,
      requestParams: {
        query: parameters(
          batchQuerySchema,
          {},
          { category: { description: 'Code of a category: specialists for it count too', example: '01001' } },
        ),
      },
      requestBody: {
        required: true,
        content: {
          'application/x-ndjson': { schema: batchRowSchema.meta({ description: 'Of each line' }), example: NDJSON },
          'text/csv': { schema: z.string(), example: CSV },
        },
      },
      responses: {
        200: answer('The rows with `locate` beside what they had', {
          'application/x-ndjson': z.looseObject({ locate: z.union([located, z.object({ error: z.string() })]) }),
          'text/csv': z.string(),
        }),
        ...problems(400, 415),
      },
    },
  },
};
