import { z } from 'zod';

/** `GET /addresses/suggest` */
export const suggestQuerySchema = z.strictObject({
  q: z.string('is missing: what has been typed so far').max(200, 'must be at most 200 characters'),
  limit: z.coerce
    .number('must be a whole number')
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(50, 'must be at most 50')
    .default(10),
});

/** A completion: a road or estate at its first address, or one address. */
export const suggestionSchema = z.object({
  text: z.string(),
  kind: z.enum(['name', 'address']),
  id: z.string(),
  lon: z.number(),
  lat: z.number(),
});

export const suggestionsSchema = z.object({ suggestions: z.array(suggestionSchema) });
