import { z } from 'zod';
import { HttpError } from '../errors.ts';
import { LAYERS, type LayerName } from './fields.ts';
import { CRS_NAMES } from './mapping.ts';

export const MODES = ['upsert', 'replace', 'append'] as const;
/** What happens to rows that the record has already, and to rows that only it has. */
export type ImportMode = (typeof MODES)[number];

const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const level = z.strictObject({ id: z.string().min(1), name: z.string().min(1) });
const nets = z.array(z.strictObject({ id: z.string().min(1), name: z.string().min(1), levels: z.array(level).min(1) }));

/** `POST /import/{layer}`: the flags of the command line. */
export const importQuerySchema = z.strictObject({
  crs: z.enum(CRS_NAMES, { error: `must be out of: ${CRS_NAMES.join(', ')}` }).default('wgs84'),
  mode: z.enum(MODES, { error: `must be out of: ${MODES.join(', ')}` }).default('upsert'),
  repair: flag.default(false),
  dry_run: flag.default(false),
  /** Load the good rows and answer the bad ones. */
  rejects: flag.default(false),
  nets: z
    .string()
    .transform((text, ctx) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        ctx.addIssue({ code: 'custom', message: 'must be JSON: [{"id", "name", "levels": [{"id", "name"}]}]' });
        return z.NEVER;
      }
    })
    .pipe(nets)
    .optional(),
});

/** @throws HttpError 404 naming the layers that exist */
export function layerName(text: string): LayerName {
  if ((LAYERS as string[]).includes(text)) return text as LayerName;
  throw new HttpError(404, `There is no layer ${text}; there are: ${LAYERS.join(', ')}`);
}
