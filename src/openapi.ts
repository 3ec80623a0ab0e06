import { z } from 'zod';
import type { ZodOpenApiPathsObject, ZodOpenApiResponseObject } from 'zod-openapi';
import { PARAMETERS, type ParameterWords } from './openapi.words.ts';

/** What a feature contributes to the OpenAPI document. */
export type Paths = ZodOpenApiPathsObject;

/** The values of a request that is answered by the demo, by parameter. */
export type Sample = Record<string, string | number>;

/**
 * Parameters as the schema that parses them has them, with the words of `PARAMETERS`.
 *
 * @param sample values of the example request; the other parameters get examples that are not sent with it
 * @param own words that differ from the common ones here
 */
export function parameters(
  schema: z.ZodObject,
  sample: Sample = {},
  own: Record<string, Partial<ParameterWords>> = {},
): z.ZodObject {
  const shape = Object.entries(schema.shape).map(([name, parameter]) => {
    const { description, example, ...words } = { ...PARAMETERS[name], ...own[name] };
    const sent = sample[name];
    const param = { description, ...(sent !== undefined && { example: sent }) };
    const examples = sent === undefined && example !== undefined ? { examples: [example] } : {};
    return [name, (parameter as z.ZodType).meta({ param, override: { ...words, ...examples } as object })];
  });
  return z.object(Object.fromEntries(shape));
}

/** Parameters of a path, which the route's pattern takes as text. */
export function pathParameters(values: Record<string, string | number | readonly [string, ...string[]]>): z.ZodObject {
  const shape = Object.entries(values).map(([name, value]) => {
    const param = { description: PARAMETERS[name]?.description };
    if (typeof value === 'object') {
      return [name, z.enum(value as [string, ...string[]]).meta({ param: { ...param, example: value[0] } })];
    }
    const schema = typeof value === 'number' ? z.int().min(0) : z.string().min(1);
    return [name, schema.meta({ param: { ...param, example: value } })];
  });
  return z.object(Object.fromEntries(shape));
}

const fault = z.strictObject({
  path: z.string().meta({ description: 'Which parameter, member or line' }),
  message: z.string().meta({ description: 'What is wrong with it' }),
});

/** RFC 9457. */
const problem = z
  .strictObject({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'One sentence that names the cure' }),
    errors: z.array(fault).optional(),
    request_id: z.string().optional().meta({ description: 'Under which the log of the service has the cause' }),
  })
  .meta({ id: 'Problem', description: 'An error (RFC 9457)' });

const PROBLEMS = {
  400: [
    'What was sent is not valid',
    'Bad Request',
    'The query is not valid: lat: must be at most 90; the order is longitude, latitude',
  ],
  401: ['The key is missing', 'Unauthorized', 'Writes need the key: send it as Authorization: Bearer <ADMIN_KEY>'],
  403: [
    'Writes are closed',
    'Forbidden',
    'Writes are closed: start the service with ADMIN_KEY set and send it as a bearer key',
  ],
  404: ['There is no such thing', 'Not Found', 'There is no C404 in cameras'],
  409: [
    'It contradicts the record',
    'Conflict',
    '01001 is still in use by incidents (132: SJ20251103-000211, …): change or remove those first',
  ],
  412: [
    'A precondition does not hold',
    'Precondition Failed',
    'If-Match: the feature has changed since it was read: read it again and repeat the change',
  ],
  413: [
    'The body is too long',
    'Content Too Large',
    'The body is over 10485760 bytes: send many features to POST /import/{layer}',
  ],
  415: [
    'The body is of another type',
    'Unsupported Media Type',
    'text/plain cannot be read: send application/geo+json or application/json',
  ],
  422: [
    'It is well formed but cannot be stored',
    'Unprocessable Content',
    'The feature cannot be stored: properties.grid: 990199 does not exist in its net; import grids first',
  ],
  500: [
    'The service failed',
    'Internal Server Error',
    'The service failed; its log has the cause under this request id.',
  ],
  503: ['Not now', 'Service Unavailable', 'The database does not answer or cannot be read; the log has the cause'],
} as const;

export type ProblemStatus = keyof typeof PROBLEMS;

/** One component of the document for each status. */
const PROBLEM_ANSWERS = Object.fromEntries(
  Object.entries(PROBLEMS).map(([status, [description, title, detail]]) => {
    const example = { type: 'about:blank', title, status: Number(status), detail };
    const content = { 'application/problem+json': { schema: problem, example } };
    return [status, { id: title.replaceAll(' ', ''), description, content }];
  }),
) as Record<string, ZodOpenApiResponseObject>;

/** Answers of errors, by status. Anything can fail, so 500 is always among them. */
export function problems(...statuses: ProblemStatus[]): Record<string, ZodOpenApiResponseObject> {
  return Object.fromEntries([...statuses, 500].map((status) => [String(status), PROBLEM_ANSWERS[status]!]));
}

const VERSION = {
  'Wangge-Version': { description: 'What the answer reflects, opaque', schema: { type: 'string' as const } },
};

/** An answer with a body. Its example comes from the demo, see `ogc/openapi.ts`. */
export function answer(
  description: string,
  content: Record<string, z.ZodType | null>,
  headers: Record<string, string> = {},
): ZodOpenApiResponseObject {
  const own = Object.entries(headers).map(([name, text]) => [
    name,
    { description: text, schema: { type: 'string' as const } },
  ]);
  return {
    description,
    headers: { ...VERSION, ...Object.fromEntries(own) },
    content: Object.fromEntries(Object.entries(content).map(([type, schema]) => [type, schema ? { schema } : {}])),
  };
}

/** A time in an answer. */
export const time = z.iso.datetime({ offset: true }).meta({ description: 'RFC 3339' });

/** Operations that need the key. */
export const SECURED: Record<string, string[]>[] = [{ key: [] }];
/** Operations that answer more with the key. */
export const MORE_WITH_KEY: Record<string, string[]>[] = [{}, { key: [] }];

const position = z.array(z.number()).min(2).meta({ id: 'Position', description: 'Longitude, latitude; WGS 84' });
const ring = z.array(position).min(4);
const line = z.array(position).min(2);

/** Geometries by their GeoJSON types. */
export const GEOMETRIES = {
  Point: z.looseObject({ type: z.literal('Point'), coordinates: position }).meta({ id: 'Point' }),
  LineString: z.looseObject({ type: z.literal('LineString'), coordinates: line }).meta({ id: 'LineString' }),
  Polygon: z.looseObject({ type: z.literal('Polygon'), coordinates: z.array(ring).min(1) }).meta({ id: 'Polygon' }),
  MultiPolygon: z
    .looseObject({ type: z.literal('MultiPolygon'), coordinates: z.array(z.array(ring).min(1)).min(1) })
    .meta({ id: 'MultiPolygon' }),
};

/** A grid by its names, wherever an answer names one. */
export const gridName = z.object({ code: z.string(), name: z.string(), level: z.string() }).meta({ id: 'GridName' });
