import { z } from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathItemObject } from 'zod-openapi';
import { answer, MORE_WITH_KEY, type Paths, parameters, pathParameters, problems, SECURED } from '../openapi.ts';
import { itemsQuerySchema } from './collections.schema.ts';
import { COLLECTIONS, type CollectionId } from './collections.sql.ts';
import { storedFeature, writtenFeature } from './features.openapi.ts';
import { SAMPLES } from './samples.ts';
import { itemQuerySchema, patchSchema, postQuerySchema, putQuerySchema } from './writes.schema.ts';

const link = z.object({ rel: z.string(), href: z.string(), type: z.string() });

const collection = z
  .object({
    id: z.enum(Object.keys(COLLECTIONS) as [CollectionId, ...CollectionId[]]),
    title: z.string(),
    itemType: z.literal('feature'),
    numberOfItems: z.int().min(0),
    extent: z
      .object({ spatial: z.object({ bbox: z.array(z.array(z.number()).length(4)), crs: z.string() }) })
      .optional()
      .meta({ description: 'Absent where features have no place' }),
    links: z.array(link),
  })
  .meta({ id: 'Collection' });

const ETAG = { ETag: 'Strong, of this feature' };
const CREATED = { ...ETAG, Location: 'Where the feature answers' };
const GEOJSON = 'application/geo+json';

const ifMatch = z
  .string()
  .optional()
  .meta({
    description: 'ETag of the feature that is to be changed: 412 when it has changed since',
    examples: ['"mM3XhBvGkBBpGqBOCnF3nyqTkLM"'],
  });
const idempotencyKey = z
  .string()
  .min(1)
  .max(257)
  .optional()
  .meta({
    description: 'A repeated key gets the first answer and writes nothing; kept for 24 hours',
    examples: ['"6f1d2c6e-8f0d-4f6e-9a55-0f0f4f1f2d3c"'],
  });
const ifNoneMatch = z
  .string()
  .optional()
  .meta({ description: '`*`: only where nothing is yet', examples: ['*'] });
const WRITE_HEADERS = z.object({ 'If-Match': ifMatch, 'Idempotency-Key': idempotencyKey });
const PUT_HEADERS = WRITE_HEADERS.extend({ 'If-None-Match': ifNoneMatch });

function itemsOf(id: CollectionId): ZodOpenApiPathItemObject {
  const { post } = SAMPLES[id];
  const stored = storedFeature(id);
  const page = z
    .object({
      type: z.literal('FeatureCollection'),
      features: z.array(stored),
      numberReturned: z.int().min(0),
      links: z.array(link),
    })
    .meta({ description: 'In byte order of the ids; a link `next` while there is more' });
  return {
    get: {
      operationId: `list_${id}`,
      tags: [id],
      summary: `A page of ${id}`,
      security: MORE_WITH_KEY,
      requestParams: { query: parameters(itemsQuerySchema(id), { limit: 2 }, FILTERS) },
      responses: { 200: answer('The page', { [GEOJSON]: page }), ...problems(400) },
    },
    post: {
      operationId: `add_${id}`,
      tags: [id],
      summary: `Add to ${id}`,
      security: SECURED,
      requestParams: {
        query: parameters(postQuerySchema(id)),
        header: z.object({ 'Idempotency-Key': idempotencyKey }),
      },
      requestBody: bodyOf(writtenFeature(id, false), post),
      responses: {
        201: answer('What was added', { [GEOJSON]: stored }, CREATED),
        ...problems(400, 401, 403, 409, 412, 413, 415, 422),
      },
    },
  };
}

/** Filters of a collection are single values, unlike the lists of tiles. */
const FILTERS = {
  category: { description: 'Code of the category', example: '01001' },
  level: { description: 'Level of the net' },
  status: { description: 'Status', example: undefined },
  zone: { description: 'Zone', example: undefined, pattern: undefined },
};

function itemOf(id: CollectionId): ZodOpenApiPathItemObject {
  const { fid, put, patch, added } = SAMPLES[id];
  const stored = storedFeature(id);
  const version = parameters(itemQuerySchema(id));
  const path = pathParameters({ fid: added });
  const written = answer('The feature as it is now', { [GEOJSON]: stored }, ETAG);
  const refusals = problems(400, 401, 403, 404, 409, 412, 413, 415, 422);
  const write = (operationId: string, summary: string): ZodOpenApiOperationObject => ({
    operationId,
    tags: [id],
    summary,
    security: SECURED,
    requestParams: { path, query: version, header: WRITE_HEADERS },
    responses: { 200: written, ...refusals },
  });
  return {
    get: {
      operationId: `get_${id}`,
      tags: [id],
      summary: `One of ${id}`,
      security: MORE_WITH_KEY,
      requestParams: { path: pathParameters({ fid }), query: version },
      responses: {
        200: answer('The feature', { [GEOJSON]: stored }, ETAG),
        304: { description: 'The feature is still the one of `If-None-Match`' },
        ...problems(400, 404),
      },
    },
    put: {
      ...write(`put_${id}`, id === 'assignments' ? 'Replace' : 'Replace or add'),
      requestParams: { path, query: parameters(putQuerySchema(id)), header: PUT_HEADERS },
      requestBody: bodyOf(writtenFeature(id, true), put),
      responses: {
        200: written,
        ...(id !== 'assignments' && {
          201: answer('What was added', { [GEOJSON]: stored }, CREATED),
        }),
        ...refusals,
      },
    },
    patch: {
      ...write(`patch_${id}`, 'Change by a merge patch (RFC 7396): null removes'),
      requestBody: {
        required: true,
        content: { 'application/merge-patch+json': { schema: patchSchema, example: patch } },
      },
    },
    delete: {
      ...write(`remove_${id}`, id === 'grids' ? 'Remove a version' : 'Remove'),
      responses: { 204: { description: 'It is gone' }, ...problems(400, 401, 403, 404, 409, 412) },
    },
  };
}

function bodyOf(schema: z.ZodType, example: unknown) {
  return { required: true, content: { [GEOJSON]: { schema, example }, 'application/json': { schema, example } } };
}

const IDS = Object.keys(COLLECTIONS) as [CollectionId, ...CollectionId[]];

export const collectionPaths: Paths = {
  '/collections': {
    get: {
      operationId: 'getCollections',
      tags: ['collections'],
      summary: 'The collections of features and what they hold now',
      responses: {
        200: answer('The collections', {
          'application/json': z.object({ collections: z.array(collection), links: z.array(link) }),
        }),
        ...problems(),
      },
    },
  },
  '/collections/{id}': {
    get: {
      operationId: 'getCollection',
      tags: ['collections'],
      summary: 'One collection',
      requestParams: { path: pathParameters({ id: IDS }) },
      responses: { 200: answer('The collection', { 'application/json': collection }), ...problems(404) },
    },
  },
  ...Object.fromEntries(
    IDS.flatMap((id) => [
      [`/collections/${id}/items`, itemsOf(id)],
      [`/collections/${id}/items/{fid}`, itemOf(id)],
    ]),
  ),
};
