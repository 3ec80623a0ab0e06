import { z } from 'zod';
import { badInput } from '../errors.ts';
import { latSchema, lonSchema } from '../geo/schema.ts';
import { timeSchema } from '../http.ts';

/** What can be asked for. */
export const WITHIN_LAYERS = ['grids', 'cameras', 'incidents', 'addresses', 'workers'] as const;
export type WithinLayer = (typeof WITHIN_LAYERS)[number];

/** Ids that are listed of a layer; counts are of all. */
export const MAX_IDS = 1_000;

/** The largest radius, in metres. */
export const MAX_METRES = 50_000;

const geometrySchema = z.looseObject(
  {
    type: z.enum(['Polygon', 'MultiPolygon'], { error: 'must be Polygon or MultiPolygon' }),
    coordinates: z.array(z.unknown(), { error: 'must be the rings of a polygon' }),
  },
  { error: 'must be a GeoJSON geometry' },
);

/** `POST /within`: an area, as a polygon or as a point and a radius, and what to say of it. */
export const withinSchema = z
  .strictObject({
    geometry: geometrySchema.optional(),
    point: z.tuple([lonSchema, latSchema], { error: 'must be [longitude, latitude]' }).optional(),
    metres: z
      .number('must be a number of metres')
      .min(1, 'must be at least 1')
      .max(MAX_METRES, `must be at most ${MAX_METRES}`)
      .optional(),
    layers: z
      .array(z.enum(WITHIN_LAYERS, { error: `must be out of: ${WITHIN_LAYERS.join(', ')}` }), {
        error: 'must be a list of layers',
      })
      .min(1, 'must name a layer, or be left out for all')
      .default([...WITHIN_LAYERS]),
    at: timeSchema.optional(),
    net: z.string('must be text').min(1).default('base'),
    /** Those not closed at the time, or all that had occurred by then. */
    incidents: z.enum(['open', 'all'], { error: 'must be open or all' }).default('open'),
  })
  .superRefine(({ geometry, point, metres }, context) => {
    const fault = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (geometry && (point || metres !== undefined)) fault('geometry', 'cannot go with point and metres: give either');
    else if (!geometry && !point) fault('geometry', 'is missing: give a polygon, or point and metres');
    else if (point && metres === undefined) fault('metres', 'is missing: a point needs a radius');
  });
export type WithinRequest = z.infer<typeof withinSchema>;

/** All that is asked is in the body. */
export const noQuerySchema = z.strictObject({});

/** @throws HttpError 400 with a fault per member */
export function parseWithin(value: unknown): WithinRequest {
  const parsed = withinSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw badInput(
    parsed.error.issues.map((issue) => ({ path: issue.path.map(String).join('.'), message: issue.message })),
    'The question',
  );
}
