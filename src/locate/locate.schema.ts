import { z } from 'zod';
import { CRS_NAMES } from '../geo/crs.ts';
import { latSchema, lonSchema } from '../geo/schema.ts';
import { timeSchema } from '../http.ts';

const shape = {
  address: z.string().trim().min(1, 'must not be empty').max(10_000).optional(),
  lon: z.coerce.number('must be a number of degrees').pipe(lonSchema).optional(),
  lat: z.coerce.number('must be a number of degrees').pipe(latSchema).optional(),
  crs: z.enum(CRS_NAMES, { error: `must be out of: ${CRS_NAMES.join(', ')}` }).default('wgs84'),
  at: timeSchema.optional(),
  net: z.string().min(1).default('base'),
  under: z.string().min(1).optional(),
  category: z.string().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(20).default(5),
  cameras: z.coerce.number().int().min(0).max(20).default(0),
};

/** `GET /locate`: an address, or a point. */
export const locateQuerySchema = z.strictObject(shape);

/** The query of `POST /locate/batch`: what holds for every row that does not say otherwise. */
export const batchQuerySchema = z.strictObject({
  crs: shape.crs,
  at: shape.at,
  net: shape.net,
  under: shape.under,
  category: shape.category,
  limit: shape.limit,
  cameras: shape.cameras,
});

/** What a row of a batch may ask; its other members go out as they came in. */
export const batchRowSchema = z.object({
  address: z.preprocess((value) => (typeof value === 'number' ? String(value) : value), shape.address),
  lon: shape.lon,
  lat: shape.lat,
  at: timeSchema.optional(),
  net: z.string().min(1).optional(),
  category: z.string().min(1).optional(),
});
