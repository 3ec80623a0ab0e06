import type { MultiPolygon, Polygon } from 'geojson';
import { z } from 'zod';
import { findFault } from '../geo/polygon.ts';
import { bboxSchema } from '../geo/schema.ts';
import { timeSchema } from '../http.ts';
import { incidentFilterShape } from '../incidents/incidents.schema.ts';
import { formatSchema } from './formats.ts';
import { MEASURES } from './heat.sql.ts';
import { KERNELS, type Kernel } from './stats/kernel.ts';
import { STEPS, type StepPeriod } from './steps.ts';

/** A whole number of a query within limits. */
export function wholeSchema(least: number, most: number) {
  const error = `must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, error)
    .transform(Number)
    .pipe(z.number().min(least, error).max(most, error));
}

export const resSchema = wholeSchema(5, 10);

/** A polygon as GeoJSON text: `{"type":"Polygon",…}` or a MultiPolygon. */
export const polygonSchema = z.string().transform((text, ctx): Polygon | MultiPolygon => {
  const fault = (message: string) => {
    ctx.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  let geometry: Polygon | MultiPolygon;
  try {
    geometry = JSON.parse(text);
  } catch {
    return fault('is not JSON: give a GeoJSON Polygon or MultiPolygon');
  }
  if (geometry?.type !== 'Polygon' && geometry?.type !== 'MultiPolygon') {
    return fault('must be a GeoJSON Polygon or MultiPolygon');
  }
  const found = findFault(geometry);
  return found ? fault(found.message) : geometry;
});

/** `from/to`, two RFC 3339 times. */
const periodSchema = z.string().transform((text, ctx): StepPeriod => {
  const [from, to, more] = text.split('/').map((part) => timeSchema.safeParse(part));
  if (from?.success && to?.success && !more && from.data < to.data) return { from: from.data, to: to.data };
  ctx.addIssue({ code: 'custom', message: 'must be two ascending times with offsets, written from/to' });
  return z.NEVER;
});

const KERNEL_NAMES = Object.keys(KERNELS) as [Kernel, ...Kernel[]];
const place = { bbox: bboxSchema.optional(), geometry: polygonSchema.optional() };
const { from: _from, to: _to, last: _last, ...filterWithoutPeriod } = incidentFilterShape;

/** `GET /heat` */
export const heatQuerySchema = z
  .strictObject({
    res: resSchema.default(8),
    ...place,
    ...incidentFilterShape,
    measure: z.enum(MEASURES, { error: `must be out of: ${MEASURES.join(', ')}` }).default('count'),
    kernel: z.enum(KERNEL_NAMES, { error: `must be out of: ${KERNEL_NAMES.join(', ')}` }).optional(),
    k: wholeSchema(1, 10).optional(),
    format: formatSchema(['json', 'geojson', 'csv', 'arrow', 'parquet']),
  })
  .refine(({ k, kernel }) => k === undefined || kernel !== undefined, {
    path: ['k'],
    message: 'goes with a kernel: add kernel=quartic, for one',
  });
export type HeatQuery = z.infer<typeof heatQuerySchema>;

/** `GET /heat/compare` */
export const compareQuerySchema = z.strictObject({
  res: resSchema.default(8),
  ...place,
  ...filterWithoutPeriod,
  a: periodSchema,
  b: periodSchema,
  format: formatSchema(['json', 'geojson', 'csv', 'arrow', 'parquet']),
});
export type CompareQuery = z.infer<typeof compareQuerySchema>;

/** `GET /heat/series` */
export const seriesQuerySchema = z.strictObject({
  step: z.enum(STEPS, { error: `must be out of: ${STEPS.join(', ')}` }).default('day'),
  res: resSchema.optional(),
  ...place,
  ...incidentFilterShape,
  format: formatSchema(['json', 'csv', 'arrow', 'parquet']),
});
export type SeriesQuery = z.infer<typeof seriesQuerySchema>;
