import { z } from 'zod';
import { type Box, parseBox } from './bbox.ts';
import { parseTile, type Tile } from './tile.ts';

/** Longitude in degrees. */
export const lonSchema = z
  .number('must be a number of degrees')
  .min(-180, 'must be at least -180')
  .max(180, 'must be at most 180');

/** Latitude in degrees. */
export const latSchema = z
  .number('must be a number of degrees')
  .min(-90, 'must be at least -90')
  .max(90, 'must be at most 90; the order is longitude, latitude');

/** `west,south,east,north` in degrees. */
export const bboxSchema = z.string().transform((text, ctx): Box => parsed(ctx, () => parseBox(text)));

/** The `z`, `x` and `y` of a tile's path, as text of digits. */
export const tileSchema = z
  .object({ z: digitsSchema(), x: digitsSchema(), y: digitsSchema() })
  .transform(({ z: zoom, x, y }, ctx): Tile => parsed(ctx, () => parseTile(zoom, x, y)));

function digitsSchema() {
  return z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number);
}

function parsed<T>(ctx: z.RefinementCtx, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    ctx.addIssue({ code: 'custom', message: error.message });
    return z.NEVER;
  }
}
