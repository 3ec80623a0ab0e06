import { z } from 'zod';
import { badInput, HttpError } from '../errors.ts';
import { tileSchema } from '../geo/schema.ts';
import type { Tile } from '../geo/tile.ts';
import { compareBytes, listSchema, wordsSchema } from '../http.ts';
import { incidentFilterShape, STATUSES } from '../incidents/incidents.schema.ts';
import { CAMERA_STATUSES, LAYERS, type LayerId } from './layers.ts';

const HOUR = 3_600_000;
const wholeHour = (at: Date | undefined) => at === undefined || at.getTime() % HOUR === 0;

/** The filters of tiles. A filter that a layer has no use for leaves it whole. */
export const tileQuerySchema = z
  .strictObject({
    ...incidentFilterShape,
    status: wordsSchema([...STATUSES, ...CAMERA_STATUSES]).optional(),
    level: listSchema.optional(),
    zone: wordsSchema(['entrance', 'public', 'unit', 'perimeter']).optional(),
  })
  .extend({
    from: incidentFilterShape.from.refine(wholeHour, 'must be a whole hour in tiles'),
    to: incidentFilterShape.to.refine(wholeHour, 'must be a whole hour in tiles'),
  });
export type TileQuery = z.infer<typeof tileQuerySchema>;

/**
 * The layers of `a,b`, in byte order and each once, so that equal tiles are equal bytes.
 *
 * @throws HttpError 404 naming the layers that exist
 */
export function parseLayers(text: string): LayerId[] {
  const ids = [...new Set(text.split(','))];
  const unknown = ids.find((id) => !Object.hasOwn(LAYERS, id));
  if (unknown !== undefined) {
    throw new HttpError(404, `There is no layer ${unknown || "''"}; there are: ${Object.keys(LAYERS).join(', ')}`);
  }
  return (ids as LayerId[]).sort(compareBytes);
}

/** @throws HttpError 400 when the numbers name no tile */
export function parseTilePath(params: { z: string; x: string; y: string }): Tile {
  const parsed = tileSchema.safeParse(params);
  if (parsed.success) return parsed.data;
  throw badInput(
    parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
    'The tile',
  );
}
