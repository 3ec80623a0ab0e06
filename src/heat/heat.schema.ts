import { z } from 'zod';
import { bboxSchema } from '../geo/schema.ts';
import { incidentFilterShape } from '../incidents/incidents.schema.ts';
import { MEASURE_NAMES } from './heat.sql.ts';

export const HEAT_FORMATS = ['json', 'geojson', 'csv'] as const;

/** `GET /heat` */
export const heatQuerySchema = z.strictObject({
  res: z.coerce
    .number('must be a whole number from 5 to 10')
    .int('must be a whole number from 5 to 10')
    .min(5, 'must be from 5 to 10')
    .max(10, 'must be from 5 to 10')
    .default(8),
  bbox: bboxSchema.optional(),
  ...incidentFilterShape,
  measure: z.enum(MEASURE_NAMES, { error: `must be out of: ${MEASURE_NAMES.join(', ')}` }).default('count'),
  format: z.enum(HEAT_FORMATS, { error: `must be out of: ${HEAT_FORMATS.join(', ')}` }).default('json'),
});
export type HeatQuery = z.infer<typeof heatQuerySchema>;
