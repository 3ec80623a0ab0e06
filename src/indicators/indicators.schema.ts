import { z } from 'zod';
import { formatSchema } from '../heat/formats.ts';
import { wholeSchema } from '../heat/heat.schema.ts';
import { STEPS } from '../heat/steps.ts';
import { timeSchema } from '../http.ts';
import { incidentFilterShape } from '../incidents/incidents.schema.ts';
import { FIGURES } from './figures.ts';

export const BREAKDOWNS = ['class', 'category', 'source', 'department'] as const;
export type Breakdown = (typeof BREAKDOWNS)[number];

const oneOf = <const W extends readonly [string, ...string[]]>(words: W) =>
  z.enum(words, { error: `must be out of: ${words.join(', ')}` });

const SORTABLE = ['code', 'name', ...FIGURES.map(({ name }) => name)];
const sortSchema = z
  .string()
  .refine((text) => SORTABLE.includes(text.replace(/^-/, '')), {
    error: `must be one of these, with - in front for the largest first: ${SORTABLE.join(', ')}`,
  })
  .transform((text) => ({ by: text.replace(/^-/, ''), descending: text.startsWith('-') }));

const shape = {
  ...incidentFilterShape,
  level: z.string().min(1).optional(),
  at: timeSchema.optional(),
  format: formatSchema(['json', 'csv', 'arrow', 'parquet']),
};

/** `GET /indicators` */
export const indicatorQuerySchema = z.strictObject({
  ...shape,
  by: oneOf(BREAKDOWNS).optional(),
  compare: oneOf(['previous']).optional(),
  sort: sortSchema.optional(),
  limit: wholeSchema(1, 100_000).optional(),
});
export type IndicatorQuery = z.infer<typeof indicatorQuerySchema>;

/** `GET /indicators/series` */
export const indicatorSeriesQuerySchema = z.strictObject({
  ...shape,
  step: oneOf(STEPS.slice(1) as ['day', 'week', 'month', 'quarter', 'year']).default('month'),
});
export type IndicatorSeriesQuery = z.infer<typeof indicatorSeriesQuerySchema>;
