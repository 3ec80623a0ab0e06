import { z } from 'zod';
import { resSchema } from '../heat/heat.schema.ts';
import { incidentFilterShape } from '../incidents/incidents.schema.ts';

export const REPORT_LANGUAGES = ['zh', 'en'] as const;
export type ReportLanguage = (typeof REPORT_LANGUAGES)[number];

const { from, to, last, category, net, under } = incidentFilterShape;

/** `GET /report` */
export const reportQuerySchema = z.strictObject({
  from,
  to,
  last,
  category,
  net,
  under,
  res: resSchema.default(9),
  lang: z.enum(REPORT_LANGUAGES, { error: `must be out of: ${REPORT_LANGUAGES.join(', ')}` }).default('zh'),
});
export type ReportQuery = z.infer<typeof reportQuerySchema>;
