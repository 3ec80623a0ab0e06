import { z } from 'zod';
import { bboxSchema } from '../geo/schema.ts';
import { incidentFilterShape } from '../incidents/incidents.schema.ts';
import { formatSchema } from './formats.ts';
import { resSchema, wholeSchema } from './heat.schema.ts';

export const WEIGHTS = ['binary', 'triangular', 'quartic', 'gaussian'] as const;
export const METHODS = ['gistar', 'moran', 'emerging'] as const;
export const VALUES = ['count', 'rate'] as const;
export const CUBE_STEPS = ['day', 'week', 'month'] as const;

const oneOf = <const W extends readonly [string, ...string[]]>(words: W) =>
  z.enum(words, { error: `must be out of: ${words.join(', ')}` });

/** What an analysis of hotspots is asked by, beside the incidents that it is about; the same in requests and tiles. */
export const analysisShape = {
  res: resSchema.default(8),
  k: wholeSchema(0, 20).default(1),
  weights: oneOf(WEIGHTS).default('binary'),
  value: oneOf(VALUES).default('count'),
  step: oneOf(CUBE_STEPS).default('week'),
};

const { step, ...spatialShape } = analysisShape;
const shown = {
  bbox: bboxSchema.optional(),
  format: formatSchema(['json', 'geojson', 'csv', 'arrow', 'parquet']),
};

/** `GET /hotspots` and `/hotspots/moran` */
export const hotspotQuerySchema = z.strictObject({
  ...incidentFilterShape,
  ...spatialShape,
  method: oneOf(['gistar', 'moran']).default('gistar'),
  ...shown,
});

/** `GET /hotspots/emerging` */
export const emergingQuerySchema = z.strictObject({
  ...incidentFilterShape,
  ...spatialShape,
  step,
  by: oneOf(['q', 'p']).default('q'),
  ...shown,
});
